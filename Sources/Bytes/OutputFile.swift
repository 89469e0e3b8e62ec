#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Opens outputs. A regular file appears completely written or not at all; devices, FIFOs and descriptors are written
/// to directly.
public enum OutputFile {
  /// Opens an output (`-` is standard output); throws an `IOFailure` with status 73 for a directory, a link that
  /// belongs to somebody else, or a place that can't be written, and in a tool a usage error for a file that the run
  /// reads, unless it may be replaced. With `isNamed` a file has its `temporaryPath`.
  public static func open(
    path: String, lineBuffered: Bool = false, isNamed: Bool = false, mayReplaceInput: Bool = false
  ) throws -> FileOutput {
    if let descriptor = standardDescriptor(path) {
      let name = descriptor == STDOUT_FILENO ? "standard output" : path
      if path == "-" {
        return FileOutput(direct: ByteSink(descriptor: descriptor, name: name, lineBuffered: lineBuffered))
      }
      let (copy, error) = retrying { fcntl(descriptor, F_DUPFD_CLOEXEC, 3) }
      guard copy >= 0 else { throw IOFailure(.create, path: path, errno: error) }
      return FileOutput(direct: ByteSink(descriptor: copy, name: name, lineBuffered: lineBuffered))
    }
    var status = stat()
    let exists = stat(path, &status) == 0
    if exists && status.st_mode & S_IFMT == S_IFDIR { throw IOFailure(.create, path: path, errno: EISDIR) }
    if exists && status.st_mode & S_IFMT != S_IFREG {
      let (opened, error) = retrying { systemOpen(path, O_WRONLY | O_CLOEXEC | O_NOCTTY, 0) }
      guard opened >= 0 else { throw IOFailure(.create, path: path, errno: error) }
      return FileOutput(direct: ByteSink(descriptor: opened, name: path, lineBuffered: lineBuffered))
    }
    if exists, !mayReplaceInput { try FileRoles.replace(status, path) }
    return try FileOutput(
      replacing: try resolved(path), name: path, mode: exists ? status.st_mode & 0o777 : nil,
      lineBuffered: lineBuffered, isNamed: isNamed)
  }

  /// Checks that an output can be opened, leaving nothing behind even if the process is killed: for tools that work
  /// long before they write. Throws as `open` does.
  public static func tryOut(path: String, mayReplaceInput: Bool = false) throws {
    var status = stat()
    // The reader of a FIFO would take a first opening and closing for the complete output.
    if standardDescriptor(path) != nil || stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO { return }
    try open(path: path, mayReplaceInput: mayReplaceInput).discard()
  }

  /// Whether two output paths name one file or one stream.
  public static func areOne(_ first: String, _ second: String) -> Bool {
    if let descriptor = standardDescriptor(first) { return descriptor == standardDescriptor(second) }
    return isFile(first, second)
  }

  /// Whether an output would replace an input.
  public static func isFile(_ output: String, _ input: String) -> Bool {
    var (one, other) = (stat(), stat())
    let (hasOne, hasOther) = (stat(output, &one) == 0, stat(input, &other) == 0)
    if hasOne || hasOther {
      let isSame = hasOne && hasOther && one.st_dev == other.st_dev && one.st_ino == other.st_ino
      return isSame && one.st_mode & S_IFMT == S_IFREG
    }
    // Two new files: one name in one folder.
    let (left, right) = (folderAndName(output), folderAndName(input))
    guard left.name == right.name, stat(left.folder, &one) == 0, stat(right.folder, &other) == 0 else { return false }
    return one.st_dev == other.st_dev && one.st_ino == other.st_ino
  }

  /// The folder of a path, `.` where it names none, and the name in it.
  static func folderAndName(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
    let end = path.index(after: slash)
    return (String(path[..<end]), String(path[end...]))
  }

  /// The descriptor that a path such as `-` or `/dev/stdout` names.
  private static func standardDescriptor(_ path: String) -> Int32? {
    switch path {
    case "-", "/dev/stdout", "/proc/self/fd/1": return STDOUT_FILENO
    case "/dev/stderr", "/proc/self/fd/2": return STDERR_FILENO
    default: break
    }
    guard path.hasPrefix("/dev/fd/") else { return nil }
    return Int32(path.dropFirst("/dev/fd/".count))
  }

  /// The path with links resolved; a link must belong to the user or root and lead to a file.
  private static func resolved(_ path: String) throws -> String {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else {
      // A new name, or a plain file, which we must be allowed to write even though it is replaced.
      if access(path, F_OK) == 0 && access(path, W_OK) != 0 { throw IOFailure(.create, path: path, errno: errno) }
      return path
    }
    guard status.st_uid == geteuid() || status.st_uid == 0 else {
      throw IOFailure(.create, path: path, errno: ELOOP)
    }
    guard let real = realpath(path, nil) else { throw IOFailure(.create, path: path, errno: errno) }
    defer { free(real) }
    if access(real, W_OK) != 0 { throw IOFailure(.create, path: path, errno: errno) }
    return String(cString: real)
  }
}

