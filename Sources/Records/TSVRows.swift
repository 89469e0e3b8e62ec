import Bytes

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The columns of a TSV of records, and the parser of its rows.
struct TSVRows {
  let names: [String]
  let features: [String]
  let columns: RecordColumns
  private let fields: [RecordField]
  private let keptSlots: [Int]
  private let digest: [UInt8]
  private let run: NumberRun
  /// For each column, the number of adjacent feature columns from there on.
  private let runLengths: [Int]

  /// Sorts the columns into reserved, kept and features; throws a `RecordError` at the header's place.
  init(header names: [String], keep: [String], at place: SourceLocation, given: Bool) throws {
    self.names = names
    for name in keep where !names.contains(name) {
      throw RecordError(.column, "there is no column \(Diagnostic.quoted(name)) to keep", at: place)
    }
    let kept = keep + RecordColumns.keptAnyway.filter { names.contains($0) && !keep.contains($0) }
    var fields: [RecordField] = []
    var slots: [Int] = []
    var features: [String] = []
    var seen: [String: Int] = [:]
    for (i, name) in names.enumerated() {
      try checkColumnName(name, number: i + 1, at: place)
      if let first = seen.updateValue(i, forKey: name) {
        throw RecordError(
          .column, "columns \(first + 1) and \(i + 1) have the same name \(Diagnostic.quoted(name))", at: place)
      }
      let slot = kept.firstIndex(of: name)
      slots.append(slot ?? -1)
      if slot != nil {
        fields.append(.kept)
      } else if let field = Array(name.utf8).withUnsafeBufferPointer({ RecordField.named($0) }),
        field != .feature, field != .rows
      {
        fields.append(field)
      } else {
        fields.append(.feature)
        features.append(name)
      }
    }
    guard fields.contains(.id) else {
      let commas = names.count == 1 && names[0].contains(",")
      throw RecordError(
        .column, "there is no column 'id'", at: place,
        hint: commas
          ? "columns are separated by tabs, not commas"
          : names.contains("gene_a")
            ? "these look like pairs of genes: --pairs FILE makes bags of them"
            : given ? nil : "a file without a header needs --columns")
    }
    if features.isEmpty { throw RecordError(.column, "there are no feature columns", at: place) }
    self.fields = fields
    self.features = features
    keptSlots = slots
    run = NumberRun(capacity: features.count)
    var lengths = [Int](repeating: 0, count: fields.count + 1)
    for i in fields.indices.reversed() where fields[i] == .feature { lengths[i] = lengths[i + 1] + 1 }
    runLengths = lengths
    digest = Array(SHA256.digest12(of: features).utf8)
    // The digest of a row is checked, not passed on: the output's own schema may be another.
    columns = RecordColumns(
      reserved: names.indices.filter { fields[$0] != .feature && fields[$0] != .kept && fields[$0] != .schema }.map {
        names[$0]
      }, keep: kept)
  }

  /// Whether the stream has bags.
  var hasBags: Bool { fields.contains(.bag) }

