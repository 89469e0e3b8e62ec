#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Numbers as text: one strict grammar for reading (JSON, RFC 8259 section 6), the shortest exact form for writing.
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
  /// Three ways, each exact: a mantissa below 2^53 and a power of ten up to 10^22 take one multiplication or division
  /// (Clinger 1990); a mantissa of up to 19 digits over 10^1…10^27 takes one 128-bit division by 5^k, rounded from its
  /// remainder; everything else goes to `strtod`.
  @inlinable
  public static func scan(
    _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, into value: inout Double
  ) -> UnsafePointer<UInt8>? {
    var p = start
    guard p < end else { return nil }
    let negative = p.pointee == 0x2D
    if negative {
      p += 1
      guard p < end else { return nil }
    }
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
    if digits <= 19 {
      if mantissa < 1 << 53, exponent <= 0, exponent >= -22 {
        let magnitude = exponent == 0 ? Double(mantissa) : Double(mantissa) / powerOfTen(-exponent)
        value = negative ? -magnitude : magnitude
        return p
      }
      if exponent < 0, exponent >= -27 {
        let magnitude = divided(mantissa, byPowerOfTen: -exponent)
        value = negative ? -magnitude : magnitude
        return p
      }
    }
    return scanSlowly(start, p, into: &value) ? p : nil
  }

  /// 10^k for 0 ≤ k ≤ 22, exactly; a switch, as the compiler makes it one load from constant data.
  @inlinable @inline(__always)
  static func powerOfTen(_ k: Int) -> Double {
    switch k {
    case 0: 1e0
    case 1: 1e1
    case 2: 1e2
    case 3: 1e3
    case 4: 1e4
    case 5: 1e5
    case 6: 1e6
    case 7: 1e7
    case 8: 1e8
    case 9: 1e9
    case 10: 1e10
    case 11: 1e11
    case 12: 1e12
    case 13: 1e13
    case 14: 1e14
    case 15: 1e15
    case 16: 1e16
    case 17: 1e17
    case 18: 1e18
    case 19: 1e19
    case 20: 1e20
    case 21: 1e21
    default: 1e22
    }
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

  /// mantissa / 10^k for 1 ≤ k ≤ 27, rounded to nearest, ties to even: exact, as 5^27 < 2^63 and the remainder decides.
  @usableFromInline
  static func divided(_ mantissa: UInt64, byPowerOfTen k: Int) -> Double {
    guard mantissa != 0 else { return 0 }
    var five: UInt64 = 1
    for _ in 0..<k { five &*= 5 }
    let shiftM = mantissa.leadingZeroBitCount
    let shiftD = five.leadingZeroBitCount
    let m = mantissa << UInt64(shiftM)
    // floor(m · 2^63 / d) lies in (2^62, 2^64): at least 63 bits of the quotient, and its remainder.
    let (quotient, remainder) = (five << UInt64(shiftD)).dividingFullWidth((m >> 1, m << 63))
    let extra = 64 - 53 - quotient.leadingZeroBitCount
    var kept = quotient >> UInt64(extra)
    let rest = quotient & ((1 << UInt64(extra)) - 1)
    let half: UInt64 = 1 << UInt64(extra - 1)
    if rest > half || (rest == half && (remainder != 0 || kept & 1 == 1)) { kept += 1 }
    // value = kept · 2^extra · 2^-63 · 2^(shiftD - shiftM) · 2^-k
    let power = extra - 63 + shiftD - shiftM - k
    return Double(sign: .plus, exponent: power, significand: Double(kept))
  }

  /// The last resort: `strtod` on a copy of text that already has the grammar; false if the number is not finite.
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