/// An output being written: write to `sink`, then `commit()`; without a commit nothing appears under the final name.
public final class FileOutput {
  /// The sink for the content of the file.
  public let sink: ByteSink
  /// The path of the file being written, for libraries that write by name; valid only if it was opened with `isNamed`.
  public let temporaryPath: String
  private let directory: Int32  // -1: written directly
  private let temporary: String
  private let final: String
  private let name: String
  private var nameless: NamelessFile?
  private var pending: PendingFiles.Ticket?
  private var finished = false

  init(direct sink: ByteSink) {
    self.sink = sink
    directory = -1
    temporary = ""
    temporaryPath = ""
    final = ""
    name = sink.name
  }

  /// Writes in the folder of `path` without a name, or under a random one where the file system has no such files,
  /// until `commit()`; `mode` is that of the file it replaces.
  init(replacing path: String, name: String, mode: mode_t?, lineBuffered: Bool, isNamed: Bool) throws {
    let (folder, last) = OutputFile.folderAndName(path)
    guard !last.isEmpty else { throw IOFailure(.create, path: name, errno: path.isEmpty ? ENOENT : EISDIR) }
    let (opened, folderError) = retrying { systemOpen(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0) }
    guard opened >= 0 else { throw IOFailure(.create, path: name, errno: folderError) }
    var random = SystemRandomNumberGenerator()
    temporary = "." + SHA256.hex((0..<12).map { _ in UInt8.random(in: 0...255, using: &random) }) + Self.ending
    temporaryPath = folder == "." ? temporary : folder + temporary
    (directory, final, self.name) = (opened, last, name)
    nameless = isNamed ? nil : NamelessFile(in: opened)
    let descriptor: Int32
    if let nameless {
      descriptor = nameless.descriptor
    } else {
      do { (descriptor, pending) = try Self.create(temporary, in: opened, temporaryPath, name) } catch {
        _ = systemClose(opened)
        throw error
      }
    }
    if let mode { _ = fchmod(descriptor, mode) }
    sink = ByteSink(descriptor: descriptor, name: name, lineBuffered: lineBuffered)
  }

  /// Creates the temporary file, which a signal removes; `name` is for errors.
  private static func create(
    _ temporary: String, in directory: Int32, _ path: String, _ name: String
  ) throws -> (Int32, PendingFiles.Ticket) {
    let ticket = PendingFiles.add(path)
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let (descriptor, error) = retrying { openat(directory, temporary, flags, 0o666) }
    guard descriptor >= 0 else {
      PendingFiles.remove(ticket)
      throw IOFailure(.create, path: name, errno: error)
    }
    return (descriptor, ticket)
  }

  deinit { discard() }

  private static let ending = ".millrace.tmp"

  /// Whether a name is that of a temporary file of an output.
  static func isTemporary(_ name: String) -> Bool {
    name.hasPrefix(".") && name.hasSuffix(ending) && name.utf8.count == 1 + 24 + ending.utf8.count
  }

  /// Completes the output: writes the rest, fsync, link or rename to the final name, fsync of the directory. Throws an
  /// `IOFailure` with status 73 or 74; an old file is then unchanged.
  public func commit() throws {
    guard !finished else { return }
    guard directory >= 0 else {
      finished = true
      return try sink.close()
    }
    do {
      try sink.synchronize()
      try sink.close()
      if try !linked() {
        let (result, error) = retrying { renameat(directory, temporary, directory, final) }
        guard result == 0 else { throw IOFailure(.rename, path: name, errno: error) }
      }
    } catch {
      discard()
      throw error
    }
    finished = true
    nameless?.close()
    pending.map(PendingFiles.remove)
    // The new file is whole and in place; a directory that can't be synced (many can't) doesn't change that.
    _ = retrying { fsync(directory) }
    _ = systemClose(directory)
  }

  /// Gives a file without a name the final one, or the temporary one where it is to replace another file. Returns
  /// false if it has the temporary one.
  private func linked() throws -> Bool {
    guard let nameless else { return false }
    if nameless.link(final, in: directory) == 0 { return true }
    let ticket = PendingFiles.add(temporaryPath)
    pending = ticket
    if nameless.link(temporary, in: directory) == 0 { return false }
    // The file system refuses to name it, perhaps hours after it was opened: its bytes are copied to a named file.
    PendingFiles.remove(ticket)
    pending = nil
    let descriptor: Int32
    (descriptor, pending) = try Self.create(temporary, in: directory, temporaryPath, name)
    let copy = ByteSink(descriptor: descriptor, name: name)
    defer { copy.abandon() }
    try nameless.copy(to: copy)
    try copy.synchronize()
    try copy.close()
    return false
  }

  /// Discards the output; an existing file under the final name is unchanged.
  public func discard() {
    guard !finished else { return }
    finished = true
    sink.abandon()
    guard directory >= 0 else { return }
    nameless?.close()
    // Without a ticket nothing has the name.
    if let pending {
      _ = unlinkat(directory, temporary, 0)
      PendingFiles.remove(pending)
    }
    _ = systemClose(directory)
  }
}

private func systemOpen(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 {
  open(path, flags, mode)
}
