#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension NumberText {
  /// Appends the shortest text that reads back to the same value: `3`, `0.5`, `1e-7`, `-0`; the value must be finite.
  @inlinable
  public static func append(_ value: Double, to bytes: inout [UInt8]) {
    if value >= 0 && value < 10 && value.rounded(.towardZero) == value && value.sign == .plus {
      bytes.append(48 &+ UInt8(truncatingIfNeeded: Int(value)))
    } else if let whole = Int32(exactly: value), whole != 0 {
      append(Int(whole), to: &bytes)
    } else {
      appendCompact(value.description, to: &bytes)
    }
  }

  /// Appends the shortest text that reads back to the same Float; the value must be finite.
  @inlinable
  public static func append(_ value: Float, to bytes: inout [UInt8]) {
    if let whole = Int32(exactly: value), whole != 0 || value.sign == .plus, whole.magnitude < 1 << 24 {
      append(Int(whole), to: &bytes)
    } else {
      appendCompact(value.description, to: &bytes)
    }
  }

  /// Appends an integer in decimal digits.
  public static func append(_ value: Int, to bytes: inout [UInt8]) {
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    var left = value.magnitude
    if left < 10 { return bytes.append(48 &+ UInt8(left)) }
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
      var i = 20
      while left > 0 {
        i -= 1
        digits[i] = 48 &+ UInt8(left % 10)
        left /= 10
      }
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[i...]))
    }
  }

  /// The shortest text that reads back to the same value.
  public static func text(_ value: Double) -> String {
    var bytes: [UInt8] = []
    append(value, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The value with `digits` decimals, for tables and figures; `NA` if it is not finite.
  public static func fixed(_ value: Double, digits: Int) -> String {
    guard value.isFinite else { return "NA" }
    let decimals = min(max(0, digits), 60)
    let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in
      let count = withVaList([Int32(decimals), value]) { vsnprintf(buffer.baseAddress!, 400, "%.*f", $0) }
      return String(decoding: buffer.prefix(Int(count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    let isZero = !text.utf8.contains { $0 >= UInt8(ascii: "1") && $0 <= UInt8(ascii: "9") }
    return isZero && text.hasPrefix("-") ? String(text.dropFirst()) : text
  }

  /// Appends Swift's own text of a number without what a reader doesn't need: `.0`, `e+`, zeros before an exponent.
  @usableFromInline
  static func appendCompact(_ description: String, to bytes: inout [UInt8]) {
    var text = description
    text.withUTF8 { digits in
      let count = digits.count
      if count >= 2, digits[count - 1] == UInt8(ascii: "0"), digits[count - 2] == UInt8(ascii: ".") {
        return bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[..<(count - 2)]))
      }
      // An exponent stands in the last five bytes.
      var e = max(0, count - 5)
      while e < count, digits[e] != UInt8(ascii: "e") { e += 1 }
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[..<e]))
      guard e < count else { return }
      if e >= 2, digits[e - 1] == UInt8(ascii: "0"), digits[e - 2] == UInt8(ascii: ".") { bytes.removeLast(2) }
      bytes.append(UInt8(ascii: "e"))
      var k = e + 1
      if digits[k] == UInt8(ascii: "-") { bytes.append(UInt8(ascii: "-")) }
      if digits[k] == UInt8(ascii: "-") || digits[k] == UInt8(ascii: "+") { k += 1 }
      while k < count - 1, digits[k] == UInt8(ascii: "0") { k += 1 }
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[k...]))
    }
  }
}
