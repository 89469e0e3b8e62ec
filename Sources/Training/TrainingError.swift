import Bytes

/// An error that ends a training run.
public enum TrainingError: Diagnosable, Equatable {
  /// The loss or a weight is not finite; batch 0 is the validation after the epoch.
  case diverged(epoch: Int, batch: Int, learningRate: Float)
  /// The training units with a weight above 0 lack a class; `validation` is the number of validation units.
  case oneClass(Counts, validation: Int)
  /// The validation units with a weight above 0 lack a class.
  case oneClassValidation(Counts)
  /// Another process has locked the folder of checkpoints.
  case folderInUse(path: String)
  /// The file is damaged or not a checkpoint.
  case noCheckpoint(path: String, reason: String)
  /// The checkpoint belongs to a run with another value of `fact`.
  case otherRun(path: String, fact: RunFacts.Fact, other: String)
  /// The number of epochs can no longer change: earlier attempts used it, or more epochs are done.
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

  /// The message for the user: status 64 for options other than the checkpoint's, 73 for a locked folder, else 65.
  public var diagnostic: Diagnostic {
    switch self {
    case .folderInUse(let path):
      Diagnostic(
        .cannotCreate, "another run keeps its checkpoints there", at: SourceLocation(source: path),
        hint: "name another folder, or wait until that run has ended")
    case .noCheckpoint(let path, let reason):
      Diagnostic(
        .data, "not a checkpoint of this suite: \(reason)", at: SourceLocation(source: path),
        hint: "remove it, to go on from the one before it or to start anew")
    case .otherRun(let path, let fact, let other):
      Diagnostic(
        fact.isOption ? .usage : .data,
        "\(fact.name): \(other) in the run of this checkpoint, \(fact.value) now", at: SourceLocation(source: path),
        hint: "repeat the options and bags of that run, or name another folder for a new run")
    case .otherEpochs(let path, let epochs, let attempt, let epoch, let now):
      Diagnostic(
        .usage,
        "--epochs: \(epochs) in the run of this checkpoint, which is in epoch \(epoch) of attempt \(attempt), "
          + "\(now) now",
        at: SourceLocation(source: path),
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
