import Bytes
import CommandSupport
import Evaluation
import Features
import Records

/// `--groups`: rows of features in, the distances within groups out.
struct GroupReport {
  private let distances: GroupDistances
  private let rows: Int

  /// Reads the groups and the rows; throws what readers throw, `MetricsError` where no group has two rows.
  init(_ table: BlockSource, _ path: String, _ scores: ScoreOptions, seed: UInt64, _ context: ToolContext) throws {
    let groups = try GroupMap(reading: Input.open(path))
    var options = ReaderOptions()
    (options.format, options.maxLine, options.part) = (scores.inputFormat, scores.maxLine.bytes, scores.part)
    let reader = try RecordReader(table, options: options, report: context.warn)
    var (values, numbers, names) = ([Double](), [Int?](), [String: Int]())
    while let record = try reader.next() {
      guard !record.hasBag else { throw MetricsError.bagsInGroups(record.place) }
      values += record.values
      numbers.append(groups[record.name].map { name in names.insert(name) })
    }
    rows = numbers.count
    distances = GroupDistances(
      values, columns: rows == 0 ? 0 : values.count / rows, groups: numbers, seed: seed)
    context.note("rows without a group count among all rows only", count: numbers.count { $0 == nil })
    if distances.within.isEmpty { throw MetricsError.noGroups(path, rows: rows) }
  }

  /// A line of the report: a figure, what it is compared with, and the number of rows it is of.
  private var lines: [(name: String, value: Double?, baseline: Double?, count: Int)] {
    let count = distances.within.count
    return [
      ("distance", distances.meanWithin, distances.meanAround, count),
      ("ks", distances.test?.statistic, nil, count), ("ks_p", distances.test?.p, nil, count),
      ("groups", Double(distances.groups), nil, rows),
    ]
  }

  /// Writes the figures.
  func write(to sink: ByteSink, format: OutputFormat, header: Bool, madeBy: String) throws {
    let columns = [Column("metric"), Column("value", .double), Column("baseline", .double), Column("n", .int)]
    let writer = TableWriter(sink, format: format, kind: .metric, columns: columns, header: header, madeBy: madeBy)
    func field(_ value: Double?) -> Field { value.map { .double($0) } ?? .missing }
    for line in lines {
      try writer.write([.text(line.name), field(line.value), field(line.baseline), .int(line.count)])
    }
    try writer.finish()
  }
}

extension [String: Int] {
  /// The number of a name, the next one for a new name.
  fileprivate mutating func insert(_ name: String) -> Int {
    let number = self[name] ?? count
    self[name] = number
    return number
  }
}
