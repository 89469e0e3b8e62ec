import Bytes

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Reads flat tables with named columns, TSV or NDJSON objects of single values, strictly and row by row.
public final class TableReader {
  /// The column names: the header, the schema line, or the members of the first record.
  public private(set) var columns: [String] = []
  /// The kind that a schema line named.
  public var kind: RecordKind? { frame.kind }
  /// The kind of the labels, where a schema line says it.
  public var labels: LabelKind? { frame.labels }
  /// The form of the input.
  public private(set) var format = OutputFormat.tsv
  /// Whether the input is blank.
  public private(set) var isEmpty = true

  private let lines: LineReader
  private var frame: StreamFrame
  private var header: [UInt8] = []
  private var pending: UnsafeBufferPointer<UInt8>?
  private var row: TableRow
  private var index: [String: Int] = [:]
  /// Whether the text of a column is read, by column.
  private var isRead: [Bool] = []
  /// The longest header of a TSV, in bytes: its names are held several times over.
  private static let longestHeader = 1 << 24

  /// Reads up to the first row; `columns` names those of a TSV without a header. Throws an `IOFailure` or
  /// `RecordError`.
  public convenience init(
    _ source: BlockSource, format: InputFormat = .auto, columns given: [String]? = nil, part: Bool = false,
    maxLine: Int = 1 << 30
  ) throws {
    try self.init(LineReader(source, maxLine: maxLine), format: format, columns: given, part: part)
  }

  /// Reads up to the first row of lines that another reader has begun or not; throws as the other initializer does.
  public init(
    _ lines: LineReader, format: InputFormat = .auto, columns given: [String]? = nil, part: Bool = false
  ) throws {
    self.lines = lines
    frame = StreamFrame(part: part)
    row = TableRow(columns: [], place: SourceLocation(source: lines.name))
    try begin(format, given)
    row = TableRow(columns: columns, place: row.place)
    row.isTyped = self.format == .ndjson
    for (i, name) in columns.enumerated() { index[name] = i }
    isRead = [Bool](repeating: true, count: columns.count)
  }

  /// Restricts reading to some columns: other fields are checked, but their text is not kept, so that memory is that of
  /// the line and the wanted fields.
  public func read(only wanted: [Int]) {
    for i in isRead.indices { isRead[i] = false }
    for i in wanted { isRead[i] = true }
  }

  /// The name of the input.
  public var name: String { lines.name }

  /// The number of a column, nil if it is not there.
  public func column(_ name: String) -> Int? { index[name] }

  /// The number of a column that must be there.
  /// - Parameter hint: what to type where the table has a header and this is not its name for the column.
  /// - Throws: a `RecordError` that names the columns there are.
  public func require(_ name: String, hint: String? = nil) throws -> Int {
    if let i = index[name] { return i }
    if isEmpty {
      throw RecordError(
        .column, "there is no column \(Diagnostic.quoted(name)): the input is empty",
        at: SourceLocation(source: lines.name))
    }
    let known = columns.prefix(8).map { Diagnostic.quoted($0) }.joined(separator: ", ")
    throw RecordError(
      .column,
      "there is no column \(Diagnostic.quoted(name))"
        + (columns.isEmpty ? "" : ": the columns are \(known)\(columns.count > 8 ? ", …" : "")"),
      at: SourceLocation(source: lines.name, line: 1), hint: headerHint ?? hint)
  }

  /// The hint for a first line that is not a header: its names hold commas, or one of them is a number.
  private var headerHint: String? {
    if columns.count == 1 && columns[0].contains(",") { return "columns are separated by tabs, not commas" }
    let hasNumber = columns.contains { Array($0.utf8).withUnsafeBufferPointer { NumberText.double($0) } != nil }
    guard format == .tsv, !header.isEmpty, hasNumber else { return nil }
    return "a table without a header needs --columns, one name for each of its \(columns.count) columns"
  }

  /// Returns the next row, nil at the end, which is checked. Throws a `RecordError` with its location.
  public func next() throws -> TableRow? {
    guard let line = try nextRecordLine() else { return nil }
    row.place = lines.place()
    row.bytes.removeAll(keepingCapacity: true)
    row.ranges.removeAll(keepingCapacity: true)
    row.isMissing.removeAll(keepingCapacity: true)
    row.isQuoted.removeAll(keepingCapacity: true)
    row.offsets.removeAll(keepingCapacity: true)
    if format == .tsv { try parseTSV(line) } else { try parseNDJSON(line) }
    return row
  }

