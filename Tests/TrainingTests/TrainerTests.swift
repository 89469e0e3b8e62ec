import Arrays
import Models
import Testing
import Training

@Suite struct TrainerTests {
  let store = ToyBags(bags: 400, seed: 5)
  var split: ValidationSplit {
    .byGroup(labels: store.labels, groups: (0..<400).map(UInt64.init), fraction: 0.25, seed: 1)
  }

  func plan(_ change: (inout TrainingPlan) -> Void = { _ in }) -> TrainingPlan {
    var plan = TrainingPlan()
    plan.optimiser.learningRate = 0.01
    plan.batchSize = 32
    plan.epochs = 30
    plan.restarts = 0
    plan.patienceUpdates = 0
    change(&plan)
    return plan
  }

  func train(_ plan: TrainingPlan, observer: Trainer.Observer = .init()) throws -> (any Differentiable, TrainingOutcome)
  {
    return try Trainer(plan: plan, objective: ClassLoss.classBalancedFocal(gamma: 1)).train(
      store: store, split: split,
      makeModel: { attempt in
        guard let model = try? MethodChoice("mlp").network(features: 6, seed: UInt64(attempt)) else {
          preconditionFailure("the dense network takes six features")
        }
        return model
      }, observer: observer)
  }

  @Test func findsTheWitness() throws {
    let (model, outcome) = try train(plan())
    #expect(outcome.recall > 0.8 && outcome.specificity > 0.8 && !outcome.isCollapsed)
    let batch = store.batch([0], nil)
    let witness = model.score(batch, Tape(threads: 1)).witness?[0] ?? -1
    let best = store.rows[0].indices.max { store.rows[0][$0][0] < store.rows[0][$1][0] }
    #expect(Int(witness) == best)
  }

  @Test func theSameSeedGivesTheSameParametersAtAnyNumberOfThreads() throws {
    let one = try train(plan()).0.parameters
    let three = try train(plan { $0.threads = 3 }).0.parameters
    let drawn = try train(plan { $0.drawsOrder = true }).0.parameters
    #expect(one == three)
    #expect(one != drawn)
  }

  @Test func keepsTheBestEpochAndStopsWithoutProgress() throws {
    var reports: [EpochReport] = []
    var observer = Trainer.Observer()
    observer.epoch = { reports.append($0) }
    let outcome = try train(plan { ($0.patience, $0.epochs) = (3, 200) }, observer: observer).1
    #expect(outcome.bestEpoch == reports.last { $0.isBest }?.epoch)
    #expect(outcome.epochsRun < 200 && outcome.epochsRun == outcome.bestEpoch + 3)
    let best = reports.compactMap(\.validationLoss).min()
    #expect(reports.last { $0.isBest }?.validationLoss == best)
  }

