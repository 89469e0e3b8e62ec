import Arrays
import Bytes
import Dispatch
import Models

/// A training run from fresh weights to its best epoch.
struct Attempt {
  private var model: any Differentiable
  private let trainer: Trainer
  private let store: any BatchStore
  private let split: ValidationSplit
  private let validation: ValidationSet
  private let tape: Tape
  private var gradient: Parameters
  /// The state without the current parameters, which are in `model`; `now` has both.
  private var state: TrainingState

  /// The current state, parameters included.
  var now: TrainingState {
    var now = state
    now.parameters = model.parameters
    return now
  }

  /// An attempt that continues from `state`, in a model of the same architecture.
  init(
    _ state: TrainingState, model: any Differentiable, trainer: Trainer, store: any BatchStore,
    split: ValidationSplit, validation: ValidationSet
  ) {
    (self.state, self.model, self.trainer) = (state, model, trainer)
    (self.store, self.split, self.validation) = (store, split, validation)
    self.model.parameters = state.parameters
    tape = Tape(threads: trainer.plan.threads)
    gradient = state.parameters.zeros()
  }

  private var plan: TrainingPlan { trainer.plan }
  private var attempt: Int { state.attempt }
  /// The seed of dropout, different in each attempt.
  private var seed: UInt64 { RandomStream.hash("dropout \(attempt)", seed: plan.seed) }

  /// The result so far; nil before the first epoch has ended.
  var result: AttemptResult? {
    state.best.map { AttemptResult(attempt: attempt, epochsRun: state.epoch - 1, best: $0) }
  }

  /// Trains until the last epoch or until patience has run out. Throws `TrainingError`, `TrainingStopped`, and what the
  /// observer throws.
  mutating func train(_ observer: Trainer.Observer) throws {
    while state.epoch <= plan.epochs, !isOutOfPatience {
      let begin = DispatchTime.now().uptimeNanoseconds
      try trainEpoch(observer)
      let trainLoss = state.lossSum / Double(state.batches)
      let validated = try validate(observer)
      let seconds = Double(DispatchTime.now().uptimeNanoseconds - begin) / 1e9
      let validates = !split.validation.isEmpty
      let report = EpochReport(
        epoch: state.epoch, attempt: attempt, trainLoss: trainLoss, validationLoss: validates ? validated.loss : nil,
        isBest: validated.isBest, seconds: seconds, validationLogits: validates ? validated.logits : [])
      (state.epoch, state.batches, state.lossSum) = (state.epoch + 1, 0, 0)
      try observer.epoch(report)
      try observer.state?(now)
    }
  }

  /// Trains on the batches of the epoch that are left, in the order drawn for this epoch.
  private mutating func trainEpoch(_ observer: Trainer.Observer) throws {
    let (order, swapped) = order(of: state.epoch)
    for start in stride(from: state.batches * plan.batchSize, to: order.count, by: plan.batchSize) {
      let range = start..<min(start + plan.batchSize, order.count)
      let draw = Draw(seed: seed, epoch: state.epoch, swapped: swapped.map { Array($0[range]) })
      let batch = store.batch(Array(order[range]), draw)
      let loss = step(batch, .training(seed: seed, epoch: state.epoch, batch: state.batches))
      guard loss.isFinite, model.parameters.isFinite else {
        throw TrainingError.diverged(epoch: state.epoch, batch: state.batches + 1, learningRate: plan.learningRate)
      }
      state.batches += 1
      state.updates += 1
      state.lossSum += loss
      observer.progress(state.epoch, range.upperBound, order.count)
      if observer.isCancelled() { throw TrainingStopped(state: now) }
      if state.updates % observer.stateInterval == 0 { try observer.state?(now) }
    }
  }

  /// The training units in the order of an epoch, and for each whether its sides are exchanged.
  private func order(of epoch: Int) -> (units: [Int], swapped: [Bool]?) {
    var stream = RandomStream(seed: plan.seed, 0x6f72_6465_72, UInt64(attempt), UInt64(epoch))
    var order = split.train
    stream.shuffle(&order)
    return (order, plan.drawsOrder ? order.map { _ in stream.next() >> 63 == 1 } : nil)
  }

  /// Makes one update from a batch and returns its loss.
  private mutating func step(_ batch: Batch, _ mode: Mode) -> Double {
    let targets = batch.targets
    let logits = model.forward(batch, mode, tape)[targets.axis]
    var slope = [Float](repeating: 0, count: logits.count)
    let loss = trainer.objective.loss(
      logits: logits, labels: targets.label, weights: targets.weight, gradient: &slope)
    gradient.clear()
    model.backward(batch, Start(targets.axis, slope), tape, into: &gradient)
    state.optimiser.update(&model.parameters, gradient: gradient)
    model.parameters.commit(tape.statistics)
    return loss
  }

