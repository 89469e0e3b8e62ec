import Arrays
import Bytes
import Models
import Testing

/// Every layer's backward pass beside central differences of its forward pass.
@Suite struct LayerTests {
  private let training = Mode.training(seed: 3, epoch: 1, batch: 2)
  private let features = 14

  /// A network in which the layers in question stand below a dense layer and the maximum over the bag.
  private func network(
    _ middle: (inout NetworkBuilder, NetworkBuilder.Handle) throws -> NetworkBuilder.Handle
  ) throws -> Network {
    var figure = NetworkBuilder()
    let x = figure.input("x", Shape(.instance, positions: features / 2, channels: 2))
    let h = try middle(&figure, x)
    let logit = try figure.add("output", Dense(to: 1), h)
    let bag = try figure.add("max", SegmentMaximum("bag", .bag), logit)
    return figure.plan(unit: logit, target: bag).network(seed: 11)
  }

  /// The objective whose derivatives are checked: Σ weight · logit of the bags.
  private func value(_ network: Network, _ batch: Batch, _ mode: Mode) -> Double {
    let logits = network.forward(batch, mode, Tape(threads: 1))[.bag]
    return zip(logits, weights).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }
  private let weights: [Float] = [1, -0.7, 0.4]

  private func check(_ network: Network, _ mode: Mode, _ name: String) throws {
    let batch = randomBags([4, 1, 6], features: features, seed: 21)
    let tape = Tape(threads: 1)
    _ = network.forward(batch, mode, tape)
    var gradient = network.parameters.zeros()
    network.backward(batch, Start(.bag, weights), tape, into: &gradient)
    let dX = try #require(network.portGradients(batch, Start(.bag, weights), .gradient, tape)["x"])
    let step: Float = 2e-3
    func agrees(_ analytic: Float, _ up: Double, _ down: Double, _ what: String) {
      let numeric = (up - down) / Double(2 * step)
      #expect(abs(numeric - Double(analytic)) < 2e-3 * max(1, abs(numeric)), "\(name): \(what)")
    }
    for entry in network.parameters.entries where entry.kind == .weight {
      for place in [entry.range.lowerBound, entry.range.upperBound - 1] {
        func moved(_ by: Float) -> Double {
          var other = network
          other.parameters.storage[0, place] += by
          return value(other, batch, mode)
        }
        agrees(gradient.storage[0, place], moved(step), moved(-step), "\(entry.name)[\(place - entry.offset)]")
      }
    }
    for row in 0..<11 {
      for column in stride(from: row % 3, to: features, by: 3) {
        func moved(_ by: Float) -> Double {
          var (other, x) = (batch, batch.dense("x") ?? Matrix(rows: 0, columns: 0))
          x[row, column] += by
          other.ports["x"] = .dense(x)
          return value(network, other, mode)
        }
        agrees(dX[row, column], moved(step), moved(-step), "x[\(row), \(column)]")
      }
    }
  }

  @Test func denseAndSegmentMaximum() throws {
    try check(network { figure, x in try figure.add("dense", Dense(to: 5), x) }, .inference, "dense")
  }

  @Test(arguments: [1, 3, 7]) func convolution(kernel: Int) throws {
    try check(
      network { figure, x in try figure.add("conv", Convolution(to: 4, kernel: kernel), x) }, .inference, "convolution")
  }

  @Test func batchNormInBothModes() throws {
    let network = try network { figure, x in try figure.add("norm", BatchNorm(), x) }
    try check(network, training, "norm")
    try check(network, .inference, "norm")
  }

  @Test func poolAndReLU() throws {
    try check(network { figure, x in try figure.add("pool", MaxPool(3), x) }, .inference, "pool")
    try check(
      network { figure, x in
        let h = try figure.add("dense", Dense(to: 6), x)
        return try figure.add("relu", ReLU(), h)
      }, .inference, "relu")
  }

  @Test func gateAndSigmoid() throws {
    try check(
      network { figure, x in
        let a = try figure.add("attention", Dense(to: 1), x)
        return try figure.add("gate", Gate(), figure.add("sigmoid", Sigmoid(), a), x)
      }, .inference, "gate")
  }

  @Test func dropout() throws {
    let network = try network { figure, x in try figure.add("dropout", Dropout(0.5, number: 1), x) }
    try check(network, training, "dropout")
    try check(network, .inference, "dropout")
  }

  @Test func aNodeUsedTwiceGathersBothDerivatives() throws {
    try check(
      network { figure, x in
        let h = try figure.add("dense", Dense(to: 6), x)
        let a = try figure.add("attention", Dense(to: 1), h)
        return try figure.add("gate", Gate(), a, h)
      }, .inference, "branches")
  }

  @Test func whatIsTooShortSaysSo() {
    #expect(throws: ModelError.tooShort(layer: "conv", positions: 7)) {
      try network { figure, x in try figure.add("conv", Convolution(to: 4, kernel: 9), x) }
    }
  }
}
