/// The scores of labelled rows, positive and negative ones separately: the input of every figure of this module.
///
/// Takes 8 bytes per score, and up to 4 more while it sorts. Rows without a label are left to the caller.
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

  /// Makes a sample of parallel arrays: the score and the label (true: positive) of each row.
  public convenience init(scores: [Double], labels: [Bool]) {
    precondition(scores.count == labels.count, "as many labels as scores")
    self.init()
    for (score, label) in zip(scores, labels) { append(score, positive: label) }
  }

  /// Adds a row; the score is any finite number, and higher means more likely positive.
  public func append(_ score: Double, positive: Bool) {
    precondition(score.isFinite, "a score is a finite number")
    if positive { positiveScores.append(score) } else { negativeScores.append(score) }
  }

  /// The number of positive rows.
  public var positives: Int { positiveScores.count }

  /// The number of negative rows.
  public var negatives: Int { negativeScores.count }

  /// The number of rows.
  public var count: Int { positives + negatives }
}
