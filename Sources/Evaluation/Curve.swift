/// A point of a ROC or precision-recall curve, where every row at or above the threshold is called positive.
public struct CurvePoint: Sendable, Equatable {
  /// The horizontal coordinate, 0 to 1.
  public let x: Double
  /// The vertical coordinate, 0 to 1.
  public let y: Double
  /// The score threshold of the point; nil where nothing is called positive.
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
  /// The ROC curve: false positive rate (x) against recall (y), from (0, 0) to (1, 1); empty when a class is absent.
  ///
  /// With a resolution above 0, points closer to their predecessor than that in both coordinates are left out.
  public static func roc(_ samples: [ScoreSample], resolution: Double = 0) -> [CurvePoint] {
    trace(samples, resolution: resolution, start: CurvePoint(x: 0, y: 0, threshold: nil)) { counts in
      (counts.calledNegatives / counts.negatives, counts.calledPositives / counts.positives)
    }
  }

  /// The precision-recall curve: recall (x) against precision (y), one point for each distinct score; empty when a
  /// class is absent.
  ///
  /// Average precision is the area under its steps: the precision of a point applies from the previous point's recall
  /// to its own.
  public static func precisionRecall(_ samples: [ScoreSample], resolution: Double = 0) -> [CurvePoint] {
    trace(samples, resolution: resolution, start: nil) { counts in
      (
        counts.calledPositives / counts.positives,
        counts.calledPositives / (counts.calledPositives + counts.calledNegatives)
      )
    }
  }

  /// The mean score (x) and the mean label (y) of each of `bins` parts of the rows by ascending score, as equal in
  /// size as can be; rows with one score may lie in two parts. Empty without a row.
  public static func meanLabels(_ samples: [NumberSample], bins: Int = 20) -> [CurvePoint] {
    let rows = NumberRows(samples)
    let order = rows.scores.indices.sorted {
      rows.scoreRanks[$0] == rows.scoreRanks[$1] ? $0 < $1 : rows.scoreRanks[$0] < rows.scoreRanks[$1]
    }
    return (0..<bins).compactMap { bin in
      let part = order[order.count * bin / bins..<order.count * (bin + 1) / bins]
      guard !part.isEmpty else { return nil }
      func mean(_ values: [Double]) -> Double { part.reduce(0) { $0 + values[$1] } / Double(part.count) }
      return CurvePoint(x: mean(rows.scores), y: mean(rows.labels), threshold: nil)
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

/// The number of rows of each class in bins of equal width.
public struct ScoreHistogram: Sendable, Equatable {
  /// The bin edges, bins + 1 of them, ascending; the last bin includes its upper edge.
  public let limits: [Double]
  /// The number of positive rows in each bin.
  public let positives: [Int]
  /// The number of negative rows in each bin.
  public let negatives: [Int]

  /// Counts rows in bins over 0 to 1, or over the range of the scores when one lies outside it.
  ///
  /// Nil without a row, and where the width of the range overflows a Double.
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
