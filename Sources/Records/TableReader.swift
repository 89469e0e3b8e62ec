import Bytes

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Reads flat tables with named columns: TSV, or NDJSON objects of single values. Strict; one row at a time.
public final class TableReader {
  /// The column names: the header, the schema line, or the members of the first record.
  public private(set) var columns: [String] = []
  /// The kind that a schema line named.
  public var kind: RecordKind? { frame.kind }
  /// The form of the input.
  public private(set) var format = OutputFormat.tsv
  /// True if nothing but blanks came.
  public private(set) var isEmpty = true

  private let lines: LineReader
  private var frame: StreamFrame
  private var header: [UInt8] = []
  private var pending: UnsafeBufferPointer<UInt8>?
  private var row: TableRow
  private var index: [String: Int] = [:]

  /// Reads up to the first row; `columns` names those of a TSV without a header. Throws an `IOFailure` or
  /// `RecordError`.
  public init(
    _ source: BlockSource, format: InputFormat = .auto, columns given: [String]? = nil, part: Bool = false,
    maxLine: Int = 1 << 30
  ) throws {
    lines = LineReader(source, maxLine: maxLine)
    frame = StreamFrame(part: part)
    row = TableRow(columns: [], place: Place(source: source.name))
    try begin(format, given)
    row = TableRow(columns: columns, place: row.place)
    row.isTyped = self.format == .ndjson
    for (i, name) in columns.enumerated() { index[name] = i }
  }

  /// The name of the input.
  public var name: String { lines.name }

  /// The number of a column, or nil.
  public func column(_ name: String) -> Int? { index[name] }

  /// The number of a column that must be there; throws a `RecordError` that names those there are.
  public func require(_ name: String) throws -> Int {
    if let i = index[name] { return i }
    let known = columns.prefix(8).map { Diagnostic.quoted($0) }.joined(separator: ", ")
    let commas = columns.count == 1 && columns[0].contains(",")
    throw RecordError(
      .column, "there is no column \(Diagnostic.quoted(name))\(isEmpty ? ": the input is empty" : "")",
      at: Place(source: lines.name, line: isEmpty ? 0 : 1),
      hint: commas ? "columns are separated by tabs, not commas" : isEmpty ? nil : "the columns are \(known)")
  }

  /// The next row; nil at the end, once the end of the stream has been checked. Throws a `RecordError` with its place.
  public func next() throws -> TableRow? {
    guard let line = try nextRecordLine() else { return nil }
    row.place = lines.place()
    row.bytes.removeAll(keepingCapacity: true)
    row.ends.removeAll(keepingCapacity: true)
    row.isMissing.removeAll(keepingCapacity: true)
    row.isQuoted.removeAll(keepingCapacity: true)
    row.offsets.removeAll(keepingCapacity: true)
    if format == .tsv { try parseTSV(line) } else { try parseNDJSON(line) }
    return row
  }

  private func begin(_ format: InputFormat, _ given: [String]?) throws {
    var line = try lines.next()
    while let blank = line, !blank.contains(where: { $0 != 0x20 && $0 != 0x09 }) { line = try lines.next() }
    guard let line else { return }
    isEmpty = false
    let first = line.first { $0 != 0x20 && $0 != 0x09 } ?? 0
    if format == .fasta || format == .auto && first == UInt8(ascii: ">") {
      throw RecordError(.format, "the input is FASTA, a table is expected", at: lines.place())
    }
    if format == .ndjson || format == .auto && first == UInt8(ascii: "{") {
      self.format = .ndjson
      pending = line
      guard let record = try nextRecordLine() else {
        columns = frame.columns ?? []
        return
      }
      pending = record
      columns = try frame.columns ?? keys(of: record)
      return
    }
    if let given {
      columns = given
      pending = line
    } else {
      columns = try TSVRows.split(header: line, at: lines.place())
      header = Array(line)
    }
    var seen: [String: Int] = [:]
    for (i, name) in columns.enumerated() {
      try checkColumnName(name, number: i + 1, at: lines.place())
      if let first = seen.updateValue(i, forKey: name) {
        throw RecordError(
          .column, "columns \(first + 1) and \(i + 1) have the same name \(Diagnostic.quoted(name))", at: lines.place())
      }
    }
  }

