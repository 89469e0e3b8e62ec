import Evaluation
import Testing

/// Labels on steps and scores that follow them, from the generator of `drawnCase`: many ties.
private func drawnNumbers(rows: Int, levels: Int, seed: UInt64) -> (scores: [Double], labels: [Double]) {
  var state = seed
  func uniform() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 33) / 2_147_483_648
  }
  var (scores, labels): ([Double], [Double]) = ([], [])
  for _ in 0..<rows {
    let (first, second) = (uniform(), uniform())
    scores.append(5 + Double(Int((0.6 * first + 0.4 * second) * Double(levels))) / Double(levels) * 4)
    labels.append(5 + Double(Int(first * Double(levels) / 2)) / Double(levels) * 10)
  }
  return (scores, labels)
}

/// The definition of the concordance index, in O(n²).
private func plainConcordance(_ scores: [Double], _ labels: [Double]) -> Double? {
  var (wins, pairs) = (0.0, 0.0)
  for i in labels.indices {
    for j in labels.indices where labels[i] > labels[j] {
      pairs += 1
      wins += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0
    }
  }
  return pairs > 0 ? wins / pairs : nil
}

private let names = ["mse", "rmse", "mae", "pearson", "spearman", "ci", "rm2", "rm2_printed"]

@Suite struct NumberTests {
  // Computed by scipy 1.17.1 (pearsonr, spearmanr; the concordance index from somersd, at 3000 rows its definition) and
  // numpy on the same numbers.
  @Test(
    arguments: [
      (
        40, 8, 1,
        [
          1.0109375, 1.0054538776095103, 0.84375, 0.6985949163866083, 0.7066578354066098, 0.807495741056218,
          0.4218334793183693, 0.4203568480423779,
        ]
      ),
      (
        500, 64, 2,
        [
          0.9281171875, 0.9633883887093513, 0.789875, 0.8344166991020697, 0.8421960732608779, 0.8262624591587742,
          0.5189617282974698, 0.5433398106412985,
        ]
      ),
      (
        3000, 1 << 20, 3,
        [
          1.0387084511674851, 1.0191704720837849, 0.834551170984904, 0.8187425308878523, 0.8262100704582878,
          0.8083131136079955, 0.5032508432326716, 0.5233748882714712,
        ]
      ),
    ] as [(rows: Int, levels: Int, seed: UInt64, expected: [Double])])
  func equalScipy(rows: Int, levels: Int, seed: UInt64, expected: [Double]) throws {
    let (scores, labels) = drawnNumbers(rows: rows, levels: levels, seed: seed)
    let judgement = NumberJudgement(scores: scores, labels: labels)
    for (name, value) in zip(names, expected) {
      let metric = try #require(Metric.named(name))
      #expect(near(judgement.value(metric), value, within: 1e-10), "\(name)")
    }
    let half = rows / 2
    let parts = [
      NumberSample(scores: Array(scores[..<half]), labels: Array(labels[..<half])),
      NumberSample(scores: Array(scores[half...]), labels: Array(labels[half...])),
    ]
    for metric in Metric.all(.numbers) {
      #expect(NumberJudgement(parts).value(metric) == judgement.value(metric), "\(metric.name) of two samples")
    }
  }

