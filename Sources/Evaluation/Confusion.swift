/// The number of rows by label and call (the confusion matrix).
///
/// Counts are Double, exact up to 2⁵³, for a cut through tied rows takes a share of them.
public struct Confusion: Sendable, Equatable {
  /// Positive rows called positive.
  public var truePositives: Double
  /// Negative rows called positive.
  public var falsePositives: Double
  /// Negative rows called negative.
  public var trueNegatives: Double
  /// Positive rows called negative.
  public var falseNegatives: Double

  /// Makes a confusion matrix of its four counts.
  public init(truePositives: Double, falsePositives: Double, trueNegatives: Double, falseNegatives: Double) {
    self.truePositives = truePositives
    self.falsePositives = falsePositives
    self.trueNegatives = trueNegatives
    self.falseNegatives = falseNegatives
  }

  /// The number of rows with a positive label.
  public var positives: Double { truePositives + falseNegatives }

  /// The number of rows with a negative label.
  public var negatives: Double { trueNegatives + falsePositives }

  /// The number of rows called positive.
  public var called: Double { truePositives + falsePositives }

  /// tp / (tp + fp); missing when no row is called positive or no row is positive.
  public var precision: Double? { positives > 0 && called > 0 ? truePositives / called : nil }

  /// tp / (tp + fn), also called sensitivity; missing without a positive row.
  public var recall: Double? { positives > 0 ? truePositives / positives : nil }

  /// tn / (tn + fp); missing without a negative row.
  public var specificity: Double? { negatives > 0 ? trueNegatives / negatives : nil }

  /// 2 tp / (2 tp + fp + fn); 0 when nothing is called positive, missing without a positive row.
  public var f1: Double? {
    positives > 0 ? 2 * truePositives / (2 * truePositives + falsePositives + falseNegatives) : nil
  }

  /// √(recall · specificity); missing when a class is absent.
  public var gmean: Double? {
    guard let recall, let specificity else { return nil }
    return (recall * specificity).squareRoot()
  }

  /// (recall + specificity) / 2; missing when a class is absent.
  public var balancedAccuracy: Double? {
    guard let recall, let specificity else { return nil }
    return (recall + specificity) / 2
  }

  /// Matthews' correlation of label and call; 0 when all rows get the same call, missing when a class is absent.
  public var mcc: Double? {
    guard positives > 0, negatives > 0 else { return nil }
    let spread = called * (trueNegatives + falseNegatives) * positives * negatives
    guard spread > 0 else { return 0 }
    return (truePositives * trueNegatives - falsePositives * falseNegatives) / spread.squareRoot()
  }

  /// The confusion matrix of samples when the `called` rows with the highest scores are called positive.
  ///
  /// Serves to compare scores of different scales at the same number of calls. A cut through tied rows takes the same
  /// share of each class: the expectation of a random choice among them.
  public static func calling(_ called: Double, of samples: [ScoreSample]) -> Confusion {
    var open = called
    var (above, below) = ((positives: 0.0, negatives: 0.0), (positives: 0.0, negatives: 0.0))
    for step in ThresholdWalk(samples) {
      let (positives, negatives) = (Double(step.positives), Double(step.negatives))
      let share = min(1, max(0, open / (positives + negatives)))
      above = (above.positives + share * positives, above.negatives + share * negatives)
      below = (below.positives + (1 - share) * positives, below.negatives + (1 - share) * negatives)
      open -= positives + negatives
    }
    return Confusion(
      truePositives: above.positives, falsePositives: above.negatives,
      trueNegatives: below.negatives, falseNegatives: below.positives)
  }
}
