/// All figures of merit of scored, labelled rows at one threshold, in O(n log n).
///
/// A row whose score is at or above the threshold is called positive. Tied scores are one step of the threshold:
/// AUROC counts a tie as half a win (midranks), AUPRC is average precision, Σ (Rₖ − Rₖ₋₁) Pₖ over distinct scores.
/// A figure that the rows do not define (a class is absent, nothing is called positive) is nil, never NaN.
///
///     Judgement(scores: [0.9, 0.8, 0.1], labels: [true, false, false]).value(.auprc)   // 1
public struct Judgement: Sendable {
  /// The counts of rows by label and call at the threshold.
  public let confusion: Confusion
  private let totals: WalkTotals

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

  init(_ totals: WalkTotals) {
    self.totals = totals
    confusion = totals.confusion
  }

  /// The number of rows.
  public var count: Int { totals.positives + totals.negatives }

  /// The number of positive rows.
  public var positives: Int { totals.positives }

  /// The number of negative rows.
  public var negatives: Int { totals.negatives }

  /// The value of a figure; nil where the rows do not define it, for the reason that `undefinedReason` gives.
  public func value(_ metric: Metric) -> Double? {
    switch metric {
    case .auroc: totals.auroc
    case .auprc: totals.auprc
    case .brier: totals.brier
    case .prevalence: count > 0 ? Double(positives) / Double(count) : nil
    default: confusion.value(metric)
    }
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

extension Confusion {
  /// The value of a figure that follows from these counts; nil for one that needs the scores, or is not defined.
  public func value(_ metric: Metric) -> Double? {
    switch metric {
    case .precision: precision
    case .recall: recall
    case .specificity: specificity
    case .f1: f1
    case .gmean: gmean
    case .balancedAccuracy: balancedAccuracy
    case .mcc: mcc
    case .truePositives: truePositives
    case .falsePositives: falsePositives
    case .trueNegatives: trueNegatives
    case .falseNegatives: falseNegatives
    case .positives: positives
    case .negatives: negatives
    case .auroc, .auprc, .brier, .prevalence: nil
    }
  }
}
