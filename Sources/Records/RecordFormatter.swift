import Bytes

/// Makes the lines of feature and bag records, TSV or NDJSON, in a buffer that is used again.
public final class RecordFormatter {
  private let format: OutputFormat
  let kind: RecordKind
  private let schema: Schema?
  let columns: RecordColumns
  private let width: Int
  private let fields: [RecordField]
  let line = TextBuffer()
  /// Takes the text of a great bag as it is made.
  private let sink: ByteSink?
  /// So much of it waits.
  private static let most = 1 << 16
  /// The kept columns as members: a comma, the quoted name, a colon.
  let keys: [[UInt8]]
  let recordDigest: [UInt8]
  /// The features as members, where records leave out zeros.
  let features: FeatureKeys?

  init(
    _ format: OutputFormat, kind: RecordKind, schema: Schema?, digest: String?, columns: RecordColumns,
    isSparse: Bool, sink: ByteSink?
  ) {
    self.sink = sink
    self.format = format
    self.kind = kind
    self.schema = schema
    self.columns = columns
    width = schema?.names.count ?? -1
    fields = columns.reserved.map { Self.field($0) }
    keys = columns.keep.map { name in
      var key: [UInt8] = [UInt8(ascii: ",")]
      JSON.append(quoted: name, to: &key)
      return key + [UInt8(ascii: ":")]
    }
    recordDigest = Array(((schema?.digest ?? digest).map { ",\"schema\":\"\($0)\"" } ?? "").utf8)
    features = isSparse ? FeatureKeys(schema?.names ?? []) : nil
  }

  /// The same without a sink.
  init(like other: RecordFormatter) {
    sink = nil
    format = other.format
    kind = other.kind
    schema = other.schema
    columns = other.columns
    width = other.width
    fields = other.fields
    keys = other.keys
    recordDigest = other.recordDigest
    features = other.features
  }

  /// The lines of a record, or what the sink has not been given of them, valid until the next call; throws a
  /// `RecordError` for a value that has no column, and an `IOFailure`.
  public func lines(of record: BagRecord) throws -> UnsafeRawBufferPointer {
    line.clear()
    let width = record.instances.isEmpty ? 0 : record.values.count / record.instances.count
    precondition(self.width < 0 || width == self.width || record.instances.isEmpty)
    // Pieces of a bag can't be taken back.
    if record.instances.count > 1 { try checkSize(record, width) }
    switch format {
    case .tsv: try appendRows(record, width)
    case .ndjson: try appendObject(record, width)
    }
    // Of one row the buffer has seen it, without a look at each number.
    if line.hasInfinity { try checkSize(record, width) }
    return line.bytes
  }

  /// Gives the sink what there is of a great bag; all that could be wrong with the bag has been looked at by then.
  func handOver() throws {
    guard let sink, line.count > Self.most else { return }
    try sink.write(line.bytes)
    line.clear()
  }

  /// Refuses a number that is too large to be one.
  private func checkSize(_ record: BagRecord, _ width: Int) throws {
    guard let place = record.values.firstIndex(where: \.isInfinite) else { return }
    let feature = schema.map { $0.names[place % width] } ?? "feature \(place % width + 1)"
    throw RecordError(
      .number, "\(Diagnostic.quoted(feature)) of \(Diagnostic.quoted(record.name)) is too large for a number",
      at: record.place)
  }

  private func appendRows(_ record: BagRecord, _ width: Int) throws {
    try checkColumns(record)
    let slots = columns.keep.count
    for (i, instance) in record.instances.enumerated() {
      try handOver()
      var isFirst = true
      func tab() {
        if !isFirst { line.append(byte: 0x09) }
        isFirst = false
      }
      for field in fields {
        tab()
        append(field, record, instance)
      }
      for slot in 0..<slots {
        tab()
        switch record.kept.isEmpty ? .missing : record.kept[i * slots + slot] {
        case .missing: appendMissing()
        case .text(let text), .number(let text): append(text)
        }
      }
      if !isFirst { line.append(byte: 0x09) }
      record.values.withUnsafeBufferPointer { values in
        let row = UnsafeBufferPointer(rebasing: values[i * width..<(i + 1) * width])
        line.append(row, separator: 0x09, missing: "NA")
      }
      line.append(byte: 0x0A)
    }
  }

  /// The field that a column holds; `kept` for one that no record has.
  private static func field(_ column: String) -> RecordField {
    var column = column
    return column.withUTF8 { RecordField.named($0) } ?? .kept
  }

  private func append(_ field: RecordField, _ record: BagRecord, _ instance: BagRecord.Instance) {
    switch field {
    case .id: append(instance.id)
    case .bag: append(record.bag)
    case .geneA: append(record.geneA)
    case .geneB: append(record.geneB)
    case .label: append(record.label)
    case .fold: append(record.fold)
    case .part: append(record.part)
    case .degree: append(record.degree)
    case .weight: append(record.weight)
    case .instances: line.append(record.instances.count)
    case .isoformA: append(instance.isoformA)
    case .isoformB: append(instance.isoformB)
    case .instanceLabel: append(instance.label)
    case .length: append(instance.length)
    case .valid: append(instance.valid)
    case .feature, .kept, .schema: appendMissing()
    }
  }

  private func append(_ text: String?) {
    guard let text else { return appendMissing() }
    line.append(text)
  }

  private func append(_ value: Double?) {
    guard let value, value.isFinite else { return appendMissing() }
    line.append(value)
  }

  private func append(_ value: Int?) {
    guard let value else { return appendMissing() }
    line.append(value)
  }

  private func appendMissing() {
    line.append("NA")
  }

  /// Refuses to drop a value in silence because the header has no column for it.
  private func checkColumns(_ record: BagRecord) throws {
    var lost: String?
    func need(_ column: String, _ isThere: Bool) {
      if isThere && lost == nil && !columns.reserved.contains(column) { lost = column }
    }
    need("gene_a", record.geneA != nil)
    need("gene_b", record.geneB != nil)
    need("label", record.label != nil)
    need("fold", record.fold != nil)
    need("part", record.part != nil)
    need("degree", record.degree != nil)
    need("weight", record.weight != nil)
    guard let lost else { return try checkNames(record) }
    throw RecordError(
      .column,
      "\(Diagnostic.quoted(record.name)) has a \(lost), the first record had none: the TSV has no column for it",
      at: record.place, hint: "write NDJSON with -O ndjson")
  }

  /// Refuses a text that would be read back as missing.
  private func checkNames(_ record: BagRecord) throws {
    func isMissing(_ text: String?) -> Bool { text?.utf8.count == 2 && text == "NA" }
    var isLost = isMissing(record.bag) || isMissing(record.geneA) || isMissing(record.geneB)
    isLost = isLost || isMissing(record.fold) || isMissing(record.part)
    for instance in record.instances
    where isMissing(instance.id) || isMissing(instance.isoformA) || isMissing(instance.isoformB) {
      isLost = true
    }
    if !isLost && !record.kept.contains(.text("NA")) { return }
    throw RecordError(
      .text, "\(Diagnostic.quoted(record.name)) has the text 'NA', which in a TSV means missing", at: record.place,
      hint: "write NDJSON with -O ndjson")
  }
}
