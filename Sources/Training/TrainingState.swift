import Models

/// The complete state of a training run between two batches: with plan, data and initial models it determines the rest
/// of the run. Random numbers need no state: each is a function of the seed and of these counts.
public struct TrainingState: Sendable, Equatable {
  /// The attempt, from 1.
  public var attempt: Int
  /// The current epoch, from 1; the last plus 1 when all are done.
  public var epoch = 1
  /// The number of batches done in the epoch.
  public var batches = 0
  /// The sum of the losses of these batches.
  public var lossSum = 0.0
  /// The number of updates in all attempts.
  public var updates: Int
  /// Weights and running statistics.
  public var parameters: Parameters
  /// The optimiser's moments and step.
  public var optimiser: Optimiser
  /// The best epoch of this attempt so far.
  public var best: BestEpoch?
  /// The best of the earlier attempts.
  public var kept: AttemptResult?

  /// Creates the initial state of an attempt.
  public init(attempt: Int, updates: Int, parameters: Parameters, optimiser: Optimiser, kept: AttemptResult?) {
    (self.attempt, self.updates, self.parameters) = (attempt, updates, parameters)
    (self.optimiser, self.kept) = (optimiser, kept)
  }
}

/// The best epoch of an attempt.
public struct BestEpoch: Sendable, Equatable {
  /// The number of the epoch, from 1.
  public var epoch: Int
  /// The loss on the validation set, with the fitted offset.
  public var loss: Double
  /// The cost by which epochs are compared, the less the better: the loss, or the criterion.
  public var cost: Double
  /// Weights and running statistics, with the fitted offset.
  public var parameters: Parameters
  /// The outputs for the validation set in its order, with the fitted offset.
  public var outputs: [Float]

  /// Creates a best epoch from its parts.
  public init(epoch: Int, loss: Double, cost: Double, parameters: Parameters, outputs: [Float]) {
    (self.epoch, self.loss, self.cost, self.parameters, self.outputs) = (epoch, loss, cost, parameters, outputs)
  }
}

/// The result of an attempt.
public struct AttemptResult: Sendable, Equatable {
  /// The number of the attempt, from 1.
  public var attempt: Int
  /// The number of epochs it ran.
  public var epochsRun: Int
  /// The best of its epochs.
  public var best: BestEpoch

  /// Creates a result from its parts.
  public init(attempt: Int, epochsRun: Int, best: BestEpoch) {
    (self.attempt, self.epochsRun, self.best) = (attempt, epochsRun, best)
  }
}

/// The error thrown when the observer cancels, with the state after the last whole batch.
public struct TrainingStopped: Error {
  /// The state from which the run can continue.
  public let state: TrainingState
}
