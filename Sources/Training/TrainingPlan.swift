import Arrays

/// The settings that, with model and data, determine a training run.
public struct TrainingPlan: Sendable {
  /// The number of examples in a batch.
  public var batchSize = 128
  /// The largest number of passes over the training examples.
  public var epochs = 100
  /// The number of epochs without a better validation loss (or criterion) after which training stops; 0 never stops
  /// early.
  public var patience = 15
  /// The least number of updates in these epochs, because small sets have few updates per epoch.
  public var patienceUpdates = 300
  /// The optimiser and its settings.
  public var optimiser = OptimiserPlan()
  /// The measure that chooses the epoch; nil is the loss.
  public var criterion: Criterion?
  /// The seed of the order of examples and sides and of dropout; initial weights come with the model.
  public var seed: UInt64 = 1
  /// The number of threads, at least 1; the parameters do not depend on it.
  public var threads = 1
  /// Whether the order of each example's two sides is drawn in every epoch and validation averages both orders.
  public var drawsOrder = false
  /// The negatives drawn anew in each epoch for each positive, by stores that draw them; nil takes all.
  public var negatives: Int?
  /// The units (instances) drawn anew in each epoch of an example with more of them; nil takes all.
  public var unitsPerExample: Int?
  /// The largest number of further attempts after one that has collapsed (all examples in one class).
  public var restarts = 3

  /// Creates a plan with the defaults of mil-train, on one thread.
  public init() {}

  /// The random choices behind a batch of `count` examples of an epoch.
  func draw(seed: UInt64, _ epoch: Int, of count: Int, swapped: [Bool]? = nil) -> Draw {
    Draw(
      seed: seed, epoch: epoch, swapped: swapped, negatives: negatives,
      limits: unitsPerExample.map { [Int](repeating: $0, count: count) })
  }

  /// The number of batches of an epoch over `examples` examples.
  func batches(of examples: Int) -> Int { (examples + batchSize - 1) / batchSize }

  /// Whether patience has run out after an epoch of `batches` batches, in epochs and in updates: small sets have few
  /// updates per epoch.
  func isOutOfPatience(after epoch: Int, best: Int, batches: Int) -> Bool {
    let waited = epoch - best
    return patience > 0 && waited >= patience && waited * batches >= patienceUpdates
  }
}

/// The figures of one epoch, for the training log.
public struct EpochReport: Sendable {
  /// The epoch in its attempt, from 1.
  public let epoch: Int
  /// The attempt, from 1.
  public let attempt: Int
  /// The mean loss of the batches, with dropout.
  public let trainLoss: Double
  /// The loss over all validation examples in inference mode; nil without validation examples.
  public let validationLoss: Double?
  /// Whether it is the best epoch of its attempt so far; always true without validation examples.
  public let isBest: Bool
  /// The wall time of the epoch and its validation, in seconds.
  public let seconds: Double
  /// The value of `TrainingPlan.criterion` on the validation examples; nil without one, or where it is undefined.
  public let criterion: Double?
  /// The outputs for the validation targets in the order of the split, with the fitted offset.
  public let validationOutputs: [Float]
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
  /// For two classes: the share of the positive examples at probability 0.5 or above, among those that chose the epoch,
  /// 1 without any; 1 for numbers.
  public let recall: Double
  /// For two classes: the share of the negative examples below probability 0.5, likewise.
  public let specificity: Double
  /// The loss on the examples that chose the epoch.
  public let loss: Double
  /// Whether the kept attempt has learned nothing: recall or specificity is at most 0.1 at the logit of the least loss
  /// for a model that knows the counts of the classes alone.
  public let isCollapsed: Bool
  /// Whether recall or specificity at probability 0.5 is at most 0.1; a loss that counts the classes by their frequency
  /// gives that without a collapse.
  public var isOneSided: Bool { Remedies.isOneSided(recall: recall, specificity: specificity) }
}
