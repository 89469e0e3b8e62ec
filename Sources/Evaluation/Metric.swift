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

  /// The name of the figure in a text.
  public var title: String {
    switch self {
    case .auroc: "AUROC"
    case .auprc: "AUPRC"
    case .f1: "F1"
    case .gmean: "G-mean"
    case .balancedAccuracy: "balanced accuracy"
    case .mcc: "MCC"
    case .brier: "Brier score"
    case .truePositives: "true positives"
    case .falsePositives: "false positives"
    case .trueNegatives: "true negatives"
    case .falseNegatives: "false negatives"
    default: rawValue
    }
  }

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