  @Test func divergenceNamesThePlaceAndKeepsTheLastGoodModel() throws {
    var lastGood: (any Differentiable)?
    func train(_ plan: TrainingPlan, _ objective: any Objective) throws -> any Differentiable {
      var observer = Trainer.Observer()
      observer.lastGood = { lastGood = $0 as? any Differentiable }
      return try Trainer(plan: plan, objective: objective).train(
        store: store, split: split, makeModel: { _ in try MethodChoice("mlp").network(features: 6, seed: 1) },
        observer: observer
      ).model
    }
    let large = plan { $0.optimiser.learningRate = 1e38 }
    #expect(throws: TrainingError.diverged(epoch: 1, batch: 1, learningRate: 1e38)) {
      try train(large, ClassLoss.crossEntropy)
    }
    #expect(lastGood == nil, "no epoch came to its end")
    // 300 units in batches of 32: the third batch of the third epoch has no finite loss.
    #expect(throws: TrainingError.diverged(epoch: 3, batch: 3, learningRate: 0.01)) {
      try train(plan(), Failing(batch: 23))
    }
    let kept = try #require(lastGood).parameters
    #expect(try train(plan { $0.epochs = 2 }, ClassLoss.crossEntropy).parameters == kept)
  }

  /// Cross entropy up to some batch of training, whose loss is infinite.
  private final class Failing: Objective, @unchecked Sendable {
    private var left: Int
    init(batch: Int) { left = batch }

    let goal = Goal.binary
    let hasRemedies = true

    func loss(_ output: Matrix, _ targets: Targets, slope: inout Matrix) -> Double {
      // The losses that compare epochs are of more examples than a batch has.
      if output.rows <= 32 { left -= 1 }
      let loss = ClassLoss.crossEntropy.loss(output, targets, slope: &slope)
      return left == 0 ? .infinity : loss
    }

    func rest(_ targets: Targets) -> Double { ClassLoss.crossEntropy.rest(targets) }
  }

  /// The offset of the bias lies between two units, so that rounding gives none of them another class.
  @Test(arguments: [ClassLoss.classBalancedFocal(gamma: 1), .crossEntropy], [false, true])
  func figuresAreThoseOfTheModelWithEverySeed(objective: ClassLoss, draws: Bool) throws {
    let store = ToyBags(bags: 120, seed: 5, width: 6, most: 3, positive: 3, deviation: 1, high: 0..<1, by: 1)
    for seed in 1...20 {
      let split = ValidationSplit.byGroup(
        labels: store.labels, groups: (0..<120).map(UInt64.init), fraction: 0.4, seed: UInt64(seed))
      var reports: [EpochReport] = []
      var observer = Trainer.Observer()
      observer.epoch = { reports.append($0) }
      let plan = plan { ($0.epochs, $0.restarts, $0.drawsOrder) = (4, 1, draws) }
      let name = seed % 2 == 0 ? "mlp" : "logistic"
      let (model, outcome) = try Trainer(plan: plan, objective: objective).train(
        store: store, split: split,
        makeModel: { try MethodChoice(name).network(features: 6, seed: UInt64($0 + seed)) },
        observer: observer)
      // One unit at a time: sums may be rounded otherwise.
      let logits = split.validation.map { unit -> Float in
        let batch = store.batch([unit], nil)
        let given = model.score(batch, Tape(threads: 1))
        guard draws else { return given[.bag][0] }
        let draw = Draw(seed: 1, epoch: 1, swapped: [true])
        let swapped = model.score(store.batch([unit], draw), Tape(threads: 1))
        return model.join(.mean(of: [given, swapped], on: model.unit), batch, Tape(threads: 1))[.bag][0]
      }
      func share(_ label: Float) -> Double {
        let own = zip(split.validation, logits).filter { store.labels[$0.0] == label }
        return Double(own.count { ($0.1 >= 0) == (label == 1) }) / Double(own.count)
      }
      #expect(outcome.recall == share(1) && outcome.specificity == share(0), "seed \(seed)")
      let kept = try #require(reports.first { $0.attempt == outcome.keptAttempt && $0.epoch == outcome.bestEpoch })
      #expect(kept.isBest && kept.validationOutputs.map { $0 >= 0 } == logits.map { $0 >= 0 }, "seed \(seed)")
    }
  }

  /// Cross entropy at one third positives rests at log(1/2): few reach 0.5 though the model has learned something.
  @Test func crossEntropyOfARareClassIsNoCollapse() throws {
    let store = ToyBags(bags: 300, seed: 5, width: 6, most: 4, positive: 3, deviation: 1, high: 0..<1, by: 0.4)
    var oneSided = 0
    for seed in 1...8 {
      let split = ValidationSplit.byGroup(
        labels: store.labels, groups: (0..<300).map(UInt64.init), fraction: 0.2, seed: UInt64(seed))
      let outcome = try Trainer(plan: plan { $0.restarts = 3 }, objective: ClassLoss.crossEntropy).train(
        store: store, split: split,
        makeModel: { try MethodChoice("logistic").network(features: 6, seed: UInt64($0 + seed)) }
      ).outcome
      #expect(outcome.attempts == 1 && !outcome.isCollapsed, "seed \(seed)")
      if outcome.isOneSided { oneSided += 1 }
    }
    #expect(oneSided > 0, "such as would have begun again")
  }

  @Test func weightsOfZeroAreSaidAsTheyAre() {
    func message(_ error: TrainingError) -> String { error.diagnostic.message }
    #expect(
      message(.oneClass(.init(positives: 0, weighted: 0, all: 7), validation: 2))
        == "all 7 training examples have weight 0: nothing is left to learn from")
    #expect(
      message(.oneClass(.init(positives: 0, weighted: 0, all: 0), validation: 2))
        == "every example is a validation example: there is nothing to train on")
    #expect(
      message(.oneClassValidation(.init(positives: 3, weighted: 3, all: 5)))
        == "3 of 3 validation examples with a weight above 0 are positive: both classes are needed to choose an epoch")
  }

  @Test func oneClassIsRefused() {
    var single = store
    single.labels = single.labels.map { _ in 0 }
    #expect(throws: TrainingError.oneClass(.init(positives: 0, weighted: 300, all: 300), validation: 100)) {
      _ = try Trainer(plan: plan(), objective: ClassLoss.crossEntropy).train(
        store: single, split: split,
        makeModel: { _ in (try? MethodChoice("mlp").network(features: 6, seed: 1))! })
    }
  }
}
