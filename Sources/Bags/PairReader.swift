import Bytes
import Records

/// Reads pairs from a table, or from a file of interactions. Memory: one row.
///
/// A table has the columns `gene_a` and `gene_b` (or those of the options), and optionally `label`, `fold`, `part`,
/// `baseline` and `weight`; other columns are ignored unless they are to be kept. In a file of interactions every row
/// is a positive pair (label 1) without order; a row without one of its partners is left out and counted.
public final class PairReader: PairSource {
  /// The form of the file.
  public let format: PairFormat
  private let table: TableReader
  private let options: PairOptions
  private let filters: RowFilters
  private var genes = (a: 0, b: 0)
  private var label: Int?
  /// The names of the columns of the genes, cut as ids are, where the options choose them by name.
  private var header: Set<String> = []
  private let fold: Int?
  private let part: Int?
  private let baseline: Int?
  private let weight: Int?
  private let kept: [Int]
  /// The extremes of the labels before their transformation.
  private var range = (low: Double.infinity, high: -Double.infinity, count: 0)
  /// The number of labels that are bounds.
  private var bounds = 0
  private let tally: NoticeCounter

  /// Whether the input is empty: then there are no bags, and no header either.
  public var isEmpty: Bool { table.isEmpty }

  /// Whether rows have labels.
  public var hasLabels: Bool { label != nil || format.isEvidence }

  /// The kind of the labels: what the options say, else binary; nil where rows have none.
  public var labels: LabelKind? { hasLabels ? options.labels ?? .binary : nil }

  /// The reserved columns of the pairs beside the usual ones.
  public var furtherColumns: [String] {
    [("fold", fold), ("part", part), ("baseline", baseline), ("weight", weight)].filter { $0.1 != nil }.map(\.0)
  }

  /// Reads up to the first row; throws an error for a missing column: of the genes, of a filter, or to keep.
  public init(_ source: BlockSource, options: PairOptions = PairOptions(), tally: NoticeCounter = NoticeCounter())
    throws
  {
    (table, format) = try PairFormat.open(source, options)
    if !table.isEmpty { try format.check(options) }
    self.options = options
    self.tally = tally
    let isTable = format == .table
    let columns = table
    func optional(_ name: String) -> Int? { isTable ? columns.column(name) : nil }
    fold = optional("fold")
    part = optional("part")
    baseline = optional("baseline")
    weight = optional("weight")
    kept = table.isEmpty ? [] : try options.reader.keep.map { try columns.require($0) }
    filters = try RowFilters(table.isEmpty ? [] : options.filters, of: table, noted: format == .mitab)
    if !table.isEmpty { try findColumns() }
  }

  private func findColumns() throws {
    let names: [String]
    switch format {
    case .auto, .table: names = ["gene_a", "gene_b"]
    case .biogrid: names = ["Official Symbol Interactor A", "Official Symbol Interactor B"]
    case .string: names = ["protein1", "protein2"]
    case .mitab:
      if table.columns.count < MITAB.leastColumns {
        throw BagsError(.tooFewMITABColumns(table.columns.count), at: SourceLocation(source: table.name, line: 1))
      }
      return
    }
    let chosen = options.columns ?? names
    if options.columns == nil, format == .table, names.contains(where: { table.column($0) == nil }) {
      throw BagsError(.pairColumns(table.columns), at: SourceLocation(source: table.name, line: 1))
    }
    genes = (try table.require(chosen[0]), try table.require(chosen[1]))
    if options.columns != nil, options.reader.columns == nil, chosen.contains(where: { Int($0) == nil }) {
      header = Set(chosen.prefix(2).map(options.cut.apply))
    }
    label = chosen.count > 2 ? try table.require(chosen[2]) : format == .table ? table.column("label") : nil
  }

  /// The next pair; nil at the end. Throws a `RecordError` with the place of a faulty row, unless those are skipped.
  public func next() throws -> GenePair? {
    if isEmpty { return nil }
    while true {
      do {
        guard let row = try table.next() else {
          checkUnit()
          tellBounds()
          return nil
        }
        guard try filters.hold(row) else {
          tally.count(.filteredPair)
          continue
        }
        if let pair = try format == .mitab ? interaction(of: row) : pair(of: row) { return pair }
      } catch let error as RecordError where options.reader.badRows == .skip && Self.isOfOneRow(error.kind) {
        tally.count(.badRow, example: error.diagnostic)
      }
    }
  }

