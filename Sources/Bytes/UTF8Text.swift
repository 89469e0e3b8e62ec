/// Strict UTF-8 checks on bytes.
public enum UTF8Text {
  /// The offset of the first byte that does not belong to well-formed UTF-8, or nil (Unicode 15, table 3-7).
  public static func firstInvalid(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    guard let base = bytes.baseAddress else { return nil }
    let count = bytes.count
    var i = 0
    while i < count {
      if i + 8 <= count,
        UnsafeRawPointer(base + i).loadUnaligned(as: UInt64.self) & 0x8080_8080_8080_8080 == 0
      {
        i += 8
        continue
      }
      let length = sequenceLength(base + i, count - i)
      if length == 0 { return i }
      i += length
    }
    return nil
  }

  /// True when well-formed text has a control character: U+0000 to U+001F, or U+007F to U+009F.
  public static func hasControl(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var before: UInt8 = 0
    for byte in bytes {
      if byte < 0x20 || byte == 0x7F || before == 0xC2 && byte < 0xA0 { return true }
      before = byte
    }
    return false
  }

  /// Length of the well-formed sequence at `p` (1…4), or 0.
  private static func sequenceLength(_ p: UnsafePointer<UInt8>, _ left: Int) -> Int {
    let first = p[0]
    if first < 0x80 { return 1 }
    guard first >= 0xC2, first <= 0xF4 else { return 0 }
    let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    guard left >= length else { return 0 }
    for k in 1..<length where p[k] & 0xC0 != 0x80 { return 0 }
    switch (first, p[1]) {
    case (0xE0, ..<0xA0), (0xED, 0xA0...), (0xF0, ..<0x90), (0xF4, 0x90...): return 0
    default: return length
    }
  }
}
