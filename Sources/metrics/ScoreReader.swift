import Bytes
import Evaluation
import Records

/// What is judged: a row a bag, or a row an instance.
enum Level: String, CaseIterable {
  case bag, instance
}

/// Reads a score stream, or any table with a label and a score a row, into a collection.
struct ScoreReader {
  struct Columns {
    var score = "score"
    var label: String?
  }
  private let table: TableReader
  private let level: Level
  private let score: Int
  private let label: Int
  private let bag: Int?
  private let id: Int?
  private let witness: Int?
  private let part: Int?
  private let degree: Int?
  private static let partLimit = 64
  private static let knownBagLimit = 1_000_000

  /// Finds the columns; throws when the score or the label of the level is not among them.
  init(_ table: TableReader, from source: String, level: Level, columns: Columns) throws {
    func index(_ name: String) -> Int? { table.column(name) }
    func needed(_ name: String, hint: String?) throws -> Int {
      guard let found = index(name) else { throw MetricsError.noColumn(name, source: source, hint: hint) }
      return found
    }
    self.table = table
    self.level = level
    score = try needed(columns.score, hint: "name the column of the scores with --score-column")
    let hint =
      level == .instance && columns.label == nil && index("label") != nil
      ? "score with mil-score --level instance, or name another column with --label-column"
      : "name the column of the labels with --label-column"
    label = try needed(columns.label ?? (level == .bag ? "label" : "instance_label"), hint: hint)
    bag = index("bag")
    id = index("id")
    witness = index("witness")
    part = index("part")
    degree = index("degree")
  }

  /// Whether rows are instances that are to be joined to bags by their highest score.
  private var joinsBags: Bool { level == .bag && bag != nil && id != nil }

  /// Reads all rows.
  func collect(into collection: inout ScoreCollection) throws {
    joinsBags ? try collectBags(into: &collection) : try collectRows(into: &collection)
  }

  private func collectRows(into collection: inout ScoreCollection) throws {
    while let fields = try table.next() {
      try append(row(fields), at: fields.place, to: &collection)
    }
  }

  private func collectBags(into collection: inout ScoreCollection) throws {
    var known: Set<String> = []
    var open: JudgedRow?
    var place: Place?
    while let fields = try table.next() {
      var row = try row(fields)
      row.witness = id.flatMap { fields.text($0) }
      if var current = open, current.name == row.name {
        guard current.label == row.label else { throw MetricsError.labelChanges(row.name, fields.place) }
        if let score = row.score, score > current.score ?? -.infinity {
          (current.score, current.witness) = (score, row.witness)
          open = current
        }
        continue
      }
      if let open { try append(open, at: place, to: &collection) }
      if known.count < Self.knownBagLimit, !known.insert(row.name).inserted {
        throw MetricsError.bagReturns(row.name, fields.place)
      }
      open = row
      place = fields.place
    }
    if let open { try append(open, at: place, to: &collection) }
  }

  private func append(_ row: JudgedRow, at place: Place?, to collection: inout ScoreCollection) throws {
    collection.append(row)
    if collection.parts.count > Self.partLimit { throw MetricsError.tooManyParts(Self.partLimit, place) }
  }

  private func row(_ fields: TableRow) throws -> JudgedRow {
    let value = try fields.label(label)
    if let value, value != 0, value != 1 {
      throw MetricsError.badLabel(fields.field(label), fields.place(of: label))
    }
    let name = level == .bag ? bag ?? id : id ?? bag
    return JudgedRow(
      name: name.flatMap { fields.text($0) } ?? "line \(fields.place.line)",
      witness: witness.flatMap { fields.text($0) }, score: try fields.number(score), label: value,
      part: part.flatMap { fields.text($0) }, degree: try degree.flatMap { try fields.number($0) })
  }
}
