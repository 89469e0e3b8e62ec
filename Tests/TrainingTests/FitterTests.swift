import Arrays
import Bytes
import Models
import Tensors
import Testing
import Training

/// Methods fitted through `MethodChoice.fitter`: rounds of witnesses, labels of units, numbers.
@Suite struct FitterTests {
  private func plan(_ change: (inout TrainingPlan) -> Void = { _ in }) -> TrainingPlan {
    var plan = TrainingPlan()
    (plan.batchSize, plan.patienceUpdates) = (32, 0)
    plan.optimiser.learningRate = 0.01
    change(&plan)
    return plan
  }

  private func fit(
    _ method: String, _ store: any BatchStore, _ objective: any Objective = ClassLoss.crossEntropy,
    _ plan: TrainingPlan? = nil
  ) throws -> Fitted {
    let fitter = try MethodChoice(method).fitter(store.ports, objective, plan ?? self.plan())
    let all = ValidationSplit(train: Array(0..<store.count), validation: [])
    return try fitter.fit(store, all, from: nil, Trainer.Observer())
  }

  /// Bags of one instance: the minimum that `NewtonLinear` finds on the table of them.
  @Test func logisticOnBagsOfOneIsNewtonsMinimum() throws {
    let store = ToyBags(bags: 200, seed: 3, width: 6, most: 1, positive: 3, deviation: 1, high: 0..<2, by: 1)
    let x = Matrix(rows: 200, columns: 6, values: store.rows.flatMap { $0[0] })
    var newton = NewtonLinear()
    newton.c = 0.8
    let expected = try newton.fit(x, labels: store.labels, ThreadPool(threads: 1))
    let model = try #require(try fit("logistic:C=0.8", store).model as? any Differentiable)
    let weights = try #require(model.parameters.values("output.weight"))
    #expect(zip(weights, expected.coefficients).allSatisfy { abs(Double($0) - $1) < 1e-6 })
    #expect(abs(Double(model.parameters.values("output.bias")?[0] ?? .nan) - expected.intercept) < 1e-6)
  }

