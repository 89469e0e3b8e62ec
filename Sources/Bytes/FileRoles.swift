import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The files that a run reads and those that it replaces: none may be both, as the input would be lost.
///
/// A tool keeps account from its beginning on; in a program that uses the library a file may be read and then replaced.
/// What a run reads in order to go on with it (a checkpoint, a log, an index, an older state) is replaced in any case.
public enum FileRoles {
  /// The error of a file that is read and replaced; status 64.
  struct Clash: Diagnosable {
    let output: String
    let input: String

    var diagnostic: Diagnostic {
      let name = input == "standard input" ? input : "the input \(input)"
      return Diagnostic(.usage, "the output \(output) would take the place of \(name)", hint: "write to another file")
    }
  }

  private struct File: Hashable {
    let device: UInt64
    let number: UInt64

    /// Nil for what is no regular file, which nothing replaces.
    init?(_ status: stat) {
      guard status.st_mode & S_IFMT == S_IFREG else { return nil }
      (device, number) = (UInt64(truncatingIfNeeded: status.st_dev), UInt64(truncatingIfNeeded: status.st_ino))
    }
  }

  private struct Account {
    var isKept = false
    var inputs: [File: String] = [:]
    var outputs: [File: String] = [:]
  }

  private static let account = Mutex(Account())

  /// Keeps account from now on.
  public static func begin() { account.withLock { $0.isKept = true } }

  /// Notes an input that has been opened; throws a `Clash`.
  static func read(_ status: stat, _ name: String) throws {
    guard let file = File(status) else { return }
    try account.withLock { account in
      guard account.isKept else { return }
      if let output = account.outputs[file] { throw Clash(output: output, input: name) }
      account.inputs[file] = name
    }
  }

  /// Notes the file of an output that is opened later; throws a usage error where the run has read it.
  public static func announce(output path: String) throws {
    var status = stat()
    if stat(path, &status) == 0 { try replace(status, path) }
  }

  /// Notes a file that an output will replace; throws a `Clash`.
  static func replace(_ status: stat, _ name: String) throws {
    guard let file = File(status) else { return }
    try account.withLock { account in
      guard account.isKept else { return }
      if let input = account.inputs[file] { throw Clash(output: name, input: input) }
      account.outputs[file] = name
    }
  }
}
