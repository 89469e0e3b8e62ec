import Arrays
import Bytes
import Models

/// Fits a differentiable model to labelled units, whatever they are: batches, an objective, Adam, early stop.
///
/// A bag's score is a maximum: at a random start all bags tend to lie on one side of 0.5, and small sets have too few
/// updates an epoch to leave it soon. Against a model that calls everything by one class, running statistics and output
/// bias are set before the first step so that half of the training units lie on either side of the objective's rest
/// point; after each epoch the bias is fitted to the units that judge, and epochs are compared with that; and a run
/// that is collapsed all the same begins again.
///
/// The same plan, units and model give the same parameters bit for bit, at any number of threads.
public struct Trainer: Sendable {
  public let plan: TrainingPlan
  public let objective: any Objective

  public init(plan: TrainingPlan, objective: any Objective) {
    self.plan = plan
    self.objective = objective
  }

  /// What the caller wants to be told while it runs.
  public struct Observer {
    public var epoch: (EpochReport) throws -> Void = { _ in }
    /// Epoch (from 1), units done, units in all.
    public var progress: (Int, Int, Int) -> Void = { _, _, _ in }
    /// Asked after every batch; true ends the run as an early stop would.
    public var isCancelled: () -> Bool = { false }
    public init() {}
  }

  /// Trains `makeModel(attempt)` and returns it with the parameters of its best epoch.
  ///
  /// A run that ends collapsed (recall or specificity of at most 0.1 on the units that chose it) begins again with
  /// the next attempt's weights, `plan.restarts` times at the most; of all attempts the one with the least loss stays,
  /// one that is not collapsed before one that is.
  ///
  /// - Throws: `TrainingError`; on `diverged`, `lastGood` holds the model of the best epoch so far, if there is one.
  public func train(
    store: any BatchStore, split: ValidationSplit, makeModel: (_ attempt: Int) throws -> any Differentiable,
    observer: Observer = Observer(), lastGood: inout (any Differentiable)?
  ) throws -> (model: any Differentiable, outcome: TrainingOutcome) {
    try check(store, split)
    var kept: Attempt?
    var attempts = 0
    while attempts <= plan.restarts {
      attempts += 1
      var run = Attempt(number: attempts, model: try makeModel(attempts), trainer: self, store: store, split: split)
      run.center()
      do {
        try run.train(observer)
      } catch let error as TrainingError where kept == nil {
        lastGood = run.bestModel
        throw error
      } catch is TrainingError {
        // An attempt that came to its end is better than one that diverged.
        break
      }
      run.release()
      if kept.map({ run.isBetter(than: $0) }) ?? true { kept = run }
      if !run.isCollapsed || observer.isCancelled() { break }
    }
    guard let kept, let model = kept.bestModel else { preconditionFailure("at least one attempt ends") }
    lastGood = model
    return (model, kept.outcome(attempts: attempts))
  }

  /// Both classes must be there to learn, and to choose an epoch.
  private func check(_ store: any BatchStore, _ split: ValidationSplit) throws {
    let weights = store.weights
    func counts(_ units: [Int]) -> (positives: Int, all: Int) {
      let counted = units.filter { weights.isEmpty || weights[$0] > 0 }
      return (counted.count { store.labels[$0] > 0.5 }, counted.count)
    }
    let train = counts(split.train)
    guard train.positives > 0, train.positives < train.all else {
      throw TrainingError.oneClass(positives: train.positives, units: train.all)
    }
    let judges = counts(split.validation)
    if !split.validation.isEmpty, judges.positives == 0 || judges.positives == judges.all {
      throw TrainingError.oneClassValidation(positives: judges.positives, units: judges.all)
    }
  }

  /// Logits of units in inference mode, in their order; the mean of both orders where the plan draws the order.
  func logits(of units: [Int], _ model: any Differentiable, _ store: any BatchStore, _ tape: Tape) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(units.count)
    for start in stride(from: 0, to: units.count, by: plan.batchSize) {
      let chunk = Array(units[start..<min(start + plan.batchSize, units.count)])
      let batch = store.batch(chunk, swapped: nil)
      var output = model.score(batch, tape)
      if plan.drawsOrder {
        let exchanged = store.batch(chunk, swapped: [Bool](repeating: true, count: chunk.count))
        output = .mean(of: output, and: model.score(exchanged, tape), offsets: batch.segments("bag"))
      }
      result += output.logit
    }
    return result
  }
}
