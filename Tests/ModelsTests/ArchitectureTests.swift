import Arrays
import Models
import Testing

@Suite struct ArchitectureTests {
  @Test func namesAndShapesAreThoseOfTheFile() throws {
    let network = try MethodChoice("idmil").network(features: 233, seed: 1)
    let shapes = network.parameters.entries.map { "\($0.name) \($0.shape)" }
    #expect(
      shapes == [
        "conv1.weight [64, 1, 3]", "conv1.bias [64]", "norm1.weight [64]", "norm1.bias [64]",
        "norm1.running_mean [64]", "norm1.running_var [64]",
        "conv2.weight [64, 64, 3]", "conv2.bias [64]", "norm2.weight [64]", "norm2.bias [64]",
        "norm2.running_mean [64]", "norm2.running_var [64]",
        "conv3.weight [1, 64, 3]", "conv3.bias [1]", "norm3.weight [1]", "norm3.bias [1]",
        "norm3.running_mean [1]", "norm3.running_var [1]",
        "attention1.weight [32, 233]", "attention1.bias [32]", "attention2.weight [1, 32]", "attention2.bias [1]",
        "output.weight [1, 7]", "output.bias [1]",
      ])
    #expect(
      network.ports == [PortSpec("x", .instance, .dense(width: 233))] && network.unit == .instance
        && network.target == .bag)
  }

  @Test func aSeedStartsEveryTensorInItsBounds() throws {
    let network = try MethodChoice("idmil").network(features: 233, seed: 4)
    #expect(network.parameters == (try MethodChoice("idmil").network(features: 233, seed: 4)).parameters)
    #expect(network.parameters != (try MethodChoice("idmil").network(features: 233, seed: 5)).parameters)
    let weights = network.parameters.values("conv2.weight") ?? []
    let bound = 1 / Float(192).squareRoot()
    #expect(weights.allSatisfy { abs($0) <= bound } && (weights.max() ?? 0) > 0.99 * bound)
    #expect(network.parameters.values("norm2.running_var") == [Float](repeating: 1, count: 64))
    // Parts that two variants share start alike.
    var options = IDMIL.Options()
    options.attention = false
    let plain = try IDMIL.network(features: 233, options: options, seed: 4)
    #expect(plain.parameters.values("conv2.weight") == weights)
    #expect(plain.parameters.index(of: "attention1.weight") == nil)
    #expect(plain.score(randomBags([2, 1], features: 233, seed: 1), Tape(threads: 1)).attention == nil)
  }

  @Test func tooFewFeaturesNameTheWayOut() throws {
    #expect(try MethodChoice("idmil").network(features: 53, seed: 1).ports.map(\.width) == [53])
    let error = #expect(throws: ModelError.self) { try MethodChoice("idmil").network(features: 52, seed: 1) }
    #expect(error == .tooFewFeatures(52, least: 53, modules: 3))
    #expect(error?.diagnostic.hint == "--architecture idmil:modules=2")
    var options = IDMIL.Options()
    options.modules = 2
    let network = try IDMIL.network(features: 52, options: options, seed: 1)
    #expect(network.score(randomBags([2, 1], features: 52, seed: 1), Tape(threads: 1))[.bag].count == 2)
  }

  @Test func unknownNamesListTheKnown() {
    let error = #expect(throws: ModelError.self) { try MethodChoice("resnet").network(features: 5, seed: 1) }
    let names = Methods.all.map(\.name).joined(separator: ", ")
    #expect(error?.diagnostic.hint == "\(names); mil-train --list says what each of them is")
    var options = IDMIL.Options()
    options.kernel = 4
    #expect(throws: ModelError.self) { try IDMIL.network(features: 90, options: options, seed: 1) }
  }

  @Test(arguments: [3, 5, 7], [true, false]) func everyVariantRunsBothWays(kernel: Int, lastReLU: Bool) throws {
    var options = IDMIL.Options()
    (options.kernel, options.lastReLU) = (kernel, lastReLU)
    let network = try IDMIL.network(features: 137, options: options, seed: 1)
    let batch = randomBags([2, 9, 1], features: 137, seed: 1)
    let tape = Tape(threads: 1)
    _ = network.forward(batch, .training(seed: 1, epoch: 0, batch: 0), tape)
    var gradient = network.parameters.zeros()
    network.backward(batch, Start(.bag, [1, 1, 1]), tape, into: &gradient)
    #expect(gradient.isFinite)
    #expect((gradient.values("conv1.weight") ?? []).contains { $0 != 0 })
  }
}
