import Bytes

/// Reads the records of feature and bag streams, TSV or NDJSON; adjacent flat rows with the same `bag` become one bag.
///
/// The buffers of a record are reused if the caller has released it before it calls `next()`; those of a large record
/// are never reused.
public final class RecordReader: BagSource {
  /// The feature names; nil where the stream has none.
  public internal(set) var schema: Schema?
  /// The kind of the stream.
  public internal(set) var kind = RecordKind.feature
  /// The digest of the feature names, also where only the records carry it; nil if the stream has neither.
  public internal(set) var digest: String?
  /// The kind of the labels: what the options say, else the schema line; nil where neither says it.
  public var labels: LabelKind? { options.labels ?? frame.labels }
  /// The edges that the features have seen, as the schema line says.
  public var seenEdges: [JSON] { frame.seenEdges }
  /// The form of the input, the default of the output's.
  public internal(set) var format = OutputFormat.tsv
  /// The columns besides the features, by the header or the first record.
  public internal(set) var columns = RecordColumns.feature
  /// Whether the features of partners are given once, and instances refer to them.
  public var isCompact: Bool { rows.shared.isCompact }
  /// Whether the input is blank; nothing is then written, no header either.
  public internal(set) var isEmpty = true
  /// The number of missing values passed on as NaN for `--missing mean`.
  public private(set) var gaps = 0
  /// The number of features of a record; 0 while unknown.
  public var width: Int { max(0, rows.width) }

  let lines: LineReader
  let options: ReaderOptions
  let report: (Diagnostic) -> Void
  var frame: StreamFrame
  var tsv: TSVRows?
  var rows: NDJSONRows
  var header: [UInt8] = []
  var pending: UnsafeBufferPointer<UInt8>?
  private var record = StreamRecord()
  private var row = Row()
  private var bags = BagLedger()
  private var skippedRows = 0

  /// The number of values above which a record is large.
  public static let mostReused = 1 << 20

  /// A parsed line that has not been returned yet.
  private struct Row {
    var record = StreamRecord()
    var declared = 0
    var missing = 0
    var isFlat = false
    var isWaiting = false
  }

  /// Reads up to the first record; `report` receives warnings. Throws an `IOFailure` or a `RecordError`.
  public init(
    _ source: BlockSource, options: ReaderOptions = ReaderOptions(), report: @escaping (Diagnostic) -> Void = { _ in }
  ) throws {
    lines = LineReader(source, maxLine: options.maxLine)
    self.options = options
    self.report = report
    frame = StreamFrame(part: options.part)
    rows = NDJSONRows(schema: nil, keep: options.keep, maxInstances: options.maxInstances)
    if options.keep.count > 60 { throw RecordError(.limit, "more than 60 columns to keep", at: nil) }
    try begin()
  }

  /// Returns the next record, nil at the end, which is checked. Throws a `RecordError` with its location.
  public func next() throws -> StreamRecord? {
    while true {
      guard try fillRow() else { return nil }
      swap(&record, &row.record)
      let declared = row.declared
      let isFlat = row.isFlat
      row.isWaiting = false
      var count = 1
      var missing = row.missing
      if isFlat {
        try gather(&count, &missing, declared: declared)
      }
      if record.hasBag { try bags.enter(record.bag, at: record.place, report: report) }
      if missing > 0, try !settle(missing) { continue }
      defer { if record.values.count > Self.mostReused { record = StreamRecord() } }
      return record
    }
  }

  // MARK: Grouping

