import Bytes

/// Writes feature and bag streams as TSV or NDJSON: header or schema line before the first record, end line last.
public final class RecordWriter {
  private let sink: ByteSink
  private let format: OutputFormat
  private let kind: RecordKind
  private let schema: Schema?
  private let columns: RecordColumns
  private let header: Bool
  private let isSparse: Bool
  private let madeBy: String
  private var hasBegun = false
  private var records = 0
  private let formatter: RecordFormatter

  /// Writes to `sink`; `columns` says which reserved and kept columns there are, `madeBy` names tool and version.
  ///
  /// A stream without names (`schema` nil) can only be NDJSON without a schema line; its bags carry `digest`. Sparse
  /// records, which leave out features that are 0, can only be NDJSON with names.
  public init(
    _ sink: ByteSink, format: OutputFormat, kind: RecordKind, schema: Schema?, digest: String? = nil,
    columns: RecordColumns, header: Bool, isSparse: Bool = false, madeBy: String
  ) {
    self.sink = sink
    self.format = format
    self.kind = kind
    self.schema = schema
    self.columns = columns
    self.header = header
    self.isSparse = isSparse
    self.madeBy = madeBy
    formatter = RecordFormatter(
      format, kind: kind, schema: schema, digest: digest, columns: columns, isSparse: isSparse,
      sink: sink)
  }

  /// Makes the same lines as this writer, for another thread.
  public func anotherFormatter() -> RecordFormatter { RecordFormatter(like: formatter) }

  /// Writes a record; throws an `IOFailure`, or a `RecordError` for a value that has no column.
  public func write(_ record: BagRecord) throws {
    try begin()
    try append(formatter.lines(of: record))
  }

  /// Writes the lines of one record that `anotherFormatter()` has made; throws as `write` does.
  public func write(lines: UnsafeRawBufferPointer) throws {
    try begin()
    try append(lines)
  }

  /// Writes what belongs after the last record, and before it if there was none; throws an `IOFailure`.
  public func finish() throws {
    try begin()
    if format == .ndjson && header && schema != nil { try sink.write("{\"end\":{\"records\":\(records)}}\n") }
    try sink.flush()
  }

  private func append(_ lines: UnsafeRawBufferPointer) throws {
    records += 1
    try sink.write(lines)
    try sink.endRecord()
  }

  private func begin() throws {
    guard !hasBegun else { return }
    hasBegun = true
    if isSparse && (schema == nil || format == .tsv) {
      throw RecordError(
        .schema, "a sparse record names its features, and this stream does not", at: nil,
        hint: "leave out --sparse")
    }
    guard header else { return }
    guard let schema else {
      if format == .ndjson { return }
      throw RecordError(
        .schema, "a TSV names its features, and this stream does not", at: nil,
        hint: "write NDJSON with -O ndjson, or rows without a header with --no-header")
    }
    switch format {
    case .tsv:
      try sink.write((columns.reserved + columns.keep + schema.names).joined(separator: "\t") + "\n")
    case .ndjson:
      let body: JSON = .object([
        "kind": .string(kind.rawValue), "features": .array(schema.names.map { .string($0) }),
        "made_by": .string(madeBy), "end": .bool(true),
      ])
      try sink.write(JSON.object(["schema": body]).text + "\n")
    }
    try sink.endRecord()
  }
}
