import Bytes
import Evaluation

/// A judged unit: a row of a score stream, or a bag joined from the rows of its instances.
struct JudgedRow {
  var name: String
  var witness: String?
  var score: Double?
  var label: Double?
  var part: String?
  /// The value in the column of `--per`.
  var group: String?
  var baseline: Double?
  /// The ids of both partners, where they are asked for and known.
  var partners: (a: String, b: String)?
  /// The two members that an instance is a pair of, where they are asked for and known.
  var members: (a: String, b: String)?
  /// Other scores in columns of the same row.
  var others: [Double?] = []
}

/// The kind of the labels of a stream, and from which number on a label is positive.
struct LabelRule {
  /// Whether labels are numbers.
  var areNumbers = false
  /// The number above which a label is positive; nil where numbers are not made classes.
  var positiveAbove: Double?

  /// Whether rows have one of two classes.
  var hasClasses: Bool { !areNumbers || positiveAbove != nil }

  /// The labels whose figures are written, in their order.
  var goals: [Metric.Goal] { (areNumbers ? [.numbers] : []) + (hasClasses ? [.classes] : []) }

  /// Whether a label is one of the positive class.
  func isPositive(_ label: Double) -> Bool { label > positiveAbove ?? 0 }
}

/// Scored rows with labels, as classes, as numbers or as both.
final class JudgedRows {
  let classes = ScoreSample()
  let numbers = NumberSample()

  func append(_ score: Double, _ label: Double, _ rule: LabelRule) {
    if rule.areNumbers { numbers.append(score, label: label) }
    if rule.hasClasses { classes.append(score, positive: rule.isPositive(label)) }
  }

  var count: Int { max(classes.count, numbers.count) }
}

/// The scores and baselines of some rows: those of a part (seen in training, one unseen, …), or of a group in it.
final class PartScores {
  /// The name of the part or group; nil for rows without one, which count among all rows only.
  let name: String?
  let scores = JudgedRows()
  let baselines = JudgedRows()
  /// The groups of the column of `--per`, in the order in which they came.
  private(set) var groups: [PartScores] = []
  private var groupIndex: [String: Int] = [:]
  /// The distinct members on either side, where rows have them.
  private(set) var members: (a: Set<String>, b: Set<String>) = ([], [])

  init(name: String?) {
    self.name = name
  }

  func append(_ row: JudgedRow, score: Double, label: Double, _ rule: LabelRule) {
    scores.append(score, label, rule)
    if let baseline = row.baseline { baselines.append(baseline, label, rule) }
    if let (a, b) = row.members, row.group == nil {
      members.a.insert(a)
      members.b.insert(b)
    }
    guard let name = row.group else { return }
    var own = row
    own.group = nil
    group(name).append(own, score: score, label: label, rule)
  }

  private func group(_ name: String) -> PartScores {
    if let known = groupIndex[name] { return groups[known] }
    groupIndex[name] = groups.count
    groups.append(PartScores(name: name))
    return groups[groups.count - 1]
  }

  /// The name of the part of pairs that were themselves trained on, whose labels the model has learnt.
  static let trained = "trained"

  /// Whether the rows count among all rows: those of pairs that were not trained on.
  var isHeldOut: Bool { name != Self.trained }

  /// Whether the baseline can be compared with the scores: it is known for every row.
  var hasBaselines: Bool { scores.count > 0 && baselines.count == scores.count }
}

/// The content of a score stream: scores by part, counts of rows left out, and the rows with the highest scores.
struct ScoreCollection {
  let rule: LabelRule
  private(set) var parts: [PartScores] = []
  private(set) var best: [JudgedRow] = []
  private(set) var rows = 0
  private(set) var unlabelled = 0
  private(set) var unscored = 0
  /// Instances without a score in bags that have a score.
  private(set) var unscoredInstances = 0
  /// Labelled rows without a value in the column of `--per`.
  private(set) var ungrouped = 0
  /// The rows themselves, with a score and a label, where they are to be kept.
  private(set) var kept: [JudgedRow] = []
  /// The columns of other scores that the rows have, in the order of `JudgedRow.others`.
  var others: [String] = []
  /// The names of all rows with a score, where they are to be kept.
  private(set) var scoredNames: Set<String> = []
  private let options: Options
  private let bestCount: Int
  private static let usualParts = ["seen", "one-unseen", "a-unseen", "b-unseen", "both-unseen"]

  /// The columns that are read beside scores and labels.
  struct Options {
    /// Rows without a group are left out.
    var isGrouped = false
    /// The rows themselves are kept, to be compared with others.
    var keepsRows = false
    /// The names of rows with a score are kept.
    var keepsNames = false
    /// The rule that makes probabilities of scores.
    var calibration: Calibration?
  }

  init(_ rule: LabelRule = LabelRule(), _ options: Options = Options(), bestCount: Int = 10) {
    (self.rule, self.options, self.bestCount) = (rule, options, bestCount)
  }

  mutating func append(_ raw: JudgedRow) {
    rows += 1
    var row = raw
    if let calibration = options.calibration { row.score = raw.score.map(calibration.probability) }
    guard let score = row.score else {
      unscored += 1
      return
    }
    if options.keepsNames { scoredNames.insert(row.name) }
    keepIfBest(row, score)
    guard let label = row.label else {
      unlabelled += 1
      return
    }
    if options.isGrouped, row.group == nil {
      ungrouped += 1
      return
    }
    if options.keepsRows { kept.append(row) }
    part(named: row.part).append(row, score: score, label: label, rule)
  }

  /// The kept rows with another of their scores; those that lack it are left out.
  func rows(scoredBy other: Int) -> [JudgedRow] {
    kept.compactMap { row in
      guard let score = row.others[other] else { return nil }
      var row = row
      row.score = score
      return row
    }
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
