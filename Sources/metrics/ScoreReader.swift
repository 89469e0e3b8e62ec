import Bytes
import Evaluation
import Records

/// The unit that is judged: a bag, or an instance.
enum JudgedUnit: String, CaseIterable {
  case bag, instance
}

/// The rule for a row that has a label and no score.
enum MissingScoreRule: String, CaseIterable {
  case error, skip
}

/// Reads a score stream, or any table with a label and a score in each row, into a collection.
struct ScoreReader {
  /// The columns to read and the unit to judge.
  struct Options {
    var unit = JudgedUnit.bag
    var scoreColumn = "score"
    /// By default `label` of bags and `instance_label` of instances.
    var labelColumn: String?
    var missing = MissingScoreRule.error
    /// The kind of the labels; nil where nothing says it.
    var labels: LabelKind?
    /// The column whose values are groups.
    var groupColumn: String?
    /// Whether the partners of each row are needed.
    var needsPartners = false
    /// Whether what the instances are pairs of is needed.
    var needsMembers = false
    /// Columns with other scores.
    var otherColumns: [String] = []
  }
  private let table: TableReader
  private let options: Options
  private let score: Int
  private let label: Int
  private let bag: Int?
  private let id: Int?
  private let witness: Int?
  private let part: Int?
  private let baseline: Int?
  private let group: Int?
  private let partners: (a: Int, b: Int)?
  private let members: (a: Int, b: Int)?
  private let others: [Int]
  private let report: (Diagnostic) -> Void
  private static let partLimit = 64

  /// Finds the columns.
  /// - Parameter report: takes warnings.
  /// - Throws: a `RecordError` when the score or the label is not among them.
  init(_ table: TableReader, _ options: Options, report: @escaping (Diagnostic) -> Void) throws {
    func index(_ name: String) -> Int? { table.column(name) }
    self.table = table
    self.options = options
    self.report = report
    score = try table.require(options.scoreColumn, hint: "name the column of the scores with --score-column")
    let hint =
      options.unit == .instance && options.labelColumn == nil && index("label") != nil
      ? "score with mil-score --level instance, or name another column with --label-column"
      : "name the column of the labels with --label-column"
    label = try table.require(
      options.labelColumn ?? (options.unit == .bag ? "label" : "instance_label"), hint: hint)
    (bag, id, witness) = (index("bag"), index("id"), index("witness"))
    (part, baseline) = (index("part"), index("baseline"))
    group = try options.groupColumn.map {
      try table.require($0, hint: "mil-score passes a column on with --keep; groups are the values of one column")
    }
    if options.needsPartners {
      let hint = "partners are the columns gene_a and gene_b, as mil-score writes them"
      partners = (try table.require("gene_a", hint: hint), try table.require("gene_b", hint: hint))
    } else {
      partners = nil
    }
    if options.needsMembers {
      let hint =
        "the length L is that of the side with fewer members: isoform_a and isoform_b, as mil-score writes them"
      members = (try table.require("isoform_a", hint: hint), try table.require("isoform_b", hint: hint))
    } else {
      members = nil
    }
    others = try options.otherColumns.map { try table.require($0, hint: "--compare NAME=column:COLUMN names it") }
    table.read(
      only: others + [score, label]
        + [bag, id, witness, part, baseline, group, partners?.a, partners?.b, members?.a, members?.b].compactMap { $0 })
  }

  /// Whether rows are instances that are to be joined to bags by their highest score.
  private var joinsBags: Bool { options.unit == .bag && bag != nil && id != nil }

  /// Reads all rows.
  func collect(into collection: inout ScoreCollection) throws {
    joinsBags ? try collectBags(into: &collection) : try collectRows(into: &collection)
  }

  private func collectRows(into collection: inout ScoreCollection) throws {
    var bags = BagLedger()
    let hint = "leave out the copies, or name rows of instances in a column id: they are joined to bags"
    while let fields = try table.next() {
      let row = try row(fields)
      if options.unit == .bag, bag.flatMap({ fields.text($0) }) != nil {
        // The same bag may come once in each group, such as with each seed.
        let name = row.group.map { "\(row.name) of \($0)" } ?? row.name
        try bags.enter(name, at: fields.place, hint: hint, report: report)
      }
      try append(row, at: fields.place, to: &collection)
    }
  }

  private func collectBags(into collection: inout ScoreCollection) throws {
    var bags = BagLedger()
    let hint = "sort the rows by bag, or judge them one by one with --level instance"
    var open: JudgedRow?
    var place: SourceLocation?
    while let fields = try table.next() {
      var row = try row(fields)
      row.witness = id.flatMap { fields.text($0) }
      if var current = open, current.name == row.name {
        guard current.label == row.label else { throw MetricsError.labelChanges(row.name, fields.place) }
        guard current.group == row.group else {
          throw MetricsError.groupChanges(row.name, column: options.groupColumn ?? "", fields.place)
        }
        if row.score == nil || current.score == nil { collection.noteUnscoredInstance() }
        if let score = row.score, score > current.score ?? -.infinity {
          (current.score, current.witness) = (score, row.witness)
          open = current
        }
        for (column, other) in row.others.enumerated() {
          guard let other else { continue }
          open?.others[column] = max(other, current.others[column] ?? other)
        }
        continue
      }
      if let open { try append(open, at: place, to: &collection) }
      try bags.enter(row.name, at: fields.place, hint: hint, report: report)
      open = row
      place = fields.place
    }
    if let open { try append(open, at: place, to: &collection) }
  }

  private func append(_ row: JudgedRow, at place: SourceLocation?, to collection: inout ScoreCollection) throws {
    if row.part == Report.allRows { throw MetricsError.reservedPart(place) }
    collection.append(row)
    if collection.parts.count > Self.partLimit { throw MetricsError.tooManyParts(Self.partLimit, place) }
  }

  private func row(_ fields: TableRow) throws -> JudgedRow {
    let value = try fields.label(label, options.labels)
    let score = try fields.number(self.score)
    let name = options.unit == .bag ? bag ?? id : id ?? bag
    let text = name.flatMap { fields.text($0) } ?? "line \(fields.place.line)"
    if value != nil, score == nil, options.missing == .error {
      throw MetricsError.noScore(
        id.flatMap { fields.text($0) } ?? text, column: options.scoreColumn, fields.place(of: self.score))
    }
    return JudgedRow(
      name: text, witness: witness.flatMap { fields.text($0) }, score: score, label: value,
      part: part.flatMap { fields.text($0) },
      group: group.flatMap { fields.text($0) }, baseline: try baseline.flatMap { try fields.number($0) },
      partners: try partners.map { (try fields.id($0.a), try fields.id($0.b)) },
      members: try members.map { (try fields.id($0.a), try fields.id($0.b)) },
      others: try others.map { try fields.number($0) })
  }
}
