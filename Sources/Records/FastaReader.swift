import Bytes

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// One sequence of a FASTA file.
public struct FastaRecord: Sendable {
  /// The first word of the header.
  public var id = ""
  /// The rest of the header, as bytes.
  var rest: [UInt8] = []
  /// The rest of the header, decoded at each access.
  public var description: String { String(decoding: rest, as: UTF8.self) }
  /// The residues as ASCII, case kept, without white space and without one trailing `*`.
  public var sequence: [UInt8] = []
  /// The line of the header.
  public var place = SourceLocation(source: "")
  /// The offset in the text of the first byte of the header, and that of the first byte after its line.
  var start = 0
  var sequenceStart = 0
  /// The number of letters of the sequence, including a trailing `*`.
  var letters = 0
}

/// A source of sequences, read one at a time.
public protocol FastaSource: AnyObject {
  /// The record read by the last `next()`.
  var record: FastaRecord { get }
  /// Reads the next sequence into `record`; false at the end. Throws an `IOFailure` or a `RecordError` with its place.
  func next() throws -> Bool
  /// Swaps the sequence of the record with another buffer, to hand it over without a copy.
  func exchangeSequence(_ other: inout [UInt8])
}

/// Reads FASTA in blocks: memory is constant apart from one sequence, and lines have no length limit.
///
/// Accepted: CRLF, a BOM, blank lines, spaces and tabs inside sequences, a missing last line break, empty records.
/// Refused with line and column: text before the first `>`, an empty header, an id that is not UTF-8, and in a sequence
/// `>`, digits, control bytes and whatever else is neither a letter nor one of `* - . ? ~`.
public final class FastaReader: FastaSource {
  /// The record read by the last `next()`, which reuses its buffers.
  public private(set) var record = FastaRecord()

  private var queue: SourceQueue
  private var source: BlockSource?
  private var name: String
  private let buffer: UnsafeMutablePointer<UInt8>
  private static let capacity = 1 << 18
  static let headerLimit = 1 << 24
  private var p = 0
  private var end = 0
  private var line = 0
  /// The number of the first line, nil if unknown.
  private var firstLine: Int? = 1
  /// The offset of the current block in the text.
  private var blockStart = 0
  /// The number of bytes of the current line in earlier blocks.
  private var before = 0
  private var header: [UInt8] = []
  private var hasHeader = false

  /// Reads up to the first header; throws an `IOFailure` or a `RecordError`.
  public init(_ source: BlockSource) throws {
    name = source.name
    queue = SourceQueue(source)
    buffer = .allocate(capacity: FastaReader.capacity)
    try nextFile()
  }

  deinit { buffer.deallocate() }

  /// Reads the next sequence into `record`; false at the end. Throws an `IOFailure` or a `RecordError` with its place.
  public func next() throws -> Bool {
    while !hasHeader {
      guard try nextFile() else { return false }
    }
    record.sequence.removeAll(keepingCapacity: true)
    try takeHeader()
    try readSequence()
    record.letters = record.sequence.count
    if record.sequence.last == UInt8(ascii: "*") { record.sequence.removeLast() }
    return true
  }

  /// Continues with a piece of a text that begins with a header, at offset `start` of the text and in `line`, if that
  /// is known. Throws an `IOFailure` or a `RecordError`.
  func restart(_ source: BlockSource, at start: Int, line: Int?) throws {
    queue = SourceQueue(source)
    firstLine = line
    hasHeader = false
    try nextFile()
    blockStart += start
  }

  /// Swaps the arrays without a copy; the next `next()` empties and fills the one given.
  public func exchangeSequence(_ other: inout [UInt8]) { swap(&record.sequence, &other) }

  // MARK: Blocks

