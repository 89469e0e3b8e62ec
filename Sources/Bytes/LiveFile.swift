#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file that is read while it grows, such as a log: every line is written at once.
///
/// Its `mark` lets a later process continue the file where this one was stopped.
public final class LiveFile {
  /// A position in a file: the number of bytes before it, and their SHA-256 in hexadecimal digits.
  public struct Mark: Sendable, Equatable {
    /// The number of bytes.
    public var bytes: Int
    /// The digest of these bytes.
    public var sha256: String

    /// Makes a mark of its parts.
    public init(bytes: Int, sha256: String) { (self.bytes, self.sha256) = (bytes, sha256) }
  }

  private let sink: ByteSink
  private var bytes = 0
  private var digest = SHA256()

  /// The end of the file.
  public var mark: Mark { Mark(bytes: bytes, sha256: SHA256.hex(digest.finish())) }

  /// Creates the file, or empties it. Throws an `IOFailure` with status 73, and in a tool a usage error for a file that
  /// the run reads.
  public init(path: String) throws {
    try FileRoles.announce(output: path)
    sink = try Self.open(path, O_CREAT | O_TRUNC)
  }

  /// Continues a file after `mark`, dropping the bytes behind it. Nil, and the file unchanged, where it does not begin
  /// with the bytes of the mark. Throws an `IOFailure` with status 73 or 74.
  public init?(path: String, after mark: Mark) throws {
    guard let digest = try Self.digest(of: path, first: mark.bytes), SHA256.hex(digest.finish()) == mark.sha256 else {
      return nil
    }
    (bytes, self.digest) = (mark.bytes, digest)
    let (result, error) = retrying { truncate(path, off_t(mark.bytes)) }
    guard result == 0 else { throw IOFailure(.write, path: path, errno: error) }
    sink = try Self.open(path, O_APPEND)
  }

  /// Writes bytes through to the file; throws an `IOFailure` with status 74.
  public func write(_ more: [UInt8]) throws {
    try sink.write(more)
    try sink.flush()
    bytes += more.count
    digest.update(more)
  }

  /// Closes the file; throws an `IOFailure` with status 74.
  public func close() throws { try sink.close() }

  private static func open(_ path: String, _ how: Int32) throws -> ByteSink {
    let (opened, error) = retrying { systemOpen(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | how, 0o666) }
    guard opened >= 0 else { throw IOFailure(.create, path: path, errno: error) }
    return ByteSink(descriptor: opened, name: path, lineBuffered: true)
  }

  /// The digest of the first `count` bytes of a regular file; nil where it does not exist or is shorter.
  private static func digest(of path: String, first count: Int) throws -> SHA256? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, Int(status.st_size) >= count else { return nil }
    let source = try DescriptorSource(path: path, isInput: false)
    var digest = SHA256()
    var block = [UInt8](repeating: 0, count: 1 << 16)
    var left = count
    while left > 0 {
      let got = try block.withUnsafeMutableBytes { block in
        let got = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: block[..<min(left, block.count)]))
        digest.update(UnsafeRawBufferPointer(rebasing: block[..<got]))
        return got
      }
      if got == 0 { return nil }
      left -= got
    }
    return digest
  }
}

private func systemOpen(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 {
  open(path, flags, mode)
}