  @Test(arguments: ["logistic", "linear-svm", "naive-bayes", "forest:trees=20"])
  func roundsFindTheWitnesses(method: String) throws {
    let store = ToyBags(bags: 200, seed: 9, width: 4, most: 4, positive: 2, deviation: 0.5, high: 0..<1, by: 4)
    let fitted = try fit(method, store)
    #expect(fitted.notes["witnesses"]?.hasSuffix("until the witnesses stay") == true)
    let scores = fitted.model.score(store.batch(Array(0..<200), nil), Tape(threads: 1))
    let witness = try #require(scores.witness)
    var first = 0
    for (bag, rows) in store.rows.enumerated() {
      let best = rows.indices.max { rows[$0][0] < rows[$1][0] } ?? 0
      if store.labels[bag] > 0.5 { #expect(Int(witness[bag]) == first + best, "bag \(bag)") }
      first += rows.count
    }
  }

  /// The order of the bags changes nothing but the rounding of sums.
  @Test func roundsDoNotDependOnTheOrderOfBags() throws {
    var store = ToyBags(bags: 90, seed: 2, width: 3, most: 4, positive: 3, deviation: 1, high: 0..<1, by: 2)
    let one = try fit("logistic", store).model.score(store.batch(Array(0..<90), nil), Tape(threads: 1))[.bag]
    (store.rows, store.labels) = (store.rows.reversed(), store.labels.reversed())
    let other = try fit("logistic", store).model.score(store.batch(Array(0..<90), nil), Tape(threads: 1))[.bag]
    #expect(zip(one, other.reversed()).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  /// Networks in rounds: the witnesses are found, and the order of the bags does not matter, to the last bit.
  @Test func networksFindTheWitnessesInRounds() throws {
    var store = ToyBags(bags: 120, seed: 9, width: 4, most: 4, positive: 2, deviation: 0.5, high: 0..<1, by: 4)
    let fitted = try fit("mlp:hidden=8,rounds=yes", store, ClassLoss.crossEntropy, plan { $0.epochs = 10 })
    #expect(fitted.notes["witnesses"]?.hasSuffix("until the witnesses stay") == true, "\(fitted.notes)")
    let witness = try #require(fitted.model.score(store.batch(Array(0..<120), nil), Tape(threads: 1)).witness)
    var first = 0
    for (bag, rows) in store.rows.enumerated() {
      let best = rows.indices.max { rows[$0][0] < rows[$1][0] } ?? 0
      if store.labels[bag] > 0.5 { #expect(Int(witness[bag]) == first + best, "bag \(bag)") }
      first += rows.count
    }
    (store.rows, store.labels) = (store.rows.map { $0.reversed() }.reversed(), store.labels.reversed())
    let other = try fit("mlp:hidden=8,rounds=yes", store, ClassLoss.crossEntropy, plan { $0.epochs = 10 })
    #expect(other.model.tensors(prefix: "") == fitted.model.tensors(prefix: "") && other.notes == fitted.notes)
  }

  /// Validation bags keep their instances in rounds, and choose the epoch.
  @Test func roundsOfNetworksAreValidatedOnBags() throws {
    let store = ToyBags(bags: 120, seed: 9, width: 4, most: 4, positive: 2, deviation: 0.5, high: 0..<1, by: 4)
    let split = ValidationSplit.byGroup(
      labels: store.labels, groups: (0..<120).map(UInt64.init), fraction: 0.25, seed: 1)
    let fitter = try MethodChoice("mlp:rounds=yes").fitter(
      store.ports, ClassLoss.crossEntropy, plan { ($0.epochs, $0.drawsOrder) = (8, true) })
    var outputs: Set<Int> = []
    var observer = Trainer.Observer()
    observer.epoch = { outputs.insert($0.validationOutputs.count) }
    let fitted = try fitter.fit(store, split, from: nil, observer)
    #expect(outputs == [split.validation.count] && fitted.outcome?.isCollapsed == false)
  }

  @Test func poolsOfProbabilitiesNeedClasses() throws {
    var store = ToyBags(bags: 20, seed: 6)
    store.labels = store.labels.indices.map { Float($0) }
    for pooling in ["mean", "noisy-or"] {
      let error = #expect(throws: TrainingError.self) { try fit("mlp:pooling=\(pooling)", store, SquaredError()) }
      #expect(error?.diagnostic.message.contains("pools probabilities") == true)
    }
    #expect(throws: Never.self) {
      _ = try fit("mlp:pooling=mean-logit", store, SquaredError(), plan { $0.epochs = 2 })
      _ = try fit("forest:trees=2,mil=mean", store, SquaredError())
      _ = try fit("boosted:trees=2,mil=max", store, SquaredError())
    }
  }

  /// Columns 1 and 2 are the sides: with both orders their weights are the same.
  @Test func bothOrdersMakeSymmetricWeights() throws {
    let store = ToyBags(bags: 100, seed: 4, width: 4, most: 1, positive: 2, deviation: 1, high: 1..<2, by: 2)
    let model = try fit("logistic", store, ClassLoss.crossEntropy, plan { $0.drawsOrder = true }).model
    let weights = try #require((model as? any Differentiable)?.parameters.values("output.weight"))
    #expect(abs(weights[1] - weights[2]) < 1e-4 && weights[1] > 0.1)
  }

  /// Labels of the instances: those of positive bags differ, and the model tells them apart.
  @Test(arguments: ["logistic", "forest:trees=20", "mlp", "boosted:leaf=5"])
  func labelsOfUnitsAreLearned(method: String) throws {
    let store = ToyBags(bags: 200, seed: 5, width: 4, most: 4, positive: 2, deviation: 0.5, high: 0..<1, by: 3)
    let rows = store.rows.flatMap { $0 }
    // The label says that the second feature is high, which the labels of bags do not.
    let labels = rows.enumerated().map { $0 % 7 == 0 ? Float.nan : $1[1] > 0.2 ? 1 : 0 }
    let units = UnitLabelStore(store, labels: labels, on: .instance)
    #expect(units.targets(of: [0, 1]).label.count == store.rows[0].count + store.rows[1].count)
    let model = try fit(method, units).model
    let scores = model.score(store.batch(Array(0..<200), nil), Tape(threads: 1))[.instance]
    let scale = try MethodChoice(method).method.scale(.binary)
    let right = rows.indices.count { (scale.score(scores[$0]) > 0.5) == (rows[$0][1] > 0.2) }
    #expect(Double(right) > 0.9 * Double(rows.count), "\(right) of \(rows.count)")
  }

  /// y = 3 + 2 a − b: the networks and the forest predict numbers, on one unit a bag.
  @Test(arguments: ["mlp", "forest", "boosted"]) func numbersAreLearned(method: String) throws {
    var store = ToyBags(bags: 400, seed: 6, width: 3, most: 1, positive: 2, deviation: 1, high: 0..<1, by: 0)
    store.labels = store.rows.map { 3 + 2 * $0[0][0] - $0[0][1] }
    let fitted = try fit(method, store, SquaredError(), plan { $0.epochs = 60 })
    #expect(fitted.outcome?.isCollapsed != true)
    let predicted = fitted.model.score(store.batch(Array(0..<400), nil), Tape(threads: 1))[.bag]
    let error = zip(predicted, store.labels).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / 400
    #expect(error < 0.5, "the variance is 5")
  }

  @Test func numbersThatAMethodCannotLearnAreRefused() throws {
    var store = ToyBags(bags: 20, seed: 6)
    store.labels = store.labels.indices.map { Float($0) }
    let error = #expect(throws: TrainingError.self) { try fit("logistic", store, SquaredError()) }
    #expect(error?.diagnostic.message == "--architecture logistic can't learn labels of the kind number")
    #expect(throws: TrainingError.self) { try fit("forest", store, SquaredError()) }
    store.labels = store.labels.map { _ in 2 }
    let same = #expect(throws: TrainingError.self) { try fit("mlp", store, SquaredError()) }
    #expect(same?.diagnostic.message == "all 20 training examples have the same label: there is nothing to learn")
  }

  /// A criterion in place of the loss chooses the epoch with its best value.
  @Test func theCriterionChoosesTheEpoch() throws {
    let store = ToyBags(bags: 200, seed: 5)
    let split = ValidationSplit.byGroup(
      labels: store.labels, groups: (0..<200).map(UInt64.init), fraction: 0.25, seed: 1)
    var reports: [EpochReport] = []
    var observer = Trainer.Observer()
    observer.epoch = { reports.append($0) }
    let trainer = Trainer(
      plan: plan {
        ($0.epochs, $0.restarts) = (12, 0)
        // The fewer logits above 1 the better: unlike the loss.
        $0.criterion = Criterion("few", isHigherBetter: true) { outputs, _ in -Double(outputs.count { $0 > 1 }) }
      }, objective: ClassLoss.crossEntropy)
    let outcome = try trainer.train(
      store: store, split: split, makeModel: { try MethodChoice("mlp").network(features: 6, seed: UInt64($0)) },
      observer: observer
    ).outcome
    let best = reports.compactMap(\.criterion).max()
    #expect(outcome.bestEpoch == reports.first { $0.criterion == best }?.epoch)
  }
}

/// One update by hand.
@Suite struct OptimiserTests {
  private func step(_ plan: OptimiserPlan, times: Int = 1) -> [Float] {
    var parameters = Parameters(
      [.init("w", [2], .constant(1)), .init("mean", [1], .constant(1), kind: .buffer)], seed: 1)
    var gradient = parameters.zeros()
    gradient.set("w", to: [0.5, -2])
    gradient.set("mean", to: [9])
    var optimiser = Optimiser(plan, for: parameters)
    for _ in 0..<times { optimiser.update(&parameters, gradient: gradient) }
    return (parameters.values("w") ?? []) + (parameters.values("mean") ?? [])
  }

  @Test func adamMovesByItsRate() {
    #expect(step(OptimiserPlan(learningRate: 0.1)) == [0.9, 1.1, 1])
  }

  /// Two steps of the same gradient: α, then α decay^(1/2).
  @Test func adamDecays() {
    var plan = OptimiserPlan(learningRate: 0.1)
    (plan.decay, plan.every) = (0.25, 2)
    #expect(abs(step(plan, times: 2)[0] - 0.85) < 1e-6)
  }

  /// AdamW takes α λ θ off besides.
  @Test func decoupledDecayIsTakenOffTheWeights() {
    let values = step(OptimiserPlan(.adam(isDecoupled: true), learningRate: 0.1, weightDecay: 0.5))
    #expect(abs(values[0] - 0.85) < 1e-6 && abs(values[1] - 1.05) < 1e-6 && values[2] == 1)
  }

  /// Two steps: α g, then α decay^(1/2) (momentum g + g).
  @Test func descentHasMomentumAndDecay() {
    #expect(step(OptimiserPlan(.descent(momentum: 0), learningRate: 0.5)) == [0.75, 2, 1])
    var plan = OptimiserPlan(.descent(momentum: 0.5), learningRate: 0.1)
    (plan.decay, plan.every) = (0.25, 2)
    let values = step(plan, times: 2)
    // 1 − 0.1 · 0.5 − 0.1 · 0.5 · 0.75
    #expect(abs(values[0] - (1 - 0.05 - 0.0375)) < 1e-6 && values[2] == 1)
    let penalised = step(OptimiserPlan(.descent(momentum: 0), learningRate: 0.5, weightDecay: 1))
    #expect(penalised == [0.25, 1.5, 1])
  }
}
