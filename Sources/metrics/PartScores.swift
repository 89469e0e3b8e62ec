import Evaluation

/// The scores and degree baselines of one part of the rows (genes seen in training, one unseen, …).
final class PartScores {
  /// The name of the part; nil for rows without one, which count among all rows only.
  let name: String?
  let scores = ScoreSample()
  let degrees = ScoreSample()

  init(name: String?) {
    self.name = name
  }

  func append(_ row: JudgedRow, score: Double, positive: Bool) {
    scores.append(score, positive: positive)
    if let degree = row.degree { degrees.append(degree, positive: positive) }
  }

  /// The name of the part of pairs that were themselves trained on, whose labels the model has learnt.
  static let trained = "trained"

  /// Whether the rows count among all rows: those of pairs that were not trained on.
  var isHeldOut: Bool { name != Self.trained }

  /// Whether the baseline can be compared with the scores: it is known for every row.
  var hasDegrees: Bool { scores.count > 0 && degrees.count == scores.count }
}

/// A judged unit: a row of a score stream, or a bag joined from the rows of its instances.
struct JudgedRow {
  var name: String
  var witness: String?
  var score: Double?
  var label: Double?
  var part: String?
  var degree: Double?
}

/// The content of a score stream: scores by part, counts of rows left out, and the rows with the highest scores.
struct ScoreCollection {
  private(set) var parts: [PartScores] = []
  private(set) var best: [JudgedRow] = []
  private(set) var rows = 0
  private(set) var unlabelled = 0
  private(set) var unscored = 0
  /// Instances without a score in bags that have a score.
  private(set) var unscoredInstances = 0
  private let bestCount: Int
  private static let usualParts = ["seen", "one-unseen", "both-unseen"]

  init(bestCount: Int) {
    self.bestCount = bestCount
  }

  mutating func append(_ row: JudgedRow) {
    rows += 1
    guard let score = row.score else {
      unscored += 1
      return
    }
    keepIfBest(row, score)
    guard let label = row.label else {
      unlabelled += 1
      return
    }
    part(named: row.part).append(row, score: score, positive: label == 1)
  }

  /// Counts an instance that is left out of its bag, for it has no score.
  mutating func noteUnscoredInstance() { unscoredInstances += 1 }

  /// All parts in the order of the output: the usual ones from easy to hard, others, and `trained` last.
  var ordered: [PartScores] {
    parts.enumerated().sorted { rank($0) < rank($1) }.map(\.element)
  }

  /// The parts that count among all rows: all but `trained`.
  var heldOut: [PartScores] { parts.filter(\.isHeldOut) }

  /// The number of labelled rows of pairs that were trained on.
  var trainedRows: Int { parts.filter { !$0.isHeldOut }.reduce(0) { $0 + $1.scores.count } }

  private func rank(_ part: EnumeratedSequence<[PartScores]>.Element) -> Int {
    guard part.element.isHeldOut else { return .max }
    return Self.usualParts.firstIndex(of: part.element.name ?? "") ?? Self.usualParts.count + part.offset
  }

  private mutating func part(named name: String?) -> PartScores {
    if let known = parts.first(where: { $0.name == name }) { return known }
    parts.append(PartScores(name: name))
    return parts[parts.count - 1]
  }

  private mutating func keepIfBest(_ row: JudgedRow, _ score: Double) {
    if best.count == bestCount, let lowest = best.last?.score, score <= lowest { return }
    best.insert(row, at: best.firstIndex { ($0.score ?? -.infinity) < score } ?? best.count)
    if best.count > bestCount { best.removeLast() }
  }
}
