#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file that has no name until it is whole (O_TMPFILE of open(2), Linux): a process that is killed leaves nothing.
struct NamelessFile {
  /// Where to write; its owner closes it.
  let descriptor: Int32
  /// A second descriptor, for the time after the first is closed.
  private let kept: Int32

  /// Nil where the file system has no such files, or names can't be given to them for want of /proc.
  init?(in directory: Int32) {
    // As the kernel has it on all its platforms that Swift knows; the headers have it as a macro that is not imported.
    let isTemporary: Int32 = 0o20_000_000 | O_DIRECTORY
    let (opened, _) = retrying { openat(directory, ".", O_RDWR | O_CLOEXEC | isTemporary, 0o666) }
    guard opened >= 0 else { return nil }
    let (copy, _) = retrying { fcntl(opened, F_DUPFD_CLOEXEC, 3) }
    guard copy >= 0, access(Self.path(copy), F_OK) == 0 else {
      _ = systemClose(opened)
      if copy >= 0 { _ = systemClose(copy) }
      return nil
    }
    (descriptor, kept) = (opened, copy)
  }

  /// Gives the file a name that is free; 0, or the errno.
  func link(_ name: String, in directory: Int32) -> Int32 {
    retrying { linkat(AT_FDCWD, Self.path(kept), directory, name, AT_SYMLINK_FOLLOW) }.error
  }

  /// Writes the same bytes to a sink; throws an `IOFailure` with status 74.
  func copy(to sink: ByteSink) throws {
    var block = [UInt8](repeating: 0, count: 1 << 16)
    var position: off_t = 0
    while true {
      let (count, error) = block.withUnsafeMutableBytes { block in
        retrying { pread(kept, block.baseAddress, block.count, position) }
      }
      if count < 0 { throw IOFailure(.read, path: sink.name, errno: error) }
      if count == 0 { return }
      try block.withUnsafeBytes { try sink.write(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      position += off_t(count)
    }
  }

  /// Lets the file go: without a name it is no more.
  func close() { _ = systemClose(kept) }

  private static func path(_ descriptor: Int32) -> String { "/proc/self/fd/\(descriptor)" }
}
