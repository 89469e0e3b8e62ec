import Bytes

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Round numbers for an axis: multiples of 1, 2 or 5 times a power of ten.
public struct Ticks: Sendable, Equatable {
  /// The numbers, ascending.
  public let values: [Double]
  /// Their texts.
  public let labels: [String]

  /// About `count` round numbers inside the range (finite limits, lower < upper); `whole`: no fractions.
  public init(from lower: Double, to upper: Double, about count: Int, whole: Bool = false) {
    let step = upper / Double(max(1, count)) - lower / Double(max(1, count))
    let rough = whole ? max(1, step) : step
    let exponent = Int(log10(rough).rounded(.down))
    let scale = pow(10.0, Double(exponent))
    let factor = [1.0, 2, 5, 10].first { $0 * scale >= rough * 0.999 } ?? 10
    let first = (lower / (factor * scale) - 1e-9).rounded(.up)
    let last = (upper / (factor * scale) + 1e-9).rounded(.down)
    var values: [Double] = []
    var index = first
    while index <= last, values.count < 1000 {
      values.append(exponent < 0 ? index * factor / pow(10.0, Double(-exponent)) : index * factor * scale)
      index += 1
    }
    self.values = values
    let digits = max(0, factor == 10 ? -exponent - 1 : -exponent)
    let largest = max(abs(lower), abs(upper))
    labels = values.map { value in
      if value == 0 { return "0" }
      return largest >= 1e6 || digits > 4 ? Self.compact(value) : NumberText.fixed(value, digits: digits)
    }
  }

  /// A number with three significant digits, shortest form.
  static func compact(_ value: Double) -> String {
    guard value != 0 else { return "0" }
    let exponent = log10(abs(value)).rounded(.down)
    if exponent >= -4, exponent < 6 {
      let digits = max(0, 2 - Int(exponent))
      let text = NumberText.fixed(value, digits: digits)
      guard digits > 0 else { return text }
      let kept = text.reversed().drop { $0 == "0" }.drop { $0 == "." }
      return String(kept.reversed())
    }
    let mantissa = value / pow(10.0, exponent)
    return NumberText.text((mantissa * 100).rounded() / 100) + "e\(Int(exponent))"
  }
}

/// A linear map from a range of data to a range of pixels; values outside are clamped.
struct Scale {
  let lower: Double
  let upper: Double
  let start: Double
  let end: Double

  func callAsFunction(_ value: Double) -> Double {
    let share = value / (upper - lower) - lower / (upper - lower)
    return start + min(1, max(0, share)) * (end - start)
  }

  /// Whether all points have whole x, as epochs have.
  static func isWhole(_ points: some Sequence<Point>) -> Bool {
    points.allSatisfy { $0.x == $0.x.rounded() }
  }

  /// The range of the finite values, widened by a margin; 0 to 1 without a finite value.
  static func range(of values: some Sequence<Double>, margin: Double = 0.04) -> ClosedRange<Double> {
    var (lowest, highest) = (Double.infinity, -Double.infinity)
    for value in values where value.isFinite && abs(value) < 1e300 {
      (lowest, highest) = (min(lowest, value), max(highest, value))
    }
    guard lowest <= highest else { return 0...1 }
    if highest - lowest <= abs(highest) * 1e-12 {
      let reach = highest == 0 ? 0.5 : abs(highest) * 0.1
      return (lowest - reach)...(highest + reach)
    }
    let reach = (highest - lowest) * margin
    return (lowest >= 0 && lowest < reach ? 0 : lowest - reach)...(highest + reach)
  }
}
