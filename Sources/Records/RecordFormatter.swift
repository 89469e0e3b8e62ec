import Bytes

/// Formats feature and bag records as lines of TSV or NDJSON, in a reused buffer.
public final class RecordFormatter {
  let layout: RecordLayout
  let line = TextBuffer()
  /// The partners' rows of a compact stream, and their numbers in the record that is formatted.
  private let shared: SharedRowNumbers?
  private(set) var rows: [Int]?
  /// Receives the text of a large bag piece by piece.
  private let sink: ByteSink?
  /// The size of a piece, in bytes.
  private static let most = 1 << 16

  /// Makes a formatter; with a sink, a large bag is written to it piece by piece.
  init(_ layout: RecordLayout, sink: ByteSink? = nil) {
    (self.layout, self.sink) = (layout, sink)
    if case .compact(let values) = layout.form, !layout.segments.isEmpty {
      shared = SharedRowNumbers(layout.segments, mostValues: values)
    } else {
      shared = nil
    }
  }

  /// Returns the lines of a record, without the pieces already written to the sink; valid until the next call. Throws a
  /// `RecordError` for a value without a column, and an `IOFailure`.
  public func lines(of record: StreamRecord) throws -> UnsafeRawBufferPointer {
    line.clear()
    let width = record.instances.isEmpty ? 0 : record.values.count / record.instances.count
    precondition(layout.width < 0 || width == layout.width || record.instances.isEmpty)
    // A piece that has been written cannot be taken back, so that a bag is checked first.
    if record.instances.count > 1 { try checkSize(record, width) }
    switch layout.format {
    case .tsv: try appendRows(record, width)
    case .ndjson:
      try appendRows(of: record, width)
      try appendObject(record, width)
    }
    // For a single row the buffer reports infinities, without another pass over the numbers.
    if line.hasInfinity { try checkSize(record, width) }
    return line.bytes
  }

  /// Appends the rows that the instances of a record refer to and that are new.
  private func appendRows(of record: StreamRecord, _ width: Int) throws {
    guard let shared, width > 0 else { return }
    if record.instances.count == 1 { try checkSize(record, width) }
    rows = try record.values.withUnsafeBufferPointer { values in
      try shared.numbers(of: values, width: width) { number, row in
        line.append("{\"row\":")
        line.append(number)
        line.append(",\"x\":[")
        line.append(row, separator: 0x2C, missing: "null")
        line.append("]}\n")
        try handOver()
      }
    }
  }

  /// Writes the text so far of a large bag to the sink; the whole bag has been checked before.
  func handOver() throws {
    guard let sink, line.count > Self.most else { return }
    try sink.write(line.bytes)
    line.clear()
  }

  /// Throws for an infinite value, which no output can hold.
  private func checkSize(_ record: StreamRecord, _ width: Int) throws {
    guard let place = record.values.firstIndex(where: \.isInfinite) else { return }
    let feature = layout.schema.map { $0.names[place % width] } ?? "feature \(place % width + 1)"
    throw RecordError(
      .number, "\(Diagnostic.quoted(feature)) of \(Diagnostic.quoted(record.name)) is too large for a number",
      at: record.place)
  }

  private func appendRows(_ record: StreamRecord, _ width: Int) throws {
    try checkColumns(record)
    let slots = layout.columns.keep.count
    for (i, instance) in record.instances.enumerated() {
      try handOver()
      var isFirst = true
      func tab() {
        if !isFirst { line.append(byte: 0x09) }
        isFirst = false
      }
      for field in layout.fields {
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

  private func append(_ field: RecordField, _ record: StreamRecord, _ instance: StreamRecord.Instance) {
    switch field {
    case .id: append(instance.id)
    case .bag: append(record.bag)
    case .geneA: append(record.geneA)
    case .geneB: append(record.geneB)
    case .label: append(record.label)
    case .fold: append(record.fold)
    case .part: append(record.part)
    case .baseline: append(record.baseline)
    case .weight: append(record.weight)
    case .instances: line.append(record.instances.count)
    case .isoformA: append(instance.isoformA)
    case .isoformB: append(instance.isoformB)
    case .instanceLabel: append(instance.label)
    case .length: append(instance.length)
    case .valid: append(instance.valid)
    case .feature, .rows, .kept, .schema: appendMissing()
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

  /// Throws for a value that the header has no column for.
  private func checkColumns(_ record: StreamRecord) throws {
    var lost: String?
    func need(_ column: String, _ isThere: Bool) {
      if isThere && lost == nil && !layout.columns.reserved.contains(column) { lost = column }
    }
    need("gene_a", record.geneA != nil)
    need("gene_b", record.geneB != nil)
    need("label", record.label != nil)
    need("fold", record.fold != nil)
    need("part", record.part != nil)
    need("baseline", record.baseline != nil)
    need("weight", record.weight != nil)
    guard let lost else { return try checkNames(record) }
    throw RecordError(
      .column,
      "\(Diagnostic.quoted(record.name)) has a \(lost), the first record had none: the TSV has no column for it",
      at: record.place, hint: "write NDJSON with -O ndjson")
  }

  /// Throws for a text `NA`, which would be read back as missing.
  private func checkNames(_ record: StreamRecord) throws {
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
