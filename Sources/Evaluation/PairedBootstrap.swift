import Bytes

/// The differences of figures of two scores of the same rows, over resamples that both share.
///
/// Rows are drawn as `Bootstrap` draws them, or whole partners: then each partner counts a Poisson(1)-distributed
/// number of times, and a row the product of its partners' numbers (the pigeonhole bootstrap, Owen 2007, Annals of
/// Applied Statistics 1:386), as rows that share a partner are not independent. A pure function of seed and rows.
public struct PairedBootstrap: Sendable {
  /// The rows of a comparison, in one order for all scores.
  public struct Rows: Sendable {
    /// The label of each row: 0 or 1, or a number.
    public var labels: [Double]
    /// The partners of each row by number, from 0; nil to draw rows.
    public var partners: [(a: Int, b: Int)]?

    /// Makes the rows of a comparison.
    public init(labels: [Double], partners: [(a: Int, b: Int)]? = nil) {
      (self.labels, self.partners) = (labels, partners)
    }
  }

  private let differences: [[Metric: [Double]]]

  /// Draws `replicates` times and takes the figures of `base` less those of each of `others`.
  public init(
    _ rows: Rows, base: [Double], others: [[Double]], metrics: [Metric], _ settings: JudgementSettings,
    replicates: Int, seed: UInt64
  ) {
    let columns = ([base] + others).map { PairedColumn($0, rows.labels) }
    let metrics = metrics.filter { !$0.isCount }
    var differences = [[Metric: [Double]]](repeating: [:], count: others.count)
    for replicate in 0..<max(0, replicates) {
      var draws = PoissonDraws(RandomStream(seed: seed, 0x7061_6972, UInt64(replicate)))
      let counts = rows.drawn(&draws)
      let figures = columns.map { $0.figures(metrics, counts, settings) }
      for (index, other) in figures.dropFirst().enumerated() {
        for metric in metrics {
          guard let first = figures[0][metric], let second = other[metric] else { continue }
          differences[index][metric, default: []].append(first - second)
        }
      }
    }
    self.differences = differences.map { $0.mapValues { $0.sorted() } }
  }

  /// The interval from the 2.5 % to the 97.5 % quantile of the difference to the score of a number; nil where fewer
  /// than 20 resamples define it.
  public func interval(_ metric: Metric, other: Int) -> Interval? {
    guard let values = differences[other][metric], values.count >= 20 else { return nil }
    return Interval(lower: Spread.quantile(0.025, of: values), upper: Spread.quantile(0.975, of: values))
  }

  /// Twice the smaller share of the resamples on either side of 0, (k + 1)/(n + 1); nil where fewer than 20 define it.
  public func p(_ metric: Metric, other: Int) -> Double? {
    guard let values = differences[other][metric], values.count >= 20 else { return nil }
    let (low, high) = (values.count { $0 <= 0 }, values.count { $0 >= 0 })
    return min(1, 2 * Double(min(low, high) + 1) / Double(values.count + 1))
  }
}

extension PairedBootstrap.Rows {
  /// The number of times each row counts in a resample.
  fileprivate func drawn(_ draws: inout PoissonDraws) -> [Int] {
    guard let partners else { return labels.map { _ in draws.sum(of: 1) } }
    let last = partners.reduce(-1) { max($0, $1.a, $1.b) }
    let counts = (0...max(0, last)).map { _ in draws.sum(of: 1) }
    return partners.map { $0.a == $0.b ? counts[$0.a] : counts[$0.a] * counts[$0.b] }
  }
}

/// One score of all rows, sorted once.
private struct PairedColumn {
  private let scores: [Double]
  private let labels: [Double]
  private let descending: [Int]
  private let numbers: NumberRows?

  init(_ scores: [Double], _ labels: [Double]) {
    (self.scores, self.labels) = (scores, labels)
    descending = scores.indices.sorted { scores[$0] == scores[$1] ? $0 < $1 : scores[$0] > scores[$1] }
    numbers =
      labels.allSatisfy { $0 == 0 || $0 == 1 } ? nil : NumberRows([NumberSample(scores: scores, labels: labels)])
  }

  func figures(_ metrics: [Metric], _ counts: [Int], _ settings: JudgementSettings) -> [Metric: Double] {
    var figures: [Metric: Double] = [:]
    if metrics.contains(where: { $0.goal == .classes }) {
      let judgement = Judgement(totals(counts, settings))
      for metric in metrics where metric.goal == .classes { figures[metric] = judgement.value(metric) }
    }
    if let numbers {
      let judgement = NumberJudgement(numbers, counts: counts)
      for metric in metrics where metric.goal == .numbers { figures[metric] = judgement.value(metric) }
    }
    return figures
  }

  private func totals(_ counts: [Int], _ settings: JudgementSettings) -> WalkTotals {
    var totals = WalkTotals(settings, rows: counts.reduce(0, +))
    var first = 0
    while first < descending.count {
      var step = ThresholdStep(score: scores[descending[first]], positives: 0, negatives: 0)
      while first < descending.count, scores[descending[first]] == step.score {
        let row = descending[first]
        if labels[row] > 0 { step.positives += counts[row] } else { step.negatives += counts[row] }
        first += 1
      }
      if step.positives + step.negatives > 0 { totals.add(step) }
    }
    return totals
  }
}
