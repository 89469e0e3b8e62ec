import Bytes
import Evaluation
import Records

/// One figure of one part, of the judged score and of another: a line of the output of `--compare`.
struct ComparisonRow {
  let metric: Metric
  let part: String
  let rival: String
  let value: Double?
  let other: Double?
  let difference: Double?
  var interval: Interval?
  var p: Double?
  /// p adjusted for the number of rivals that the figure of the part is compared with.
  var adjusted: Double?
  var test: String?
  let count: Int
  let positives: Int?
  /// The groups that define both figures, with `--per`.
  let groups: Int?
}

/// The figures of a score beside those of others of the same rows, with paired tests.
struct Comparison {
  struct Options {
    var metrics: [Metric] = []
    var settings = JudgementSettings()
    var bootstrap: (replicates: Int, seed: UInt64)?
    var drawsPartners = false
    var per: String?
  }

  private(set) var rows: [ComparisonRow] = []
  private let rule: LabelRule
  private let options: Options

  /// Pairs the rows and compares them: all that were not trained on, and each part.
  /// - Throws: `MetricsError` where a rival lacks a row, has another one, or has another label.
  init(_ base: ScoreCollection, with rivals: [(name: String, rows: [JudgedRow])], _ options: Options) throws {
    rule = base.rule
    self.options = options
    let columns = try rivals.map { (name: $0.name, scores: try Self.matched($0.rows, to: base.kept, $0.name)) }
    let parts = base.ordered
    let heldOut = Set(parts.filter(\.isHeldOut).map(\.name))
    let all = base.kept.indices.filter { heldOut.contains(base.kept[$0].part) }
    append(
      Report.allRows, all.map { base.kept[$0] }, columns.map { column in (column.name, all.map { column.scores[$0] }) })
    for part in parts {
      guard let name = part.name else { continue }
      let own = base.kept.indices.filter { base.kept[$0].part == name }
      append(name, own.map { base.kept[$0] }, columns.map { column in (column.name, own.map { column.scores[$0] }) })
    }
  }

  /// The scores of a rival in the order of the rows.
  private static func matched(_ rival: [JudgedRow], to rows: [JudgedRow], _ name: String) throws -> [Double] {
    var index: [String: Int] = [:]
    func key(_ row: JudgedRow) -> String { row.group.map { "\(row.name)\t\($0)" } ?? row.name }
    for (place, row) in rival.enumerated() { index[key(row)] = place }
    let scores = try rows.map { row in
      guard let place = index.removeValue(forKey: key(row)), let score = rival[place].score else {
        throw MetricsError.unpaired(row.name, in: name)
      }
      if rival[place].label != row.label { throw MetricsError.otherLabel(row.name, in: name) }
      return score
    }
    if let left = index.values.min() { throw MetricsError.unpairedRival(rival[left].name, in: name) }
    return scores
  }

  private mutating func append(_ part: String, _ rows: [JudgedRow], _ rivals: [(name: String, scores: [Double])]) {
    let base = Scored(rows, rows.map { $0.score ?? 0 }, rule)
    let bootstrap = options.bootstrap.map { drawn in
      PairedBootstrap(
        PairedBootstrap.Rows(labels: base.labels, partners: options.drawsPartners ? Self.numbered(rows) : nil),
        base: base.scores, others: rivals.map(\.scores), metrics: options.metrics, options.settings,
        replicates: drawn.replicates, seed: drawn.seed)
    }
    var compared = rivals.enumerated().map { index, rival in
      let other = Scored(rows, rival.scores, rule)
      return options.metrics.map { metric in
        options.per == nil
          ? row(metric, part, base, other, rival.name, bootstrap.map { ($0, index) })
          : grouped(metric, part, base, other, rival.name)
      }
    }
    for column in options.metrics.indices {
      let tested = compared.indices.filter { compared[$0][column].p != nil }
      let adjusted = Holm.adjusted(tested.map { compared[$0][column].p ?? 1 })
      for (rival, p) in zip(tested, adjusted) { compared[rival][column].adjusted = p }
    }
    self.rows += compared.joined()
  }

  private func row(
    _ metric: Metric, _ part: String, _ base: Scored, _ other: Scored, _ rival: String,
    _ bootstrap: (PairedBootstrap, Int)?
  ) -> ComparisonRow {
    let (value, second) = (base.value(metric, options.settings), other.value(metric, options.settings))
    var row = ComparisonRow(
      metric: metric, part: part, rival: rival, value: value, other: second,
      difference: value.flatMap { value in second.map { value - $0 } }, count: base.labels.count,
      positives: base.positives, groups: nil)
    if metric == .auroc, !options.drawsPartners {
      let test = DeLong(labels: base.labels.map { $0 > 0 }, base.scores, other.scores)
      (row.interval, row.p, row.test) = (test?.interval, test?.p, test?.p == nil ? nil : "delong")
    } else if let (bootstrap, index) = bootstrap, row.difference != nil {
      (row.interval, row.p) = (bootstrap.interval(metric, other: index), bootstrap.p(metric, other: index))
      row.test = row.p == nil ? nil : "bootstrap"
    }
    return row
  }

