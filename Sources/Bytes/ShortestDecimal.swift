/// The decimal with the fewest digits that reads back to a floating-point number, and of those the nearest to it.
///
/// Giulietti, "The Schubfach way to render doubles" (2021): of the decimals 10^k apart, at most two lie in the interval
/// that rounds to the number, and one power of ten of 128 bits decides which.
struct ShortestDecimal: Equatable {
  /// The digits as an integer below 10^17, possibly with trailing zeros.
  var digits: UInt64
  /// The value is digits · 10^exponent.
  var exponent: Int

  /// Makes the decimal of a finite number above 0.
  init(_ value: Double) {
    let fraction = value.significandBitPattern
    let biased = Int(value.exponentBitPattern)
    self.init(
      significand: biased == 0 ? fraction : fraction | 1 << 52, exponent: max(biased, 1) - 1075,
      isNarrowBelow: fraction == 0 && biased > 1)
  }

  /// Makes the decimal of a finite number above 0.
  init(_ value: Float) {
    let fraction = UInt64(value.significandBitPattern)
    let biased = Int(value.exponentBitPattern)
    self.init(
      significand: biased == 0 ? fraction : fraction | 1 << 23, exponent: max(biased, 1) - 150,
      isNarrowBelow: fraction == 0 && biased > 1)
  }

  /// Makes the decimal of c · 2^q; below a power of two the neighbour is half as far away as above it.
  private init(significand c: UInt64, exponent q: Int, isNarrowBelow: Bool) {
    // In quarters of 2^q: the number, and the ends of the interval that rounds to it.
    let middle = c << 2
    let below = middle - (isNarrowBelow ? 1 : 2)
    let above = middle + 2
    // floor(log10(2^q)), or of 3/4 · 2^q: the interval is at least 10^k wide, and less than 10^(k+1).
    let k = isNarrowBelow ? (q * 1_262_611 - 524_031) >> 22 : (q * 1_262_611) >> 22
    let power = PowersOfTen.table[-k - PowersOfTen.least]
    let shift = UInt64(truncatingIfNeeded: q + (-k * 1_741_647) >> 19 + 1)
    let v = power.scale(middle << shift)
    // An even significand owns the ends of its interval.
    let lower = power.scale(below << shift) + (c & 1)
    let upper = power.scale(above << shift) - (c & 1)
    let s = v >> 2
    if s >= 10 {
      let tens = s / 10
      let isLowerInside = lower <= 40 * tens
      let isUpperInside = 40 * tens + 40 <= upper
      if isLowerInside != isUpperInside {
        digits = tens + (isUpperInside ? 1 : 0)
        exponent = k + 1
        return
      }
    }
    exponent = k
    let isLowerInside = lower <= 4 * s
    let isUpperInside = 4 * s + 4 <= upper
    if isLowerInside != isUpperInside {
      digits = s + (isUpperInside ? 1 : 0)
    } else {
      let half = 4 * s + 2
      digits = s + (v > half || (v == half && s & 1 == 1) ? 1 : 0)
    }
  }
}

/// The powers 10^k that a Double can need, each as the upper 128 bits of its binary expansion, rounded up.
///
/// Computed at first use (0.1 ms) from integer powers of five.
struct PowersOfTen: Sendable {
  struct Power: Sendable {
    var high: UInt64 = 0
    var low: UInt64 = 0

    /// floor(power · factor / 2^128), its last bit set where that leaves a remainder.
    @inline(__always)
    func scale(_ factor: UInt64) -> UInt64 {
      let lower = low.multipliedFullWidth(by: factor)
      let upper = high.multipliedFullWidth(by: factor)
      let (middle, carry) = upper.low.addingReportingOverflow(lower.high)
      // Rounding up adds less than 2 to the middle word: 0 and 1 both mean that nothing is left.
      return (upper.high &+ (carry ? 1 : 0)) | (middle > 1 ? 1 : 0)
    }
  }

  static let least = -292
  static let most = 324
  static let table = make()

  private static func make() -> [Power] {
    var table = [Power](repeating: Power(), count: most - least + 1)
    // 5^324 has 753 bits.
    var words = [UInt64](repeating: 0, count: 13)
    words[0] = 1
    for k in 0...most {
      table[k - least] = leading(words, isExact: k <= 55)
      var carry: UInt64 = 0
      for i in words.indices {
        let (high, low) = words[i].multipliedFullWidth(by: 5)
        let (sum, overflow) = low.addingReportingOverflow(carry)
        words[i] = sum
        carry = high + (overflow ? 1 : 0)
      }
    }
    // floor(2^831 / 5^k), which keeps more than 128 bits.
    words = [UInt64](repeating: 0, count: 13)
    words[12] = 1 << 63
    for k in 1 ... -least {
      var remainder: UInt64 = 0
      for i in words.indices.reversed() {
        (words[i], remainder) = UInt64(5).dividingFullWidth((remainder, words[i]))
      }
      table[-k - least] = leading(words, isExact: false)
    }
    return table
  }

  /// The 128 bits from the first one that is set, plus one in the last place unless they are all there is.
  private static func leading(_ words: [UInt64], isExact: Bool) -> Power {
    let top = words.lastIndex { $0 != 0 } ?? 0
    let shift = UInt64(words[top].leadingZeroBitCount)
    func word(_ i: Int) -> UInt64 { i >= 0 ? words[i] : 0 }
    func shifted(_ i: Int) -> UInt64 { shift == 0 ? word(i) : word(i) << shift | word(i - 1) >> (64 - shift) }
    let (low, carry) = shifted(top - 1).addingReportingOverflow(isExact ? 0 : 1)
    return Power(high: shifted(top) + (carry ? 1 : 0), low: low)
  }
}
