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
  public var learningRate: Float = 0.001
  public var weightDecay: Float = 0
  public var seed: UInt64 = 1
  public var threads = 1
  /// Whether the order of each unit's two sides is drawn anew in every epoch and validation averages both.
  public var drawsOrder = false
  /// How often a collapsed run (all units in one class) begins again from other weights.
  public var restarts = 3

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
  public let isBest: Bool
  public let seconds: Double
  /// Logits of the validation units in the order of the split.
  public let validationLogits: [Float]
}

/// What a run ends with.
public struct TrainingOutcome: Sendable {
  public let bestEpoch: Int
  public let attempts: Int
  public let epochsRun: Int
  /// Recall and specificity of the kept model at probability 0.5 on the units that chose it.
  public let recall: Double
  public let specificity: Double
  /// Whether even the last attempt called nearly everything by one class.
  public var isCollapsed: Bool { TrainingOutcome.isCollapsed(recall: recall, specificity: specificity) }

  static func isCollapsed(recall: Double, specificity: Double) -> Bool { min(recall, specificity) <= 0.1 }
}
