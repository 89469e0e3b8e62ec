/// Every figure of merit of some scored rows at one threshold, in O(n log n).
///
/// A row whose score is at or above the threshold is called positive. Tied scores are one step of the threshold:
/// AUROC counts a tie as half a win (midranks), AUPRC is average precision, Σ (Rₖ − Rₖ₋₁) Pₖ over distinct scores.
/// A figure that the rows don't define (a class is absent, nothing is called positive) is nil, never NaN.
///
///     Judgement(scores: [0.9, 0.8, 0.1], labels: [true, false, false]).value(.auprc)   // 1
public struct Judgement: Sendable {
  /// The calls at the threshold.
  public let confusion: Confusion
  private let tally: Tally

  /// Judges all rows of the samples together.
  public init(_ samples: [ScoreSample], threshold: Double = 0.5) {
    var tally = Tally(threshold: threshold)
    for step in ThresholdWalk(samples) { tally.add(step) }
    self.init(tally)
  }

  /// Judges one sample.
  public init(_ sample: ScoreSample, threshold: Double = 0.5) {
    self.init([sample], threshold: threshold)
  }

  /// Judges parallel arrays of scores and labels (true: positive).
  public init(scores: [Double], labels: [Bool], threshold: Double = 0.5) {
    self.init(ScoreSample(scores: scores, labels: labels), threshold: threshold)
  }

  init(_ tally: Tally) {
    self.tally = tally
    confusion = tally.confusion
  }

  /// The number of rows.
  public var count: Int { tally.positives + tally.negatives }

  /// The number of positive rows.
  public var positives: Int { tally.positives }

  /// The number of negative rows.
  public var negatives: Int { tally.negatives }

  /// The value of a figure, or nil where the rows don't define it; `undefinedReason` then says why.
  public func value(_ metric: Metric) -> Double? {
    switch metric {
    case .auroc: tally.auroc
    case .auprc: tally.auprc
    case .brier: tally.brier
    case .prevalence: count > 0 ? Double(positives) / Double(count) : nil
    default: confusion.value(metric)
    }
  }

  /// Why a figure is missing, for a note; nil when it is not.
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
  /// The value of a figure that calls and labels define; nil for one that needs the scores, or is undefined.
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
