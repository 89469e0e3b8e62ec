import Bytes

/// Writes feature and bag streams as TSV or NDJSON: header or schema line before the first record, end line last.
public final class RecordWriter {
  private let sink: ByteSink
  private let format: OutputFormat
  private let kind: RecordKind
  private let schema: Schema?
  private let columns: RecordColumns
  private let header: Bool
  private let madeBy: String
  private let width: Int
  private var hasBegun = false
  private var records = 0
  private let line = TextBuffer()
  private let keys: [[UInt8]]
  private let recordDigest: [UInt8]

  /// Writes to `sink`; `columns` says which reserved and kept columns there are, `madeBy` names tool and version.
  ///
  /// A stream without names (`schema` nil) can only be NDJSON without a schema line; its bags carry `digest`.
  public init(
    _ sink: ByteSink, format: OutputFormat, kind: RecordKind, schema: Schema?, digest: String? = nil,
    columns: RecordColumns, header: Bool, madeBy: String
  ) {
    self.sink = sink
    self.format = format
    self.kind = kind
    self.schema = schema
    self.columns = columns
    self.header = header
    self.madeBy = madeBy
    width = schema?.names.count ?? -1
    keys = columns.keep.map { name in
      var key: [UInt8] = [UInt8(ascii: ",")]
      JSON.append(quoted: name, to: &key)
      return key + [UInt8(ascii: ":")]
    }
    recordDigest = Array(((schema?.digest ?? digest).map { ",\"schema\":\"\($0)\"" } ?? "").utf8)
  }

  /// Writes a record; throws an `IOFailure`, or a `RecordError` for a value that has no column.
  public func write(_ record: BagRecord) throws {
    try begin()
    line.clear()
    let width = record.instances.isEmpty ? 0 : record.values.count / record.instances.count
    precondition(self.width < 0 || width == self.width || record.instances.isEmpty)
    if let place = record.values.firstIndex(where: \.isInfinite) {
      let feature = schema.map { $0.names[place % width] } ?? "feature \(place % width + 1)"
      throw RecordError(
        .number, "\(Diagnostic.quoted(feature)) of \(Diagnostic.quoted(record.name)) is too large for a number",
        at: record.place)
    }
    switch format {
    case .tsv: try appendRows(record, width)
    case .ndjson: try appendObject(record, width)
    }
    records += 1
    try sink.write(line.bytes)
    try sink.endRecord()
  }

  /// Writes what belongs after the last record, and before it if there was none; throws an `IOFailure`.
  public func finish() throws {
    try begin()
    if format == .ndjson && header && schema != nil { try sink.write("{\"end\":{\"records\":\(records)}}\n") }
    try sink.flush()
  }

