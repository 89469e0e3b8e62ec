#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Numbers as text: read by the strict grammar of JSON (RFC 8259, section 6), written in the shortest exact form.
public enum NumberText {
  /// The number that is the whole of `text`, correctly rounded; nil unless it is a finite number of the JSON grammar.
  public static func double(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
    guard let start = text.baseAddress else { return nil }
    let end = start + text.count
    var value = 0.0
    guard let next = scan(start, end, into: &value), next == end else { return nil }
    return value
  }

  /// The integer that is the whole of `text`: digits, perhaps after a minus, without leading zeros; nil otherwise.
  public static func integer(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
    var i = 0
    let negative = text.first == UInt8(ascii: "-")
    if negative { i = 1 }
    guard i < text.count, text.count - i == 1 || text[i] != UInt8(ascii: "0") else { return nil }
    var value = 0
    while i < text.count {
      let digit = text[i] &- 48
      guard digit < 10 else { return nil }
      let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = scaled.subtractingReportingOverflow(Int(digit))
      guard !overflow, !carry else { return nil }
      value = sum
      i += 1
    }
    if negative { return value }
    return value == .min ? nil : -value
  }

  /// Reads the longest JSON number at `start`; returns where it ends, or nil if there is none or it is not finite.
  ///
  /// Correctly rounded in one of three ways: for a mantissa below 2^53 and a power of ten up to 10^22, one
  /// multiplication or division (Clinger 1990); for a mantissa of up to 19 digits, one multiplication by the upper 64
  /// bits of the power, which nearly always decide (Lemire 2021, Software: Practice and Experience 51:1700); else
  /// `strtod`.
  @inlinable
  public static func scan(
    _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, into value: inout Double
  ) -> UnsafePointer<UInt8>? {
    var p = start
    guard p < end else { return nil }
    // Signs are unpredictable: arithmetic instead of branches.
    let sign: UInt64 = p.pointee == 0x2D ? 1 : 0
    p += Int(truncatingIfNeeded: sign)
    guard p < end else { return nil }
    var mantissa: UInt64 = 0
    let first = p
    var digit = p.pointee &- 48
    guard digit < 10 else { return nil }
    if digit == 0 {
      p += 1
      if p < end, p.pointee &- 48 < 10 { return nil }
    } else {
      repeat {
        mantissa = mantissa &* 10 &+ UInt64(digit)
        p += 1
        if p == end { break }
        digit = p.pointee &- 48
      } while digit < 10
    }
    var digits = p - first
    var exponent = 0
    if p < end, p.pointee == 0x2E {
      p += 1
      let fraction = p
      while end - p >= 8 {
        // The lowest byte with its high bit set is the first that is not a digit: carries only reach later bytes.
        let offset = UInt64(littleEndian: UnsafeRawPointer(p).loadUnaligned(as: UInt64.self)) ^ 0x3030_3030_3030_3030
        let others = (offset &+ 0x7676_7676_7676_7676 | offset) & 0x8080_8080_8080_8080
        if others != 0 {
          let bits = UInt64(truncatingIfNeeded: others.trailingZeroBitCount) & 56
          // Shifted up, the digits have zeros before them; twice, as all 64 bits may go.
          mantissa = mantissa &* tenToThe(bits &>> 3) &+ valueOfEight((offset &<< 8) &<< (56 &- bits))
          p += Int(bits &>> 3)
          break
        }
        mantissa = mantissa &* 100_000_000 &+ valueOfEight(offset)
        p += 8
      }
      while p < end {
        digit = p.pointee &- 48
        if digit >= 10 { break }
        mantissa = mantissa &* 10 &+ UInt64(digit)
        p += 1
      }
      let count = p - fraction
      guard count > 0 else { return nil }
      exponent = -count
      digits += count
    }
    if p < end, p.pointee | 0x20 == 0x65 {
      p += 1
      guard let next = scanExponent(p, end, adding: &exponent) else { return nil }
      p = next
    }
    if digits > 19 { digits -= leadingZeros(first, p) }
    if digits <= 19 {
      if mantissa < 1 << 53, exponent >= -22, exponent <= 22 {
        let whole = Double(Int64(bitPattern: mantissa))
        let magnitude = exponent <= 0 ? whole / powerOfTen(-exponent) : whole * powerOfTen(exponent)
        value = Double(bitPattern: magnitude.bitPattern | sign &<< 63)
        return p
      }
      if mantissa != 0, exponent >= -280, exponent <= 280, product(mantissa, byPowerOfTen: exponent, into: &value) {
        value = Double(bitPattern: value.bitPattern | sign &<< 63)
        return p
      }
    }
    return scanSlowly(start, p, into: &value) ? p : nil
  }

