/// All figures of merit of scored rows with labels of two classes at one threshold, in O(n log n).
///
/// A row whose score is at or above the threshold is called positive. Tied scores are one step of the threshold:
/// AUROC counts a tie as half a win (midranks), AUPRC is average precision, Σ (Rₖ − Rₖ₋₁) Pₖ over distinct scores.
/// A figure that the rows do not define (a class is absent, nothing is called positive) is nil, never NaN.
///
///     Judgement(scores: [0.9, 0.8, 0.1], labels: [true, false, false]).value(.auprc)   // 1
public struct Judgement: Sendable {
  /// The counts of rows by label and call at the threshold.
  public let confusion: Confusion
  let totals: WalkTotals

  /// Judges all rows of several samples as one.
  public init(_ samples: [ScoreSample], threshold: Double = 0.5) {
    var totals = WalkTotals(threshold: threshold)
    for step in ThresholdWalk(samples) { totals.add(step) }
    self.init(totals)
  }

  /// Judges one sample.
  public init(_ sample: ScoreSample, threshold: Double = 0.5) {
    self.init([sample], threshold: threshold)
  }

  /// Judges parallel arrays of scores and labels (true: positive).
  public init(scores: [Double], labels: [Bool], threshold: Double = 0.5) {
    self.init(ScoreSample(scores: scores, labels: labels), threshold: threshold)
  }

  /// Judges the rows of a baseline, of which as many are called positive as a score calls: those with the highest
  /// baseline. Scores of different scales are so compared at the same number of calls.
  public init(baseline samples: [ScoreSample], calling called: Double) {
    var totals = WalkTotals(threshold: 0)
    for step in ThresholdWalk(samples) { totals.add(step) }
    self.init(totals, confusion: .calling(called, of: samples))
  }

  init(_ totals: WalkTotals, confusion: Confusion? = nil) {
    self.totals = totals
    self.confusion = confusion ?? totals.confusion
  }

  /// The number of rows.
  public var count: Int { totals.positives + totals.negatives }

  /// The number of positive rows.
  public var positives: Int { totals.positives }

  /// The number of negative rows.
  public var negatives: Int { totals.negatives }

  /// The share of positive rows; nil without a row.
  public var prevalence: Double? { count > 0 ? Double(positives) / Double(count) : nil }

  /// The value of a figure; nil for one of numbers, and where the rows do not define it, for the reason that
  /// `undefinedReason` gives.
  public func value(_ metric: Metric) -> Double? {
    guard case .classes(let value, _) = metric.formula else { return nil }
    return value(self)
  }

  /// The reason why a figure is not defined, for a message; nil for a defined one.
  public func undefinedReason(_ metric: Metric) -> String? {
    guard value(metric) == nil else { return nil }
    if count == 0 { return "there is no labelled row" }
    if metric == .brier { return "a score lies outside 0 to 1" }
    if positives == 0 { return "no row is positive" }
    if negatives == 0 { return "no row is negative" }
    return "no score reaches the threshold"
  }
}
