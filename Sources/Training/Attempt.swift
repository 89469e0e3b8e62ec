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
  private let validation: Remedies
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
    split: ValidationSplit, validation: Remedies
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
        isBest: validated.isBest, seconds: seconds, criterion: validates ? validated.criterion : nil,
        validationOutputs: validates ? validated.outputs : [])
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
      let draw = plan.draw(seed: seed, state.epoch, of: range.count, swapped: swapped.map { Array($0[range]) })
      let batch = store.batch(Array(order[range]), draw)
      let loss = step(batch, .training(seed: seed, epoch: state.epoch, batch: state.batches))
      guard loss.isFinite, model.parameters.isFinite else {
        throw TrainingError.diverged(
          epoch: state.epoch, batch: state.batches + 1, learningRate: plan.optimiser.learningRate)
      }
      state.batches += 1
      state.updates += 1
      state.lossSum += loss
      observer.progress(state.epoch, range.upperBound, order.count)
      if observer.isCancelled() { throw TrainingStopped(state: now) }
      if state.updates % observer.stateInterval == 0 { try observer.state?(now) }
    }
  }

  /// The training examples in the order of an epoch, and for each whether its sides are exchanged.
  private func order(of epoch: Int) -> (examples: [Int], swapped: [Bool]?) {
    var stream = RandomStream(seed: plan.seed, 0x6f72_6465_72, UInt64(attempt), UInt64(epoch))
    var order = split.train
    stream.shuffle(&order)
    return (order, plan.drawsOrder ? order.map { _ in stream.next() >> 63 == 1 } : nil)
  }

  /// Makes one update from a batch and returns its loss.
  private mutating func step(_ batch: Batch, _ mode: Mode) -> Double {
    let targets = batch.targets
    guard let output = model.forward(batch, mode, tape).values[targets.axis] else {
      preconditionFailure("a model that scores the axis of the labels")
    }
    var slope = Matrix(uninitializedRows: output.rows, columns: output.columns)
    let loss = trainer.objective.loss(output, targets, slope: &slope)
    gradient.clear()
    model.backward(batch, Start(targets.axis, slope), tape, into: &gradient)
    state.optimiser.update(&model.parameters, gradient: gradient)
    model.parameters.commit(tape.statistics)
    state.optimiser.follow(model.parameters)
    return loss
  }

  /// Scores the validation set with the running mean of the parameters where there is one, fits the offset of the
  /// outputs to it where the remedies apply, and keeps those parameters if they are the best so far.
  private mutating func validate(
    _ observer: Trainer.Observer
  ) throws -> (isBest: Bool, loss: Double, criterion: Double?, outputs: [Float]) {
    let judged = state.optimiser.average ?? model.parameters
    if isUnread(state.epoch) {
      let loss = state.lossSum / Double(state.batches)
      let outputs = [Float](repeating: 0, count: validation.targets.label.count)
      state.best = BestEpoch(epoch: state.epoch, loss: loss, cost: loss, parameters: judged, outputs: outputs)
      return (true, loss, nil, [])
    }
    let (epoch, measure) = try judge(judged, until: observer.isCancelled)
    // Without validation examples there is nothing to choose by: the last epoch is kept.
    let isBest = state.best.map { split.validation.isEmpty || epoch.cost < $0.cost } ?? true
    if isBest { state.best = epoch }
    return (isBest, epoch.loss, measure, epoch.outputs)
  }

  /// Whether nothing reads the outputs after an epoch: without validation examples the last epoch is kept, and only its
  /// outputs are reported.
  private func isUnread(_ epoch: Int) -> Bool { split.validation.isEmpty && epoch < plan.epochs }

  /// The result so far, judged where its epoch was not, for a run that ends early; nil before the first epoch has
  /// ended.
  mutating func settledResult() throws -> AttemptResult? {
    guard var result, isUnread(result.best.epoch) else { return result }
    let (epoch, parameters) = (result.best.epoch, result.best.parameters)
    result.best = try judge(parameters, until: { false }).epoch
    result.best.epoch = epoch
    return result
  }

  /// The parameters as those of the current epoch, with the offset of their outputs, and the value of the criterion.
  private mutating func judge(
    _ judged: Parameters, until isCancelled: () -> Bool
  ) throws -> (epoch: BestEpoch, criterion: Double?) {
    let current = model.parameters
    model.parameters = judged
    let scored = trainer.outputs(of: validation.examples, model, store, tape, until: isCancelled)
    model.parameters = current
    guard var outputs = scored else { throw TrainingStopped(state: now) }
    let name = trainer.objective.hasRemedies ? model.offsetName : nil
    let offset = name == nil ? (shift: 0, loss: validation.loss(outputs)) : validation.bestOffset(outputs)
    guard offset.loss.isFinite else {
      throw TrainingError.diverged(epoch: state.epoch, batch: 0, learningRate: plan.optimiser.learningRate)
    }
    for row in outputs.indices { outputs[row] += offset.shift }
    let measure = plan.criterion?.value(outputs, validation.targets)
    var parameters = judged
    if let name { parameters.shift(name, by: offset.shift) }
    let epoch = BestEpoch(
      epoch: state.epoch, loss: offset.loss, cost: plan.criterion?.cost(measure) ?? offset.loss,
      parameters: parameters, outputs: outputs)
    return (epoch, measure)
  }

  /// Whether patience has run out after the last epoch.
  private var isOutOfPatience: Bool {
    guard let best = state.best else { return false }
    return plan.isOutOfPatience(
      after: state.epoch - 1, best: best.epoch, batches: plan.batches(of: split.train.count))
  }

  /// Sets the running statistics from up to 512 training examples, and the output bias so that their median output is
  /// the objective's rest.
  mutating func center() {
    guard let name = model.offsetName else { return }
    var stream = RandomStream(seed: plan.seed, 0x6365_6e74_6572, UInt64(attempt))
    var order = split.train
    stream.shuffle(&order)
    var outputs: [Float] = []
    // The balance of the classes that training sees: that of the draws, where negatives are drawn.
    let draws = plan.negatives != nil
    var drawn = Targets.none
    for start in stride(from: 0, to: min(order.count, 512), by: plan.batchSize) {
      let range = start..<min(start + plan.batchSize, order.count)
      let isDrawn = draws || plan.unitsPerExample != nil
      let batch = store.batch(Array(order[range]), isDrawn ? plan.draw(seed: seed, 0, of: range.count) : nil)
      if draws { drawn.append(batch.targets) }
      outputs += model.forward(batch, .training(seed: seed, epoch: 0, batch: start), tape)[batch.targets.axis]
      // The k-th batch with weight 1/k: the statistics become the mean over the batches.
      model.parameters.commit(tape.statistics, momentum: 1 / Float(start / plan.batchSize + 1))
    }
    outputs.sort()
    let rest = trainer.objective.rest(draws ? drawn : store.targets(of: split.train))
    guard let median = outputs.isEmpty ? nil : outputs[outputs.count / 2], median.isFinite else { return }
    model.parameters.shift(name, by: Float(rest) - median)
  }

  /// Takes as much memory as the run will: one update and one validation with the largest batches of its first epochs.
  mutating func rehearse() {
    func largest(_ examples: [Int], isTraining: Bool = false) -> (examples: [Int], units: Int) {
      let starts = stride(from: 0, to: examples.count, by: plan.batchSize)
      let batches = starts.map { examples[$0..<min($0 + plan.batchSize, examples.count)] }
      let most = isTraining ? plan.unitsPerExample ?? .max : .max
      let sizes = batches.map { $0.reduce(0) { $0 + min(most, store.size(of: $1)) } }
      guard let place = sizes.indices.max(by: { sizes[$0] < sizes[$1] }) else { return ([], 0) }
      return (Array(batches[place]), sizes[place])
    }
    let epochs = (1...min(plan.epochs, 20)).map { largest(order(of: $0).examples, isTraining: true) }
    guard let batch = epochs.max(by: { $0.units < $1.units }), batch.units > 0 else { return }
    let swapped = plan.drawsOrder ? [Bool](repeating: true, count: batch.examples.count) : nil
    let draw = plan.draw(seed: seed, 1, of: batch.examples.count, swapped: swapped)
    _ = step(store.batch(batch.examples, draw), .training(seed: seed, epoch: 1, batch: 0))
    var outputs = trainer.outputs(of: largest(validation.examples).examples, model, store, tape) ?? []
    outputs += [Float](repeating: 0, count: max(0, validation.targets.label.count - outputs.count))
    if trainer.objective.hasRemedies { _ = validation.bestOffset(outputs) }
    state.best = BestEpoch(epoch: 1, loss: 0, cost: 0, parameters: model.parameters, outputs: outputs)
    state.epoch = 2
  }
}
