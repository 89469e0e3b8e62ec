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

/// What a run ends with.
public struct TrainingOutcome: Sendable {
  /// The epoch that is kept, counted from 1 in its attempt.
  public let bestEpoch: Int
  /// Attempts made, the first one too; the kept one need not be the last.
  public let attempts: Int
  /// Epochs of the attempt that is kept.
  public let epochsRun: Int
  /// The share of the positive units at probability 0.5 or above, of those that chose the model; 1 if none is positive.
  public let recall: Double
  /// The share of the negative units below probability 0.5, of those that chose the model; 1 if none is negative.
  public let specificity: Double
  /// Whether even the last attempt called nearly everything by one class.
  public var isCollapsed: Bool { TrainingOutcome.isCollapsed(recall: recall, specificity: specificity) }

  static func isCollapsed(recall: Double, specificity: Double) -> Bool { min(recall, specificity) <= 0.1 }
}