  @Test(arguments: 1...12) func concordanceEqualsItsDefinition(seed: Int) {
    for (rows, levels) in [(2, 2), (17, 3), (90, 7), (120, 1 << 16)] {
      let (scores, labels) = drawnNumbers(rows: rows, levels: levels, seed: UInt64(seed))
      #expect(NumberJudgement(scores: scores, labels: labels).value(.concordance) == plainConcordance(scores, labels))
      let negative = scores.map { -$0 }
      #expect(
        NumberJudgement(scores: negative, labels: labels).value(.concordance) == plainConcordance(negative, labels))
    }
  }

  @Test func undefinedFiguresSayWhy() {
    let empty = NumberJudgement(scores: [], labels: [])
    let oneLabel = NumberJudgement(scores: [0.1, 0.7, 0.3], labels: [0.1, 0.1, 0.1])
    let oneScore = NumberJudgement(scores: [0.1, 0.1, 0.1], labels: [0.1, 0.7, 0.3])
    for metric in Metric.all(.numbers) {
      #expect(empty.value(metric) == nil && empty.undefinedReason(metric) == "there is no labelled row")
    }
    for metric in [Metric.pearson, .spearman, .concordance, .rm2, .rm2Printed] {
      #expect(oneLabel.value(metric) == nil && oneLabel.undefinedReason(metric) == "all labels are equal")
    }
    for metric in [Metric.pearson, .spearman, .rm2] {
      #expect(oneScore.value(metric) == nil && oneScore.undefinedReason(metric) == "all scores are equal")
    }
    #expect(oneScore.value(.concordance) == 0.5 && oneScore.undefinedReason(.concordance) == nil)
    #expect(near(oneLabel.value(.mse), (0.36 + 0.04) / 3))
    #expect(oneLabel.value(.auroc) == nil && Judgement(scores: [1], labels: [true]).value(.mse) == nil)
    let large = NumberJudgement(scores: [1e200, 2e200], labels: [1, 2])
    #expect(large.value(.pearson) == nil && large.undefinedReason(.pearson) == "scores or labels are too large for it")
  }

  // scipy's pearsonr(…).confidence_interval(0.95).
  @Test func closedIntervals() throws {
    let (scores, labels) = drawnNumbers(rows: 40, levels: 8, seed: 1)
    let judgement = NumberJudgement(scores: scores, labels: labels)
    let pearson = try #require(judgement.interval(.pearson))
    #expect(
      near(pearson.lower, 0.49475318548191366, within: 1e-10) && near(pearson.upper, 0.8295734476783146, within: 1e-10))
    let squares = zip(scores, labels).map { ($0 - $1) * ($0 - $1) }
    let mean = squares.reduce(0, +) / 40
    let deviation = (squares.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 39).squareRoot()
    let mse = try #require(judgement.interval(.mse))
    #expect(near(mse.upper - mean, 1.959963984540054 * deviation / 40.0.squareRoot(), within: 1e-10))
    let rmse = try #require(judgement.interval(.rmse))
    #expect(near(rmse.upper * rmse.upper, mse.upper, within: 1e-10))
    #expect(judgement.interval(.concordance) == nil)
    #expect(NumberJudgement(scores: [1, 2, 4], labels: [1, 3, 2]).interval(.pearson) == nil)
  }

  @Test func resamplesSpreadAroundTheFigure() throws {
    let (scores, labels) = drawnNumbers(rows: 200, levels: 64, seed: 5)
    let rows = NumberSample(scores: scores, labels: labels)
    let once = Bootstrap([rows], replicates: 200, seed: 3)
    let judgement = NumberJudgement([rows])
    for metric in Metric.all(.numbers) {
      let interval = try #require(once.interval(metric), "\(metric.name)")
      let value = try #require(judgement.value(metric))
      #expect(interval.lower < value && value < interval.upper, "\(metric.name)")
    }
    #expect(once.interval(.concordance) == Bootstrap([rows], replicates: 200, seed: 3).interval(.concordance))
    #expect(once.interval(.concordance) != Bootstrap([rows], replicates: 200, seed: 4).interval(.concordance))
    let closed = try #require(judgement.interval(.mse))
    let drawn = try #require(once.interval(.mse))
    #expect(abs((drawn.upper - drawn.lower) / (closed.upper - closed.lower) - 1) < 0.25)
  }

  // numpy's median, mean and percentile.
  @Test func spreadsOfGroups() {
    let spread = Spread([4, nil, 1, 3, 10])
    #expect(spread.median == 3.5 && spread.mean == 4.5 && spread.lowerQuartile == 2.5 && spread.upperQuartile == 5.5)
    #expect(spread.groups == 4 && spread.undefined == 1)
    let one = Spread([2])
    #expect(one.median == 2 && one.lowerQuartile == 2 && one.upperQuartile == 2)
    let none = Spread([nil, nil])
    #expect(none.median == nil && none.mean == nil && none.groups == 0 && none.undefined == 2)
  }

  @Test func tableOfFigures() {
    #expect(Set(Metric.all.map(\.name)).count == Metric.all.count)
    for metric in Metric.all { #expect(Metric.named(metric.name) == metric) }
    #expect(Metric.all(.numbers).map(\.name) == names)
    #expect(Metric.all.filter { $0.direction == .lower }.map(\.name) == ["brier", "ece", "mse", "rmse", "mae"])
    #expect(Metric.all.allSatisfy { !$0.isCount || $0.direction == .none })
    #expect(Metric.named("AUROC") == nil)
  }
}
