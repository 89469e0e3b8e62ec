import Bytes

/// Bootstrap percentile intervals of all figures, by resampling rows.
///
/// In each resample a row counts a Poisson(1)-distributed number of times (Hanley and MacGibbon 2006; Chamandy et al.
/// 2012), so that no memory is needed beside the scores. A pure function of seed and scores. O(replicates · rows).
public struct Bootstrap: Sendable {
  private let sorted: [Metric: [Double]]

  /// Computes all figures of classes of `replicates` resamples; a resample that does not define a figure is left out
  /// for it.
  public init(
    _ samples: [ScoreSample], _ settings: JudgementSettings = JudgementSettings(), replicates: Int, seed: UInt64
  ) {
    let metrics = Metric.all(.classes) + settings.tops.flatMap { [.precision(top: $0), .enrichment(top: $0)] }
    let rows = samples.reduce(0) { $0 + $1.count }
    self.init(metrics, replicates: replicates, seed: seed) { draws in
      var totals = WalkTotals(settings, rows: rows)
      for step in ThresholdWalk(samples) {
        let drawn = ThresholdStep(
          score: step.score, positives: draws.sum(of: step.positives), negatives: draws.sum(of: step.negatives))
        if drawn.positives + drawn.negatives > 0 { totals.add(drawn) }
      }
      return Judgement(totals).value
    }
  }

  /// Computes all figures of numbers of `replicates` resamples.
  public init(_ samples: [NumberSample], replicates: Int, seed: UInt64) {
    let rows = NumberRows(samples)
    self.init(Metric.all(.numbers), replicates: replicates, seed: seed) { draws in
      NumberJudgement(rows, counts: (0..<rows.count).map { _ in draws.sum(of: 1) }).value
    }
  }

  private init(
    _ metrics: [Metric], replicates: Int, seed: UInt64, _ judge: (inout PoissonDraws) -> (Metric) -> Double?
  ) {
    let metrics = metrics.filter { !$0.isCount }
    var values: [Metric: [Double]] = [:]
    for replicate in 0..<max(0, replicates) {
      var draws = PoissonDraws(RandomStream(seed: seed, 0x626f_6f74, UInt64(replicate)))
      let value = judge(&draws)
      for metric in metrics {
        if let value = value(metric) { values[metric, default: []].append(value) }
      }
    }
    sorted = values.mapValues { $0.sorted() }
  }

  /// The interval from the 2.5 % to the 97.5 % quantile of a figure over the resamples.
  ///
  /// Nil for counts, for a figure that fewer than 20 resamples define, and for one that is the same in all of them:
  /// like the closed forms, resamples of perfectly ordered rows leave nothing to estimate a spread from.
  public func interval(_ metric: Metric) -> Interval? {
    guard let values = sorted[metric], values.count >= 20, values[0] < values[values.count - 1] else { return nil }
    return Interval(lower: Spread.quantile(0.025, of: values), upper: Spread.quantile(0.975, of: values))
  }
}

/// Random numbers of the Poisson distribution with mean 1, each by inversion of one uniform number.
struct PoissonDraws {
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