  /// Appends the following flat rows of the bag in `record`.
  private func gather(_ count: inout Int, _ missing: inout Int, declared: Int) throws {
    while declared == 0 || count < declared {
      guard try fillRow(), row.isFlat, row.record.bag == record.bag else { break }
      row.isWaiting = false
      try checkSameBag(row.record, declared: declared)
      if count == options.maxInstances {
        throw RecordError(
          .limit, "bag \(Diagnostic.quoted(record.bag)) has more than \(options.maxInstances) instances",
          at: row.record.place, hint: "raise the limit with --max-instances")
      }
      record.instances.append(contentsOf: row.record.instances)
      record.values.append(contentsOf: row.record.values)
      record.kept.append(contentsOf: row.record.kept)
      count += 1
      missing += row.missing
    }
    if declared > 0 && count != declared && count + skippedRows < declared {
      throw RecordError(
        .bag, "bag \(Diagnostic.quoted(record.bag)) has \(count) rows, its column instances says \(declared)",
        at: record.place, hint: "the rows of a bag must be adjacent; was the file cut inside a bag?")
    }
    skippedRows = 0
  }

  private func checkSameBag(_ other: StreamRecord, declared: Int) throws {
    var difference: (String, String, String)?
    func compare(_ name: String, _ a: String?, _ b: String?) {
      if a != b && difference == nil { difference = (name, a ?? "NA", b ?? "NA") }
    }
    func compare(_ name: String, _ a: Double?, _ b: Double?) {
      if a != b && difference == nil {
        difference = (name, a.map(NumberText.text) ?? "NA", b.map(NumberText.text) ?? "NA")
      }
    }
    compare("label", record.label, other.label)
    compare("gene_a", record.geneA, other.geneA)
    compare("gene_b", record.geneB, other.geneB)
    compare("fold", record.fold, other.fold)
    compare("part", record.part, other.part)
    compare("baseline", record.baseline, other.baseline)
    compare("weight", record.weight, other.weight)
    if row.declared != declared && difference == nil { difference = ("instances", "\(declared)", "\(row.declared)") }
    guard let (name, first, second) = difference else { return }
    throw RecordError(
      .bag,
      "bag \(Diagnostic.quoted(record.bag)): \(name) is \(Diagnostic.quoted(second)) here, "
        + "\(Diagnostic.quoted(first)) on its first row (line \(record.place.line))",
      at: other.place, hint: name == "label" ? "a label of its own for each row is instance_label" : nil)
  }

  /// Parses the next row unless one is waiting; false at the end of the input.
  private func fillRow() throws -> Bool {
    while !row.isWaiting {
      guard let line = try nextRecordLine() else { return false }
      do {
        try parse(line)
        row.isWaiting = true
      } catch let error as RecordError where options.badRows == .skip && error.kind != .limit {
        var warning = error.diagnostic
        warning.topic = "rows skipped as unreadable"
        report(warning)
        skippedRows += 1
      }
    }
    return true
  }

  private func parse(_ line: UnsafeBufferPointer<UInt8>) throws {
    row.record.clear()
    let place = lines.place()
    row.record.place = place
    if let tsv {
      (row.missing, row.declared) = try tsv.parse(line, into: &row.record, at: place)
      row.isFlat = row.record.hasBag
    } else {
      let isWhole: Bool
      (row.missing, row.declared, isWhole) = try rows.parse(line, into: &row.record, at: place)
      row.isFlat = row.record.hasBag && !isWhole
    }
    if labels == .binary { try checkClasses(row.record) }
  }

  /// Throws for a label that is neither 0 nor 1.
  private func checkClasses(_ record: StreamRecord) throws {
    func check(_ label: Double?, _ column: String) throws {
      guard let label, label != 0, label != 1 else { return }
      throw ValueFault.class(NumberText.text(label), column, .binary, at: record.place)
    }
    try check(record.label, "label")
    for instance in record.instances { try check(instance.label, "instance_label") }
  }

