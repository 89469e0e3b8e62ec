import Models
import Tensors
import Testing
import Training

/// The fused engine gives the same weights on every machine.
@Suite struct InstructionSetTests {
  /// The kernels are handed in: a user can't choose them.
  @Test func everyInstructionSetOfThisMachineGivesTheSameBits() throws {
    let store = ToyBags(bags: 120, seed: 3, width: 65, most: 6, positive: 2, deviation: 1, high: 10..<30, by: 1.5)
    let split = ValidationSplit.byGroup(
      labels: store.labels, groups: (0..<120).map(UInt64.init), fraction: 0.25, seed: 1)
    var plan = TrainingPlan()
    (plan.batchSize, plan.epochs, plan.restarts) = (32, 4, 0)
    let results = try FusedKernels.Strength.allCases.compactMap { FusedKernels($0) }.map { kernels in
      plan.threads = Int(kernels.strength.rawValue) + 1
      let (model, _) = try Trainer(plan: plan, objective: ClassLoss.classBalancedFocal(gamma: 1)).train(
        store: store, split: split,
        makeModel: { attempt in
          let network = try MethodChoice("idmil").network(features: 65, seed: UInt64(attempt))
          return try #require(FusedIDMIL(network: network, options: IDMIL.Options(), kernels: kernels))
        })
      return model.parameters
    }
    #expect(results.count == Int(FusedKernels.strongest.rawValue) + 1)
    for result in results { #expect(result == results[0]) }
  }
}