  private func begin() throws {
    guard !hasBegun else { return }
    hasBegun = true
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

// MARK: - TSV

extension RecordWriter {
  private func appendRows(_ record: BagRecord, _ width: Int) throws {
    try checkColumns(record)
    let slots = columns.keep.count
    for (i, instance) in record.instances.enumerated() {
      var isFirst = true
      func tab() {
        if !isFirst { line.append(byte: 0x09) }
        isFirst = false
      }
      for column in columns.reserved {
        tab()
        append(column, record, instance)
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

  private func append(_ column: String, _ record: BagRecord, _ instance: BagRecord.Instance) {
    switch column {
    case "id": append(instance.id)
    case "bag": append(record.bag)
    case "gene_a": append(record.geneA)
    case "gene_b": append(record.geneB)
    case "label": append(record.label)
    case "fold": append(record.fold)
    case "part": append(record.part)
    case "degree": append(record.degree)
    case "weight": append(record.weight)
    case "instances": line.append(record.instances.count)
    case "isoform_a": append(instance.isoformA)
    case "isoform_b": append(instance.isoformB)
    case "instance_label": append(instance.label)
    case "length": append(instance.length)
    case "valid": append(instance.valid)
    default: appendMissing()
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
    var isLost = [record.bag, record.geneA, record.geneB, record.fold, record.part].contains("NA")
    for instance in record.instances where instance.id == "NA" || instance.isoformA == "NA" || instance.isoformB == "NA"
    {
      isLost = true
    }
    if !isLost && !record.kept.contains(.text("NA")) { return }
    throw RecordError(
      .text, "\(Diagnostic.quoted(record.name)) has the text 'NA', which in a TSV means missing", at: record.place,
      hint: "write NDJSON with -O ndjson")
  }
}

// MARK: - NDJSON

extension RecordWriter {
  private func appendObject(_ record: BagRecord, _ width: Int) throws {
    let slots = columns.keep.count
    line.append(byte: UInt8(ascii: "{"))
    if kind != .bag || !record.hasBag {
      // A row without a bag; one with a bag can't come here unless its stream is one of features.
      appendBagMembers(record)
      appendInstance(record, 0, width, slots)
      line.append(byte: 0x0A)
      return
    }
    appendBagMembers(record)
    line.append(recordDigest)
    line.append(",\"instances\":[")
    for i in record.instances.indices {
      if i > 0 { line.append(byte: UInt8(ascii: ",")) }
      line.append(byte: UInt8(ascii: "{"))
      appendInstance(record, i, width, slots)
    }
    line.append("]}\n")
  }

  private func appendBagMembers(_ record: BagRecord) {
    let isRow = kind != .bag || !record.hasBag
    if isRow {
      key("id")
      line.append(quoted: record.instances[0].id)
    }
    if record.hasBag {
      key("bag")
      line.append(quoted: record.bag)
    }
    member("gene_a", record.geneA)
    member("gene_b", record.geneB)
    member("label", record.label)
    member("fold", record.fold)
    member("part", record.part)
    member("degree", record.degree)
    member("weight", record.weight)
  }

  /// The members of an instance, without the opening brace; the id of a row has been written already.
  private func appendInstance(_ record: BagRecord, _ i: Int, _ width: Int, _ slots: Int) {
    let instance = record.instances[i]
    if kind == .bag && record.hasBag {
      key("id")
      line.append(quoted: instance.id)
    }
    member("isoform_a", instance.isoformA)
    member("isoform_b", instance.isoformB)
    member("instance_label", instance.label)
    member("length", instance.length.map(Double.init))
    member("valid", instance.valid.map(Double.init))
    for slot in 0..<slots {
      line.append(keys[slot])
      switch record.kept.isEmpty ? .missing : record.kept[i * slots + slot] {
      case .missing: appendNull()
      case .text(let text): line.append(quoted: text)
      case .number(let text): line.append(text)
      }
    }
    line.append(",\"x\":[")
    record.values.withUnsafeBufferPointer { values in
      let row = UnsafeBufferPointer(rebasing: values[i * width..<(i + 1) * width])
      line.append(row, separator: UInt8(ascii: ","), missing: "null")
    }
    line.append(byte: UInt8(ascii: "]"))
    line.append(byte: UInt8(ascii: "}"))
  }

  private func key(_ name: StaticString) {
    if line.last != UInt8(ascii: "{") { line.append(byte: UInt8(ascii: ",")) }
    line.append(byte: UInt8(ascii: "\""))
    line.append(name)
    line.append(byte: UInt8(ascii: "\""))
    line.append(byte: UInt8(ascii: ":"))
  }

  private func has(_ name: StaticString) -> Bool {
    columns.reserved.contains {
      $0.utf8.elementsEqual(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }
  }

  private func member(_ name: StaticString, _ text: String?) {
    guard let text else { return missing(name) }
    key(name)
    line.append(quoted: text)
  }

  private func member(_ name: StaticString, _ value: Double?) {
    guard let value, value.isFinite else { return missing(name) }
    key(name)
    line.append(value)
  }

  /// A member that the stream has but this record lacks.
  private func missing(_ name: StaticString) {
    guard has(name) else { return }
    key(name)
    appendNull()
  }

  private func appendNull() { line.append("null") }
}
