#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file without a name until it is complete (O_TMPFILE of open(2), Linux): a killed process leaves nothing behind.
struct NamelessFile {
  /// The descriptor to write to; its user closes it.
  let descriptor: Int32
  /// A second descriptor, which keeps the file when the first is closed.
  private let kept: Int32

  /// Nil where the file system has no such files, or where /proc is missing, which naming them needs.
  init?(in directory: Int32) {
    // The kernel's value on all platforms that Swift supports; the headers define it as a macro that is not imported.
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

  /// Names the file if the name is free; returns 0, or the errno.
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

  /// Closes the file, which removes it if it has no name.
  func close() { _ = systemClose(kept) }

  private static func path(_ descriptor: Int32) -> String { "/proc/self/fd/\(descriptor)" }
}
