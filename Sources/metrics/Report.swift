import Bytes
import Evaluation
import Records

/// One figure of one part: a line of the output.
struct MetricRow {
  let metric: Metric
  let part: String
  /// The figure of all rows of the part, or the median over its groups.
  let value: Double?
  let interval: Interval?
  /// The distribution over the groups of `--per`.
  let spread: Spread?
  /// The same figure of the baseline; at a threshold it calls as many rows positive as the score does.
  let baseline: Double?
  let count: Int
  /// The number of positive rows; nil where labels are numbers.
  let positives: Int?
  let undefinedReason: String?
  /// Of `auroc` with `--per`: the share of all pairs of a positive and a negative row of one group in the right order.
  var pooled: Double?
  /// The column of another score of the same rows whose figure it is, such as `total_length`; nil for the score.
  var other: String?

  /// The name of the figure, behind a dot that of the column: `auroc.total_length`.
  var name: String { other.map { "\(metric.name).\($0)" } ?? metric.name }
}

/// The figures of a score stream, for all rows and for each part.
///
/// Pairs that were trained on are a part of their own that does not count among all rows.
struct Report {
  /// The computations beside the figures of all rows of a part.
  struct Options {
    var settings = JudgementSettings()
    var bootstrap: (replicates: Int, seed: UInt64)?
    /// The column whose values are groups, over which figures are summed up.
    var per: String?
  }

  static let allRows = "all"
  private(set) var rows: [MetricRow] = []
  let metrics: [Metric]
  let options: Options
  var threshold: Double { options.settings.threshold }
  var per: String? { options.per }
  private let rule: LabelRule

  init(_ collection: ScoreCollection, metrics: [Metric], _ options: Options) {
    (self.metrics, self.options, rule) = (metrics, options, collection.rule)
    let parts = collection.ordered
    others = collection.others.isEmpty || options.per != nil ? [] : collection.others + [Self.constant]
    guard !parts.isEmpty else { return }
    append(Report.allRows, parts.filter(\.isHeldOut))
    for part in parts {
      if let name = part.name { append(name, [part]) }
    }
    if others.isEmpty { return }
    let heldOut = Set(parts.filter(\.isHeldOut).map(\.name))
    appendOthers(Report.allRows, collection.kept.filter { heldOut.contains($0.part) })
    for part in parts {
      if let name = part.name { appendOthers(name, collection.kept.filter { $0.part == name }) }
    }
  }

  /// The columns of other scores whose figures are shown beside those of the score: what knows less than the model, and
  /// what adds the history of seen partners to it.
  static let otherColumns = [
    "with_history", "baseline_a", "baseline_b", "best_feature", "longer_first", "total_length",
  ]
  private static let constant = "constant"
  private let others: [String]

  /// Adds the figures of the other scores of some rows, of the rows that have them.
  private mutating func appendOthers(_ part: String, _ kept: [JudgedRow]) {
    let figures = (rule.areNumbers ? [Metric.mse, .concordance] : []) + (rule.hasClasses ? [.auroc, .auprc] : [])
    for (column, name) in others.enumerated() {
      let scored = PartScores(name: nil)
      for row in kept {
        let score = name == Self.constant ? 0 : row.others[column]
        if let score, let label = row.label { scored.append(row, score: score, label: label, rule) }
      }
      let judged = Judged([scored], rule, options.settings)
      // A constant, and a mean of other units, are no estimates of labels that are numbers.
      for metric in figures where metric != .mse || name.hasPrefix("baseline") {
        rows.append(
          MetricRow(
            metric: metric, part: part, value: judged.value(metric), interval: nil, spread: nil, baseline: nil,
            count: judged.count, positives: judged.positives, undefinedReason: nil, other: name))
      }
    }
  }

  /// The names of the parts, all rows first.
  var parts: [String] {
    rows.reduce(into: []) { names, row in
      if row.other == nil, names.last != row.part { names.append(row.part) }
    }
  }

  func row(_ metric: Metric, part: String) -> MetricRow? {
    rows.first { $0.metric == metric && $0.part == part && $0.other == nil }
  }

  private mutating func append(_ name: String, _ parts: [PartScores]) {
    let judged = Judged(parts, rule, options.settings)
    let resampled = options.bootstrap.map { judged.resampled($0.replicates, seed: $0.seed) }
    let groups = per == nil ? nil : grouped(parts)
    for metric in metrics {
      let spread = groups.map { Spread($0.map { $0.value(metric) }) }
      let interval =
        groups != nil
        ? nil : resampled.map { judged.value(metric) == nil ? nil : $0(metric) } ?? judged.interval(metric)
      let baseline = groups.map { Spread($0.map { $0.baseline(metric) }).median } ?? judged.baseline(metric)
      var reason =
        groups == nil ? judged.undefinedReason(metric) : spread?.median == nil ? "no group defines the figure" : nil
      if reason != nil, parts.isEmpty { reason = "every labelled row is of a pair that was trained on" }
      rows.append(
        MetricRow(
          metric: metric, part: name, value: groups == nil ? judged.value(metric) : spread?.median, interval: interval,
          spread: spread, baseline: baseline, count: judged.count, positives: judged.positives,
          undefinedReason: reason, pooled: metric == .auroc ? groups.flatMap(Judged.pooledArea) : nil))
    }
  }

