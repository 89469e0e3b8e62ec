import Bytes
import Features
import Records

/// The options with which a table of features is read.
public struct TableOptions: Sendable {
  /// The rule for a row with some missing values.
  public var gaps = FeatureTable.GapRule.error
  /// The cut of ids.
  public var cut = IdentifierCut()
  /// Whether values are kept as 32-bit numbers, four bytes each instead of eight.
  public var isPacked = false
  /// The single column that is read; nil: all features, or the abundance in the table of a quantifier.
  public var column: String?
  /// The options with which a feature stream is read.
  public var reader = ReaderOptions()
  /// The ids of the rows of a matrix that has none (`.npy`).
  public var ids: IdList?
  /// Whether a block may hold graphs or sequences; otherwise they are errors.
  public var takesEntities = false

  /// Missing values are errors, ids are not cut, numbers have 64 bits.
  public init() {}
}

extension FeatureTable {
  /// Returns the indices of the columns to keep, in order, given all names; throws where they do not suffice.
  public typealias Selection = ([String]) throws -> [Int]

  /// Reads a table keyed by id: a feature stream (NDJSON or TSV), or any TSV matrix whose first column is the id,
  /// whatever its name. Columns with reserved names are not features, and are counted; of the table of a quantifier
  /// only the abundance is a feature.
  ///
  /// Throws `BagsError` for FASTA, bags, text among the numbers and a repeated id, and what readers throw.
  public static func read(
    _ source: BlockSource, options: TableOptions = TableOptions(), tally: NoticeCounter,
    select: @escaping Selection = { Array($0.indices) }
  ) throws -> FeatureTable {
    let replayed = try ReplayedSource(source)
    if let form = EmbeddingReader.form(replayed.first) {
      return try EmbeddingReader.read(replayed, form, options: options, tally: tally, select: select)
    }
    if options.ids != nil { throw BagsError(.needlessIds, at: SourceLocation(source: source.name)) }
    switch replayed.firstByte {
    case UInt8(ascii: ">"): throw BagsError(.fasta(source.name))
    case UInt8(ascii: "{"):
      if EntityTable.holdsGraphs(replayed) { throw BagsError(.graphs(source.name)) }
      return try readStream(replayed, options: options, tally: tally, select: select)
    default: return try readMatrix(replayed, options: options, tally: tally, select: select)
    }
  }

  /// The features of sequences, as `seqfeat --encode` makes them with its defaults. Throws `FeatureError` too.
  static func encode(
    _ source: BlockSource, _ encoders: [String], options: TableOptions, tally: NoticeCounter, select: Selection
  ) throws -> FeatureTable {
    let replayed = try ReplayedSource(source)
    guard replayed.firstByte == UInt8(ascii: ">") || replayed.firstByte == 0 else {
      throw BagsError(.notFASTA(source.name))
    }
    var settings = FeatureStream.Options()
    settings.encode = encoders
    settings.duplicates = .error
    var stream = try FeatureStream(settings)
    let chosen = try select(stream.schema.names)
    let table = FeatureTable(names: chosen.map { stream.schema.names[$0] }, options: options)
    var row = [Double](repeating: 0, count: chosen.count)
    try stream.run(FastaReader(replayed), report: { tally.report($0) }) { record in
      for (place, column) in chosen.enumerated() { row[place] = record.values[column] }
      try row.withUnsafeBufferPointer { try table.append(id: record.bag, $0, at: record.place, tally: tally) }
    }
    let counts = stream.counts
    tally.note(
      counts.ambiguousLetters,
      "letters that name no single residue, in \(counts.ambiguousRecords) of \(counts.records) records, left out")
    table.finish()
    return table
  }

  private static func readStream(
    _ source: BlockSource, options: TableOptions, tally: NoticeCounter, select: Selection
  ) throws -> FeatureTable {
    var passing = options.reader
    passing.keepMissing = true
    passing.format = .ndjson
    let reader = try RecordReader(source, options: passing, report: { tally.report($0) })
    guard reader.kind == .feature else { throw BagsError(.wrongKind(source.name)) }
    guard let names = reader.schema?.names else { throw BagsError(.noSchema, at: SourceLocation(source: source.name)) }
    let all =
      try options.column.map { [try place(of: $0, in: names, at: source.name, behindId: false)] }
      ?? Array(names.indices)
    let chosen = try select(all.map { names[$0] }).map { all[$0] }
    let table = FeatureTable(names: chosen.map { names[$0] }, options: options, choice: options.column)
    var row = [Double](repeating: 0, count: chosen.count)
    while let record = try reader.next() {
      for (place, column) in chosen.enumerated() { row[place] = record.values[column] }
      try row.withUnsafeBufferPointer { try table.append(id: record.bag, $0, at: record.place, tally: tally) }
    }
    table.seenEdges = reader.seenEdges
    table.finish()
    return table
  }

  private static func readMatrix(
    _ source: BlockSource, options: TableOptions, tally: NoticeCounter, select: Selection
  ) throws -> FeatureTable {
    let reader = try MatrixReader(source, maxLine: options.reader.maxLine)
    if reader.columns.isEmpty { throw BagsError(.emptyFile, at: SourceLocation(source: source.name)) }
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
    if table.width == 0 { throw BagsError(.emptyTable, at: SourceLocation(source: source.name, line: 1)) }
    reader.keep(chosen.map { features[$0] })
    while try reader.next() {
      try reader.row.withUnsafeBufferPointer {
        try table.append(id: reader.id, $0, at: reader.place, tally: tally)
      }
    }
    table.finish()
    return table
  }

  /// Counts the columns that are not features because of their names, except `length` and `valid` after the id, which
  /// seqfeat writes.
  private static func countReserved(_ reader: MatrixReader, _ tally: NoticeCounter) {
    let isOfSequences = reader.columns.dropFirst().starts(with: ["length", "valid"])
    let reserved = reader.columns.dropFirst(isOfSequences ? 3 : 1).filter(reservedColumns.contains)
    guard !reserved.isEmpty else { return }
    let names = reserved.map { Diagnostic.quoted($0) }.joined(separator: ", ")
    let message = "columns with these names are not features: \(names)"
    let hint = "rename them, or take one by column=\(reserved[0])"
    tally.count(.reservedColumn, reserved.count, example: Diagnostic(.data, message, at: reader.place, hint: hint))
  }

  /// The index of a column that was named; throws `BagsError` where there is none.
  /// `behindId` says that the first column holds the ids.
  static func place(
    of column: String, in columns: [String], at source: String, behindId: Bool = true
  ) throws -> Int {
    if let place = columns.firstIndex(of: column), place > 0 || columns.count == 1 || !behindId { return place }
    throw BagsError(.missingColumn(column, have: columns), at: SourceLocation(source: source, line: 1))
  }
}
