import Bytes

/// The forms in which a stream has its features.
public enum FeatureForm: Sendable, Equatable {
  /// A list of all numbers.
  case full
  /// An object that leaves out features that are 0.
  case sparse
  /// The features of a partner once, in a line of their own that instances refer to; at most `values` numbers of
  /// partners are held at once.
  case compact(values: Int = 1 << 25)
}

/// Writes feature and bag streams as TSV or NDJSON: a header or schema line, the records, and for NDJSON an end line.
public final class RecordWriter {
  private let sink: ByteSink
  private let header: Bool
  private let labels: LabelKind?
  private let madeBy: String
  private let seenEdges: [JSON]
  private var hasBegun = false
  private var records = 0
  private let formatter: RecordFormatter

  /// Writes to `sink`; `columns` says which reserved and kept columns there are, `labels` of which kind the labels are,
  /// for the schema line; `madeBy` names tool and version, `seenEdges` are the objects of its member `edges`.
  ///
  /// A stream without names (`schema` nil) can only be NDJSON without a schema line; its bags carry `digest`. Another
  /// form of the features than `full` can only be NDJSON with names.
  public init(
    _ sink: ByteSink, format: OutputFormat, kind: RecordKind, schema: Schema?, digest: String? = nil,
    columns: RecordColumns, labels: LabelKind? = nil, header: Bool, form: FeatureForm = .full,
    madeBy: String, seenEdges: [JSON] = []
  ) {
    self.sink = sink
    self.header = header
    self.labels = labels
    self.madeBy = madeBy
    self.seenEdges = seenEdges
    formatter = RecordFormatter(
      RecordLayout(
        format, kind: kind, schema: schema, digest: digest, columns: columns, form: form),
      sink: sink)
  }

  private var layout: RecordLayout { formatter.layout }

  /// Makes a formatter of the same lines, for another thread.
  public func anotherFormatter() -> RecordFormatter {
    precondition(layout.segments.isEmpty, "one formatter numbers the rows")
    return RecordFormatter(formatter.layout)
  }

  /// Writes a record; throws an `IOFailure`, or a `RecordError` for a value without a column.
  public func write(_ record: StreamRecord) throws {
    try begin()
    try append(formatter.lines(of: record))
  }

  /// Writes the lines of one record that `anotherFormatter()` has made; throws as `write` does.
  public func write(lines: UnsafeRawBufferPointer) throws {
    try begin()
    try append(lines)
  }

  /// Writes the end line, and the header or schema line if there was no record; throws an `IOFailure`.
  public func finish() throws {
    try begin()
    if layout.format == .ndjson && header && layout.schema != nil {
      try sink.write("{\"end\":{\"records\":\(records)}}\n")
    }
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
    if layout.form != .full, layout.schema == nil || layout.format == .tsv || !header && layout.form != .sparse {
      let name = layout.form == .sparse ? "sparse" : "compact"
      throw RecordError(
        .schema, "a \(name) stream names its features, and this one does not", at: nil, hint: "leave out --\(name)")
    }
    guard header else { return }
    guard let schema = layout.schema else {
      if layout.format == .ndjson { return }
      throw RecordError(
        .schema, "a TSV names its features, and this stream does not", at: nil,
        hint: "write NDJSON with -O ndjson, or rows without a header with --no-header")
    }
    switch layout.format {
    case .tsv:
      try sink.write((layout.columns.reserved + layout.columns.keep + schema.names).joined(separator: "\t") + "\n")
    case .ndjson:
      let names = JSON.Member("features", .array(schema.names.map { .string($0) }))
      let ranges = layout.segments.map { JSON.array([.integer($0.lowerBound), .integer($0.upperBound)]) }
      let rows = ranges.isEmpty ? [] : [JSON.Member("rows", .array(ranges))]
      let members = [names] + rows + (StreamFrame.edges(seenEdges).map { [$0] } ?? [])
      try sink.write(StreamFrame.schemaLine(layout.kind, members, labels: labels, madeBy: madeBy))
    }
    try sink.endRecord()
  }
}
