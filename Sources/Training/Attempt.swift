import Arrays
import Bytes
import Dispatch
import Models

/// One run from fresh weights to its best epoch.
struct Attempt {
  let number: Int
  var model: any Differentiable
  let trainer: Trainer
  let store: any BatchStore
  let split: ValidationSplit
  /// The best epoch so far, with the logits and the loss of the judging units.
  private(set) var best: (epoch: Int, loss: Double, parameters: Parameters, logits: [Float])?
  private(set) var epochsRun = 0

  /// Logits and loss of the judging units after the last epoch.
  private var current: (logits: [Float], loss: Double) = ([], 0)
  private let labels: [Float]
  private let weights: [Float]
  private var tape: Tape
  private var optimiser: Adam
  private var gradient: Parameters

  init(number: Int, model: any Differentiable, trainer: Trainer, store: any BatchStore, split: ValidationSplit) {
    (self.number, self.model, self.trainer, self.store, self.split) = (number, model, trainer, store, split)
    tape = Tape(threads: trainer.plan.threads)
    optimiser = Adam(
      for: model.parameters, learningRate: trainer.plan.learningRate, weightDecay: trainer.plan.weightDecay)
    gradient = model.parameters.zeros()
    let judges = split.validation.isEmpty ? split.train : split.validation
    labels = judges.map { store.labels[$0] }
    weights = store.weights.isEmpty ? [] : judges.map { store.weights[$0] }
  }

  private var plan: TrainingPlan { trainer.plan }
  /// Of dropout; another one in each attempt.
  private var seed: UInt64 { RandomStream.hash("dropout \(number)", seed: plan.seed) }
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
      if observer.isCancelled() || isOutOfPatience(epoch) { break }
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
      let loss = step(batch, .training(seed: seed, epoch: epoch, batch: batches))
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

  /// Scores the judging units, fits the offset of the logits to them, and keeps the parameters when none were better.
  ///
  /// In the first epochs an off-centre start, running statistics that lag behind, and dropout can put all bags on one
  /// side of 0.5 though their ranking is good. So epochs are compared, and kept, with the offset that has the least
  /// loss.
  private mutating func judge(_ epoch: Int) throws -> Bool {
    var logits = trainer.logits(of: judges, model, store, tape)
    let offset = bestOffset(logits)
    guard offset.loss.isFinite else {
      throw TrainingError.diverged(epoch: epoch, batch: 0, learningRate: plan.learningRate)
    }
    for unit in logits.indices { logits[unit] += offset.shift }
    current = (logits, offset.loss)
    // Without validation units there is nothing to choose by: the last epoch stays.
    let isBest = best.map { split.validation.isEmpty || offset.loss < $0.loss } ?? true
    if isBest {
      best = (epoch, offset.loss, model.parameters, logits)
      if let name = model.offsetName { best?.parameters.shift(name, by: offset.shift) }
    }
    return isBest
  }

  /// Whether patience has run out, in epochs and in updates: small sets have few updates an epoch.
  private func isOutOfPatience(_ epoch: Int) -> Bool {
    guard plan.patience > 0, let best else { return false }
    let waited = epoch - best.epoch
    let updates = waited * ((split.train.count + plan.batchSize - 1) / plan.batchSize)
    return waited >= plan.patience && updates >= plan.patienceUpdates
  }

  // MARK: The offset of the logits

  /// Starts the running statistics from up to 512 training units, and moves the output bias so that their median logit
  /// stands at the objective's rest point.
  mutating func center() {
    guard let name = model.offsetName else { return }
    var stream = RandomStream(seed: plan.seed, 0x6365_6e74_6572, UInt64(number))
    var order = split.train
    stream.shuffle(&order)
    var logits: [Float] = []
    for start in stride(from: 0, to: min(order.count, 512), by: plan.batchSize) {
      let batch = store.batch(Array(order[start..<min(start + plan.batchSize, order.count)]), swapped: nil)
      logits += model.forward(batch, .training(seed: seed, epoch: 0, batch: start), tape).logit
      // The k-th batch with weight 1/k: the statistics become the mean over the batches.
      model.parameters.commit(tape.statistics, momentum: 1 / Float(start / plan.batchSize + 1))
    }
    logits.sort()
    let positives = split.train.count { store.labels[$0] > 0.5 }
    let rest = trainer.objective.restLogit(positives: positives, negatives: split.train.count - positives)
    guard logits[logits.count / 2].isFinite else { return }
    model.parameters.shift(name, by: Float(rest) - logits[logits.count / 2])
  }

  /// The shift, among the quantiles of the logits, that gives the judging units the least loss; the ranking stays.
  private func bestOffset(_ logits: [Float]) -> (shift: Float, loss: Double) {
    var best: (shift: Float, loss: Double) = (0, loss(logits))
    guard model.offsetName != nil else { return best }
    let sorted = logits.sorted()
    for percent in 1..<100 {
      let shift = -sorted[min(sorted.count - 1, sorted.count * percent / 100)]
      let loss = loss(logits.map { $0 + shift })
      if loss < best.loss { best = (shift, loss) }
    }
    return best
  }

  /// The loss of the judging units.
  private func loss(_ logits: [Float]) -> Double {
    trainer.objective.loss(logits: logits, labels: labels, weights: weights)
  }

  /// Lets the memory of the run go; what was found stays.
  mutating func release() { tape = Tape(threads: 1) }

  private func report(_ epoch: Int, _ trainLoss: Double, _ isBest: Bool, _ seconds: Double) -> EpochReport {
    let validates = !split.validation.isEmpty
    return EpochReport(
      epoch: epoch, attempt: number, trainLoss: trainLoss, validationLoss: validates ? current.loss : nil,
      isBest: isBest, seconds: seconds,
      validationLogits: validates ? current.logits : [])
  }

  func outcome(attempts: Int) -> TrainingOutcome {
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
      bestEpoch: best?.epoch ?? 0, attempts: attempts, epochsRun: epochsRun,
      recall: share(hits.positive, all.positive), specificity: share(hits.negative, all.negative))
  }

  var isCollapsed: Bool { outcome(attempts: number).isCollapsed }

  func isBetter(than other: Attempt) -> Bool {
    if isCollapsed != other.isCollapsed { return !isCollapsed }
    return (best?.loss ?? .infinity) < (other.best?.loss ?? .infinity)
  }
}
