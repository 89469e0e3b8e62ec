#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension NumberText {
  /// The maximum number of bytes that `write` writes to.
  public static let longest = 32

  /// Appends the shortest text that reads back to the same value: `3`, `0.5`, `1e-7`, `-0`; the value must be finite.
  public static func append(_ value: Double, to bytes: inout [UInt8]) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: longest) { text in
      let count = write(value, to: text.baseAddress!)
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[..<count]))
    }
  }

  /// Appends the shortest text that reads back to the same Float; the value must be finite.
  public static func append(_ value: Float, to bytes: inout [UInt8]) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: longest) { text in
      let count = write(value, to: text.baseAddress!)
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[..<count]))
    }
  }

  /// Writes the shortest text of a finite number at `p`, which has room for `longest` bytes; returns its length.
  public static func write(_ value: Double, to p: UnsafeMutablePointer<UInt8>) -> Int {
    let magnitude = value.magnitude
    p[0] = UInt8(ascii: "-")
    let sign = value.sign == .minus ? 1 : 0
    if magnitude < 10, let digit = UInt8(exactly: magnitude) {
      p[sign] = 48 + digit
      return sign + 1
    }
    return sign + write(ShortestDecimal(magnitude), to: p + sign)
  }

  /// Writes the shortest text of a finite number at `p`, which has room for `longest` bytes; returns its length.
  public static func write(_ value: Float, to p: UnsafeMutablePointer<UInt8>) -> Int {
    p[0] = UInt8(ascii: "-")
    let sign = value.sign == .minus ? 1 : 0
    if value == 0 {
      p[sign] = 48
      return sign + 1
    }
    return sign + write(ShortestDecimal(value.magnitude), to: p + sign)
  }

  /// Writes a decimal, from 10^-4 to below 10^16 without an exponent, else with one; returns its length.
  private static func write(_ decimal: ShortestDecimal, to p: UnsafeMutablePointer<UInt8>) -> Int {
    // Filled up to 17 digits: one, eight and eight.
    let missing = 17 - digitCount(decimal.digits)
    let digits = decimal.digits * wholePowerOfTen(missing)
    let order = decimal.exponent - missing + 16
    let rest = digits % 10_000_000_000_000_000
    let upper = eightDigits(rest / 100_000_000)
    let lower = eightDigits(rest % 100_000_000)
    let first = 48 + UInt8(truncatingIfNeeded: digits / 10_000_000_000_000_000)
    let count =
      lower != 0 ? 17 - lower.leadingZeroBitCount / 8 : upper != 0 ? 9 - upper.leadingZeroBitCount / 8 : 1

    /// Stores all 17 digits from `q` on.
    func store(_ q: UnsafeMutablePointer<UInt8>) {
      q[0] = first
      UnsafeMutableRawPointer(q + 1).storeBytes(of: (upper | zeros).littleEndian, as: UInt64.self)
      UnsafeMutableRawPointer(q + 9).storeBytes(of: (lower | zeros).littleEndian, as: UInt64.self)
    }
    if order < 0 && order >= -4 {
      UnsafeMutableRawPointer(p).storeBytes(of: (0x3030_3030_3030_2E30 as UInt64).littleEndian, as: UInt64.self)
      store(p + 1 - order)
      return 1 - order + count
    }
    store(p + 1)
    if order >= 0 && order < 16 {
      for i in 0...order { p[i] = p[i + 1] }
      if count <= order + 1 { return order + 1 }
      p[order + 1] = UInt8(ascii: ".")
      return count + 1
    }
    p[0] = first
    p[1] = UInt8(ascii: ".")
    return writeExponent(order, to: p, at: count == 1 ? 1 : count + 1)
  }

  private static func writeExponent(_ order: Int, to p: UnsafeMutablePointer<UInt8>, at start: Int) -> Int {
    var length = start
    p[length] = UInt8(ascii: "e")
    length += 1
    if order < 0 {
      p[length] = UInt8(ascii: "-")
      length += 1
    }
    let magnitude = order.magnitude
    if magnitude >= 100 {
      p[length] = 48 + UInt8(magnitude / 100)
      length += 1
    }
    if magnitude >= 10 {
      p[length] = 48 + UInt8(magnitude / 10 % 10)
      length += 1
    }
    p[length] = 48 + UInt8(magnitude % 10)
    return length + 1
  }

  private static let zeros: UInt64 = 0x3030_3030_3030_3030

  /// The eight digits of a number below 10^8 as the bytes of a word, the first digit in the lowest byte; the number is
  /// split into halves, quarters, digits.
  @inline(__always)
  private static func eightDigits(_ value: UInt64) -> UInt64 {
    let fours = value / 10_000 | (value % 10_000) << 32
    let hundreds = ((fours &* 10_486) >> 20) & 0x7F_0000_007F
    let twos = hundreds | (fours &- 100 &* hundreds) << 16
    let tens = ((twos &* 103) >> 10) & 0xF_000F_000F_000F
    return tens | (twos &- 10 &* tens) << 8
  }

  /// The number of decimal digits of a number from 1 to 10^17.
  @inline(__always)
  private static func digitCount(_ value: UInt64) -> Int {
    let estimate = ((64 - value.leadingZeroBitCount) * 1233) >> 12  // the digits, or one less
    return estimate + (value >= wholePowerOfTen(estimate) ? 1 : 0)
  }

  /// Appends an integer in decimal digits.
  public static func append(_ value: Int, to bytes: inout [UInt8]) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: longest) { text in
      let count = write(value, to: text.baseAddress!)
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[..<count]))
    }
  }

  /// Writes an integer in decimal digits at `p`, which has room for `longest` bytes; returns its length.
  public static func write(_ value: Int, to p: UnsafeMutablePointer<UInt8>) -> Int {
    p[0] = UInt8(ascii: "-")
    let sign = value < 0 ? 1 : 0
    var count = 1
    var left = value.magnitude
    while left >= 10 {
      left /= 10
      count += 1
    }
    left = value.magnitude
    for place in stride(from: sign + count - 1, through: sign, by: -1) {
      p[place] = 48 &+ UInt8(truncatingIfNeeded: left % 10)
      left /= 10
    }
    return sign + count
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
}