  private func nextRecordLine() throws -> UnsafeBufferPointer<UInt8>? {
    while true {
      let line: UnsafeBufferPointer<UInt8>
      if let held = pending {
        pending = nil
        if format == .tsv || isCounted { return held }
        line = held
      } else {
        guard let next = try lines.next() else { break }
        line = next
      }
      if format == .tsv {
        if line.isEmpty { continue }
        if line.count == header.count, !header.isEmpty, line.elementsEqual(header) {
          if lines.isFirstLine { continue }
          throw RecordError(.column, "the header comes again", at: lines.place())
        }
        return line
      }
      switch StreamFrame.classify(line) {
      case .blank: continue
      case .schema: try frame.takeSchema(line, at: lines.place())
      case .end: try frame.takeEnd(line, at: lines.place())
      case .record:
        try frame.countRecord(at: lines.place())
        isCounted = columns.isEmpty
        return line
      }
    }
    try frame.finish(at: lines.place())
    return nil
  }

  /// True while the first record waits a second time.
  private var isCounted = false

  private func parseTSV(_ line: UnsafeBufferPointer<UInt8>) throws {
    if let bad = UTF8Text.firstInvalid(in: line) {
      throw RecordError(.text, "not UTF-8", at: lines.place(column: bad + 1))
    }
    var start = 0
    for i in columns.indices {
      let rest = line.count - start
      let tab = start <= line.count && rest > 0 ? memchr(line.baseAddress! + start, 0x09, rest) : nil
      let end =
        tab.map { $0.assumingMemoryBound(to: UInt8.self) - UnsafeMutablePointer(mutating: line.baseAddress!) }
        ?? line.count
      if (tab != nil) != (i < columns.count - 1) {
        let count = line.count { $0 == 0x09 } + 1
        throw RecordError(.ragged, "the row has \(count) fields, expected \(columns.count)", at: lines.place())
      }
      let text = UnsafeBufferPointer(rebasing: line[start..<end])
      row.isMissing.append(text.count == 2 && text[0] == 0x4E && text[1] == 0x41)
      row.isQuoted.append(false)
      row.bytes.append(contentsOf: text)
      row.ends.append(row.bytes.count)
      row.offsets.append(start)
      start = end + 1
    }
  }

  /// The members of the first record, in their order.
  private func keys(of line: UnsafeBufferPointer<UInt8>) throws -> [String] {
    var names: [String] = []
    try scan(line) { key, _, _ in names.append(key.string) }
    return names
  }

  private func parseNDJSON(_ line: UnsafeBufferPointer<UInt8>) throws {
    isCounted = false
    var texts = [[UInt8]?](repeating: nil, count: columns.count)
    var seen = [Bool](repeating: false, count: columns.count)
    var offsets = [Int](repeating: 0, count: columns.count)
    try scan(line) { key, text, offset in
      guard let i = index[key.string] else {
        throw ScanFault(message: "unknown member \(Diagnostic.quoted(key.string))", offset: key.offset)
      }
      if seen[i] {
        throw ScanFault(message: "key \(Diagnostic.quoted(key.string)) twice in one object", offset: key.offset)
      }
      seen[i] = true
      texts[i] = text
      offsets[i] = offset
    }
    for (column, text) in texts.enumerated() {
      row.isMissing.append(text == nil)
      row.isQuoted.append(text != nil && line[offsets[column]] == UInt8(ascii: "\""))
      row.bytes.append(contentsOf: text ?? [])
      row.ends.append(row.bytes.count)
    }
    row.offsets = offsets
  }

  /// Walks over the members of an object of single values; a null has no text.
  private func scan(
    _ line: UnsafeBufferPointer<UInt8>, _ member: (JSONKey, [UInt8]?, Int) throws -> Void
  ) throws {
    var scanner = JSONScanner(line)
    do {
      try scanner.expect(0x7B)
      if scanner.peek() == 0x7D {
        scanner.p += 1
      } else {
        repeat {
          let key = try scanner.key()
          let offset = scanner.offset
          try member(key, scanner.scalar(key), offset)
        } while try scanner.another(until: 0x7D)
      }
      try scanner.finish()
    } catch let fault as ScanFault {
      throw RecordError(.syntax, fault.message, at: lines.place(column: fault.offset + 1))
    }
  }
}

extension JSONScanner {
  /// The text of a single value: a string, a number, true or false; nil for null.
  fileprivate mutating func scalar(_ key: JSONKey) throws -> [UInt8]? {
    switch peek() {
    case 0x22: return Array(try string().utf8)
    case 0x5B, 0x7B: throw fault("the member \(Diagnostic.quoted(key.string)) is not a single value")
    default:
      if takeNull() { return nil }
      for word in ["true", "false"] where end - p >= word.utf8.count {
        if word.utf8.elementsEqual(UnsafeBufferPointer(start: p, count: word.utf8.count)) {
          p += word.utf8.count
          return Array(word.utf8)
        }
      }
      let start = p
      _ = try number()
      return Array(UnsafeBufferPointer(start: start, count: p - start))
    }
  }
}