  /// The groups of some parts, each with its rows in all of them, in the order in which they came.
  private func grouped(_ parts: [PartScores]) -> [Judged] {
    var index: [String: Int] = [:]
    var groups: [[PartScores]] = []
    for group in parts.flatMap(\.groups) {
      if let known = index[group.name ?? ""] {
        groups[known].append(group)
      } else {
        index[group.name ?? ""] = groups.count
        groups.append([group])
      }
    }
    return groups.map { Judged($0, rule, options.settings) }
  }
}

/// The figures of some rows and of the baseline on the same rows: a score made only of the training labels of partners.
private struct Judged {
  private let classes: Judgement?
  private let numbers: NumberJudgement?
  private let baselineOfClasses: Judgement?
  private let baselineOfNumbers: NumberJudgement?
  private let samples: [JudgedRows]
  private let settings: JudgementSettings

  init(_ parts: [PartScores], _ rule: LabelRule, _ settings: JudgementSettings) {
    samples = parts.map(\.scores)
    var settings = settings
    let members = parts.map(\.members)
    let sides = [members.map(\.a), members.map(\.b)].map { $0.reduce(into: Set<String>()) { $0.formUnion($1) }.count }
    // The length of a pair of chains is that of the shorter one.
    settings.length = sides[0] > 0 ? min(sides[0], sides[1]) : nil
    self.settings = settings
    let classes = rule.hasClasses ? Judgement(samples.map(\.classes), settings) : nil
    self.classes = classes
    numbers = rule.areNumbers ? NumberJudgement(samples.map(\.numbers)) : nil
    let baselines = !parts.isEmpty && parts.allSatisfy(\.hasBaselines) ? parts.map(\.baselines) : nil
    baselineOfClasses = baselines.flatMap { rows in
      classes.map { Judgement(baseline: rows.map(\.classes), calling: $0.confusion.called, settings) }
    }
    baselineOfNumbers = rule.areNumbers ? baselines.map { NumberJudgement($0.map(\.numbers)) } : nil
  }

  /// The area of groups, each counted by its pairs of a positive and a negative row; nil without such a pair.
  static func pooledArea(_ groups: [Judged]) -> Double? {
    var (sum, pairs) = (0.0, 0.0)
    for group in groups {
      guard let area = group.value(.auroc), let positives = group.positives else { continue }
      let own = Double(positives) * Double(group.count - positives)
      (sum, pairs) = (sum + own * area, pairs + own)
    }
    return pairs > 0 ? sum / pairs : nil
  }

  var count: Int { classes?.count ?? numbers?.count ?? 0 }
  var positives: Int? { classes?.positives }

  func value(_ metric: Metric) -> Double? {
    metric.goal == .classes ? classes?.value(metric) : numbers?.value(metric)
  }

  func baseline(_ metric: Metric) -> Double? {
    if metric.isCount || metric == .prevalence { return nil }
    return metric.goal == .classes ? baselineOfClasses?.value(metric) : baselineOfNumbers?.value(metric)
  }

  func interval(_ metric: Metric) -> Interval? {
    if metric.goal == .numbers { return numbers?.interval(metric) }
    return classes.flatMap { Intervals.closedForm(metric, of: $0, samples.map(\.classes)) }
  }

  func undefinedReason(_ metric: Metric) -> String? {
    metric.goal == .classes ? classes?.undefinedReason(metric) : numbers?.undefinedReason(metric)
  }

  /// The intervals of resamples of the rows.
  func resampled(_ replicates: Int, seed: UInt64) -> (Metric) -> Interval? {
    let ofClasses = classes.map { _ in
      Bootstrap(samples.map(\.classes), settings, replicates: replicates, seed: seed)
    }
    let ofNumbers = numbers.map { _ in Bootstrap(samples.map(\.numbers), replicates: replicates, seed: seed) }
    return { ($0.goal == .classes ? ofClasses : ofNumbers)?.interval($0) }
  }
}

extension Report {
  /// Notes on the figures that are missing, in a part or in some of its groups: one for each part and reason.
  var notes: [String] {
    var lines: [String] = []
    for part in parts {
      var reasons: [(reason: String, metrics: [String])] = []
      for row in rows where row.part == part {
        guard let reason = row.undefinedReason ?? undefinedGroups(row) else { continue }
        if let known = reasons.firstIndex(where: { $0.reason == reason }) {
          reasons[known].metrics.append(row.metric.name)
        } else {
          reasons.append((reason, [row.metric.name]))
        }
      }
      let group = part == Report.allRows ? "" : "part \(part): "
      for (reason, metrics) in reasons {
        lines.append("\(group)\(reason): \(metrics.joined(separator: ", ")) \(metrics.count == 1 ? "is" : "are") NA")
      }
    }
    return lines
  }

