import Bytes

/// Makes the lines of feature and bag records, TSV or NDJSON, in a buffer that is used again.
public final class RecordFormatter {
  let layout: RecordLayout
  let line = TextBuffer()
  /// Takes the text of a great bag as it is made.
  private let sink: ByteSink?
  /// So much of it waits.
  private static let most = 1 << 16

  /// Lines of this layout; a great bag goes to the sink piece by piece where there is one.
  init(_ layout: RecordLayout, sink: ByteSink? = nil) { (self.layout, self.sink) = (layout, sink) }

  /// The lines of a record, or what the sink has not been given of them, valid until the next call; throws a
  /// `RecordError` for a value that has no column, and an `IOFailure`.
  public func lines(of record: BagRecord) throws -> UnsafeRawBufferPointer {
    line.clear()
    let width = record.instances.isEmpty ? 0 : record.values.count / record.instances.count
    precondition(layout.width < 0 || width == layout.width || record.instances.isEmpty)
    // Pieces of a bag can't be taken back.
    if record.instances.count > 1 { try checkSize(record, width) }
    switch layout.format {
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
    let feature = layout.schema.map { $0.names[place % width] } ?? "feature \(place % width + 1)"
    throw RecordError(
      .number, "\(Diagnostic.quoted(feature)) of \(Diagnostic.quoted(record.name)) is too large for a number",
      at: record.place)
  }

  private func appendRows(_ record: BagRecord, _ width: Int) throws {
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
      if isThere && lost == nil && !layout.columns.reserved.contains(column) { lost = column }
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
