import Bytes
import Records

/// How tables of features are read.
public struct TableOptions: Sendable {
  /// What becomes of a row that lacks some of its values.
  public var gaps = FeatureTable.GapRule.error
  /// What is cut off ids.
  public var cut = IdentifierCut()
  /// Whether values are kept as 32-bit numbers, four bytes each instead of eight.
  public var isPacked = false
  /// The one column that is taken; nil: all, or what a quantifier's table is known for.
  public var column: String?
  /// How a feature stream is read.
  public var reader = ReaderOptions()

  /// Gaps are errors, ids as they stand, 64-bit numbers.
  public init() {}
}

extension FeatureTable {
  /// Chooses and orders the columns that are kept, given the names of all; throws where they do not suffice.
  public typealias Selection = ([String]) throws -> [Int]

  /// Reads a table keyed by id: a feature stream (NDJSON or TSV), or any TSV matrix whose first column is the id,
  /// whatever its name. Reserved columns are no features, which is counted; of what a quantifier wrote, its abundances
  /// are.
  ///
  /// Throws `BagsError` for FASTA, bags, text among the numbers and an id that stands twice, and what readers throw.
  public static func read(
    _ source: BlockSource, options: TableOptions = TableOptions(), tally: Tally,
    select: Selection = { Array($0.indices) }
  ) throws -> FeatureTable {
    let replayed = try ReplayedSource(source)
    switch replayed.firstByte {
    case UInt8(ascii: ">"): throw BagsError(.fasta(source.name))
    case UInt8(ascii: "{"):
      return try readStream(replayed, options: options, tally: tally, select: select)
    default: return try readMatrix(replayed, options: options, tally: tally, select: select)
    }
  }

  private static func readStream(
    _ source: BlockSource, options: TableOptions, tally: Tally, select: Selection
  ) throws -> FeatureTable {
    var passing = options.reader
    passing.keepMissing = true
    passing.format = .ndjson
    let reader = try RecordReader(source, options: passing, report: { tally.report($0) })
    guard reader.kind == .feature else { throw BagsError(.wrongKind(source.name)) }
    guard let names = reader.schema?.names else { throw BagsError(.noSchema, at: Place(source: source.name)) }
    let all = try options.column.map { [try place(of: $0, in: names, at: source.name)] } ?? Array(names.indices)
    let chosen = try select(all.map { names[$0] }).map { all[$0] }
    let table = FeatureTable(names: chosen.map { names[$0] }, options: options, choice: options.column)
    var row = [Double](repeating: 0, count: chosen.count)
    while let record = try reader.next() {
      for (place, column) in chosen.enumerated() { row[place] = record.values[column] }
      try row.withUnsafeBufferPointer { try table.append(id: record.bag, $0, at: record.place, tally: tally) }
    }
    table.finish()
    return table
  }

  private static func readMatrix(
    _ source: BlockSource, options: TableOptions, tally: Tally, select: Selection
  ) throws -> FeatureTable {
    let reader = try MatrixReader(source, maxLine: options.reader.maxLine)
    if reader.columns.isEmpty { throw BagsError(.emptyFile, at: Place(source: source.name)) }
    let features: [Int]
    let usual = Quantifier.abundance(reader.columns)
    if let column = options.column ?? usual {
      features = [try place(of: column, in: reader.columns, at: source.name)]
    } else {
      features = reader.columns.indices.filter { $0 > 0 && !reservedColumns.contains(reader.columns[$0]) }
      countReserved(reader, tally)
    }
    let names = features.map { reader.columns[$0] }
    let chosen = try select(names)
    let choice = options.column == usual ? nil : options.column
    let table = FeatureTable(names: chosen.map { names[$0] }, options: options, choice: choice)
    if table.width == 0 { throw BagsError(.emptyTable, at: Place(source: source.name, line: 1)) }
    reader.keep(chosen.map { features[$0] })
    while try reader.next() {
      try reader.row.withUnsafeBufferPointer {
        try table.append(id: reader.id, $0, at: reader.place, tally: tally)
      }
    }
    table.finish()
    return table
  }

  /// Counts the columns that are no features for their names alone: but for `length` and `valid` behind the id, where
  /// seqfeat writes what is no feature.
  private static func countReserved(_ reader: MatrixReader, _ tally: Tally) {
    let isOfSequences = reader.columns.dropFirst().starts(with: ["length", "valid"])
    let reserved = reader.columns.dropFirst(isOfSequences ? 3 : 1).filter(reservedColumns.contains)
    guard !reserved.isEmpty else { return }
    let names = reserved.map { Diagnostic.quoted($0) }.joined(separator: ", ")
    let message = "columns of such names are no features: \(names)"
    let hint = "rename them, or take one by column=\(reserved[0])"
    tally.count(.reservedColumn, reserved.count, example: Diagnostic(.data, message, at: reader.place, hint: hint))
  }

  /// The place of a column that was asked for by name.
  static func place(of column: String, in columns: [String], at source: String) throws -> Int {
    if let place = columns.firstIndex(of: column), place > 0 || columns.count == 1 { return place }
    throw BagsError(.missingColumn(column, have: columns), at: Place(source: source, line: 1))
  }
}
