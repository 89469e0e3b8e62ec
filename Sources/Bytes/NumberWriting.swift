#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension NumberText {
  /// The most bytes that `write` needs.
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
    if let whole = Int32(exactly: value), whole != 0 || value.sign == .plus, whole.magnitude < 1 << 24 {
      append(Int(whole), to: &bytes)
    } else {
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: longest) { text in
        let count = writeCompact(value.description, to: text.baseAddress!)
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[..<count]))
      }
    }
  }

  /// Writes the shortest text of a finite number at `p`, which has room for `longest` bytes; gives its length.
  ///
  /// A value from 10^-4 to 10^15 that has at most 15 significant digits is found by one multiplication and proved by
  /// one exact division: no two decimals of 15 digits read as the same Double, so it is the shortest. Others take
  /// Swift's own text.
  public static func write(_ value: Double, to p: UnsafeMutablePointer<UInt8>) -> Int {
    let magnitude = value.magnitude
    if magnitude < 10, let digit = UInt8(exactly: magnitude) {
      p[0] = UInt8(ascii: "-")
      let sign = value.sign == .minus ? 1 : 0
      p[sign] = 48 + digit
      return sign + 1
    }
    if magnitude >= 1e-4 && magnitude < 1e15 {
      let order = (magnitude.exponent * 1233) >> 12  // floor(log10), or one less
      var k = 14 - Int(order)
      if magnitude * powerOfTen(min(k, 22)) >= 1e15 { k -= 1 }
      if k >= 0 && k <= 22 {
        let power = powerOfTen(k)
        let scaled = (magnitude * power).rounded()
        if scaled < 1e15 && scaled / power == magnitude {
          return writeFixed(UInt64(scaled), k, isNegative: value.sign == .minus, to: p)
        }
      }
    }
    return writeCompact(value.description, to: p)
  }

  /// Writes mantissa / 10^k without trailing zeros; gives the length.
  private static func writeFixed(
    _ mantissa: UInt64, _ k: Int, isNegative: Bool, to p: UnsafeMutablePointer<UInt8>
  ) -> Int {
    var m = mantissa
    var decimals = k
    while decimals >= 4 && m % 10_000 == 0 {
      m /= 10_000
      decimals -= 4
    }
    while decimals > 0 && m % 10 == 0 {
      m /= 10
      decimals -= 1
    }
    var count = 0
    var rest = m
    repeat {
      count += 1
      rest /= 10
    } while rest > 0
    let start = isNegative ? 1 : 0
    p[0] = UInt8(ascii: "-")
    let digits = max(count, decimals + 1)
    let length = start + digits + (decimals > 0 ? 1 : 0)
    var q = length - 1
    for _ in 0..<decimals {
      p[q] = 48 + UInt8(truncatingIfNeeded: m % 10)
      m /= 10
      q -= 1
    }
    if decimals > 0 {
      p[q] = UInt8(ascii: ".")
      q -= 1
    }
    repeat {
      p[q] = 48 + UInt8(truncatingIfNeeded: m % 10)
      m /= 10
      q -= 1
    } while q >= start
    return length
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

  /// Writes Swift's own text of a number without what a reader doesn't need: `.0`, `e+`, zeros before an exponent.
  private static func writeCompact(_ description: String, to p: UnsafeMutablePointer<UInt8>) -> Int {
    var text = description
    return text.withUTF8 { digits in
      var count = digits.count
      // An exponent stands in the last five bytes.
      var e = max(0, count - 5)
      while e < count, digits[e] != UInt8(ascii: "e") { e += 1 }
      p.update(from: digits.baseAddress!, count: e)
      var length = e
      if length >= 2, p[length - 1] == UInt8(ascii: "0"), p[length - 2] == UInt8(ascii: ".") { length -= 2 }
      guard e < count else { return length }
      p[length] = UInt8(ascii: "e")
      length += 1
      var k = e + 1
      if digits[k] == UInt8(ascii: "-") {
        p[length] = UInt8(ascii: "-")
        length += 1
      }
      if digits[k] == UInt8(ascii: "-") || digits[k] == UInt8(ascii: "+") { k += 1 }
      while k < count - 1, digits[k] == UInt8(ascii: "0") { k += 1 }
      count -= k
      for i in 0..<count { p[length + i] = digits[k + i] }
      return length + count
    }
  }
}