  /// The medians over groups, and Wilcoxon's test of the differences of those that define both figures.
  private func grouped(
    _ metric: Metric, _ part: String, _ base: Scored, _ other: Scored, _ rival: String
  ) -> ComparisonRow {
    let (first, second) = (base.grouped, other.grouped)
    let both = zip(first, second).compactMap { a, b -> (Double, Double)? in
      guard let a = a.value(metric, options.settings), let b = b.value(metric, options.settings) else { return nil }
      return (a, b)
    }
    let test = both.isEmpty ? nil : Wilcoxon(both.map { $0.0 - $0.1 })
    return ComparisonRow(
      metric: metric, part: part, rival: rival, value: Spread(both.map(\.0)).median,
      other: Spread(both.map(\.1)).median, difference: Spread(both.map { $0.0 - $0.1 }).median, p: test?.p,
      test: test.map { _ in "wilcoxon" }, count: base.labels.count, positives: base.positives, groups: both.count)
  }

  /// The partners of the rows by number.
  private static func numbered(_ rows: [JudgedRow]) -> [(a: Int, b: Int)] {
    var numbers: [String: Int] = [:]
    func number(_ id: String) -> Int {
      let next = numbers.count
      if let known = numbers[id] { return known }
      numbers[id] = next
      return next
    }
    return rows.map { (number($0.partners?.a ?? ""), number($0.partners?.b ?? "")) }
  }
}

/// One score of some rows.
private struct Scored {
  let scores: [Double]
  /// 0 and 1, or numbers.
  let labels: [Double]
  private let rows: [JudgedRow]
  private let rule: LabelRule

  init(_ rows: [JudgedRow], _ scores: [Double], _ rule: LabelRule) {
    (self.rows, self.scores, self.rule) = (rows, scores, rule)
    labels = rows.map { row in
      let label = row.label ?? 0
      return rule.areNumbers && rule.positiveAbove == nil ? label : rule.isPositive(label) ? 1 : 0
    }
  }

  var positives: Int? { rule.hasClasses ? labels.count { $0 > 0 } : nil }

  func value(_ metric: Metric, _ settings: JudgementSettings) -> Double? {
    if metric.goal == .numbers { return NumberJudgement(scores: scores, labels: labels).value(metric) }
    let sample = ScoreSample(scores: scores, labels: labels.map { $0 > 0 })
    return Judgement([sample], settings).value(metric)
  }

  /// The rows of each group, in the order in which groups came.
  var grouped: [Scored] {
    var index: [String: Int] = [:]
    var groups: [[Int]] = []
    for (place, row) in rows.enumerated() {
      let name = row.group ?? ""
      if index[name] == nil {
        index[name] = groups.count
        groups.append([])
      }
      groups[index[name] ?? 0].append(place)
    }
    return groups.map { places in Scored(places.map { rows[$0] }, places.map { scores[$0] }, rule) }
  }
}

extension Comparison {
  private var columns: [(Column, (ComparisonRow) -> Field)] {
    func number(_ name: String, _ value: @escaping (ComparisonRow) -> Double?) -> (Column, (ComparisonRow) -> Field) {
      (Column(name, .double), { value($0).map { .double($0) } ?? .missing })
    }
    func count(_ name: String, _ value: @escaping (ComparisonRow) -> Int?) -> (Column, (ComparisonRow) -> Field) {
      (Column(name, .int), { value($0).map { .int($0) } ?? .missing })
    }
    return [
      (Column("metric"), { .text($0.metric.name) }), (Column("part"), { .text($0.part) }),
      (Column("name"), { .text($0.rival) }), number("value", \.value), number("other", \.other),
      number("difference", \.difference), number("lower", \.interval?.lower), number("upper", \.interval?.upper),
      number("p", \.p), number("p_holm", \.adjusted), (Column("test"), { $0.test.map { .text($0) } ?? .missing }),
      count("n", \.count), count("positives", \.positives),
    ] + (options.per == nil ? [] : [count("groups", \.groups)])
  }

  /// Writes the comparison stream; throws an `IOFailure`.
  func write(to sink: ByteSink, format: OutputFormat, header: Bool, madeBy: String) throws {
    let columns = columns
    let writer = TableWriter(
      sink, format: format, kind: .comparison, columns: columns.map(\.0), header: header, madeBy: madeBy)
    for row in rows { try writer.write(columns.map { $0.1(row) }) }
    try writer.finish()
  }

  /// The comparison as an aligned table.
  func pretty() -> String {
    func text(_ value: Double?, digits: Int = 3) -> String {
      value.map { NumberText.fixed($0, digits: digits) } ?? "NA"
    }
    let lines = rows.map { row in
      let range = row.interval.map { "\(text($0.lower)) to \(text($0.upper))" } ?? "NA"
      return [
        row.metric.name, row.part, row.rival, text(row.value), text(row.other), text(row.difference), range,
        text(row.p, digits: 4), text(row.adjusted, digits: 4), row.test ?? "NA",
      ]
    }
    let head = ["metric", "part", "against", "score", "other", "difference", "95 %", "p", "p (Holm)", "test"]
    return Report.aligned([head] + lines)
  }
}
