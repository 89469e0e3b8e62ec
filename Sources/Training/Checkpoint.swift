import Bytes
import Models

/// A training run as it lies on disk between two batches: a tensor file, as a model is.
public struct Checkpoint: Sendable {
  /// What the run was given.
  public var facts: RunFacts
  /// How many epochs it was to have; a run that goes on may be given another number.
  public var epochs: Int
  /// How far its log had come, nil where it wrote none.
  public var log: LiveFile.Mark?
  /// How far the run itself had come.
  public var state: TrainingState

  /// A checkpoint of these parts.
  public init(facts: RunFacts, epochs: Int, log: LiveFile.Mark?, state: TrainingState) {
    (self.facts, self.epochs, self.log, self.state) = (facts, epochs, log, state)
  }

  private static let format = "millrace-checkpoint"
  private static let version = "1"
  private static let givenPrefix = "given."

  /// The bytes of the file; the same run has the same bytes.
  public func bytes() -> [UInt8] {
    var facts = [
      "format": Self.format, "format_version": Self.version, "epochs": String(epochs), "epoch": String(state.epoch),
      "attempt": String(state.attempt), "batches": String(state.batches), "updates": String(state.updates),
      "step": String(state.optimiser.step), "loss_sum": NumberText.text(state.lossSum),
    ]
    for fact in self.facts.facts { facts[Self.givenPrefix + fact.name] = fact.value }
    if let log { (facts["log.bytes"], facts["log.sha256"]) = (String(log.bytes), log.sha256) }
    var tensors = state.parameters.tensors(prefix: "weights.")
    tensors += state.optimiser.first.tensors(prefix: "first.") + state.optimiser.second.tensors(prefix: "second.")
    func add(_ best: BestEpoch, _ name: String) {
      (facts["\(name).epoch"], facts["\(name).loss"]) = (String(best.epoch), NumberText.text(best.loss))
      tensors += best.parameters.tensors(prefix: "\(name).")
      tensors.append(TensorFile.Tensor("logits.\(name)", .f32, [best.logits.count], best.logits))
    }
    if let best = state.best { add(best, "best") }
    if let kept = state.kept {
      facts["kept.epochs_run"] = String(kept.epochsRun)
      add(kept.best, "kept")
    }
    return TensorFile(metadata: facts, tensors: tensors).bytes()
  }

  /// Reads a checkpoint of a run with these facts, this plan, this split and models of this layout, and checks all of
  /// it. Throws `IOFailure`; `TrainingError.noCheckpoint` for a file that is damaged or none, `.otherRun` for one of a
  /// run that was given something else, `.otherEpochs` where `plan.epochs` can't take the place of its own.
  public static func read(
    _ path: String, facts: RunFacts, plan: TrainingPlan, split: ValidationSplit, layout: Parameters
  ) throws -> Checkpoint {
    func refuse(_ reason: String) -> TrainingError { .noCheckpoint(path: path, reason: reason) }
    let file: TensorFile
    do {
      file = try TensorFile(reading: path)
    } catch ModelError.file(_, let reason) {
      throw refuse(reason)
    }
    let reader = CheckpointReader(file: file, layout: layout.requests, refuse: refuse)
    guard try reader.text("format") == format else { throw refuse("its format is not \(format)") }
    guard try reader.text("format_version") == version else { throw refuse("its format version is not \(version)") }
    let given = file.metadata.filter { $0.key.hasPrefix(givenPrefix) }
      .map { (String($0.key.dropFirst(givenPrefix.count)), $0.value) }
    if let (fact, other) = facts.difference(from: Dictionary(uniqueKeysWithValues: given)) {
      throw TrainingError.otherRun(path: path, fact: fact, other: other)
    }
    let state = try reader.state(plan, split)
    let epochs = try reader.count("epochs")
    // Attempts that ended before this one had the old number; what is left of it is seen by the new one.
    guard epochs == plan.epochs || state.attempt == 1 && state.epoch - 1 <= plan.epochs else {
      throw TrainingError.otherEpochs(
        path: path, epochs: epochs, attempt: state.attempt, epoch: state.epoch, now: plan.epochs)
    }
    return Checkpoint(facts: facts, epochs: plan.epochs, log: try reader.log(), state: state)
  }
}

/// Takes a checkpoint's tensor file apart.
private struct CheckpointReader {
  let file: TensorFile
  let layout: [Parameters.Request]
  let refuse: (String) -> TrainingError

  func text(_ key: String) throws -> String {
    guard let value = file.metadata[key] else { throw refuse("its metadata lacks \(key)") }
    return value
  }

  func count(_ key: String, _ range: ClosedRange<Int> = 0...(1 << 48)) throws -> Int {
    let text = try text(key)
    guard let value = Int(text), String(value) == text, range.contains(value) else {
      throw refuse("its metadata has a bad \(key)")
    }
    return value
  }

  func number(_ key: String) throws -> Double {
    let text = try text(key)
    guard let value = Double(text), value.isFinite, NumberText.text(value) == text else {
      throw refuse("its metadata has a bad \(key)")
    }
    return value
  }

  func log() throws -> LiveFile.Mark? {
    guard file.metadata["log.bytes"] != nil else { return nil }
    return LiveFile.Mark(bytes: try count("log.bytes"), sha256: try text("log.sha256"))
  }

  func state(_ plan: TrainingPlan, _ split: ValidationSplit) throws -> TrainingState {
    let judges = split.validation.isEmpty ? split.train.count : split.validation.count
    let attempt = try count("attempt", 1...plan.restarts + 1)
    let kept =
      attempt == 1 ? nil : AttemptResult(epochsRun: try count("kept.epochs_run"), best: try best("kept", judges))
    let parameters = try tensors("weights.")
    var optimiser = Adam(for: parameters, learningRate: plan.learningRate, weightDecay: plan.weightDecay)
    optimiser.step = try count("step")
    optimiser.first = try tensors("first.")
    optimiser.second = try file.parameters(layout, prefix: "second.", isPositive: { _ in true }, refuse)
    var state = TrainingState(
      attempt: attempt, updates: try count("updates", optimiser.step...(1 << 48)), parameters: parameters,
      optimiser: optimiser, kept: kept)
    state.epoch = try count("epoch", 1...(1 << 48))
    state.batches = try count("batches", 0...(split.train.count + plan.batchSize - 1) / plan.batchSize)
    state.lossSum = try number("loss_sum")
    state.best = state.epoch == 1 ? nil : try best("best", judges)
    let sets = 3 + (state.best == nil ? 0 : 1) + (kept == nil ? 0 : 1)
    guard file.tensors.count == sets * layout.count + sets - 3 else { throw refuse("it has tensors that no run has") }
    return state
  }

  private func tensors(_ prefix: String) throws -> Parameters {
    try file.parameters(layout, prefix: prefix, refuse)
  }

  private func best(_ name: String, _ judges: Int) throws -> BestEpoch {
    let logits = try file.tensor("logits.\(name)", .f32, [judges], refuse).values(as: Float.self)
    guard logits.allSatisfy(\.isFinite) else { throw refuse("tensor 'logits.\(name)' holds no finite number") }
    return BestEpoch(
      epoch: try count("\(name).epoch", 1...(1 << 48)), loss: try number("\(name).loss"),
      parameters: try tensors("\(name)."), logits: logits)
  }
}