  private func begin(_ format: InputFormat, _ given: [String]?) throws {
    guard let line = try lines.next(skipping: .whitespace) else { return }
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
      if line.count > Self.longestHeader {
        throw RecordError(
          .limit, "the header of the table is longer than \(Self.longestHeader >> 20) MiB", at: lines.place())
      }
      columns = try TSVRows.split(header: line, at: lines.place())
      header = Array(line)
    }
    var seen: [String: Int] = [:]
    for (i, name) in columns.enumerated() {
      try checkColumnName(name, number: i + 1, at: lines.place())
      if let first = seen.updateValue(i, forKey: name) {
        throw RecordError(
          .column, "columns \(first + 1) and \(i + 1) have the same name \(Diagnostic.quoted(name))", at: lines.place(),
          hint: headerHint)
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
        guard let next = try lines.next(skipping: format == .tsv ? .empty : .whitespace) else { break }
        line = next
      }
      if format == .tsv {
        if line.count == header.count, !header.isEmpty, line.elementsEqual(header) {
          if lines.isFirstLine { continue }
          throw RecordError(.column, "the header is repeated", at: lines.place())
        }
        return line
      }
      switch StreamFrame.classify(line) {
      case .blank: continue
      case .schema: try frame.takeSchema(line, at: lines.place())
      case .end: try frame.takeEnd(line, at: lines.place())
      case .row, .record:
        try frame.countRecord(at: lines.place())
        isCounted = columns.isEmpty
        return line
      }
    }
    try frame.finish(at: lines.place())
    return nil
  }

  /// Whether the waiting line is the first record, which was counted already.
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
      append(isRead[i] ? text : nil)
      row.offsets.append(start)
      start = end + 1
    }
  }

  private func append(_ text: UnsafeBufferPointer<UInt8>?) {
    let start = row.bytes.count
    if let text { row.bytes.append(contentsOf: text) }
    row.ranges.append(start..<row.bytes.count)
  }

  /// The members of the first record, in their order.
  private func keys(of line: UnsafeBufferPointer<UInt8>) throws -> [String] {
    var names: [String] = []
    try scan(line) { scanner, key in
      names.append(key.string)
      _ = try scanner.scalar(key, isRead: false)
    }
    return names
  }

  private func parseNDJSON(_ line: UnsafeBufferPointer<UInt8>) throws {
    isCounted = false
    row.isMissing = [Bool](repeating: true, count: columns.count)
    row.isQuoted = [Bool](repeating: false, count: columns.count)
    row.offsets = [Int](repeating: 0, count: columns.count)
    row.ranges = [Range<Int>](repeating: 0..<0, count: columns.count)
    var seen = [Bool](repeating: false, count: columns.count)
    try scan(line) { scanner, key in
      guard let i = index[key.string] else {
        throw ScanFault(message: "unknown member \(Diagnostic.quoted(key.string))", offset: key.offset)
      }
      if seen[i] {
        throw ScanFault(message: "key \(Diagnostic.quoted(key.string)) twice in one object", offset: key.offset)
      }
      seen[i] = true
      row.offsets[i] = scanner.offset
      row.isQuoted[i] = scanner.peek() == UInt8(ascii: "\"")
      guard let value = try scanner.scalar(key, isRead: isRead[i]) else { return }
      row.isMissing[i] = false
      let start = row.bytes.count
      switch value {
      case .text(var text): text.withUTF8 { row.bytes.append(contentsOf: $0) }
      case .bytes(let bytes): row.bytes.append(contentsOf: bytes)
      case .unread: break
      }
      row.ranges[i] = start..<row.bytes.count
    }
  }

  /// Walks over the keys of an object of single values; `member` reads each value.
  private func scan(
    _ line: UnsafeBufferPointer<UInt8>, _ member: (inout JSONScanner, JSONKey) throws -> Void
  ) throws {
    var scanner = JSONScanner(line)
    do {
      try scanner.expect(0x7B)
      if scanner.peek() == 0x7D {
        scanner.p += 1
      } else {
        repeat {
          let key = try scanner.key()
          try member(&scanner, key)
        } while try scanner.another(until: 0x7D)
      }
      try scanner.finish()
    } catch let fault as ScanFault {
      throw RecordError(.syntax, fault.message, at: lines.place(column: fault.offset + 1))
    }
  }
}

/// A single value of an object: the text of a string; the bytes of a number, true or false; or a value not wanted.
private enum Scalar {
  case text(String)
  case bytes(UnsafeBufferPointer<UInt8>)
  case unread
}

extension JSONScanner {
  /// Reads the single value at the cursor, nil for null; one that is not wanted is only checked.
  fileprivate mutating func scalar(_ key: JSONKey, isRead: Bool) throws -> Scalar? {
    switch peek() {
    case 0x22:
      if isRead { return .text(try string()) }
      let start = p
      let (bytes, isEscaped) = try rawString()
      // Escapes are checked by decoding; the text itself needs no copy.
      if isEscaped { _ = try JSONScanner.decode(bytes, true, start: start, base: base) }
      if let bad = UTF8Text.firstInvalid(in: bytes) {
        throw ScanFault(message: "not UTF-8", offset: start + 1 + bad - base)
      }
      return .unread
    case 0x5B, 0x7B: throw fault("the member \(Diagnostic.quoted(key.string)) is not a single value")
    default:
      if takeNull() { return nil }
      let start = p
      for word in ["true", "false"] where end - p >= word.utf8.count {
        if word.utf8.elementsEqual(UnsafeBufferPointer(start: p, count: word.utf8.count)) {
          p += word.utf8.count
          return .bytes(UnsafeBufferPointer(start: start, count: p - start))
        }
      }
      _ = try number()
      return isRead ? .bytes(UnsafeBufferPointer(start: start, count: p - start)) : .unread
    }
  }
}
