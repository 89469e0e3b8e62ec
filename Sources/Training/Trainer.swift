import Arrays
import Bytes
import Models

/// Fits a differentiable model to labelled examples by gradients on batches, with early stopping, the remedies against
/// a collapse, and restarts (`Remedies`).
///
/// The same plan, examples and model give bit-identical parameters at any number of threads.
public struct Trainer: Sendable {
  /// The settings of all attempts.
  public let plan: TrainingPlan
  let objective: any Objective

  /// Creates a trainer that minimises `objective`. It has no state and may serve several runs.
  public init(plan: TrainingPlan, objective: any Objective) {
    self.plan = plan
    self.objective = objective
  }

  /// Callbacks during a run.
  public struct Observer {
    /// Receives the report of each epoch after its validation; an error it throws ends the run.
    public var epoch: (EpochReport) throws -> Void = { _ in }
    /// Receives after each batch the epoch (from 1), the examples done in it, and all training examples.
    public var progress: (Int, Int, Int) -> Void = { _, _, _ in }
    /// Called after each batch; true ends the run with `TrainingStopped`.
    public var isCancelled: () -> Bool = { false }
    /// Receives the state at the end of each epoch, after `epoch`, and after every `stateInterval` updates.
    public var state: ((TrainingState) throws -> Void)?
    /// The number of updates between two calls of `state`, at least 1.
    public var stateInterval = Int.max
    /// Receives the model of the best epoch so far before a run ends with `TrainingError.diverged`.
    public var lastGood: (any Model) -> Void = { _ in }
    /// Creates an observer that ignores everything and never cancels.
    public init() {}
  }

  /// Trains `makeModel(attempt)` and returns it with the parameters of its best epoch.
  ///
  /// An attempt that has collapsed (recall or specificity of at most 0.1 at the rest logit on the validation set) is
  /// followed by another with the next weights, at most `plan.restarts` times. The attempt with the least cost is kept,
  /// one that has not collapsed before one that has. A run that continues from a `state` ends as the uninterrupted run
  /// with the same plan, examples and models.
  ///
  /// - Throws: `TrainingError`, `TrainingStopped` when the observer cancels, and what the observer throws.
  public func train(
    store: any BatchStore, split: ValidationSplit, makeModel: (_ attempt: Int) throws -> any Differentiable,
    from state: TrainingState? = nil, observer: Observer = Observer()
  ) throws -> (model: any Differentiable, outcome: TrainingOutcome) {
    try LabelCounts.check(objective.goal, store, split)
    let validation = Remedies(split, of: store, objective)
    var model = try makeModel(state?.attempt ?? 1)
    var (next, isFresh) = (state ?? start(1, model, after: nil, updates: 0), state == nil)
    while true {
      var run = Attempt(next, model: model, trainer: self, store: store, split: split, validation: validation)
      if isFresh { run.center() }
      do {
        try run.train(observer)
      } catch let error as TrainingError {
        // An earlier attempt that has ended is better than one that diverged.
        if next.kept != nil { break }
        if let result = try run.settledResult() { observer.lastGood(Self.model(model, result)) }
        throw error
      }
      guard let result = run.result else { preconditionFailure("at least one epoch ends") }
      if next.kept.map({ validation.prefers(result, to: $0) }) ?? true { next.kept = result }
      if !validation.isCollapsed(result) || next.attempt > plan.restarts { break }
      model = try makeModel(next.attempt + 1)
      (next, isFresh) = (start(next.attempt + 1, model, after: next.kept, updates: run.now.updates), true)
    }
    guard let kept = next.kept else { preconditionFailure("at least one attempt ends") }
    return (Self.model(model, kept), validation.outcome(kept, attempts: next.attempt))
  }

  /// Takes as much memory as a run will, with the largest batches of its first epochs, and returns a state of the size
  /// that its checkpoints will have.
  public func rehearse(
    store: any BatchStore, split: ValidationSplit, model: any Differentiable
  ) -> TrainingState {
    let validation = Remedies(split, of: store, objective)
    let start = start(1, model, after: nil, updates: 0)
    var run = Attempt(start, model: model, trainer: self, store: store, split: split, validation: validation)
    run.rehearse()
    return run.now
  }

  /// The initial state of an attempt.
  private func start(
    _ attempt: Int, _ model: any Differentiable, after kept: AttemptResult?, updates: Int
  ) -> TrainingState {
    let optimiser = Optimiser(plan.optimiser, for: model.parameters)
    return TrainingState(
      attempt: attempt, updates: updates, parameters: model.parameters, optimiser: optimiser, kept: kept)
  }

  /// A model of the same architecture with the parameters that an attempt keeps.
  private static func model(_ model: any Differentiable, _ result: AttemptResult) -> any Differentiable {
    var model = model
    model.parameters = result.best.parameters
    return model
  }

  /// Returns the outputs of a model for examples, in their order, as epochs are compared by them.
  public func outputs(of examples: [Int], _ model: any Model, _ store: any BatchStore) -> [Float] {
    outputs(of: examples, model, store, Tape(threads: plan.threads)) ?? []
  }

  /// The units that a network of entities scores at a time, where a batch has fewer.
  private static let entityBatch = 4096

  /// Returns the outputs for examples in inference mode, in their order; with `plan.drawsOrder`, of the mean of both
  /// orders of the sides. Nil if cancelled.
  func outputs(
    of examples: [Int], _ model: any Model, _ store: any BatchStore, _ tape: Tape,
    until isCancelled: () -> Bool = { false }
  ) -> [Float]? {
    var result: [Float] = []
    result.reserveCapacity(examples.count)
    // A large batch of a network of entities computes each of them once for more examples.
    let most = (model as? Network)?.pointsToEntities == true ? Self.entityBatch : 0
    var end = 0
    while end < examples.count {
      let start = end
      end = min(start + plan.batchSize, examples.count)
      var units = examples[start..<end].reduce(0) { $0 + store.size(of: $1) }
      while end < examples.count, units + store.size(of: examples[end]) <= most {
        units += store.size(of: examples[end])
        end += 1
      }
      let chunk = Array(examples[start..<end])
      let batch = store.batch(chunk, nil)
      var scores = model.score(batch, tape)
      if plan.drawsOrder {
        let all = [Bool](repeating: true, count: chunk.count)
        let exchanged = model.score(store.batch(chunk, Draw(seed: plan.seed, epoch: 0, swapped: all)), tape)
        scores = model.join(.mean(of: [scores, exchanged], on: model.unit), batch, tape)
      }
      result += scores[batch.targets.axis]
      if isCancelled() { return nil }
    }
    return result
  }
}