  /// Splits a header line into column names; throws a `RecordError` for text that is not UTF-8.
  static func split(header line: UnsafeBufferPointer<UInt8>, at place: SourceLocation) throws -> [String] {
    if let bad = UTF8Text.firstInvalid(in: line) {
      var at = place
      at.column = bad + 1
      throw RecordError(.text, "the header is not UTF-8", at: at)
    }
    if line.first == UInt8(ascii: "[") {
      throw RecordError(
        .format, "a JSON array, not one object a line", at: place, hint: "jq -c '.[]' makes lines of it")
    }
    return line.split(separator: 0x09, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Reads a row into a cleared record as its only instance. Returns the number of missing features and the declared
  /// size of its bag (0 if undeclared). Throws a `RecordError`.
  func parse(
    _ line: UnsafeBufferPointer<UInt8>, into record: inout StreamRecord, at place: SourceLocation
  ) throws -> (missing: Int, declared: Int) {
    guard let base = line.baseAddress else { throw ragged(line, at: place) }
    let end = base + line.count
    var p = base
    var missing = 0
    var declared = 0
    record.instances.append(StreamRecord.Instance(id: ""))
    for _ in columns.keep { record.kept.append(.missing) }
    let last = fields.count - 1
    var i = 0
    while i <= last {
      if fields[i] == .feature {
        missing += try parseRun(&p, end, line, column: i, into: &record, at: place)
        i += runLengths[i] - 1
      } else {
        let text = cell(p, end)
        if let error = take(text, fields[i], i, into: &record, &declared) {
          throw fault(line, p - base, at: place, error)
        }
        p += text.count
      }
      if (i < last) != (p < end) { throw ragged(line, at: place) }
      p += 1
      i += 1
    }
    if !record.hasBag { record.bag = record.instances[0].id }
    return (missing, declared)
  }

  /// Reads the adjacent features from a column on; returns the number of missing ones.
  private func parseRun(
    _ p: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ line: UnsafeBufferPointer<UInt8>, column: Int,
    into record: inout StreamRecord, at place: SourceLocation
  ) throws -> Int {
    let length = runLengths[column]
    var missing = 0
    var n = run.fill(&p, end, separator: 0x09, from: 0, upTo: length)
    while n < length {
      guard end - p >= 2, p[0] == 0x4E, p[1] == 0x41, p + 2 == end || p[2] == 0x09 else {
        let text = p <= end ? cell(p, end) : UnsafeBufferPointer(start: end, count: 0)
        let name = names[column + n]
        throw fault(line, p - line.baseAddress!, at: place) {
          ValueFault.number(Diagnostic.quoted(bytes: text), name, isFeature: true, at: $0)
        }
      }
      run.values[n] = .nan
      missing += 1
      n += 1
      p += 2
      if n == length { break }
      if p == end { throw ragged(line, at: place) }
      p += 1
      n = run.fill(&p, end, separator: 0x09, from: n, upTo: length)
    }
    record.values.append(contentsOf: UnsafeBufferPointer(start: run.values, count: length))
    return missing
  }

  private func cell(_ p: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    let tab = memchr(p, 0x09, end - p)
    let stop = tab.map { UnsafePointer($0.assumingMemoryBound(to: UInt8.self)) } ?? end
    return UnsafeBufferPointer(start: p, count: stop - p)
  }

  /// The error of a faulty cell, or of the row if it has a wrong number of fields, which explains more.
  private func fault(
    _ line: UnsafeBufferPointer<UInt8>, _ offset: Int, at place: SourceLocation, _ make: (SourceLocation) -> RecordError
  ) -> RecordError {
    if line.count(where: { $0 == 0x09 }) != names.count - 1 { return ragged(line, at: place) }
    var at = place
    at.column = offset + 1
    return make(at)
  }

  private func ragged(_ line: UnsafeBufferPointer<UInt8>, at place: SourceLocation) -> RecordError {
    let count = line.count { $0 == 0x09 } + 1
    return RecordError(.ragged, "the row has \(count) fields, expected \(names.count)", at: place)
  }

  /// Reads a cell that is not a feature; returns the error of a faulty one.
  private func take(
    _ text: UnsafeBufferPointer<UInt8>, _ field: RecordField, _ column: Int, into record: inout StreamRecord,
    _ declared: inout Int
  ) -> ((SourceLocation) -> RecordError)? {
    let name = names[column]
    let isMissing = text.count == 2 && text[0] == 0x4E && text[1] == 0x41
    switch field {
    case .feature, .rows: return nil
    case .id, .bag, .geneA, .geneB, .isoformA, .isoformB, .fold, .part, .kept:
      if isMissing {
        return field != .id && field != .bag
          ? nil : { ValueFault.id("'NA'", name, "is missing", at: $0) }
      }
      if let why = field == .kept && text.isEmpty ? nil : idFault(text) {
        let shown = Diagnostic.quoted(bytes: text)
        return { ValueFault.id(shown, name, why, at: $0) }
      }
      set(String(decoding: text, as: UTF8.self), field, column, in: &record)
    case .label, .instanceLabel:
      guard let value = isMissing ? nil : NumberText.double(text) else {
        if isMissing { return nil }
        let shown = Diagnostic.quoted(bytes: text)
        return { ValueFault.label(shown, name, at: $0) }
      }
      if field == .label { record.label = value } else { record.instances[0].label = value }
    case .baseline, .weight:
      guard let value = isMissing ? nil : NumberText.double(text) else {
        if isMissing { return nil }
        let shown = Diagnostic.quoted(bytes: text)
        return { ValueFault.number(shown, name, isFeature: true, at: $0) }
      }
      if field == .baseline { record.baseline = value } else { record.weight = value }
    case .length, .valid, .instances:
      guard let value = isMissing ? nil : NumberText.integer(text), value >= (field == .instances ? 1 : 0) else {
        if isMissing { return nil }
        let shown = Diagnostic.quoted(bytes: text)
        return { RecordError(.number, "\(name) \(shown) is not a count", at: $0) }
      }
      if field == .length { record.instances[0].length = value }
      if field == .valid { record.instances[0].valid = value }
      if field == .instances { declared = value }
    case .schema:
      if isMissing || text.elementsEqual(digest) { return nil }
      let shown = Diagnostic.quoted(bytes: text)
      let expected = String(decoding: digest, as: UTF8.self)
      return { RecordError(.schema, "the record's schema is \(shown), that of the columns is '\(expected)'", at: $0) }
    }
    return nil
  }

  private func set(_ text: String, _ field: RecordField, _ column: Int, in record: inout StreamRecord) {
    switch field {
    case .id: record.instances[0].id = text
    case .bag:
      record.bag = text
      record.hasBag = true
    case .geneA: record.geneA = text
    case .geneB: record.geneB = text
    case .isoformA: record.instances[0].isoformA = text
    case .isoformB: record.instances[0].isoformB = text
    case .fold: record.fold = text
    case .part: record.part = text
    default: record.kept[keptSlots[column]] = KeptValue(field: text)
    }
  }
}
