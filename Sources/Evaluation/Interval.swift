#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A 95 % confidence interval.
///
/// Rows are taken as independent; rows that share a gene are not, so that intervals are rather too narrow.
public struct Interval: Sendable, Equatable {
  /// The lower limit.
  public let lower: Double
  /// The upper limit.
  public let upper: Double

  /// Makes an interval of its limits.
  public init(lower: Double, upper: Double) {
    self.lower = lower
    self.upper = upper
  }

  /// The 0.975 quantile of the normal distribution.
  static let quantile = 1.959963984540054

  /// The interval of a normal distribution around a value, cut off at the limits of the figure.
  ///
  /// Nil without variance: perfect order or calls leave nothing to estimate a spread from.
  static func normal(_ value: Double, variance: Double, within limits: ClosedRange<Double>) -> Interval? {
    guard variance > 0 else { return nil }
    let reach = quantile * variance.squareRoot()
    return Interval(lower: max(limits.lowerBound, value - reach), upper: min(limits.upperBound, value + reach))
  }

  /// Wilson's score interval of a share of `rows` rows (Wilson 1927, J Am Stat Assoc 22:209); it includes the share.
  static func wilson(_ share: Double, rows: Double) -> Interval? {
    guard rows > 0 else { return nil }
    let square = quantile * quantile
    let middle = (share + square / (2 * rows)) / (1 + square / rows)
    let spread = share * (1 - share) / rows + square / (4 * rows * rows)
    let reach = quantile * spread.squareRoot() / (1 + square / rows)
    // Rounding must not push the share itself out: with every row called right the upper limit is 1.
    return Interval(lower: max(0, min(share, middle - reach)), upper: min(1, max(share, middle + reach)))
  }

  /// The interval of a correlation by Fisher's transformation, whose variance is given; nil where that is not a
  /// positive number (too few rows), and for a correlation of ±1.
  static func fisher(_ correlation: Double, variance: Double) -> Interval? {
    guard variance > 0, variance.isFinite, abs(correlation) < 1 else { return nil }
    let (middle, reach) = (atanh(correlation), quantile * variance.squareRoot())
    return Interval(lower: tanh(middle - reach), upper: tanh(middle + reach))
  }

  /// The logit interval of an average precision (Boyd, Eng and Page 2013, ECML-PKDD, equation 5).
  static func averagePrecision(_ value: Double, positives: Int) -> Interval? {
    guard value > 0, value < 1, positives > 0 else { return nil }
    let logit = log(value / (1 - value))
    let reach = quantile / (Double(positives) * value * (1 - value)).squareRoot()
    return Interval(
      lower: min(value, 1 / (1 + exp(reach - logit))), upper: max(value, 1 / (1 + exp(-reach - logit))))
  }
}

/// Confidence intervals in closed form.
public enum Intervals {
  /// The variance of AUROC by DeLong, DeLong and Clarke-Pearson (1988, Biometrics 44:837), ties as midranks.
  ///
  /// Nil with fewer than two rows of a class. O(n) after sorting.
  public static func delongVariance(_ samples: [ScoreSample]) -> Double? {
    let positives = samples.reduce(0) { $0 + $1.positives }
    let negatives = samples.reduce(0) { $0 + $1.negatives }
    guard positives > 1, negatives > 1, let auroc = Judgement(samples).value(.auroc) else { return nil }
    var (above, higherNegatives) = (0.0, 0.0)
    var (positiveSpread, negativeSpread) = (0.0, 0.0)
    for step in ThresholdWalk(samples) {
      let (here, against) = (Double(step.positives), Double(step.negatives))
      let won = (Double(negatives) - higherNegatives - against / 2) / Double(negatives) - auroc
      let lost = (above + here / 2) / Double(positives) - auroc
      positiveSpread += here * won * won
      negativeSpread += against * lost * lost
      above += here
      higherNegatives += against
    }
    return positiveSpread / (Double(positives - 1) * Double(positives))
      + negativeSpread / (Double(negatives - 1) * Double(negatives))
  }

  /// The interval of a figure of classes: DeLong's for AUROC, Boyd's logit interval for AUPRC, Wilson's for shares of
  /// rows, the normal one for balanced accuracy; nil for the others, which `Bootstrap` serves.
  public static func closedForm(_ metric: Metric, of judgement: Judgement, _ samples: [ScoreSample]) -> Interval? {
    guard case .classes(_, let interval) = metric.formula, judgement.value(metric) != nil else { return nil }
    return interval(judgement, samples)
  }

  /// The normal interval of balanced accuracy, from the variances of its two shares.
  static func balancedAccuracy(_ confusion: Confusion) -> Interval? {
    guard let recall = confusion.recall, let specificity = confusion.specificity else { return nil }
    let variance =
      recall * (1 - recall) / confusion.positives + specificity * (1 - specificity) / confusion.negatives
    return .normal((recall + specificity) / 2, variance: variance / 4, within: 0...1)
  }
}
