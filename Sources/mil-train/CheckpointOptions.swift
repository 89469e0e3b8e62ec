import ArgumentParser
import Bags
import CommandSupport
import Training

/// The options for keeping the state of a run, so that it can be resumed after a stop.
struct CheckpointOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Save the state of the run in this folder at the end of each epoch, and after every n batches; the last two are \
      kept.
      """, valueName: "dir[,every=n]"),
    completion: .directory, transform: Checkpointing.init(parsing:))
  var checkpoint: Checkpointing?

  @Flag(help: "Continue from the newest checkpoint, or start if there is none.")
  var resume = false

  mutating func validate() throws {
    if folder == nil, resume { throw ValidationError("--resume needs --checkpoint DIR") }
  }

  /// The folder of the checkpoints; nil where none are kept.
  var folder: String? { checkpoint?.folder }

  /// The folder of checkpoints, and the batches between two of them.
  struct Checkpointing {
    let folder: String
    /// The number of batches after which the state is saved within an epoch; nil saves at its end alone.
    let every: Int?

    /// Reads `DIR[,every=N]`; throws a usage error.
    init(parsing text: String) throws {
      let file = try FileSettings(
        parsing: text[...], names: ["every"], guide: "the setting of checkpoints is every=N",
        refuse: ValidationError.init)
      folder = String(file.path)
      every = try file.values["every"].map { text in
        guard let number = Int(text), number > 0 else { throw ValidationError("every=\(text): 1 or more") }
        return number
      }
    }
  }

  /// Creates and locks the folder; without `--resume` it must hold no checkpoint.
  func open(_ context: ToolContext) throws -> CheckpointFolder? {
    guard let folder = try folder.map(CheckpointFolder.init) else { return nil }
    if !folder.isLocked { context.warn(TrainFailure.noLock(folder.path).diagnostic) }
    if !resume, let there = try folder.checkpoints().last { throw TrainFailure.checkpointsThere(there) }
    return folder
  }
}
