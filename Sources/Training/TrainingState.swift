import Models

/// All there is of a training run between two batches: with the plan, the data and the models' starts it decides
/// everything that follows. Random numbers have no state: each is a function of the seed and of these counts.
public struct TrainingState: Sendable, Equatable {
  /// Which run from fresh weights it is, from 1.
  public var attempt: Int
  /// The epoch, from 1; one beyond the last when all are done.
  public var epoch = 1
  /// The batches of the epoch that are done.
  public var batches = 0
  /// The sum of their losses.
  public var lossSum = 0.0
  /// The updates of all attempts.
  public var updates: Int
  /// Weights and running statistics.
  public var parameters: Parameters
  /// Its moments and its step.
  public var optimiser: Adam
  /// The best epoch so far of this attempt.
  public var best: BestEpoch?
  /// The best of the attempts before.
  public var kept: AttemptResult?

  /// The start of an attempt.
  public init(attempt: Int, updates: Int, parameters: Parameters, optimiser: Adam, kept: AttemptResult?) {
    (self.attempt, self.updates, self.parameters) = (attempt, updates, parameters)
    (self.optimiser, self.kept) = (optimiser, kept)
  }
}

/// The epoch that an attempt would keep.
public struct BestEpoch: Sendable, Equatable {
  /// Its number, from 1.
  public var epoch: Int
  /// The loss of the units that judge.
  public var loss: Double
  /// Weights and running statistics, with the fitted offset.
  public var parameters: Parameters
  /// The logits of the units that judge, in their order, with the fitted offset.
  public var logits: [Float]

  /// An epoch of these parts.
  public init(epoch: Int, loss: Double, parameters: Parameters, logits: [Float]) {
    (self.epoch, self.loss, self.parameters, self.logits) = (epoch, loss, parameters, logits)
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

  /// A result of these parts.
  public init(attempt: Int, epochsRun: Int, best: BestEpoch) {
    (self.attempt, self.epochsRun, self.best) = (attempt, epochsRun, best)
  }
}

/// Thrown when the observer cancels: the run as it stood after its last whole batch.
public struct TrainingStopped: Error {
  /// From here the run can go on.
  public let state: TrainingState
}
