import Bytes
import Evaluation
import Records

/// One figure of one part: a line of the output.
struct MetricRow {
  let metric: Metric
  let part: String
  let value: Double?
  let interval: Interval?
  /// The same figure of the degree baseline, calling as many rows positive as the score does.
  let degree: Double?
  let count: Int
  let positives: Int
  let undefinedReason: String?
}

/// The figures of a score stream, for all rows and for each part.
///
/// Pairs that were trained on are a part of their own that does not count among all rows.
struct Report {
  static let allRows = "all"
  private(set) var rows: [MetricRow] = []
  let threshold: Double
  let metrics: [Metric]

  init(_ collection: ScoreCollection, metrics: [Metric], threshold: Double, bootstrap: (replicates: Int, seed: UInt64)?)
  {
    self.threshold = threshold
    self.metrics = metrics
    let parts = collection.ordered
    guard !parts.isEmpty else { return }
    append(Report.allRows, parts.filter(\.isHeldOut), bootstrap)
    for part in parts {
      if let name = part.name { append(name, [part], bootstrap) }
    }
  }

  /// The names of the parts, all rows first.
  var parts: [String] {
    rows.reduce(into: []) { names, row in
      if names.last != row.part { names.append(row.part) }
    }
  }

  func row(_ metric: Metric, part: String) -> MetricRow? {
    rows.first { $0.metric == metric && $0.part == part }
  }

  private mutating func append(_ name: String, _ parts: [PartScores], _ bootstrap: (replicates: Int, seed: UInt64)?) {
    let samples = parts.map(\.scores)
    let judgement = Judgement(samples, threshold: threshold)
    let baseline =
      !parts.isEmpty && parts.allSatisfy(\.hasDegrees)
      ? Baseline(parts.map(\.degrees), called: judgement.confusion.called) : nil
    let resampled = bootstrap.map {
      Bootstrap(samples, threshold: threshold, replicates: $0.replicates, seed: $0.seed)
    }
    for metric in metrics {
      let interval =
        resampled.map { judgement.value(metric) == nil ? nil : $0.interval(metric) }
        ?? Intervals.closedForm(metric, of: judgement, samples)
      rows.append(
        MetricRow(
          metric: metric, part: name, value: judgement.value(metric), interval: interval,
          degree: baseline?.value(metric), count: judgement.count, positives: judgement.positives,
          undefinedReason: judgement.undefinedReason(metric).map {
            parts.isEmpty ? "every labelled row is of a pair that was trained on" : $0
          }))
    }
  }
}

/// The degree baseline on the same rows: a score made only of the genes' positive rates in training.
private struct Baseline {
  private let judgement: Judgement
  private let calls: Confusion

  init(_ degrees: [ScoreSample], called: Double) {
    judgement = Judgement(degrees)
    calls = Confusion.calling(called, of: degrees)
  }

  func value(_ metric: Metric) -> Double? {
    if metric.isCount || metric == .prevalence { return nil }
    return metric.usesThreshold ? calls.value(metric) : judgement.value(metric)
  }
}

extension Report {
  /// Notes on the figures that are missing: one for each part and reason.
  var notes: [String] {
    var lines: [String] = []
    for part in parts {
      var reasons: [(reason: String, metrics: [String])] = []
      for row in rows where row.part == part {
        guard let reason = row.undefinedReason else { continue }
        if let known = reasons.firstIndex(where: { $0.reason == reason }) {
          reasons[known].metrics.append(row.metric.rawValue)
        } else {
          reasons.append((reason, [row.metric.rawValue]))
        }
      }
      let group = part == Report.allRows ? "" : "part \(part): "
      for (reason, metrics) in reasons {
        lines.append("\(group)\(reason): \(metrics.joined(separator: ", ")) \(metrics.count == 1 ? "is" : "are") NA")
      }
    }
    return lines
  }

  private static let columns = [
    Column("metric"), Column("value", .double), Column("lower", .double), Column("upper", .double), Column("part"),
    Column("degree", .double), Column("n", .int), Column("positives", .int),
  ]

  /// Writes the metric stream; throws an `IOFailure`.
  func write(to sink: ByteSink, format: OutputFormat, header: Bool, madeBy: String) throws {
    let writer = TableWriter(
      sink, format: format, kind: .metric, columns: Report.columns, header: header, madeBy: madeBy)
    for row in rows {
      try writer.write([
        .text(row.metric.rawValue), Report.field(row.value), Report.field(row.interval?.lower),
        Report.field(row.interval?.upper), .text(row.part), Report.field(row.degree), .int(row.count),
        .int(row.positives),
      ])
    }
    try writer.finish()
  }

  private static func field(_ value: Double?) -> Field { value.map { .double($0) } ?? .missing }

  /// The figures as an aligned table: a column for each part, with the baseline's values beside it.
  func pretty() -> String {
    let hasDegrees = rows.contains { $0.degree != nil }
    var lines: [[String]] = [["metric"], [""], ["rows"], ["positive"]]
    lines += metrics.map { [$0.rawValue] }
    for part in parts {
      let first = rows.first { $0.part == part }
      lines[0].append(part)
      lines[1].append("score")
      lines[2].append("\(first?.count ?? 0)")
      lines[3].append("\(first?.positives ?? 0)")
      for (index, metric) in metrics.enumerated() {
        lines[4 + index].append(Report.text(row(metric, part: part)?.value, metric))
      }
      guard hasDegrees else { continue }
      for index in 0..<4 { lines[index].append(index == 1 ? "degree" : "") }
      for (index, metric) in metrics.enumerated() {
        let value = row(metric, part: part)?.degree
        lines[4 + index].append(value == nil ? "" : Report.text(value, metric))
      }
    }
    return Report.aligned(hasDegrees ? lines : [lines[0]] + lines[2...])
  }

  /// A figure with three decimals, a count without; NA where it is missing.
  static func text(_ value: Double?, _ metric: Metric) -> String {
    guard let value else { return "NA" }
    return NumberText.fixed(value, digits: metric.isCount ? 0 : 3)
  }

  private static func aligned(_ lines: [[String]]) -> String {
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
