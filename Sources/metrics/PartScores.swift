import Evaluation

/// The scores of one part of the rows (genes seen in training, one unseen, …) and of the degree baseline beside them.
final class PartScores {
  /// Nil for rows whose part is missing: they count among all rows only.
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

  /// Whether the baseline can be held against the score: it is known for every row.
  var hasDegrees: Bool { scores.count > 0 && degrees.count == scores.count }
}

/// A row of a score stream, or a bag of such rows: what is judged.
struct JudgedRow {
  var name: String
  var witness: String?
  var score: Double?
  var label: Double?
  var part: String?
  var degree: Double?
}

/// Everything a score stream tells: parts, counts of what was left out, and the best-scored rows.
struct ScoreCollection {
  private(set) var parts: [PartScores] = []
  private(set) var best: [JudgedRow] = []
  private(set) var rows = 0
  private(set) var unlabelled = 0
  private(set) var unscored = 0
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

  /// All parts with the usual ones first, in the order from easy to hard.
  var ordered: [PartScores] {
    parts.enumerated().sorted { rank($0) < rank($1) }.map(\.element)
  }

  private func rank(_ part: EnumeratedSequence<[PartScores]>.Element) -> Int {
    Self.usualParts.firstIndex(of: part.element.name ?? "") ?? Self.usualParts.count + part.offset
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
