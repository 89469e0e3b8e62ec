import Bytes

/// Why a training run could not go on.
public enum TrainingError: Diagnosable, Equatable {
  /// The loss or a weight is no finite number any more; batch 0 stands for the validation after the epoch.
  case diverged(epoch: Int, batch: Int, learningRate: Float)
  /// The training units with a weight above 0 hold one class only.
  case oneClass(positives: Int, units: Int)
  /// The validation units hold one class only.
  case oneClassValidation(positives: Int, units: Int)
  /// Another process works in the folder of checkpoints.
  case folderInUse(path: String)
  /// A file that is no checkpoint, or a damaged one.
  case noCheckpoint(path: String, reason: String)
  /// A checkpoint of a run that was given something else.
  case otherRun(path: String, fact: RunFacts.Fact, other: String)
  /// A checkpoint of a run that another number of epochs would have made another one.
  case otherEpochs(path: String, epochs: Int, attempt: Int, epoch: Int, now: Int)

  /// As a user reads it; status 64 for other options than the checkpoint's run had, 73 for a folder in use, else 65.
  public var diagnostic: Diagnostic {
    switch self {
    case .folderInUse(let path):
      Diagnostic(
        .cannotCreate, "another run keeps its checkpoints there", at: Place(source: path),
        hint: "a folder of its own for each run, or wait until that one has ended")
    case .noCheckpoint(let path, let reason):
      Diagnostic(
        .data, "not a checkpoint of this suite: \(reason)", at: Place(source: path),
        hint: "remove it, to go on from the one before it or to start anew")
    case .otherRun(let path, let fact, let other):
      Diagnostic(
        fact.isOption ? .usage : .data,
        "\(fact.name): \(other) in the run of this checkpoint, \(fact.value) now", at: Place(source: path),
        hint: "give what that run was given, or another folder for another run")
    case .otherEpochs(let path, let epochs, let attempt, let epoch, let now):
      Diagnostic(
        .usage,
        "--epochs: \(epochs) in the run of this checkpoint, which is in epoch \(epoch) of attempt \(attempt), "
          + "\(now) now",
        at: Place(source: path),
        hint: attempt > 1
          ? "--epochs \(epochs), as in the attempts before" : "at least --epochs \(epoch - 1), which are done")
    case .diverged(let epoch, let batch, let rate):
      Diagnostic(
        .data,
        "the loss is not a finite number in epoch \(epoch), "
          + (batch == 0 ? "on the validation bags" : "batch \(batch)")
          + ", at learning rate \(rate)",
        hint: "lower --learning-rate, or normalise the features")
    case .oneClassValidation(let positives, let units):
      Diagnostic(
        .data, "\(positives) of \(units) validation bags are positive: both classes are needed to choose an epoch",
        hint: "a larger --validation, another --seed, or --validation 0, which keeps the last epoch")
    case .oneClass(let positives, let units):
      Diagnostic(
        .data, "\(positives) of \(units) training bags are positive: both classes are needed",
        hint: positives == units && units > 0
          ? "of known interactions alone: --negatives 1x draws negative pairs where the bags are built"
          : "check the label column of the pairs")
    }
  }
}
