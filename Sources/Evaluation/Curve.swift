/// A point of a curve: the figures when every row at or above the threshold is called positive.
public struct CurvePoint: Sendable, Equatable {
  /// The place on the level axis, 0 to 1.
  public let x: Double
  /// The place on the upright axis, 0 to 1.
  public let y: Double
  /// Nil where nothing is called positive.
  public let threshold: Double?

  /// A point of a curve.
  public init(x: Double, y: Double, threshold: Double?) {
    self.x = x
    self.y = y
    self.threshold = threshold
  }
}

/// Curves over the distinct thresholds of some samples.
public enum Curve {
  /// False positive rate (x) against recall (y), from (0, 0) to (1, 1); empty when a class is absent.
  ///
  /// With a resolution above 0, points nearer to their predecessor than that in both directions are left out.
  public static func roc(_ samples: [ScoreSample], resolution: Double = 0) -> [CurvePoint] {
    trace(samples, resolution: resolution, start: CurvePoint(x: 0, y: 0, threshold: nil)) { counts in
      (counts.calledNegatives / counts.negatives, counts.calledPositives / counts.positives)
    }
  }

  /// Recall (x) against precision (y), one point a distinct threshold; empty when a class is absent.
  ///
  /// Average precision is the area under its steps: the precision of a point holds back to the point before it.
  public static func precisionRecall(_ samples: [ScoreSample], resolution: Double = 0) -> [CurvePoint] {
    trace(samples, resolution: resolution, start: nil) { counts in
      (
        counts.calledPositives / counts.positives,
        counts.calledPositives / (counts.calledPositives + counts.calledNegatives)
      )
    }
  }

  private struct Counts {
    let positives: Double
    let negatives: Double
    var calledPositives = 0.0
    var calledNegatives = 0.0
  }

  private static func trace(
    _ samples: [ScoreSample], resolution: Double, start: CurvePoint?, _ place: (Counts) -> (Double, Double)
  ) -> [CurvePoint] {
    var counts = Counts(
      positives: Double(samples.reduce(0) { $0 + $1.positives }),
      negatives: Double(samples.reduce(0) { $0 + $1.negatives }))
    guard counts.positives > 0, counts.negatives > 0 else { return [] }
    var points = start.map { [$0] } ?? []
    var skipped: CurvePoint?
    for step in ThresholdWalk(samples) {
      counts.calledPositives += Double(step.positives)
      counts.calledNegatives += Double(step.negatives)
      let (x, y) = place(counts)
      let point = CurvePoint(x: x, y: y, threshold: step.score)
      if let last = points.last, abs(x - last.x) < resolution, abs(y - last.y) < resolution {
        skipped = point
      } else {
        points.append(point)
        skipped = nil
      }
    }
    if let skipped { points.append(skipped) }
    return points
  }
}

/// How many rows of each class fall into each of equal bins.
public struct ScoreHistogram: Sendable, Equatable {
  /// bins + 1 limits, ascending; the last bin includes its upper limit.
  public let limits: [Double]
  /// Positive rows a bin.
  public let positives: [Int]
  /// Negative rows a bin.
  public let negatives: [Int]

  /// Bins over 0 to 1, or over the range of the scores when one lies outside it; nil without a row, and
  /// where the range itself is beyond a Double.
  public init?(_ samples: [ScoreSample], bins: Int = 20) {
    precondition(bins > 0, "at least one bin")
    var (lowest, highest) = (0.0, 1.0)
    for sample in samples {
      for column in [sample.positiveScores.descending(), sample.negativeScores.descending()] {
        guard let first = column.first, let last = column.last else { continue }
        (lowest, highest) = (min(lowest, last), max(highest, first))
      }
    }
    guard samples.contains(where: { $0.count > 0 }), (highest - lowest).isFinite else { return nil }
    let width = highest / Double(bins) - lowest / Double(bins)
    var counts = (positives: [Int](repeating: 0, count: bins), negatives: [Int](repeating: 0, count: bins))
    for step in ThresholdWalk(samples) {
      let bin = min(bins - 1, max(0, Int((step.score / width - lowest / width).rounded(.down))))
      counts.positives[bin] += step.positives
      counts.negatives[bin] += step.negatives
    }
    limits = (0...bins).map { lowest + width * Double($0) }
    (positives, negatives) = counts
  }
}
