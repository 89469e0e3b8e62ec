import Arrays
import Bytes
import Models
import Tensors
import Testing
import Training
import Workbench

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A run that is stopped and goes on ends as the unbroken one, bit for bit.
@Suite struct CheckpointTests {
  private let folder = Scratch.folder()
  private let store = ToyBags(bags: 300, seed: 5)
  private var split: ValidationSplit {
    .byGroup(labels: store.labels, groups: (0..<300).map(UInt64.init), fraction: 0.25, seed: 1)
  }

  private func plan(_ change: (inout TrainingPlan) -> Void = { _ in }) -> TrainingPlan {
    var plan = TrainingPlan()
    (plan.optimiser.learningRate, plan.batchSize, plan.epochs) = (0.01, 32, 12)
    (plan.patience, plan.patienceUpdates) = (4, 0)
    change(&plan)
    return plan
  }

  private var facts: RunFacts {
    var facts = RunFacts()
    facts.add("--batch", "32")
    facts.add("bags", "300")
    return facts
  }

  private func model(_ attempt: Int) throws -> any Differentiable {
    try MethodChoice("mlp").network(features: 6, seed: UInt64(attempt))
  }

  private func train(
    _ plan: TrainingPlan, from state: TrainingState? = nil, _ observer: Trainer.Observer = .init()
  ) throws -> (parameters: Parameters, outcome: TrainingOutcome) {
    let (model, outcome) = try Trainer(plan: plan, objective: ClassLoss.classBalancedFocal(gamma: 1)).train(
      store: store, split: split, makeModel: model, from: state, observer: observer)
    return (model.parameters, outcome)
  }

  /// The state after it stood on disk.
  private func copied(_ state: TrainingState, _ plan: TrainingPlan) throws -> TrainingState {
    let path = write(Checkpoint(facts: facts, epochs: plan.epochs, log: nil, state: state).bytes(), "copy")
    let layout = try model(1).parameters
    let copy = try Checkpoint.read(
      path, facts: facts, plan: plan, split: split, outputs: split.validation.count, layout: layout
    ).state
    #expect(copy == state)
    return copy
  }

  private func write(_ bytes: [UInt8], _ name: String) -> String {
    let path = "\(folder)/\(name)"
    #expect(Files.write(bytes, to: path))
    return path
  }

  private static func names(_ folder: String) -> [String] { Files.names(in: folder).sorted() }

  /// The mean of the parameters over the updates, by its formula, is judged and kept.
  @Test func meanOfParameters() throws {
    let plan = plan {
      $0.optimiser.average = 0.9
      ($0.epochs, $0.patience) = (3, 0)
    }
    func moved(_ mean: [Float], _ values: [Float], _ step: Int) -> [Float] {
      let kept = min(0.9, Float(1 + step) / Float(10 + step))
      return mean.indices.map { kept * mean[$0] + (1 - kept) * values[$0] }
    }
    var (mean, last, step): ([Float], [Float], Int) = ([], [], 0)
    var observer = Trainer.Observer()
    observer.stateInterval = 1
    observer.state = { state in
      guard state.optimiser.step > step else { return }
      (step, last) = (state.optimiser.step, state.parameters.storage.values)
      mean = mean.isEmpty ? state.optimiser.average?.storage.values ?? [] : moved(mean, last, step)
    }
    let all = ValidationSplit(train: Array(0..<300), validation: [])
    let (trained, _) = try Trainer(plan: plan, objective: ClassLoss.classBalancedFocal(gamma: 1)).train(
      store: store, split: all, makeModel: model, observer: observer)
    let kept = trained.parameters.storage.values
    #expect(kept.count == mean.count && kept.indices.allSatisfy { abs(kept[$0] - mean[$0]) < 1e-5 })
    #expect(kept != last)
    #expect(step == 30)
  }

