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
    plan.learningRate = 0.01
    plan.batchSize = 32
    plan.epochs = 30
    plan.restarts = 0
    plan.patienceUpdates = 0
    change(&plan)
    return plan
  }

  func train(_ plan: TrainingPlan, observer: Trainer.Observer = .init()) throws -> (any Differentiable, TrainingOutcome)
  {
    var lastGood: (any Differentiable)?
    return try Trainer(plan: plan, objective: BagLoss.classBalancedFocal(gamma: 1)).train(
      store: store, split: split,
      makeModel: { attempt in
        guard let model = try? Architectures.network("mlp", features: 6, seed: UInt64(attempt)) else {
          preconditionFailure("the dense network takes six features")
        }
        return model
      }, observer: observer, lastGood: &lastGood)
  }

  @Test func findsTheWitness() throws {
    let (model, outcome) = try train(plan())
    #expect(outcome.recall > 0.8 && outcome.specificity > 0.8 && !outcome.isCollapsed)
    let batch = store.batch([0], swapped: nil)
    let witness = model.score(batch, Tape(threads: 1)).witness[0]
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
      try Trainer(plan: plan, objective: objective).train(
        store: store, split: split, makeModel: { _ in try Architectures.network("mlp", features: 6, seed: 1) },
        lastGood: &lastGood
      ).model
    }
    let large = plan { $0.learningRate = 1e38 }
    #expect(throws: TrainingError.diverged(epoch: 1, batch: 1, learningRate: 1e38)) {
      try train(large, BagLoss.crossEntropy)
    }
    #expect(lastGood == nil, "no epoch came to its end")
    // 300 units in batches of 32: the third batch of the third epoch has no finite loss.
    #expect(throws: TrainingError.diverged(epoch: 3, batch: 3, learningRate: 0.01)) {
      try train(plan(), Failing(batch: 23))
    }
    let kept = try #require(lastGood).parameters
    #expect(try train(plan { $0.epochs = 2 }, BagLoss.crossEntropy).parameters == kept)
  }

  /// Cross entropy up to some batch of training, whose loss is infinite.
  private final class Failing: Objective, @unchecked Sendable {
    private var left: Int
    init(batch: Int) { left = batch }

    func loss(logits: [Float], labels: [Float], weights: [Float], gradient: inout [Float]) -> Double {
      // The judges' losses are of more units than a batch has.
      if logits.count <= 32 { left -= 1 }
      let loss = BagLoss.crossEntropy.loss(logits: logits, labels: labels, weights: weights, gradient: &gradient)
      return left == 0 ? .infinity : loss
    }

    func restLogit(positives: Int, negatives: Int) -> Double {
      BagLoss.crossEntropy.restLogit(positives: positives, negatives: negatives)
    }
  }

  @Test func oneClassIsRefused() {
    var single = store
    single.labels = single.labels.map { _ in 0 }
    var lastGood: (any Differentiable)?
    #expect(throws: TrainingError.oneClass(positives: 0, units: split.train.count)) {
      _ = try Trainer(plan: plan(), objective: BagLoss.crossEntropy).train(
        store: single, split: split,
        makeModel: { _ in (try? Architectures.network("mlp", features: 6, seed: 1))! }, lastGood: &lastGood)
    }
  }
}
