import Evaluation

/// Scores on `levels` steps with labels that follow them, from a linear congruential generator: many ties.
///
/// The expected values of these tests were computed by scikit-learn 1.9.1 on the same numbers.
func drawnCase(rows: Int, levels: Int, seed: UInt64) -> (scores: [Double], labels: [Bool]) {
  var state = seed
  func uniform() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 33) / 2_147_483_648
  }
  var scores: [Double] = []
  var labels: [Bool] = []
  for _ in 0..<rows {
    let (first, second) = (uniform(), uniform())
    scores.append(Double(Int((0.6 * first + 0.4 * second) * Double(levels))) / Double(levels))
    labels.append(first > 0.7)
  }
  return (scores, labels)
}

func sample(rows: Int, levels: Int, seed: UInt64) -> ScoreSample {
  let (scores, labels) = drawnCase(rows: rows, levels: levels, seed: seed)
  return ScoreSample(scores: scores, labels: labels)
}

func near(_ value: Double?, _ expected: Double, within error: Double = 1e-12) -> Bool {
  value.map { abs($0 - expected) <= error } ?? false
}
