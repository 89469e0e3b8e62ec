/// A figure of merit; the raw value is its name in a metric stream.
public enum Metric: String, Sendable, CaseIterable {
  case auroc, auprc, precision, recall, specificity, f1, gmean
  case balancedAccuracy = "balanced_accuracy"
  case mcc, brier, prevalence
  case truePositives = "tp"
  case falsePositives = "fp"
  case trueNegatives = "tn"
  case falseNegatives = "fn"
  case positives, negatives

  /// Whether the figure is a number of rows.
  public var isCount: Bool {
    switch self {
    case .truePositives, .falsePositives, .trueNegatives, .falseNegatives, .positives, .negatives: true
    default: false
    }
  }

  /// Whether the figure depends on the threshold.
  public var usesThreshold: Bool {
    switch self {
    case .auroc, .auprc, .brier, .prevalence, .positives, .negatives: false
    default: true
    }
  }
}
