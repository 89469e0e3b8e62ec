#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A folder that one process at a time works in, by a lock on its file `lock` that lasts as long as this object.
public final class LockedFolder {
  /// The path as it was given.
  public let path: String
  /// Whether the file system supports locks; where it does not, nothing keeps two processes apart.
  public let isLocked: Bool
  private let lock: Int32

  /// Creates the folder if it is missing, locks it, and removes temporary files that killed processes left in it.
  /// Nil where another process works in it; throws an `IOFailure` with status 73 or 74.
  public init?(path: String) throws {
    let (made, folderError) = retrying { mkdir(path, 0o777) }
    if made < 0, folderError != EEXIST { throw IOFailure(.create, path: path, errno: folderError) }
    let flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC
    let (opened, error) = retrying { open(path + "/lock", flags, 0o666) }
    guard opened >= 0 else { throw IOFailure(.create, path: path + "/lock", errno: error) }
    self.path = path
    lock = opened
    let (held, lockError) = retrying { flock(opened, LOCK_EX | LOCK_NB) }
    isLocked = held == 0
    if held < 0, lockError == EWOULDBLOCK { return nil }
    if isLocked {
      for name in try names() where FileOutput.isTemporary(name) { remove(name) }
    }
  }

  deinit { close(lock) }

  /// The names in the folder, sorted; throws an `IOFailure` with status 74.
  public func names() throws -> [String] {
    var names: [String] = []
    // An interrupted listing is restarted: half of one would hide files.
    let (result, error) = retrying { Self.list(path, into: &names) }
    guard result == 0 else { throw IOFailure(.read, path: path, errno: error) }
    return names.sorted()
  }

  /// −1 with an errno where it failed.
  private static func list(_ path: String, into names: inout [String]) -> Int32 {
    names = []
    guard let listing = opendir(path) else { return -1 }
    defer {
      let error = errno
      closedir(listing)
      errno = error
    }
    while true {
      errno = 0
      guard let entry = readdir(listing) else { return errno == 0 ? 0 : -1 }
      names.append(
        withUnsafeBytes(of: &entry.pointee.d_name) { name in
          String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
        })
    }
  }

  /// Removes a file of the folder; a failure is ignored.
  public func remove(_ name: String) { unlink(path + "/" + name) }
}
