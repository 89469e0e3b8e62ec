import ArgumentParser
import CommandSupport
import Training

/// The options for keeping the state of a run, so that it can be resumed after a stop.
struct CheckpointOptions: ParsableArguments {
  @Option(
    name: .customLong("checkpoint"),
    help: ArgumentHelp(
      "Save the state of the run in this folder at the end of each epoch; the last two are kept.", valueName: "dir"),
    completion: .directory)
  var folder: String?

  @Option(
    name: .customLong("checkpoint-every"),
    help: ArgumentHelp("Save also after every n batches.", valueName: "n"))
  var every: Int?

  @Flag(help: "Continue from the newest checkpoint, or start if there is none.")
  var resume = false

  mutating func validate() throws {
    if folder == nil, every != nil { throw ValidationError("--checkpoint-every needs --checkpoint DIR") }
    if folder == nil, resume { throw ValidationError("--resume needs --checkpoint DIR") }
    if let every, every < 1 { throw ValidationError("--checkpoint-every \(every): 1 or more") }
  }

  /// Creates and locks the folder; without `--resume` it must hold no checkpoint.
  func open(_ context: ToolContext) throws -> CheckpointFolder? {
    guard let folder = try folder.map(CheckpointFolder.init) else { return nil }
    if !folder.isLocked { context.warn(TrainFailure.noLock(folder.path).diagnostic) }
    if !resume, let there = try folder.checkpoints().last { throw TrainFailure.checkpointsThere(there) }
    return folder
  }
}