  @Test(arguments: [false, true], [0, 0.9])
  func aRunThatIsStoppedAtEveryPlaceEndsAsTheUnbrokenOne(draws: Bool, average: Float) throws {
    let plan = plan {
      $0.drawsOrder = draws
      $0.optimiser.average = average
    }
    let whole = try train(plan)
    var random = RandomStream(seed: 11)
    var (state, stops): (TrainingState?, Int) = (nil, 0)
    while true {
      // Asked after each batch of training and of validation: stops within both, and now and then at once.
      var left = random.below(9)
      var observer = Trainer.Observer()
      observer.isCancelled = {
        left -= 1
        return left < 0
      }
      do {
        let resumed = try train(plan, from: state, observer)
        #expect(resumed.parameters == whole.parameters)
        #expect(resumed.outcome.bestEpoch == whole.outcome.bestEpoch)
        #expect(resumed.outcome.epochsRun == whole.outcome.epochsRun)
        break
      } catch let stopped as TrainingStopped {
        stops += 1
        state = try copied(stopped.state, plan)
      }
      try #require(stops < 1000)
      // A stop in validation does not advance the state: the next run must get beyond it.
      if stops % 3 == 0 {
        var observer = Trainer.Observer()
        var batches = 0
        observer.isCancelled = {
          batches += 1
          return batches > 12
        }
        do { _ = try train(plan, from: state, observer) } catch let stopped as TrainingStopped {
          state = try copied(stopped.state, plan)
        }
      }
    }
    #expect(stops > 10)
  }

  @Test func everyStateLeadsToTheSameEnd() throws {
    let plan = plan()
    var states: [TrainingState] = []
    var observer = Trainer.Observer()
    observer.state = { states.append($0) }
    observer.stateInterval = 3
    let whole = try train(plan, observer)
    #expect(whole.parameters == (try train(self.plan { $0.threads = 3 })).parameters)
    #expect(states.count > whole.outcome.epochsRun, "at the end of each epoch, and in between")
    for state in states {
      let end = try train(plan, from: copied(state, plan))
      #expect(end.parameters == whole.parameters && end.outcome.epochsRun == whole.outcome.epochsRun)
    }
    // More epochs than it was to have.
    let longer = self.plan { ($0.epochs, $0.patience) = (20, 0) }
    let short = self.plan { ($0.epochs, $0.patience) = (5, 0) }
    var last: TrainingState?
    observer.state = { last = $0 }
    _ = try train(short, observer)
    #expect(try train(longer, from: last).parameters == train(longer).parameters)
  }

