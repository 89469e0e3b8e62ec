import Bytes

/// Percentile intervals by resampling rows, for every figure at once.
///
/// Each row is drawn a Poisson(1) number of times (Hanley and MacGibbon 2006; Chamandy et al. 2012), which needs no
/// memory beside the scores. A pure function of seed and scores. O(replicates · n).
public struct Bootstrap: Sendable {
  private let sorted: [Metric: [Double]]

  /// Judges `replicates` resamples; those without one class, or where a figure is undefined, don't count for it.
  public init(_ samples: [ScoreSample], threshold: Double = 0.5, replicates: Int, seed: UInt64) {
    var values: [Metric: [Double]] = [:]
    for replicate in 0..<max(0, replicates) {
      var draws = PoissonDraws(RandomStream(seed: seed, 0x626f_6f74, UInt64(replicate)))
      var tally = Tally(threshold: threshold)
      for step in ThresholdWalk(samples) {
        let drawn = ThresholdStep(
          score: step.score, positives: draws.sum(of: step.positives), negatives: draws.sum(of: step.negatives))
        if drawn.positives + drawn.negatives > 0 { tally.add(drawn) }
      }
      guard tally.hasBothClasses else { continue }
      let judgement = Judgement(tally)
      for metric in Metric.allCases where !metric.isCount {
        if let value = judgement.value(metric) { values[metric, default: []].append(value) }
      }
    }
    sorted = values.mapValues { $0.sorted() }
  }

  /// From the 2.5 % to the 97.5 % quantile of a figure; nil for counts and with fewer than 20 replicates.
  public func interval(_ metric: Metric) -> Interval? {
    guard let values = sorted[metric], values.count >= 20 else { return nil }
    return Interval(lower: Self.quantile(0.025, of: values), upper: Self.quantile(0.975, of: values))
  }

  private static func quantile(_ share: Double, of values: [Double]) -> Double {
    let place = share * Double(values.count - 1)
    let index = min(values.count - 2, Int(place))
    return values[index] + (place - Double(index)) * (values[index + 1] - values[index])
  }
}

/// Numbers of the Poisson distribution with mean 1, by inversion of one uniform number each.
private struct PoissonDraws {
  private var stream: RandomStream

  init(_ stream: RandomStream) {
    self.stream = stream
  }

  mutating func sum(of rows: Int) -> Int {
    var total = 0
    for _ in 0..<rows { total += next() }
    return total
  }

  private mutating func next() -> Int {
    var open = stream.uniform()
    var mass = 0.36787944117144233  // 1 / e
    var count = 0
    while open >= mass, count < 20 {
      open -= mass
      count += 1
      mass /= Double(count)
    }
    return count
  }
}