  private static func isOfOneRow(_ kind: RecordError.Kind) -> Bool {
    switch kind {
    case .syntax, .ragged, .number, .text, .label: true
    default: false
    }
  }

  /// A label after the transformation, and whether its row is left out as a bound; throws `BagsError` where its unit
  /// can't be right, and a `RecordError` for what is no number.
  private func label(of row: TableRow, _ column: Int) throws -> (label: Double?, isDropped: Bool) {
    guard let transform = options.transform else { return (try row.label(column, options.labels), false) }
    let text = row.text(column)
    if text == "" {
      throw labelFault(row, column, "is empty", hint: "--where '\(table.columns[column])!=' leaves such rows out")
    }
    let bound = text.flatMap(LabelTransform.bound)
    if bound != nil {
      bounds += 1
      if transform.bounds == .error {
        throw labelFault(
          row, column, "\(Diagnostic.quoted(row.field(column))) is a bound, not a measured value",
          hint: "--label-transform \(transform.text),bounds=drop leaves such rows out, bounds=value takes the numbers")
      }
      if transform.bounds == .drop { return (nil, true) }
    }
    guard let label = try bound ?? row.label(column, options.labels) else { return (nil, false) }
    range = (min(range.low, label), max(range.high, label), range.count + 1)
    return (try transform.apply(label, at: row.place(of: column)), false)
  }

  private func labelFault(_ row: TableRow, _ column: Int, _ what: String, hint: String) -> RecordError {
    RecordError(.label, "\(table.columns[column]) \(what)", at: row.place(of: column), hint: hint)
  }

  /// Says how many labels are bounds, and what became of them.
  private func tellBounds() {
    switch options.transform?.bounds {
    case .drop: tally.note(bounds, "of \(bounds + range.count) labels are bounds: these rows are left out")
    case .value: tally.note(bounds, "of \(range.count) labels are bounds: taken as if they were measured")
    case .error, nil: break
    }
  }

  /// Warns of labels that look as if they had been transformed already.
  private func checkUnit() {
    guard let transform = options.transform, range.count >= 10, transform.looksDone(range.low, range.high) else {
      return
    }
    let fault = BagsError(
      .doneAlready(transform.text, low: range.low, high: range.high), at: SourceLocation(source: table.name))
    tally.report(fault.diagnostic)
  }

  private func pair(of row: TableRow) throws -> GenePair? {
    if format.isEvidence, let column = [genes.a, genes.b].first(where: { row.field($0) == "-" }) {
      return lacking(table.columns[column], row)
    }
    var pair = GenePair(
      options.cut.apply(try row.id(genes.a)), options.cut.apply(try row.id(genes.b)),
      label: format.isEvidence ? 1 : nil, kept: kept.map { row.kept($0) }, place: row.place)
    if let id = [pair.geneA, pair.geneB].first(where: header.contains) {
      throw BagsError(.headerIsPair(id), at: row.place)
    }
    if let label {
      let (value, isDropped) = try self.label(of: row, label)
      if isDropped { return nil }
      pair.label = value
    }
    pair.fold = fold.flatMap { row.text($0) }
    pair.part = part.flatMap { row.text($0) }
    pair.baseline = try baseline.flatMap { try row.number($0) }
    pair.weight = try weight.flatMap { try row.number($0) }
    return pair
  }

  /// A pair of PSI-MITAB: the first six columns are ids, other ids and names of the partners.
  private func interaction(of row: TableRow) throws -> GenePair? {
    func partner(_ side: Int) -> String? {
      MITAB.identifier([row.field(side), row.field(side + 2), row.field(side + 4)], options.reference)
    }
    guard let a = partner(0) else { return lacking(table.columns[0], row) }
    guard let b = partner(1) else { return lacking(table.columns[1], row) }
    let isNegative = row.count > MITAB.negativeColumn && row.field(MITAB.negativeColumn).lowercased() == "true"
    return GenePair(
      options.cut.apply(a), options.cut.apply(b), label: isNegative ? 0 : 1, kept: kept.map { row.kept($0) },
      place: row.place)
  }

  private func lacking(_ column: String, _ row: TableRow) -> GenePair? {
    let message = "the row has no such id in \(Diagnostic.quoted(column)) or beside it"
    tally.count(.missingPartner, example: Diagnostic(.data, message, at: row.place))
    return nil
  }
}
