import Arrays
import Bytes
import Models

/// An error that ends a training run.
public enum TrainingError: Diagnosable, Equatable {
  /// The loss or a weight is not finite; batch 0 is the validation after the epoch.
  case diverged(epoch: Int, batch: Int, learningRate: Float)
  /// The training examples with a weight above 0 lack a class; `validation` is the number of validation examples.
  case oneClass(LabelCounts, validation: Int)
  /// The validation examples with a weight above 0 lack a class.
  case oneClassValidation(LabelCounts)
  /// The labels that count are all the same number, or there are none.
  case oneNumber(LabelCounts, String)
  /// A table that nothing can be fitted to.
  case table(TableFault)
  /// No loss or optimiser has this name.
  case unknownEntry(String, option: String, allowed: [String])
  /// A method can't learn from these labels.
  case wrongLabels(method: String, reason: String, hint: String)
  /// Another process has locked the folder of checkpoints.
  case folderInUse(path: String)
  /// The file is damaged or not a checkpoint.
  case noCheckpoint(path: String, reason: String)
  /// The checkpoint belongs to a run with another value of `fact`.
  case otherRun(path: String, fact: RunFacts.Fact, other: String)
  /// The number of epochs can no longer change: earlier attempts used it, or more epochs are done.
  case otherEpochs(path: String, epochs: Int, attempt: Int, epoch: Int, now: Int)

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
        hint: "repeat the options and data of that run, or name another folder for a new run")
    case .otherEpochs(let path, let epochs, let attempt, let epoch, let now):
      Diagnostic(
        .usage,
        "--epochs: \(epochs) in the run of this checkpoint, which is in epoch \(epoch) of attempt \(attempt), "
          + "\(now) now",
        at: SourceLocation(source: path),
        hint: attempt > 1
          ? "--epochs \(epochs), as in the attempts before" : "at least --epochs \(epoch - 1), which are done")
    case .oneNumber(let counts, let part) where counts.weighted == 0:
      Self.oneClass(counts, part, "to learn from", "")
    case .oneNumber(let counts, let part):
      Diagnostic(
        .data, "all \(counts.weighted) \(part) examples have the same label: there is nothing to learn",
        hint: "check the label column")
    case .table(let fault): fault.diagnostic
    case .unknownEntry(let name, let option, let allowed):
      Diagnostic(
        .usage, "\(option) \(Diagnostic.quoted(name)) is not known", hint: allowed.joined(separator: ", "))
    case .wrongLabels(let method, let reason, let hint): Diagnostic(.data, "\(method) \(reason)", hint: hint)
    case .diverged(let epoch, let batch, let rate):
      Diagnostic(
        .data,
        "the loss is not a finite number in epoch \(epoch), "
          + (batch == 0 ? "on the validation examples" : "batch \(batch)")
          + ", at learning rate \(rate)",
        hint: "lower the learning rate (--optimiser adam:learning-rate=…), or normalise the features")
    case .oneClassValidation(let counts): Self.oneClass(counts, "validation", "to choose an epoch", Self.otherSplit)
    case .oneClass(let counts, _) where counts.all == 0:
      Diagnostic(
        .data, "every example is a validation example: there is nothing to train on", hint: "a smaller --validation")
    case .oneClass(let counts, _) where counts.positives == counts.weighted:
      Self.oneClass(
        counts, "training", "to learn from",
        "of known interactions alone: --negatives 1x draws negative pairs where the examples are built")
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
  private static func oneClass(_ counts: LabelCounts, _ part: String, _ purpose: String, _ hint: String) -> Diagnostic {
    if counts.weighted == 0, counts.all > 0 {
      return Diagnostic(
        .data, "all \(counts.all) \(part) examples have weight 0: nothing is left \(purpose)",
        hint: "check the weight column")
    }
    let weighted = counts.weighted < counts.all ? " with a weight above 0" : ""
    return Diagnostic(
      .data,
      "\(counts.positives) of \(counts.weighted) \(part) examples\(weighted) are positive: both classes are needed "
        + purpose, hint: hint)
  }
}

/// The labels of a part of the examples.
public struct LabelCounts: Sendable, Equatable {
  /// Positive labels with a weight above 0.
  public var positives: Int
  /// Labels with a weight above 0.
  public var weighted: Int
  /// All examples.
  public var all: Int

  /// Counts of a part.
  public init(positives: Int, weighted: Int, all: Int) {
    (self.positives, self.weighted, self.all) = (positives, weighted, all)
  }

  var isOneClass: Bool { positives == 0 || positives == weighted }

  /// Refuses examples whose labels leave nothing to learn, or nothing to compare epochs on.
  static func check(_ goal: Goal, _ store: any BatchStore, _ split: ValidationSplit) throws(TrainingError) {
    func counts(_ examples: [Int]) -> (LabelCounts, isOneNumber: Bool) {
      let targets = store.targets(of: examples)
      let counted = targets.label.indices.filter { targets.weight[$0] > 0 }
      let labels = counted.map { targets.label[$0] }
      return (
        LabelCounts(positives: labels.count { $0 > 0.5 }, weighted: counted.count, all: examples.count),
        labels.allSatisfy { $0 == labels[0] }
      )
    }
    let (train, isOneNumber) = counts(split.train)
    if goal == .number, isOneNumber, train.all > 0 { throw .oneNumber(train, "training") }
    if goal == .binary || train.all == 0, train.isOneClass {
      throw .oneClass(train, validation: split.validation.count)
    }
    guard !split.validation.isEmpty else { return }
    let validation = counts(split.validation).0
    if goal == .binary, validation.isOneClass { throw .oneClassValidation(validation) }
    if validation.weighted == 0 { throw .oneNumber(validation, "validation") }
  }
}
