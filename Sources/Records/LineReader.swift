import Bytes

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Reads an input line by line; a line is a view of the buffer, valid until the next call.
public final class LineReader {
  /// The number, from 1, of the last line within its file.
  public private(set) var line = 0
  /// The name of the file of that line.
  public private(set) var name: String
  /// Whether that line is the first of its file.
  public var isFirstLine: Bool { line == 1 }

  private var queue: SourceQueue
  private var source: BlockSource?
  private let maxLine: Int
  private var buffer: UnsafeMutablePointer<UInt8>
  private var capacity = 0
  private static let initialCapacity = 1 << 18
  private var start = 0
  private var end = 0
  private var atStart = false
  /// The line that was handed out last, and whether it is to be handed out again.
  private var current: UnsafeBufferPointer<UInt8>?
  private var isPutBack = false

  /// Makes a reader of lines of at most `maxLine` bytes.
  public init(_ source: BlockSource, maxLine: Int = 1 << 30) {
    name = source.name
    queue = SourceQueue(source)
    self.maxLine = max(1, maxLine)
    guard let byte = malloc(1) else { preconditionFailure("no memory for a single byte") }
    buffer = byte.assumingMemoryBound(to: UInt8.self)
  }

  deinit { free(buffer) }

  /// The location of the last line, with a byte column from 1.
  public func place(column: Int = 0) -> SourceLocation { SourceLocation(source: name, line: line, column: column) }

  /// Puts the last line back, so that `next` hands it out again: for who looks at the first line to know what follows.
  public func putBack() { isPutBack = current != nil }

  /// The lines that `next(skipping:)` passes over without handing them out.
  public enum BlankLines: Sendable {
    /// None: every line is handed out.
    case none
    /// Lines without a byte.
    case empty
    /// Lines of nothing but spaces and tabs, too.
    case whitespace
  }

  /// The next line without its LF or CRLF, and without a BOM at the start of a file; nil at the end.
  ///
  /// - Parameter blanks: the lines to pass over; they count in `line`. Long runs of them cost about a nanosecond a
  /// byte.
  /// - Throws: a `RecordError` for a line longer than the limit, and whatever the source throws.
  public func next(skipping blanks: BlankLines = .none) throws -> UnsafeBufferPointer<UInt8>? {
    if isPutBack {
      isPutBack = false
      return current
    }
    current = try read(skipping: blanks)
    return current
  }

  private func read(skipping blanks: BlankLines) throws -> UnsafeBufferPointer<UInt8>? {
    var scanned = 0
    while true {
      if scanned == 0, blanks != .none, !atStart { passBlankLines(blanks) }
      if let feed = memchr(buffer + start + scanned, 0x0A, end - start - scanned) {
        let length = feed.assumingMemoryBound(to: UInt8.self) - UnsafeMutablePointer(buffer + start)
        let line = try take(length, skipping: 1)
        if !blanks.contains(line) { return line }
        scanned = 0
        continue
      }
      scanned = end - start
      if scanned > maxLine { throw tooLong() }
      if try fill() { continue }
      if end > start {
        let line = try take(end - start, skipping: 0)
        if !blanks.contains(line) { return line }
      }
      guard try openNext() else { return nil }
      scanned = 0
    }
  }

  /// Moves behind the blank lines that are whole in the buffer.
  private func passBlankLines(_ blanks: BlankLines) {
    var p = start
    while p < end {
      switch buffer[p] {
      case 0x0A:
        line += 1
        start = p + 1
      case 0x0D where p + 1 < end && buffer[p + 1] == 0x0A: break
      case 0x20, 0x09: if blanks == .empty { return }
      default: return
      }
      p += 1
      if p - start > maxLine { return }
    }
  }

  /// Returns the line of `length` bytes at `start` and moves past it.
  private func take(_ length: Int, skipping: Int) throws -> UnsafeBufferPointer<UInt8> {
    line += 1
    if length > maxLine { throw tooLong(counted: true) }
    var first = buffer + start
    var count = length
    start += length + skipping
    if atStart {
      atStart = false
      if count >= 3, first[0] == 0xEF, first[1] == 0xBB, first[2] == 0xBF {
        first += 3
        count -= 3
      }
    }
    if count > 0, first[count - 1] == 0x0D { count -= 1 }
    return UnsafeBufferPointer(start: first, count: count)
  }

  private func openNext() throws -> Bool {
    guard let next = try queue.next() else { return false }
    source = next
    name = next.name
    line = 0
    atStart = true
    return true
  }

  /// Reads a further block into the buffer; false at the end of the file.
  private func fill() throws -> Bool {
    guard let source else { return false }
    if end == capacity {
      if start > 0 {
        memmove(buffer, buffer + start, end - start)
        end -= start
        start = 0
      } else {
        // At most a line of the limit and its line end: reading stops as soon as more has come.
        try grow(to: capacity == 0 ? Self.initialCapacity : min(capacity * 2, max(capacity + 1, maxLine + 2)))
      }
    } else if start == end {
      start = 0
      end = 0
    }
    let space = UnsafeMutableRawBufferPointer(start: buffer + end, count: capacity - end)
    let count = try source.read(into: space)
    end += count
    if count == 0 { self.source = nil }
    return count > 0
  }

  /// Enlarges the buffer. A large block is remapped, not copied: there is never a second copy of the line.
  private func grow(to size: Int) throws {
    guard let moved = realloc(buffer, size) else { throw IOFailure(.read, path: name, errno: errno) }
    buffer = moved.assumingMemoryBound(to: UInt8.self)
    capacity = size
  }

  private func tooLong(counted: Bool = false) -> RecordError {
    RecordError(
      .limit, "the line is longer than \(maxLine) bytes",
      at: SourceLocation(source: name, line: counted ? line : line + 1),
      hint:
        "raise the limit, for example --max-line \(maxLine >> 20 < 1 ? "64M" : "\((maxLine >> 20) * 4)M")"
    )
  }
}

extension LineReader.BlankLines {
  fileprivate func contains(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
    switch self {
    case .none: false
    case .empty: line.isEmpty
    case .whitespace: line.allSatisfy { $0 == 0x20 || $0 == 0x09 }
    }
  }
}