  /// Applies the rule for missing features to `record`; false if nothing is left of it.
  private func settle(_ missing: Int) throws -> Bool {
    if options.keepMissing { return true }
    let width = record.values.count / record.instances.count
    let first = record.values.firstIndex { $0.isNaN } ?? 0
    switch options.missing {
    case .mean: gaps += missing
    case .zero:
      for i in record.values.indices where record.values[i].isNaN { record.values[i] = 0 }
      report(notice("missing features set to zero", record.name))
    case .skip:
      let slots = columns.keep.count
      let whole = record.instances.indices.filter { i in
        !record.values[i * width..<(i + 1) * width].contains { $0.isNaN }
      }
      if whole.isEmpty, record.hasBag {
        report(notice("bags left out, for all their instances have missing features", record.name))
        return false
      }
      report(notice("instances with missing features left out", record.name))
      if whole.isEmpty { return false }
      record.instances = whole.map { record.instances[$0] }
      record.values = whole.flatMap { record.values[$0 * width..<($0 + 1) * width] }
      record.kept = whole.flatMap { record.kept[$0 * slots..<($0 + 1) * slots] }
    case .error:
      let feature = first % width
      let name = schema.map { Diagnostic.quoted($0.names[feature]) } ?? "\(feature + 1)"
      throw RecordError(
        .missing, "feature \(name) of \(Diagnostic.quoted(record.instances[first / width].id)) is missing",
        at: record.place, hint: "say what to do with --missing skip, zero or mean")
    }
    return true
  }

  private func notice(_ topic: String, _ name: String) -> Diagnostic {
    var notice = Diagnostic(.data, "\(Diagnostic.quoted(name)): \(topic)", at: record.place)
    notice.topic = topic
    return notice
  }

  // MARK: Lines

  /// Returns the next line that is a record, reading schema and end lines before it; nil at the end, which is checked.
  func nextRecordLine() throws -> UnsafeBufferPointer<UInt8>? {
    if let line = pending {
      pending = nil
      return line
    }
    while let line = try lines.next(skipping: tsv == nil ? .whitespace : .empty) {
      if tsv != nil {
        if line.count == header.count, !header.isEmpty, line.elementsEqual(header) {
          if lines.isFirstLine { continue }
          throw RecordError(
            .column, "the header is repeated", at: lines.place(),
            hint: "to put TSV files together, name them all instead of using cat")
        }
        if lines.isFirstLine, !header.isEmpty { try checkFurtherHeader(line) }
        return line
      }
      switch StreamFrame.classify(line) {
      case .blank: continue
      case .schema: try takeSchema(line)
      case .end: try frame.takeEnd(line, at: lines.place())
      case .row where rows.shared.isCompact: try rows.takeRow(line, at: lines.place())
      case .row, .record:
        try frame.countRecord(at: lines.place())
        return line
      }
    }
    try frame.finish(at: lines.place())
    return nil
  }

  /// Throws unless the first line of a further TSV file is the same header.
  private func checkFurtherHeader(_ line: UnsafeBufferPointer<UInt8>) throws {
    let names = try TSVRows.split(header: line, at: lines.place())
    let first = String(decoding: header, as: UTF8.self).split(separator: "\t", omittingEmptySubsequences: false)
    let shorter = min(names.count, first.count)
    let column = (0..<shorter).first { names[$0] != first[$0] } ?? shorter
    let found = column < names.count ? Diagnostic.quoted(names[column]) : "missing"
    let expected = column < first.count ? Diagnostic.quoted(String(first[column])) : "no more column"
    throw RecordError(
      .column, "another header than in the first file: column \(column + 1) is \(found), expected \(expected)",
      at: lines.place())
  }

  func takeSchema(_ line: UnsafeBufferPointer<UInt8>) throws {
    try frame.takeSchema(line, at: lines.place())
    if let fault = rows.shared.begin(frame.rows, width: frame.features?.names.count ?? 0) {
      throw RecordError(.schema, fault, at: lines.place())
    }
    guard schema == nil, let features = frame.features else { return }
    if let known = rows.digest, known != Array(features.digest.utf8) {
      throw RecordError(.schema, "the schema line is not that of the records before it", at: lines.place())
    }
    schema = features
    digest = features.digest
    rows.schema = features
    rows.digest = Array(features.digest.utf8)
    if rows.width < 0 { rows.width = features.names.count }
  }
}
