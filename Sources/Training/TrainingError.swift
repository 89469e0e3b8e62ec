import Bytes

/// Why a training run could not go on.
public enum TrainingError: Diagnosable, Equatable {
  /// The loss or a weight is no finite number any more; batch 0 stands for the validation after the epoch.
  case diverged(epoch: Int, batch: Int, learningRate: Float)
  /// The training units with a weight above 0 lack a class; beside them there are so many units of `validation`.
  case oneClass(Counts, validation: Int)
  /// The validation units with a weight above 0 lack a class.
  case oneClassValidation(Counts)
  /// Another process works in the folder of checkpoints.
  case folderInUse(path: String)
  /// A file that is no checkpoint, or a damaged one.
  case noCheckpoint(path: String, reason: String)
  /// A checkpoint of a run that was given something else.
  case otherRun(path: String, fact: RunFacts.Fact, other: String)
  /// A checkpoint of a run that another number of epochs would have made another one.
  case otherEpochs(path: String, epochs: Int, attempt: Int, epoch: Int, now: Int)

  /// The number of units of a part.
  public struct Counts: Sendable, Equatable {
    /// Positive units with a weight above 0.
    public var positives: Int
    /// Units with a weight above 0.
    public var weighted: Int
    /// All units.
    public var all: Int

    /// Counts of a part.
    public init(positives: Int, weighted: Int, all: Int) {
      (self.positives, self.weighted, self.all) = (positives, weighted, all)
    }

    var isOneClass: Bool { positives == 0 || positives == weighted }
  }

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
    case .oneClassValidation(let counts): Self.oneClass(counts, "validation", "to choose an epoch", Self.otherSplit)
    case .oneClass(let counts, _) where counts.all == 0:
      Diagnostic(.data, "every bag is a validation bag: there is nothing to train on", hint: "a smaller --validation")
    case .oneClass(let counts, _) where counts.positives == counts.weighted:
      Self.oneClass(
        counts, "training", "to learn from",
        "of known interactions alone: --negatives 1x draws negative pairs where the bags are built")
    case .oneClass(let counts, let validation):
      Self.oneClass(
        counts, "training", "to learn from",
        validation == 0 ? Self.labels : "\(Self.labels), or another --seed for the split")
    }
  }

  private static let labels = "check the label column of the pairs"
  private static let otherSplit =
    "a larger --validation, another --seed, or --validation 0, which keeps the last epoch"

  /// The diagnostic of a part without two classes, or without a weight above 0.
  private static func oneClass(_ counts: Counts, _ part: String, _ purpose: String, _ hint: String) -> Diagnostic {
    if counts.weighted == 0, counts.all > 0 {
      return Diagnostic(
        .data, "all \(counts.all) \(part) bags have weight 0: nothing is left \(purpose)",
        hint: "check the weight column")
    }
    let weighted = counts.weighted < counts.all ? " with a weight above 0" : ""
    return Diagnostic(
      .data,
      "\(counts.positives) of \(counts.weighted) \(part) bags\(weighted) are positive: both classes are needed "
        + purpose, hint: hint)
  }
}
