#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A source of bytes, read in blocks.
public protocol BlockSource: AnyObject {
  /// The name for messages: a path, or `standard input`.
  var name: String { get }
  /// Fills the front of `buffer` and returns the number of bytes, 0 only at the end. Throws an `IOFailure` or a data
  /// error.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

/// A block source over a file descriptor, which it closes.
public final class DescriptorSource: BlockSource {
  /// The name for messages.
  public let name: String
  /// The file descriptor.
  public let descriptor: Int32

  /// The name of standard input.
  public static let standardInput = "standard input"

  /// Opens a file for reading, or standard input for `-`; throws an `IOFailure` with status 66, and in a tool a usage
  /// error for a file that an output of the run will replace. One that is no input may be replaced (`FileRoles`).
  public init(path: String, isInput: Bool = true) throws {
    var status = stat()
    if path == "-" {
      descriptor = STDIN_FILENO
      name = Self.standardInput
      if fstat(descriptor, &status) == 0 { try FileRoles.read(status, name) }
      return
    }
    let (opened, error) = retrying { open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY) }
    guard opened >= 0 else { throw IOFailure(.open, path: path, errno: error) }
    descriptor = opened
    name = path
    guard fstat(opened, &status) == 0 else { return }
    if status.st_mode & S_IFMT == S_IFDIR { throw IOFailure(.open, path: path, errno: EISDIR) }
    if isInput { try FileRoles.read(status, path) }
  }

  /// Takes over an open descriptor.
  public init(descriptor: Int32, name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  deinit {
    if descriptor > STDERR_FILENO { close(descriptor) }
  }

  /// Fills the front of `buffer`; 0 at the end. Throws what the source throws.
  public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let (count, error) = retrying(waitingOn: descriptor, events: Int32(POLLIN)) { [descriptor] in
      #if canImport(Glibc)
        Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      #else
        Musl.read(descriptor, buffer.baseAddress, buffer.count)
      #endif
    }
    guard count >= 0 else { throw IOFailure(.read, path: name, errno: error) }
    return count
  }

  /// Fills the front of `buffer` with the bytes at `offset` and returns their number, 0 at the end; the position of
  /// `read(into:)` stays. Throws an `IOFailure` with status 74.
  public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws -> Int {
    let (count, error) = retrying { pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset)) }
    guard count >= 0 else { throw IOFailure(.read, path: name, errno: error) }
    return count
  }
}

/// A block source over bytes in memory.
public final class MemorySource: BlockSource {
  /// The name for messages.
  public let name: String
  private let bytes: [UInt8]
  private let block: Int
  private var position = 0

  /// Makes a source of `bytes` that returns at most `block` of them per read.
  public init(_ bytes: [UInt8], name: String = "memory", block: Int = .max) {
    self.bytes = bytes
    self.name = name
    self.block = max(1, block)
  }

  /// Makes a source of the UTF-8 bytes of a text.
  public convenience init(_ text: String, name: String = "memory", block: Int = .max) {
    self.init(Array(text.utf8), name: name, block: block)
  }

  /// Fills the front of `buffer`; 0 at the end. Throws what the source throws.
  public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let count = min(buffer.count, block, bytes.count - position)
    if count > 0 { buffer.copyBytes(from: bytes[position..<position + count]) }
    position += count
    return count
  }
}
