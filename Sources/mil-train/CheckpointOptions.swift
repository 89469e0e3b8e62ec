import ArgumentParser
import CommandSupport
import Training

/// Where a run keeps its state, so that it can go on after it was stopped.
struct CheckpointOptions: ParsableArguments {
  @Option(
    name: .customLong("checkpoint"),
    help: ArgumentHelp(
      "Keep the state of the run in this folder, at the end of each epoch; the last two are kept.", valueName: "dir"),
    completion: .directory)
  var folder: String?

  @Option(
    name: .customLong("checkpoint-every"),
    help: ArgumentHelp("And after every so many batches.", valueName: "n"))
  var every: Int?

  @Flag(help: "Go on from the newest checkpoint; where there is none, start.")
  var resume = false

  mutating func validate() throws {
    if folder == nil, every != nil { throw ValidationError("--checkpoint-every needs --checkpoint DIR") }
    if folder == nil, resume { throw ValidationError("--resume needs --checkpoint DIR") }
    if let every, every < 1 { throw ValidationError("--checkpoint-every \(every): 1 or more") }
  }

  /// The folder, made and locked; a run that does not go on wants it without checkpoints.
  func open(_ context: ToolContext) throws -> CheckpointFolder? {
    guard let folder = try folder.map(CheckpointFolder.init) else { return nil }
    if !folder.isLocked { context.warn(TrainFailure.noLock(folder.path).diagnostic) }
    if !resume, let there = try folder.checkpoints().last { throw TrainFailure.checkpointsThere(there) }
    return folder
  }
}
