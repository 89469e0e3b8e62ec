import Arrays
import Bytes
import Dispatch
import Models

/// Fits a differentiable model to labelled units, whatever they are: batches, an objective, Adam, early stop.
///
/// The same plan, units and model give the same parameters bit for bit, at any number of threads.
public struct Trainer: Sendable {
  public let plan: TrainingPlan
  public let objective: any Objective
  /// How good the logits of the validation units are, higher is better; nil takes the negative loss.
  public let criterion: (@Sendable (_ logits: [Float], _ labels: [Float]) -> Double)?

  public init(
    plan: TrainingPlan, objective: any Objective,
    criterion: (@Sendable (_ logits: [Float], _ labels: [Float]) -> Double)? = nil
  ) {
    self.plan = plan
    self.objective = objective
    self.criterion = criterion
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
  /// the next attempt's weights, `plan.restarts` times at the most; of all attempts the best by the criterion stays,
  /// one that is not collapsed before one that is.
  ///
  /// - Throws: `TrainingError`; on `diverged`, `lastGood` holds the model of the best epoch so far, if there is one.
  public func train(
    store: any BatchStore, split: ValidationSplit, makeModel: (_ attempt: Int) -> any Differentiable,
    observer: Observer = Observer(), lastGood: inout (any Differentiable)?
  ) throws -> (model: any Differentiable, outcome: TrainingOutcome) {
    let positives = split.train.count { store.labels[$0] > 0.5 }
    guard positives > 0, positives < split.train.count else {
      throw TrainingError.oneClass(positives: positives, units: split.train.count)
    }
    var kept: Attempt?
    for attempt in 1...max(1, plan.restarts + 1) {
      var run = Attempt(number: attempt, model: makeModel(attempt), trainer: self, store: store, split: split)
      defer { if lastGood == nil || run.best != nil { lastGood = run.bestModel ?? lastGood } }
      try run.train(observer)
      if kept.map({ run.isBetter(than: $0) }) ?? true { kept = run }
      if !run.isCollapsed || observer.isCancelled() { break }
    }
    guard let kept, let model = kept.bestModel else { preconditionFailure("at least one attempt ends") }
    lastGood = model
    return (model, kept.outcome)
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

/// One run from fresh weights to its best epoch.
private struct Attempt {
  let number: Int
  var model: any Differentiable
  let trainer: Trainer
  let store: any BatchStore
  let split: ValidationSplit
  /// The best epoch so far: its number, criterion, parameters, and logits of the judging units.
  var best: (epoch: Int, criterion: Double, parameters: Parameters, logits: [Float])?
  var epochsRun = 0

  private let tape: Tape
  private var optimiser: Adam
  private var gradient: Parameters

  init(number: Int, model: any Differentiable, trainer: Trainer, store: any BatchStore, split: ValidationSplit) {
    (self.number, self.model, self.trainer, self.store, self.split) = (number, model, trainer, store, split)
    tape = Tape(threads: trainer.plan.threads)
    optimiser = Adam(
      for: model.parameters, learningRate: trainer.plan.learningRate, weightDecay: trainer.plan.weightDecay)
    gradient = model.parameters.zeros()
  }

  private var plan: TrainingPlan { trainer.plan }
  /// The units that judge an epoch: the validation units, or without any the training units.
  private var judges: [Int] { split.validation.isEmpty ? split.train : split.validation }

  var bestModel: (any Differentiable)? {
    best.map { best in
      var copy = model
      copy.parameters = best.parameters
      return copy
    }
  }

  mutating func train(_ observer: Trainer.Observer) throws {
    for epoch in 1...plan.epochs {
      let begin = DispatchTime.now().uptimeNanoseconds
      let trainLoss = try trainEpoch(epoch, observer)
      epochsRun = epoch
      let isBest = try judge(epoch)
      let seconds = Double(DispatchTime.now().uptimeNanoseconds - begin) / 1e9
      try observer.epoch(report(epoch, trainLoss, isBest, seconds))
      if observer.isCancelled() || (plan.patience > 0 && epoch - best!.epoch >= plan.patience) { break }
    }
  }

  /// One pass over the training units in an order drawn for this epoch; the mean loss of its batches.
  private mutating func trainEpoch(_ epoch: Int, _ observer: Trainer.Observer) throws -> Double {
    var stream = RandomStream(seed: plan.seed, 0x6f72_6465_72, UInt64(number), UInt64(epoch))
    var order = split.train
    stream.shuffle(&order)
    let swapped = plan.drawsOrder ? order.map { _ in stream.next() >> 63 == 1 } : nil
    var total = 0.0
    var batches = 0
    for start in stride(from: 0, to: order.count, by: plan.batchSize) {
      let range = start..<min(start + plan.batchSize, order.count)
      let batch = store.batch(Array(order[range]), swapped: swapped.map { Array($0[range]) })
      let loss = step(batch, .training(seed: plan.seed &+ UInt64(number), epoch: epoch, batch: batches))
      batches += 1
      guard loss.isFinite, model.parameters.isFinite else {
        throw TrainingError.diverged(epoch: epoch, batch: batches, learningRate: plan.learningRate)
      }
      total += loss
      observer.progress(epoch, range.upperBound, order.count)
      if observer.isCancelled() { break }
    }
    return total / Double(batches)
  }

  /// Forward, loss, backward, update.
  private mutating func step(_ batch: Batch, _ mode: Mode) -> Double {
    let output = model.forward(batch, mode, tape)
    var slope = [Float](repeating: 0, count: output.logit.count)
    let loss = trainer.objective.loss(
      logits: output.logit, labels: batch.label, weights: batch.weight, gradient: &slope)
    gradient.clear()
    model.backward(batch, .target(slope), tape, into: &gradient)
    optimiser.update(&model.parameters, gradient: gradient)
    model.parameters.commit(tape.statistics)
    return loss
  }

  /// Scores the judging units and keeps the parameters when none before were better.
  private mutating func judge(_ epoch: Int) throws -> Bool {
    let logits = trainer.logits(of: judges, model, store, tape)
    guard logits.allSatisfy(\.isFinite) else {
      throw TrainingError.diverged(epoch: epoch, batch: 0, learningRate: plan.learningRate)
    }
    let labels = judges.map { store.labels[$0] }
    let worth = trainer.criterion.map { $0(logits, labels) } ?? -loss(logits, labels)
    // Without validation units there is nothing to choose by: the last epoch stays.
    let isBest = best.map { split.validation.isEmpty || worth > $0.criterion } ?? true
    if isBest { best = (epoch, worth, model.parameters, logits) }
    current = (logits, loss(logits, labels), worth)
    return isBest
  }

  private var current: (logits: [Float], loss: Double, criterion: Double) = ([], 0, 0)

  private func loss(_ logits: [Float], _ labels: [Float]) -> Double {
    var unused = [Float](repeating: 0, count: logits.count)
    return trainer.objective.loss(logits: logits, labels: labels, weights: [], gradient: &unused)
  }

  private func report(_ epoch: Int, _ trainLoss: Double, _ isBest: Bool, _ seconds: Double) -> EpochReport {
    let validates = !split.validation.isEmpty
    return EpochReport(
      epoch: epoch, attempt: number, trainLoss: trainLoss, validationLoss: validates ? current.loss : nil,
      criterion: validates ? current.criterion : nil, isBest: isBest, seconds: seconds,
      validationLogits: validates ? current.logits : [])
  }

  var outcome: TrainingOutcome {
    let logits = best?.logits ?? []
    var hits = (positive: 0, negative: 0)
    var all = (positive: 0, negative: 0)
    for (unit, logit) in zip(judges, logits) {
      if store.labels[unit] > 0.5 {
        all.positive += 1
        if logit >= 0 { hits.positive += 1 }
      } else {
        all.negative += 1
        if logit < 0 { hits.negative += 1 }
      }
    }
    func share(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 1 : Double(part) / Double(whole) }
    return TrainingOutcome(
      bestEpoch: best?.epoch ?? 0, attempts: number, epochsRun: epochsRun,
      recall: share(hits.positive, all.positive), specificity: share(hits.negative, all.negative))
  }

  var isCollapsed: Bool { outcome.isCollapsed }

  func isBetter(than other: Attempt) -> Bool {
    if isCollapsed != other.isCollapsed { return !isCollapsed }
    return (best?.criterion ?? -.infinity) > (other.best?.criterion ?? -.infinity)
  }
}
