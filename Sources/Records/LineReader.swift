import Bytes

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Lines of an input, read in blocks; a line is handed out in place and valid until the next call.
public final class LineReader {
  /// The number of the line handed out last, from 1, within its file.
  public private(set) var line = 0
  /// The name of the file of that line.
  public private(set) var name: String
  /// True if that line is the first of its file.
  public var isFirstLine: Bool { line == 1 }

  private var queue: SourceQueue
  private var source: BlockSource?
  private let maxLine: Int
  private var buffer: UnsafeMutablePointer<UInt8>
  private var capacity = 1 << 18
  private var start = 0
  private var end = 0
  private var atStart = false

  /// Reads lines of at most `maxLine` bytes.
  public init(_ source: BlockSource, maxLine: Int = 1 << 30) {
    name = source.name
    queue = SourceQueue(source)
    self.maxLine = max(1, maxLine)
    buffer = .allocate(capacity: capacity)
  }

  deinit { buffer.deallocate() }

  /// The place of the line handed out last, at a 1-based byte column.
  public func place(column: Int = 0) -> Place { Place(source: name, line: line, column: column) }

  /// The next line without its LF or CRLF, and without a BOM at the start of a file; nil at the end.
  ///
  /// Throws a `RecordError` for a line that is too long, and whatever the source throws.
  public func next() throws -> UnsafeBufferPointer<UInt8>? {
    var scanned = 0
    while true {
      if let feed = memchr(buffer + start + scanned, 0x0A, end - start - scanned) {
        let length = feed.assumingMemoryBound(to: UInt8.self) - UnsafeMutablePointer(buffer + start)
        return try take(length, skipping: 1)
      }
      scanned = end - start
      if scanned > maxLine { throw tooLong() }
      if try fill() { continue }
      if end > start { return try take(end - start, skipping: 0) }
      guard try openNext() else { return nil }
      scanned = 0
    }
  }

  /// Hands out `length` bytes at `start` and moves behind them.
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

  /// Reads one more block behind what is there; false at the end of the file.
  private func fill() throws -> Bool {
    guard let source else { return false }
    if end == capacity {
      if start > 0 {
        memmove(buffer, buffer + start, end - start)
        end -= start
        start = 0
      } else {
        let larger = min(capacity * 2, max(capacity + 1, maxLine + 2))
        let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        grown.update(from: buffer, count: end)
        buffer.deallocate()
        buffer = grown
        capacity = larger
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

  private func tooLong(counted: Bool = false) -> RecordError {
    RecordError(
      .limit, "the line is longer than \(maxLine) bytes",
      at: Place(source: name, line: counted ? line : line + 1),
      hint:
        "raise the limit, for example --max-line \(maxLine >> 20 < 1 ? "64M" : "\((maxLine >> 20) * 4)M")"
    )
  }
}
