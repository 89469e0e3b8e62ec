import Bytes
import Models

/// The state of a training run between two batches, in a tensor file like that of a model.
public struct Checkpoint: Sendable {
  /// The options and data of the run.
  public var facts: RunFacts
  /// The number of epochs the run was given; a resumed run may be given another one.
  public var epochs: Int
  /// The length and digest of its log; nil for a run without a log.
  public var log: LiveFile.Mark?
  /// The state of the run.
  public var state: TrainingState

  /// Creates a checkpoint from its parts.
  public init(facts: RunFacts, epochs: Int, log: LiveFile.Mark?, state: TrainingState) {
    (self.facts, self.epochs, self.log, self.state) = (facts, epochs, log, state)
  }

  private static let format = "millrace-checkpoint"
  private static let version = "2"
  private static let givenPrefix = "given."
  /// The prefixes of the optimiser's moments.
  fileprivate static let moments = ["first.", "second."]

  /// The bytes of the file: a function of the run alone.
  public func bytes() -> [UInt8] {
    var facts = [
      "format": Self.format, "format_version": Self.version, "epochs": String(epochs), "epoch": String(state.epoch),
      "attempt": String(state.attempt), "batches": String(state.batches), "updates": String(state.updates),
      "step": String(state.optimiser.step), "loss_sum": NumberText.text(state.lossSum),
    ]
    for fact in self.facts.facts { facts[Self.givenPrefix + fact.name] = fact.value }
    if let log { (facts["log.bytes"], facts["log.sha256"]) = (String(log.bytes), log.sha256) }
    var tensors = state.parameters.tensors(prefix: "weights.")
    for (place, moment) in state.optimiser.moments.enumerated() {
      tensors += moment.tensors(prefix: Self.moments[place])
    }
    tensors += state.optimiser.average?.tensors(prefix: "average.") ?? []
    func add(_ best: BestEpoch, _ name: String) {
      (facts["\(name).epoch"], facts["\(name).loss"]) = (String(best.epoch), NumberText.text(best.loss))
      facts["\(name).cost"] = best.cost.isFinite ? NumberText.text(best.cost) : "none"
      tensors += best.parameters.tensors(prefix: "\(name).")
      tensors.append(TensorFile.Tensor("outputs.\(name)", .f32, [best.outputs.count], best.outputs))
    }
    if let best = state.best { add(best, "best") }
    if let kept = state.kept {
      (facts["kept.attempt"], facts["kept.epochs_run"]) = (String(kept.attempt), String(kept.epochsRun))
      add(kept.best, "kept")
    }
    return TensorFile(metadata: facts, tensors: tensors).bytes()
  }

  /// Reads the checkpoint of a run with these facts, plan, split and layout of parameters, and checks every part of it;
  /// `outputs` is the number of labels that its epochs are compared on.
  ///
  /// - Throws: `IOFailure`; `TrainingError.noCheckpoint` for a file that is damaged or not a checkpoint, `.otherRun` if
  ///   the run was given something else, `.otherEpochs` if `plan.epochs` cannot replace the number it was given.
  public static func read(
    _ path: String, facts: RunFacts, plan: TrainingPlan, split: ValidationSplit, outputs: Int, layout: Parameters
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
    let epochs = try reader.count("epochs", 1...1_000_000)
    let state = try reader.state(plan, split, outputs, epochs: epochs)
    // Attempts that have ended ran with the old number of epochs, so only a first attempt may get another one.
    guard epochs == plan.epochs || state.attempt == 1 && state.epoch - 1 <= plan.epochs else {
      throw TrainingError.otherEpochs(
        path: path, epochs: epochs, attempt: state.attempt, epoch: state.epoch, now: plan.epochs)
    }
    return Checkpoint(facts: facts, epochs: plan.epochs, log: try reader.log(), state: state)
  }
}

