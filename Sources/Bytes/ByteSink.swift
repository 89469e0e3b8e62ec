#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A buffered writer over `write(2)` that checks every write; after a failure every further write fails too.
public final class ByteSink {
  /// The name for messages.
  public let name: String
  private var descriptor: Int32  // -1: in memory
  private let lineBuffered: Bool
  private var buffer: [UInt8] = []
  private var failure: IOFailure?
  private static let capacity = 1 << 16

  /// Writes to an open descriptor; with `lineBuffered` each `endRecord()` flushes.
  public init(descriptor: Int32, name: String, lineBuffered: Bool = false) {
    self.descriptor = descriptor
    self.name = name
    self.lineBuffered = lineBuffered
    buffer.reserveCapacity(ByteSink.capacity)
  }

  private init() {
    descriptor = -1
    name = "memory"
    lineBuffered = false
  }

  /// Makes a sink that collects its bytes in memory, in `bytes`.
  public static func memory() -> ByteSink { ByteSink() }

  /// The bytes written to a memory sink.
  public var bytes: [UInt8] { buffer }

  /// Writes bytes; throws an `IOFailure` with status 74.
  public func write(_ bytes: UnsafeRawBufferPointer) throws {
    if let failure { throw failure }
    if descriptor >= 0 {
      if buffer.count + bytes.count > ByteSink.capacity { try flush() }
      if bytes.count >= ByteSink.capacity { return try drain(bytes) }
    }
    buffer.append(contentsOf: bytes)
  }

  /// Writes bytes; throws an `IOFailure` with status 74.
  public func write(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try write($0) }
  }

  /// Writes the UTF-8 bytes of a text; throws an `IOFailure` with status 74.
  public func write(_ text: String) throws {
    var text = text
    try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
  }

  /// Writes one byte; throws an `IOFailure` with status 74.
  public func write(byte: UInt8) throws {
    if let failure { throw failure }
    if descriptor >= 0 && buffer.count >= ByteSink.capacity { try flush() }
    buffer.append(byte)
  }

  /// Marks the end of a record: a line-buffered sink writes it out now.
  public func endRecord() throws {
    if lineBuffered { try flush() }
  }

  /// Hands all buffered bytes to the system; throws an `IOFailure` with status 74.
  public func flush() throws {
    if let failure { throw failure }
    guard descriptor >= 0, !buffer.isEmpty else { return }
    try buffer.withUnsafeBytes { try drain($0) }
    buffer.removeAll(keepingCapacity: true)
  }

  /// Flushes and closes the descriptor; throws an `IOFailure` with status 74.
  public func close() throws {
    try flush()
    guard descriptor >= 0 else { return }
    let closing = descriptor
    descriptor = -1
    // A close that was interrupted has closed on Linux.
    if systemClose(closing) != 0 && errno != EINTR { try fail(errno) }
  }

  /// Flushes and makes the bytes durable; leaves the descriptor open.
  func synchronize() throws {
    try flush()
    let (result, error) = retrying { fsync(descriptor) }
    // Some file systems have no fsync for what we opened.
    if result < 0 && error != EINVAL && error != EROFS { try fail(error) }
  }

  /// Closes the descriptor and drops the bytes still in the buffer.
  func abandon() {
    buffer.removeAll()
    failure = failure ?? IOFailure(.write, path: name, errno: EBADF)
    if descriptor > STDERR_FILENO { _ = systemClose(descriptor) }
    descriptor = -1
  }

  private func drain(_ bytes: UnsafeRawBufferPointer) throws {
    guard var position = bytes.baseAddress else { return }
    var left = bytes.count
    while left > 0 {
      let (count, error) = retrying(waitingOn: descriptor, events: Int32(POLLOUT)) {
        systemWrite(descriptor, position, left)
      }
      if count < 0 { try fail(error) }
      position += count
      left -= count
    }
  }

  private func fail(_ error: Int32) throws -> Never {
    let failed = IOFailure(.write, path: name, errno: error)
    failure = failed
    buffer.removeAll()
    throw failed
  }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
