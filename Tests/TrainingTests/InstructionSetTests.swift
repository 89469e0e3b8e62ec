import Arrays
import Bytes
import Models
import Tensors
import Testing
import Training

/// What a run ends with does not depend on the machine, as far as the fused engine goes.
@Suite struct InstructionSetTests {
  /// Bags of 65 features whose positive ones hide one witness.
  private struct WideBags: BatchStore {
    var labels: [Float] = []
    var rows: [[[Float]]] = []
    let width = 65

    init(bags: Int, seed: UInt64) {
      var random = RandomStream(seed: seed)
      for bag in 0..<bags {
        var instances = (0..<1 + random.below(6)).map { _ in (0..<65).map { _ in Float(random.normal()) } }
        if bag % 2 == 0 {
          let witness = random.below(instances.count)
          for feature in 10..<30 { instances[witness][feature] += 1.5 }
        }
        labels.append(bag % 2 == 0 ? 1 : 0)
        rows.append(instances)
      }
    }

    var count: Int { labels.count }
    var ports: [String: Int] { ["x": width] }
    func size(of unit: Int) -> Int { rows[unit].count }

    func batch(_ units: [Int], swapped: [Bool]?) -> Batch {
      var offsets: [Int32] = [0]
      for unit in units { offsets.append(offsets[offsets.count - 1] + Int32(rows[unit].count)) }
      return Batch(
        bags: offsets,
        x: Matrix(rows: Int(offsets[units.count]), columns: width, values: units.flatMap { rows[$0].flatMap { $0 } }),
        label: units.map { labels[$0] })
    }
  }

  /// The kernels are handed in: a user can't choose them.
  @Test func everyInstructionSetOfThisMachineGivesTheSameBits() throws {
    let store = WideBags(bags: 120, seed: 3)
    let split = ValidationSplit.byGroup(
      labels: store.labels, groups: (0..<120).map(UInt64.init), fraction: 0.25, seed: 1)
    var plan = TrainingPlan()
    (plan.batchSize, plan.epochs, plan.restarts) = (32, 4, 0)
    let results = try FusedKernels.Strength.allCases.compactMap { FusedKernels($0) }.map { kernels in
      plan.threads = Int(kernels.strength.rawValue) + 1
      var lastGood: (any Differentiable)?
      let (model, _) = try Trainer(plan: plan, objective: BagLoss.classBalancedFocal(gamma: 1)).train(
        store: store, split: split,
        makeModel: { attempt in
          let network = try Architectures.network("idmil", features: 65, seed: UInt64(attempt))
          return try #require(FusedIDMIL(network: network, options: ArchitectureOptions(), kernels: kernels))
        }, lastGood: &lastGood)
      return model.parameters
    }
    #expect(results.count == Int(FusedKernels.strongest.rawValue) + 1)
    for result in results { #expect(result == results[0]) }
  }
}