/// Reads and checks the parts of a checkpoint's tensor file.
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

  /// Reads the state; each count must be consistent with the others and with a run of `epochs` epochs.
  func state(
    _ plan: TrainingPlan, _ split: ValidationSplit, _ outputs: Int, epochs: Int
  ) throws -> TrainingState {
    let batches = plan.batches(of: split.train.count)
    let attempt = try count("attempt", 1...plan.restarts + 1)
    let epoch = try count("epoch", 1...epochs + 1)
    let parameters = try tensors("weights.")
    var optimiser = Optimiser(plan.optimiser, for: parameters)
    for place in optimiser.moments.indices {
      optimiser.moments[place] =
        place == 0
        ? try tensors(Checkpoint.moments[0])
        : try file.parameters(layout, prefix: Checkpoint.moments[place], isPositive: { _ in true }, refuse)
    }
    if optimiser.average != nil { optimiser.average = try tensors("average.") }
    var state = TrainingState(
      attempt: attempt, updates: try count("updates"), parameters: parameters, optimiser: optimiser,
      kept: attempt == 1 ? nil : try kept(before: attempt, epochs, outputs))
    state.epoch = epoch
    state.batches = try count("batches", 0...(epoch > epochs ? 0 : batches))
    state.optimiser.step = try count("step")
    state.lossSum = try number("loss_sum")
    // Without validation units the last epoch is the one to keep.
    let first = split.validation.isEmpty ? epoch - 1 : 1
    state.best = epoch == 1 ? nil : try best("best", first...epoch - 1, outputs)
    try check(state, plan, batches, epochs)
    let kept = (state.best == nil ? 0 : 1) + (state.kept == nil ? 0 : 1)
    let sets = optimiser.moments.count + (optimiser.average == nil ? 1 : 2)
    guard file.tensors.count == (sets + kept) * layout.count + kept else {
      throw refuse("it has tensors that no run has")
    }
    return state
  }

  /// Checks the counts against one another.
  private func check(_ state: TrainingState, _ plan: TrainingPlan, _ batches: Int, _ epochs: Int) throws {
    let step = (state.epoch - 1) * batches + state.batches
    guard state.optimiser.step == step else {
      throw refuse(
        "its step is \(state.optimiser.step), but \(state.epoch - 1) epochs of \(batches) batches and "
          + "\(state.batches) more make \(step)")
    }
    // Earlier attempts ended after whole epochs: at least those of the kept one and one each of the others.
    let before = state.updates - step
    let others = state.attempt - 1
    let least = state.kept.map { ($0.epochsRun + others - 1) * batches } ?? 0
    guard before >= least, before <= others * epochs * batches, before % batches == 0 else {
      throw refuse(
        "its updates are \(state.updates), which is not possible in step \(step) of attempt \(state.attempt)")
    }
    guard state.lossSum >= 0, state.batches > 0 || state.lossSum == 0 else {
      throw refuse("its loss_sum is \(NumberText.text(state.lossSum)) after \(state.batches) batches")
    }
    guard let best = state.best else { return }
    let ended = state.batches > 0 ? state.epoch - 1 : state.epoch - 2
    if ended >= best.epoch, plan.isOutOfPatience(after: ended, best: best.epoch, batches: batches) {
      throw refuse("its epoch is \(state.epoch), but patience ran out before: its best epoch is \(best.epoch)")
    }
  }

  /// Reads the best of the attempts before `attempt`.
  private func kept(before attempt: Int, _ epochs: Int, _ outputs: Int) throws -> AttemptResult {
    let run = try count("kept.epochs_run", 1...epochs)
    return AttemptResult(
      attempt: try count("kept.attempt", 1...attempt - 1), epochsRun: run, best: try best("kept", 1...run, outputs))
  }

  private func tensors(_ prefix: String) throws -> Parameters {
    try file.parameters(layout, prefix: prefix, refuse)
  }

  private func best(_ name: String, _ epochs: ClosedRange<Int>, _ outputs: Int) throws -> BestEpoch {
    let values = try file.tensor("outputs.\(name)", .f32, [outputs], refuse).values(as: Float.self)
    guard values.allSatisfy(\.isFinite) else { throw refuse("tensor 'outputs.\(name)' holds no finite number") }
    return BestEpoch(
      epoch: try count("\(name).epoch", epochs), loss: try number("\(name).loss"),
      cost: try text("\(name).cost") == "none" ? .infinity : try number("\(name).cost"),
      parameters: try tensors("\(name)."), outputs: values)
  }
}
