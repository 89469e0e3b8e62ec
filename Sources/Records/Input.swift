import Bytes
import CHTSlib

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Opens inputs: plain, gzip with any number of members, or BGZF, recognised by their first bytes.
public enum Input {
  /// Opens a file, or standard input for `-`; throws an `IOFailure` (66, 74) or a `RecordError` for another archive.
  ///
  /// Damage found later (a truncated archive, a wrong checksum, BGZF without its end block) is thrown by `read`.
  public static func open(_ path: String) throws -> BlockSource {
    try open(DescriptorSource(path: path))
  }

  /// Opens a descriptor, and decompresses it if its first bytes are those of gzip or BGZF.
  public static func open(_ source: DescriptorSource) throws -> BlockSource {
    hts_set_log_level(HTS_LOG_OFF)
    let descriptor = fcntl(source.descriptor, F_DUPFD_CLOEXEC, 3)
    guard descriptor >= 0, let file = hdopen(descriptor, "r") else {
      throw IOFailure(.read, path: source.name, errno: errno)
    }
    var head = [UInt8](repeating: 0, count: 2)
    do {
      let count = try peek(file, 2, into: &head, name: source.name)
      if count == 2 && head == [0x1F, 0x8B] { return try CompressedSource(file, name: source.name) }
    } catch {
      hclose_abruptly(file)
      throw error
    }
    let first = UnsafeRawBufferPointer(start: file.pointee.begin, count: file.pointee.end - file.pointee.begin)
    let prefix = [UInt8](first)
    hclose_abruptly(file)
    try refuseOtherArchive(prefix, name: source.name)
    return PlainSource(prefix: prefix, rest: source)
  }

  /// The first `count` bytes of a file without consuming them; fewer only at its end.
  static func peek(
    _ file: UnsafeMutablePointer<hFILE>, _ count: Int, into buffer: inout [UInt8], name: String
  ) throws -> Int {
    while true {
      let got = buffer.withUnsafeMutableBytes { hpeek(file, $0.baseAddress, count) }
      if got >= 0 { return got }
      let error = errno
      guard error == EAGAIN || error == EINTR else { throw IOFailure(.read, path: name, errno: error) }
      hclearerr(file)
      usleep(1000)
    }
  }

  /// Throws a `RecordError` for the first bytes of an unsupported archive.
  static func refuseOtherArchive(_ head: [UInt8], name: String) throws {
    guard let other = foreignArchive(head) else { return }
    throw RecordError(
      .archive, "the input is \(other), which is not read", at: SourceLocation(source: name),
      hint: "decompress it first, or use gzip or bgzip")
  }

  /// The name of an unsupported archive format, by its magic bytes.
  private static func foreignArchive(_ head: [UInt8]) -> String? {
    if head.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) { return "zstd" }
    if head.starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A]) { return "xz" }
    if head.starts(with: [0x50, 0x4B, 0x03, 0x04]) { return "a zip archive" }
    if head.count >= 10, head[0..<3] == [0x42, 0x5A, 0x68], head[4..<10] == [0x31, 0x41, 0x59, 0x26, 0x53, 0x59] {
      return "bzip2"
    }
    if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) { return "UTF-16 text" }
    return nil
  }
}

/// Bytes that were already read from a descriptor, followed by the rest of it.
private final class PlainSource: BlockSource {
  let name: String
  private var prefix: [UInt8]
  private var given = 0
  private let rest: DescriptorSource

  init(prefix: [UInt8], rest: DescriptorSource) {
    name = rest.name
    self.prefix = prefix
    self.rest = rest
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    guard given < prefix.count else { return try rest.read(into: buffer) }
    let count = min(buffer.count, prefix.count - given)
    buffer.copyBytes(from: prefix[given..<given + count])
    given += count
    if given == prefix.count { prefix = [] }
    return count
  }
}

/// gzip or BGZF, decompressed by htslib; every fault of the archive is an error, never a truncated text.
final class CompressedSource: BlockSource {
  let name: String
  private let archive: UnsafeMutablePointer<BGZF>
  private var window = [UInt8](repeating: 0, count: 1 << 17)
  private var ended = false

  init(_ file: UnsafeMutablePointer<hFILE>, name: String) throws {
    self.name = name
    _ = hfile_set_blksize(file, 1 << 18)
    // Below 18 bytes htslib would take the archive for plain text; the smallest gzip member has 20.
    guard try Input.peek(file, 18, into: &window, name: name) == 18 else { throw CompressedSource.damaged(name) }
    guard let opened = bgzf_hopen(file, "r") else { throw CompressedSource.damaged(name) }
    archive = opened
  }

  deinit { bgzf_close(archive) }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    guard !ended, buffer.count > 0 else { return 0 }
    // What one block needs is in the buffer before htslib asks, so that an interrupted read loses nothing.
    if let file = archive.pointee.fp {
      _ = try Input.peek(file, window.count, into: &window, name: name)
    }
    let count = bgzf_read(archive, buffer.baseAddress, min(buffer.count, 0xFF00))
    if count < 0 { throw CompressedSource.damaged(name) }
    if count == 0 {
      ended = true
      if archive.pointee.no_eof_block != 0 { throw CompressedSource.cut(name) }
    }
    return count
  }

  static func cut(_ name: String) -> RecordError {
    RecordError(
      .archive, "the BGZF archive has no end block: it was cut", at: SourceLocation(source: name),
      hint: "fetch or write the file again")
  }

  static func damaged(_ name: String) -> RecordError {
    RecordError(
      .archive, "the gzip archive is damaged or cut", at: SourceLocation(source: name),
      hint: "fetch or write the file again")
  }
}
