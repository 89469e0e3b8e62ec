import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The files that a run reads and those that it replaces: none may be both, as the input would be lost.
///
/// A tool keeps account from its beginning on; in a program that uses the library a file may be read and then replaced.
/// Checkpoints, logs, indexes and older states that a run continues are exempt: `DescriptorSource` with `isInput`
/// false, `OutputFile.open` with `mayReplaceInput`.
public enum FileRoles {
  /// The error of a file that is read and replaced; status 64.
  struct Clash: Diagnosable {
    let output: String
    let input: String

    var diagnostic: Diagnostic {
      Diagnostic(
        .usage, FileRoles.fault("the output \(output)", replaces: input), hint: "write to another file")
    }
  }

  /// The text of the error that an output would replace an input, which is named as `DescriptorSource` names it.
  public static func fault(_ output: String, replaces input: String) -> String {
    "\(output) would take the place of \(input == DescriptorSource.standardInput ? input : "the input \(input)")"
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
    try note(status, name, as: \.inputs, against: \.outputs) { Clash(output: $0, input: name) }
  }

  /// Notes the file of an output that is opened later; throws a usage error where the run has read it.
  public static func announce(output path: String) throws {
    var status = stat()
    if stat(path, &status) == 0 { try replace(status, path) }
  }

  /// Notes a file that an output will replace; throws a `Clash`.
  static func replace(_ status: stat, _ name: String) throws {
    try note(status, name, as: \.outputs, against: \.inputs) { Clash(output: name, input: $0) }
  }

  private static func note(
    _ status: stat, _ name: String, as role: WritableKeyPath<Account, [File: String]>,
    against other: KeyPath<Account, [File: String]>, _ clash: (_ other: String) -> Clash
  ) throws {
    guard let file = File(status) else { return }
    try account.withLock { account in
      guard account.isKept else { return }
      if let other = account[keyPath: other][file] { throw clash(other) }
      account[keyPath: role][file] = name
    }
  }
}