  @Test func attemptsBeforeAreKept() throws {
    // All weights 0: a run that stays collapsed, so that every attempt is made.
    let plan = plan { ($0.optimiser.learningRate, $0.epochs, $0.restarts, $0.batchSize) = (1e-30, 2, 2, 64) }
    var states: [TrainingState] = []
    var observer = Trainer.Observer()
    observer.state = { states.append($0) }
    func collapsing(_ state: TrainingState?) throws -> (Parameters, TrainingOutcome) {
      let (model, outcome) = try Trainer(plan: plan, objective: ClassLoss.crossEntropy).train(
        store: store, split: split,
        makeModel: { attempt in
          var model = try self.model(attempt)
          model.parameters.clear()
          return model
        }, from: state, observer: observer)
      return (model.parameters, outcome)
    }
    let whole = try collapsing(nil)
    try #require(whole.1.attempts == 3)
    let seen = states
    #expect(seen.map(\.attempt) == [1, 1, 2, 2, 3, 3] && seen.map { $0.kept == nil } == seen.map { $0.attempt == 1 })
    for state in seen {
      let end = try collapsing(copied(state, plan))
      #expect(end.0 == whole.0 && end.1.attempts == 3)
    }
    // The third attempt, after its first epoch: two attempts of two epochs of four batches came before.
    try refuses(
      [
        "kept.attempt": ["0", "3"], "kept.epochs_run": ["0", "3"], "kept.epoch": ["0", "3"],
        "updates": ["12", "19", "24"], "attempt": ["1", "4"],
      ], in: seen[4], of: plan)
    // Attempts that ended would have had another number of epochs.
    let late = write(Checkpoint(facts: facts, epochs: 2, log: nil, state: seen[4]).bytes(), "late")
    let layout = try model(1).parameters
    #expect(throws: TrainingError.otherEpochs(path: late, epochs: 2, attempt: 3, epoch: 2, now: 9)) {
      var more = plan
      more.epochs = 9
      _ = try Checkpoint.read(
        late, facts: facts, plan: more, split: split, outputs: split.validation.count, layout: layout)
    }
  }

  private func state(_ plan: TrainingPlan, after updates: Int) throws -> TrainingState {
    var observer = Trainer.Observer()
    var left = updates
    observer.isCancelled = {
      left -= 1
      return left < 1
    }
    do {
      _ = try train(plan, observer)
    } catch let stopped as TrainingStopped {
      return stopped.state
    }
    throw TrainingError.folderInUse(path: "")
  }

  @Test func whatTheRunWasGivenIsCompared() throws {
    let plan = plan()
    let path = write(
      Checkpoint(facts: facts, epochs: plan.epochs, log: nil, state: try state(plan, after: 3)).bytes(), "c")
    let layout = try model(1).parameters
    for (name, value, other) in [("--batch", "64", "32"), ("bags", "301", "300"), ("--new", "1", "none")] {
      var given = RunFacts()
      given.add(name, value)
      let error = #expect(throws: TrainingError.self) {
        _ = try Checkpoint.read(
          path, facts: given, plan: plan, split: split, outputs: split.validation.count, layout: layout)
      }
      let message = error?.diagnostic.message ?? ""
      #expect(message == "\(name): \(other) in the run of this checkpoint, \(value) now")
      #expect(error?.diagnostic.code == (name.hasPrefix("-") ? .usage : .data))
    }
    let other = try MethodChoice("logistic").network(features: 6, seed: 1).parameters
    #expect(throws: TrainingError.self) {
      _ = try Checkpoint.read(
        path, facts: facts, plan: plan, split: split, outputs: split.validation.count, layout: other)
    }
  }

  @Test func everyCutAndChangeIsRefused() throws {
    let plan = plan { $0.epochs = 3 }
    let checkpoint = Checkpoint(
      facts: facts, epochs: 3, log: LiveFile.Mark(bytes: 17, sha256: "00ff"), state: try state(plan, after: 13))
    let bytes = checkpoint.bytes()
    let layout = try model(1).parameters
    func read(_ bytes: [UInt8]) -> Checkpoint? {
      let path = write(bytes, "changed")
      return try? Checkpoint.read(
        path, facts: facts, plan: plan, split: split, outputs: split.validation.count, layout: layout)
    }
    let whole = try #require(read(bytes))
    #expect(whole.state == checkpoint.state && whole.log == checkpoint.log && whole.state.best != nil)
    for count in stride(from: 0, to: bytes.count, by: 7) { #expect(read(Array(bytes[..<count])) == nil) }
    var mutations = Mutations(of: bytes, seed: 2)
    for _ in 0..<5000 {
      if let accepted = read(mutations.next()) { #expect(accepted.bytes() == bytes) }
    }
  }

  @Test func aCountThatNoRunHasIsRefused() throws {
    let plan = plan()
    // One batch into the second epoch.
    try refuses(
      [
        "epoch": ["0", "-1", "01", "1", "3", "1000000", "9999999999999999999"], "batches": ["-1", "0", "2", "9", "x"],
        "attempt": ["0", "2", "5"], "step": ["-1", "1e3", "8", "10", "999999999"], "updates": ["0", "-5", "8", "17"],
        "loss_sum": ["nan", "inf", "0x1p3", "", "-1"], "best.loss": ["nan", "1e999"], "best.epoch": ["0", "2"],
        "format": ["millrace-model"], "format_version": ["1"], "epochs": ["", "0", "1000001"],
      ], in: state(plan, after: 12), of: plan)
  }

  /// Counts that fit one another: as many batches and updates as an epoch far behind the last would have.
  @Test func anEpochBehindTheLastOrBehindTheEndOfPatienceIsRefused() throws {
    let plan = plan { ($0.epochs, $0.patience) = (1_000_000, 4) }
    var state = try state(plan, after: 12)
    func read(_ state: TrainingState, _ plan: TrainingPlan) throws {
      let path = write(Checkpoint(facts: facts, epochs: plan.epochs, log: nil, state: state).bytes(), "c")
      _ = try Checkpoint.read(
        path, facts: facts, plan: plan, split: split, outputs: split.validation.count, layout: model(1).parameters)
    }
    func refusal(epoch: Int, _ plan: TrainingPlan) throws -> String? {
      let path = write(Checkpoint(facts: facts, epochs: plan.epochs, log: nil, state: state).bytes(), "c")
      var metadata = try TensorFile(reading: path).metadata
      let step = String((epoch - 1) * 8 + 1)
      (metadata["epoch"], metadata["step"], metadata["updates"]) = (String(epoch), step, step)
      let tensors = try TensorFile(reading: path).tensors
      let changed = write(TensorFile(metadata: metadata, tensors: tensors).bytes(), "changed")
      do {
        _ = try Checkpoint.read(
          changed, facts: facts, plan: plan, split: split, outputs: split.validation.count, layout: model(1).parameters)
        return nil
      } catch let error as TrainingError { return error.diagnostic.message }
    }
    try read(state, plan)
    #expect(try refusal(epoch: 5, plan) == nil, "patience of 4 epochs is not over in the fifth")
    #expect(try refusal(epoch: 6, plan)?.contains("patience ran out") == true)
    #expect(try refusal(epoch: 1_000_000, plan)?.contains("patience ran out") == true)
    let endless = self.plan { ($0.epochs, $0.patience) = (12, 0) }
    state = try self.state(endless, after: 12)
    #expect(try refusal(epoch: 12, endless) == nil)
    #expect(try refusal(epoch: 13, endless)?.contains("bad batches") == true)
    #expect(try refusal(epoch: 1_000_000, endless)?.contains("bad epoch") == true)
  }

  /// Reads the checkpoint of a state with each of these facts in place of its own.
  private func refuses(_ facts: [String: [String]], in state: TrainingState, of plan: TrainingPlan) throws {
    let path = write(Checkpoint(facts: self.facts, epochs: plan.epochs, log: nil, state: state).bytes(), "c")
    let layout = try model(1).parameters
    let file = try TensorFile(reading: path)
    for (key, values) in facts {
      for value in values {
        var metadata = file.metadata
        #expect(metadata.updateValue(value, forKey: key) != nil, "\(key)")
        let changed = write(TensorFile(metadata: metadata, tensors: file.tensors).bytes(), "changed")
        #expect(throws: TrainingError.self, "\(key) \(value)") {
          _ = try Checkpoint.read(
            changed, facts: self.facts, plan: plan, split: split, outputs: split.validation.count, layout: layout)
        }
      }
    }
  }

  // MARK: The folder

  @Test func theLastTwoAreKeptAndADamagedOneIsPassedOver() throws {
    let plan = plan()
    let path = "\(folder)/run"
    func file(_ updates: Int) -> String { "checkpoint-00000000000000\(updates).safetensors" }
    do {
      let folder = try CheckpointFolder(path: path)
      #expect(throws: TrainingError.folderInUse(path: path)) { _ = try CheckpointFolder(path: path) }
      for updates in 5...8 {
        let state = try state(plan, after: updates)
        try folder.save(Checkpoint(facts: facts, epochs: plan.epochs, log: nil, state: state))
      }
    }
    #expect(Self.names(path) == [file(7), file(8), "lock"])
    // What a killed writer left is ours to remove; what looks otherwise is not.
    let left = ".0123456789abcdef01234567.millrace.tmp"
    for name in [left, "notes.txt", "checkpoint-1.safetensors"] { _ = write([1], "run/\(name)") }
    let folder = try CheckpointFolder(path: path)
    #expect(Self.names(path) == ["checkpoint-1.safetensors", file(7), file(8), "lock", "notes.txt"].sorted())
    let layout = try model(1).parameters
    func newest() throws -> (Int?, [String]) {
      var warnings: [String] = []
      let found = try folder.newest(
        {
          try Checkpoint.read(
            $0, facts: facts, plan: plan, split: split, outputs: split.validation.count, layout: layout)
        },
        warn: { warnings.append($0.message) })
      return (found?.checkpoint.state.updates, warnings)
    }
    #expect(try newest() == (8, []))
    _ = write([1, 2, 3], "run/\(file(8))")
    let (updates, warnings) = try newest()
    #expect(updates == 7 && warnings.count == 1)
    // The next one takes the damaged one's place.
    let last = try state(plan, after: 8)
    try folder.save(Checkpoint(facts: facts, epochs: plan.epochs, log: nil, state: last))
    #expect(try newest() == (8, []))
    for updates in 7...8 { _ = write([1, 2, 3], "run/\(file(updates))") }
    #expect(throws: TrainingError.self) { _ = try newest() }
    for updates in 7...8 { unlink("\(path)/\(file(updates))") }
    #expect(try newest() == (nil, []))
  }
}
