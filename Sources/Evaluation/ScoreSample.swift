/// Scores of labelled rows, kept apart by class: what every figure of this module is computed from.
///
/// Takes 8 bytes a score, and while it sorts up to 4 bytes a score more. Rows without a label don't belong here.
///
///     let sample = ScoreSample()
///     sample.append(0.91, positive: true)
///     sample.append(0.20, positive: false)
///     Judgement(sample).value(.auroc)   // 1
public final class ScoreSample {
  let positiveScores = ScoreColumn()
  let negativeScores = ScoreColumn()

  /// An empty sample.
  public init() {}

  /// A sample of parallel arrays: one score and one label (true: positive) a row.
  public convenience init(scores: [Double], labels: [Bool]) {
    precondition(scores.count == labels.count, "as many labels as scores")
    self.init()
    for (score, label) in zip(scores, labels) { append(score, positive: label) }
  }

  /// Adds a row; the score is any finite number, the higher the more positive.
  public func append(_ score: Double, positive: Bool) {
    precondition(score.isFinite, "a score is a finite number")
    if positive { positiveScores.append(score) } else { negativeScores.append(score) }
  }

  /// How many rows are positive.
  public var positives: Int { positiveScores.count }

  /// How many rows are negative.
  public var negatives: Int { negativeScores.count }

  /// How many rows there are.
  public var count: Int { positives + negatives }
}