  private func undefinedGroups(_ row: MetricRow) -> String? {
    guard let spread = row.spread, spread.undefined > 0 else { return nil }
    return "in \(spread.undefined) of \(spread.groups + spread.undefined) groups of \(Diagnostic.quoted(per ?? ""))"
  }

  /// The columns of a metric stream, each with its values.
  private var columns: [(Column, (MetricRow) -> Field)] {
    func number(_ name: String, _ value: @escaping (MetricRow) -> Double?) -> (Column, (MetricRow) -> Field) {
      (Column(name, .double), { Report.field(value($0)) })
    }
    func count(_ name: String, _ value: @escaping (MetricRow) -> Int?) -> (Column, (MetricRow) -> Field) {
      (Column(name, .int), { value($0).map { .int($0) } ?? .missing })
    }
    let figures =
      per == nil
      ? [number("value", \.value), number("lower", \.interval?.lower), number("upper", \.interval?.upper)]
      : [
        number("median", \.value), number("mean", \.spread?.mean), number("q1", \.spread?.lowerQuartile),
        number("q3", \.spread?.upperQuartile), number("pooled", \.pooled), count("groups", \.spread?.groups),
        count("undefined", \.spread?.undefined),
      ]
    return [(Column("metric"), { .text($0.name) })] + figures + [
      (Column("part"), { .text($0.part) }), number("baseline", \.baseline), count("n", \.count),
      count("positives", \.positives),
    ]
  }

  /// Writes the metric stream; throws an `IOFailure`.
  func write(to sink: ByteSink, format: OutputFormat, header: Bool, madeBy: String) throws {
    let columns = columns
    let writer = TableWriter(
      sink, format: format, kind: .metric, columns: columns.map(\.0), header: header, madeBy: madeBy)
    for row in rows { try writer.write(columns.map { $0.1(row) }) }
    try writer.finish()
  }

  private static func field(_ value: Double?) -> Field { value.map { .double($0) } ?? .missing }

  /// The figures as an aligned table: a column for each part, with those of the baseline or of groups beside it.
  func pretty() -> String {
    let hasBaselines = rows.contains { $0.baseline != nil }
    var names = per == nil ? ["score"] : ["median", "mean", "q1", "q3"] + (metrics.contains(.auroc) ? ["pooled"] : [])
    if hasBaselines { names.append("baseline") }
    var lines: [[String]] = [["metric"], [""], ["rows"]]
    if rule.hasClasses { lines.append(["positive"]) }
    let head = lines.count
    lines += metrics.map { [$0.name] }
    let further = rows.filter { $0.other != nil && $0.part == parts.first }
    lines += further.map { [$0.name] }
    for part in parts {
      let first = rows.first { $0.part == part }
      let counts = [part, "", "\(first?.count ?? 0)", first?.positives.map { "\($0)" } ?? ""]
      for (column, name) in names.enumerated() {
        for line in 0..<head { lines[line].append(line == 1 ? name : column == 0 ? counts[line] : "") }
        for (index, metric) in metrics.enumerated() {
          lines[head + index].append(cell(row(metric, part: part), name))
        }
        for (index, other) in further.enumerated() {
          let found = rows.first { $0.name == other.name && $0.part == part }
          lines[head + metrics.count + index].append(column == 0 ? cell(found, name) : "")
        }
      }
    }
    return Report.aligned(names.count > 1 ? lines : [lines[0]] + lines[2...])
  }

  private func cell(_ row: MetricRow?, _ name: String) -> String {
    guard let row else { return "" }
    switch name {
    case "mean": return Report.text(row.spread?.mean, row.metric, isOfGroups: true)
    case "q1": return Report.text(row.spread?.lowerQuartile, row.metric, isOfGroups: true)
    case "q3": return Report.text(row.spread?.upperQuartile, row.metric, isOfGroups: true)
    case "pooled": return row.pooled.map { Report.text($0, row.metric) } ?? ""
    case "baseline": return row.baseline.map { Report.text($0, row.metric) } ?? ""
    default: return Report.text(row.value, row.metric, isOfGroups: per != nil)
    }
  }

  /// A figure with three decimals, a count without unless it is one of groups; NA where it is missing.
  static func text(_ value: Double?, _ metric: Metric, isOfGroups: Bool = false) -> String {
    guard let value else { return "NA" }
    return NumberText.fixed(value, digits: metric.isCount && !isOfGroups ? 0 : 3)
  }

  static func aligned(_ lines: [[String]]) -> String {
    let columns = lines.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in lines.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
    var text = ""
    for line in lines {
      var row = ""
      for (column, cell) in line.enumerated() {
        let space = String(repeating: " ", count: widths[column] - cell.count)
        row += column == 0 ? cell + space : "  " + space + cell
      }
      while row.last == " " { row.removeLast() }
      text += row + "\n"
    }
    return text
  }
}