  /// Scores the validation set, fits the offset of the logits to it, and keeps the parameters if they are the best so
  /// far.
  ///
  /// In early epochs an off-centre start, running statistics that lag behind, and dropout can put all units on one side
  /// of 0.5 though their ranking is good. So epochs are compared, and kept, with the offset of the least loss.
  private mutating func validate(
    _ observer: Trainer.Observer
  ) throws -> (isBest: Bool, loss: Double, logits: [Float]) {
    guard var logits = trainer.logits(of: validation.units, model, store, tape, until: observer.isCancelled) else {
      throw TrainingStopped(state: now)
    }
    let name = model.offsetName
    let offset = name == nil ? (shift: 0, loss: validation.loss(logits)) : validation.bestOffset(logits)
    guard offset.loss.isFinite else {
      throw TrainingError.diverged(epoch: state.epoch, batch: 0, learningRate: plan.learningRate)
    }
    for unit in logits.indices { logits[unit] += offset.shift }
    // Without validation units there is nothing to choose by: the last epoch is kept.
    let isBest = state.best.map { split.validation.isEmpty || offset.loss < $0.loss } ?? true
    if isBest {
      var parameters = model.parameters
      if let name { parameters.shift(name, by: offset.shift) }
      state.best = BestEpoch(epoch: state.epoch, loss: offset.loss, parameters: parameters, logits: logits)
    }
    return (isBest, offset.loss, logits)
  }

  /// Whether patience has run out after the last epoch.
  private var isOutOfPatience: Bool {
    guard let best = state.best else { return false }
    return plan.isOutOfPatience(
      after: state.epoch - 1, best: best.epoch, batches: plan.batches(of: split.train.count))
  }

  /// Sets the running statistics from up to 512 training units, and the output bias so that their median logit is the
  /// objective's rest logit.
  mutating func center() {
    guard let name = model.offsetName else { return }
    var stream = RandomStream(seed: plan.seed, 0x6365_6e74_6572, UInt64(attempt))
    var order = split.train
    stream.shuffle(&order)
    var logits: [Float] = []
    for start in stride(from: 0, to: min(order.count, 512), by: plan.batchSize) {
      let batch = store.batch(Array(order[start..<min(start + plan.batchSize, order.count)]), nil)
      logits += model.forward(batch, .training(seed: seed, epoch: 0, batch: start), tape)[batch.targets.axis]
      // The k-th batch with weight 1/k: the statistics become the mean over the batches.
      model.parameters.commit(tape.statistics, momentum: 1 / Float(start / plan.batchSize + 1))
    }
    logits.sort()
    let rest = trainer.objective.restLogit(of: split.train, in: store)
    guard logits[logits.count / 2].isFinite else { return }
    model.parameters.shift(name, by: Float(rest) - logits[logits.count / 2])
  }

  /// Takes as much memory as the run will: one update and one validation with the largest batches of its first epochs.
  mutating func rehearse() {
    func largest(_ units: [Int]) -> (units: [Int], instances: Int) {
      let starts = stride(from: 0, to: units.count, by: plan.batchSize)
      let batches = starts.map { units[$0..<min($0 + plan.batchSize, units.count)] }
      let sizes = batches.map { $0.reduce(0) { $0 + store.size(of: $1) } }
      guard let place = sizes.indices.max(by: { sizes[$0] < sizes[$1] }) else { return ([], 0) }
      return (Array(batches[place]), sizes[place])
    }
    let epochs = (1...min(plan.epochs, 20)).map { largest(order(of: $0).units) }
    guard let batch = epochs.max(by: { $0.instances < $1.instances }), batch.instances > 0 else { return }
    let swapped = plan.drawsOrder ? [Bool](repeating: true, count: batch.units.count) : nil
    let draw = Draw(seed: seed, epoch: 1, swapped: swapped)
    _ = step(store.batch(batch.units, draw), .training(seed: seed, epoch: 1, batch: 0))
    var logits = trainer.logits(of: largest(validation.units).units, model, store, tape) ?? []
    logits += [Float](repeating: 0, count: validation.units.count - logits.count)
    _ = validation.bestOffset(logits)
    state.best = BestEpoch(epoch: 1, loss: 0, parameters: model.parameters, logits: logits)
    state.epoch = 2
  }
}
