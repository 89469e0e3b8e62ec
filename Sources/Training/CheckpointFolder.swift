import Bytes

/// The folder that holds the last two checkpoints of one run.
public final class CheckpointFolder {
  private let folder: LockedFolder
  private static let beginning = "checkpoint-"
  private static let ending = ".safetensors"

  /// The path as it was given.
  public var path: String { folder.path }
  /// Whether the folder is locked; on a file system without locks two runs could write to it at once.
  public var isLocked: Bool { folder.isLocked }

  /// Opens and locks the folder, and creates it if it is missing. Throws `TrainingError.folderInUse` while another
  /// process has locked it, and `IOFailure` with status 73 or 74.
  public init(path: String) throws {
    guard let folder = try LockedFolder(path: path) else { throw TrainingError.folderInUse(path: path) }
    self.folder = folder
  }

  /// The paths of the checkpoints, oldest first. Throws an `IOFailure` with status 74.
  public func checkpoints() throws -> [String] { try names().map { "\(path)/\($0)" } }

  private func names() throws -> [String] {
    try folder.names().filter { name in
      let number = name.dropFirst(Self.beginning.count).dropLast(Self.ending.count)
      return name.hasPrefix(Self.beginning) && name.hasSuffix(Self.ending) && number.utf8.count == 15
        && number.utf8.allSatisfy { (48...57).contains($0) }
    }
  }

  /// Returns the newest undamaged checkpoint and its path, or nil if the folder has none. Warns of a damaged one and
  /// takes the one before it. Throws what `read` throws; if all are damaged, the error of the newest.
  public func newest(
    _ read: (_ path: String) throws -> Checkpoint, warn: (Diagnostic) -> Void
  ) throws -> (checkpoint: Checkpoint, path: String)? {
    var damaged: TrainingError?
    for path in try checkpoints().reversed() {
      do {
        let checkpoint = try read(path)
        if var diagnostic = damaged?.diagnostic {
          diagnostic.hint = "the one before it is taken"
          warn(diagnostic)
        }
        return (checkpoint, path)
      } catch let error as TrainingError {
        guard case .noCheckpoint = error else { throw error }
        damaged = damaged ?? error
      }
    }
    if let damaged { throw damaged }
    return nil
  }

  /// Writes a checkpoint, whole or not at all, and removes all older ones except the last. Throws an `IOFailure` with
  /// status 73 or 74.
  public func save(_ checkpoint: Checkpoint) throws {
    let digits = String(checkpoint.state.updates)
    let name = Self.beginning + String(repeating: "0", count: max(0, 15 - digits.count)) + digits + Self.ending
    let output = try OutputFile.open(path: "\(path)/\(name)", mayReplaceInput: true)
    try output.sink.write(checkpoint.bytes())
    try output.commit()
    let names = try names()
    let before = names.last { $0 < name }
    for other in names where other != name && other != before { folder.remove(other) }
  }
}
