/// Everything that decides a training run, beside the model and the data.
public struct TrainingPlan: Sendable {
  /// Units (bags) in a batch.
  public var batchSize = 128
  /// At most this many passes over the training units.
  public var epochs = 100
  /// Epochs without a better validation before it stops; 0 never stops early.
  public var patience = 15
  /// And at least this many updates, as small sets have few in an epoch.
  public var patienceUpdates = 300
  /// Adam's step size α.
  public var learningRate: Float = 0.001
  /// The L2 penalty, as part of the gradient; 0 is none.
  public var weightDecay: Float = 0
  /// Of the order of units and sides and of dropout; the weights' start has its own, with the model.
  public var seed: UInt64 = 1
  /// At least 1; the parameters are the same for any number.
  public var threads = 1
  /// Whether the order of each unit's two sides is drawn anew in every epoch and validation averages both.
  public var drawsOrder = false
  /// How often a collapsed run (all units in one class) begins again from other weights.
  public var restarts = 3

  /// The defaults of mil-train, but on one thread.
  public init() {}

  /// The number of batches of an epoch over `units` units.
  func batches(of units: Int) -> Int { (units + batchSize - 1) / batchSize }

  /// Whether patience has run out after an epoch of `batches` batches, in epochs and in updates: small sets have few
  /// updates per epoch.
  func isOutOfPatience(after epoch: Int, best: Int, batches: Int) -> Bool {
    let waited = epoch - best
    return patience > 0 && waited >= patience && waited * batches >= patienceUpdates
  }
}

/// One line of the training log.
public struct EpochReport: Sendable {
  /// Counted from 1, anew in each attempt.
  public let epoch: Int
  /// 1, and one more for each restart after a collapse.
  public let attempt: Int
  /// Mean of the batch losses, dropout on.
  public let trainLoss: Double
  /// Loss over all validation units in inference mode; nil without any.
  public let validationLoss: Double?
  /// Whether its parameters are the ones to keep so far; always true without validation units.
  public let isBest: Bool
  /// Wall time of the epoch and its validation.
  public let seconds: Double
  /// Logits of the validation units in the order of the split.
  public let validationLogits: [Float]
}

/// The result of a run.
public struct TrainingOutcome: Sendable {
  /// The attempt that is kept, from 1; it need not be the last.
  public let keptAttempt: Int
  /// The epoch of that attempt that is kept, from 1.
  public let bestEpoch: Int
  /// The number of attempts made, the first included.
  public let attempts: Int
  /// The number of epochs of the kept attempt.
  public let epochsRun: Int
  /// The share of the positive units at probability 0.5 or above, among those that chose the epoch; 1 without any.
  public let recall: Double
  /// The share of the negative units below probability 0.5, among those that chose the epoch; 1 without any.
  public let specificity: Double
  /// Whether the kept attempt has learned nothing: recall or specificity is at most 0.1 at the logit of the least loss
  /// for a model that knows the counts of the classes alone.
  public let isCollapsed: Bool
  /// Whether recall or specificity at probability 0.5 is at most 0.1; a loss that counts the classes by their frequency
  /// gives that without a collapse.
  public var isOneSided: Bool { TrainingOutcome.isOneSided(recall: recall, specificity: specificity) }

  static func isOneSided(recall: Double, specificity: Double) -> Bool { min(recall, specificity) <= 0.1 }
}