  /// The number whose eight digits are the bytes of a word, the first digit in the lowest byte; digits are combined in
  /// pairs, then fours, then all.
  @inlinable @inline(__always)
  static func valueOfEight(_ digits: UInt64) -> UInt64 {
    let twos = (digits &* 10 &+ digits >> 8) & 0x00FF_00FF_00FF_00FF
    let fours = (twos &* 100 &+ twos >> 16) & 0x0000_FFFF_0000_FFFF
    return (fours &* 10_000 &+ fours >> 32) & 0xFFFF_FFFF
  }

  /// 10^k for 0 ≤ k ≤ 7, without a branch.
  @inlinable @inline(__always)
  static func tenToThe(_ k: UInt64) -> UInt64 {
    (1 &+ 9 &* (k & 1)) &* (1 &+ 99 &* (k &>> 1 & 1)) &* (1 &+ 9999 &* (k &>> 2))
  }

  /// The number of zeros before the first other digit of a number; all of them if there is no other.
  @inline(never) @usableFromInline
  static func leadingZeros(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Int {
    var p = start
    var zeros = 0
    while p < end, p.pointee == 0x30 || p.pointee == 0x2E {
      if p.pointee == 0x30 { zeros += 1 }
      p += 1
    }
    return zeros
  }

  /// Adds the decimal exponent at `p` (sign and digits) to `exponent`; nil if there are no digits.
  @inline(never) @usableFromInline
  static func scanExponent(
    _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, adding exponent: inout Int
  ) -> UnsafePointer<UInt8>? {
    var p = start
    var negative = false
    if p < end, p.pointee == 0x2B || p.pointee == 0x2D {
      negative = p.pointee == 0x2D
      p += 1
    }
    let first = p
    var power = 0
    while p < end, p.pointee &- 48 < 10 {
      if power < 100_000 { power = power * 10 + Int(p.pointee &- 48) }
      p += 1
    }
    guard p > first else { return nil }
    exponent += negative ? -power : power
    return p
  }

  /// mantissa · 10^k for −280 ≤ k ≤ 280, rounded to nearest; false where the upper 64 bits of the power do not decide.
  @usableFromInline
  static func product(_ mantissa: UInt64, byPowerOfTen k: Int, into value: inout Double) -> Bool {
    let shift = mantissa.leadingZeroBitCount
    let power = PowersOfTen.table[k - PowersOfTen.least].high
    // At least 2^62, and below the true product by less than 2.
    let product = (mantissa &<< UInt64(shift)).multipliedFullWidth(by: power).high
    let extra = UInt64(11 - product.leadingZeroBitCount)
    let half: UInt64 = 1 &<< (extra - 1)
    let rest = product & (2 * half - 1)
    if rest + 2 > half && rest <= half { return false }
    let kept = product &>> extra + (rest > half ? 1 : 0)
    // The power is its bits · 2^-63 · 2^floor(log2(10^k)).
    let order = Int(extra) + 1 + (k * 1_741_647) >> 19 - shift
    value = Double(Int64(bitPattern: kept)) * Double(bitPattern: UInt64(bitPattern: Int64(1023 + order)) &<< 52)
    return true
  }

  /// Reads by `strtod` from a copy of text that fits the grammar; false if the number is not finite.
  @inline(never) @usableFromInline
  static func scanSlowly(
    _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, into value: inout Double
  ) -> Bool {
    let count = end - start
    value = withUnsafeTemporaryAllocation(of: CChar.self, capacity: count + 1) { copy in
      for i in 0..<count { copy[i] = CChar(bitPattern: start[i]) }
      copy[count] = 0
      return strtod(copy.baseAddress!, nil)
    }
    return value.isFinite
  }
}