  /// Reads the next block once the last one is used up; false at the end of the file.
  private func fill() throws -> Bool {
    guard p == end else { return true }
    guard let source else { return false }
    p = 0
    blockStart += end
    end = try source.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: FastaReader.capacity))
    if end == 0 { self.source = nil }
    return end > 0
  }

  private func place(_ at: Int) -> SourceLocation {
    SourceLocation(source: name, line: firstLine == nil ? 0 : line, column: at + 1)
  }

  /// Opens the next file and moves to its first header; false after the last file.
  @discardableResult
  private func nextFile() throws -> Bool {
    guard let next = try queue.next() else { return false }
    source = next
    name = next.name
    line = firstLine ?? 1
    p = 0
    end = 0
    blockStart = 0
    before = 0
    pendingReturn = false
    try skipMark()
    while try fill() {
      let byte = buffer[p]
      switch byte {
      case UInt8(ascii: ">") where before == 0:
        hasHeader = true
        return true
      case 0x0A:
        line += 1
        before = 0
        p += 1
        continue
      case 0x20, 0x09, 0x0D:
        p += 1
        before += 1
      case UInt8(ascii: "@"):
        throw RecordError(
          .fasta, "the input is FASTQ, FASTA is expected", at: place(before), hint: "seqkit fq2fa converts it")
      case UInt8(ascii: "{"):
        throw RecordError(.fasta, "the input is NDJSON, FASTA is expected", at: place(before))
      default:
        throw RecordError(
          .fasta, "text before the first '>': \(shown(byte))", at: place(before),
          hint: startsTable
            ? "FASTA of a table of ids and sequences: awk -F'\\t' '{ print \">\" $1 \"\\n\" $2 }' TABLE"
            : "each sequence starts with a line '>id'")
      }
    }
    return true
  }

  /// Whether the first line, as far as it was read, has a tab.
  private var startsTable: Bool {
    UnsafeBufferPointer(start: buffer + p, count: end - p).prefix { $0 != 0x0A }.contains(0x09)
  }

  /// Drops a byte order mark at the start of a file.
  private func skipMark() throws {
    for (i, expected) in [UInt8](arrayLiteral: 0xEF, 0xBB, 0xBF).enumerated() {
      guard try fill(), buffer[p] == expected else {
        if i > 0 { throw RecordError(.fasta, "the file starts with a broken byte order mark", at: place(0)) }
        return
      }
      p += 1
    }
  }

  private func shown(_ byte: UInt8) -> String {
    [byte].withUnsafeBufferPointer { Diagnostic.quoted(bytes: $0) }
  }

  // MARK: Headers

  /// Reads the header line at `p` and splits it into id and rest.
  private func takeHeader() throws {
    header.removeAll(keepingCapacity: true)
    record.start = blockStart + p
    p += 1
    record.place = SourceLocation(source: name, line: firstLine == nil ? 0 : line)
    while try fill() {
      let feed = memchr(buffer + p, 0x0A, end - p)
      let stop = feed.map { $0.assumingMemoryBound(to: UInt8.self) - buffer } ?? end
      header.append(contentsOf: UnsafeBufferPointer(start: buffer + p, count: stop - p))
      p = stop
      if header.count > FastaReader.headerLimit {
        throw RecordError(.limit, "the header is longer than 16 MiB", at: record.place)
      }
      if feed != nil {
        p += 1
        break
      }
    }
    record.sequenceStart = blockStart + p
    hasHeader = false
    line += 1
    before = 0
    if header.last == 0x0D { header.removeLast() }
    if let carriageReturn = header.firstIndex(of: 0x0D) {
      var at = record.place
      at.column = carriageReturn + 2
      throw RecordError(
        .fasta, "a carriage return inside a header", at: at, hint: "line ends are LF or CR LF, not CR alone")
    }
    try header.withUnsafeBufferPointer { try splitHeader($0) }
  }

  private func splitHeader(_ text: UnsafeBufferPointer<UInt8>) throws {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
    guard let first = text.firstIndex(where: { !isBlank($0) }) else {
      throw RecordError(.fasta, "an empty header", at: record.place, hint: "each sequence starts with a line '>id'")
    }
    let stop = text[first...].firstIndex(where: isBlank) ?? text.count
    let id = UnsafeBufferPointer(rebasing: text[first..<stop])
    if let why = idFault(id) {
      var at = record.place
      at.column = first + 2
      throw RecordError(.fasta, "the id \(Diagnostic.quoted(bytes: id)) \(why)", at: at)
    }
    record.id = String(decoding: id, as: UTF8.self)
    record.rest.removeAll(keepingCapacity: true)
    record.rest.append(contentsOf: text[stop...].drop(while: isBlank))
  }

  // MARK: Sequences

  /// Reads sequence lines up to the next header or the end of the file.
  private func readSequence() throws {
    // Moved out of the record meanwhile, so that it grows in place without a uniqueness check per line.
    var sequence: [UInt8] = []
    swap(&sequence, &record.sequence)
    defer { swap(&sequence, &record.sequence) }
    while try fill() {
      if before == 0 && buffer[p] == UInt8(ascii: ">") {
        hasHeader = true
        return
      }
      if before == 0 && buffer[p] == 0x0A {
        passEmptyLines()
        continue
      }
      let feed = memchr(buffer + p, 0x0A, end - p)
      let stop = feed.map { $0.assumingMemoryBound(to: UInt8.self) - buffer } ?? end
      try append(p, stop, endsLine: feed != nil, to: &sequence)
      if feed != nil {
        line += 1
        before = 0
        p = stop + 1
      } else {
        before += stop - p
        p = stop
      }
    }
    hasHeader = false
  }

  /// Moves behind the line feeds at `p`, which end lines without a byte.
  private func passEmptyLines() {
    let first = p
    while p < end && buffer[p] == 0x0A { p += 1 }
    line += p - first
  }

  /// Appends the residues of part of a line: all at once if it has only letters, else byte by byte.
  private func append(_ start: Int, _ stop: Int, endsLine: Bool, to sequence: inout [UInt8]) throws {
    var last = stop
    if endsLine && last > start && buffer[last - 1] == 0x0D { last -= 1 }
    if pendingReturn && stop > start { throw wrong(0x0D, start - 1, start) }
    pendingReturn = false
    if lettersOnly(start, last) {
      sequence.append(contentsOf: UnsafeBufferPointer(start: buffer + start, count: last - start))
      return
    }
    for i in start..<last {
      let byte = buffer[i]
      switch byte {
      case 0x41...0x5A, 0x61...0x7A, 0x2A, 0x2D, 0x2E, 0x3F, 0x7E: sequence.append(byte)
      case 0x20, 0x09: continue
      case 0x0D where i == last - 1 && !endsLine:
        // The line feed may be the first byte of the next block, or this the end of the file.
        pendingReturn = true
      default: throw wrong(byte, i, start)
      }
    }
  }

  /// True after a carriage return that ended a block.
  private var pendingReturn = false

  private func wrong(_ byte: UInt8, _ at: Int, _ start: Int) -> RecordError {
    let column = place(before + at - start)
    if byte == UInt8(ascii: ">") {
      return RecordError(
        .fasta, "'>' inside a sequence line", at: column, hint: "is a line break missing before it?")
    }
    let what = byte == 0x0D ? "a carriage return inside a line" : "\(shown(byte)) in a sequence"
    return RecordError(.fasta, what, at: column)
  }

  /// True if all bytes are ASCII letters; eight at a time in one word.
  private func lettersOnly(_ start: Int, _ stop: Int) -> Bool {
    let raw = UnsafeRawPointer(buffer)
    let high: UInt64 = 0x8080_8080_8080_8080
    var odd: UInt64 = 0
    var i = start
    while i + 8 <= stop {
      let word = raw.loadUnaligned(fromByteOffset: i, as: UInt64.self)
      let folded = (word & ~high) | 0x2020_2020_2020_2020
      // The high bit of a byte: at least 'a', and at least '{'.
      let atLeastA = folded &+ 0x1F1F_1F1F_1F1F_1F1F
      let afterZ = folded &+ 0x0505_0505_0505_0505
      odd |= (~atLeastA | afterZ | word) & high
      i += 8
    }
    while i < stop {
      if (buffer[i] | 0x20) &- 0x61 >= 26 { return false }
      i += 1
    }
    return odd == 0
  }
}
