import Arrays
import Bytes
import Models
import Tensors
import Testing

/// The fused engine beside the layer network with the same parameters.
///
/// Where two positions of a pool are equal to rounding, the engines may name different winners; the seeds avoid that.
@Suite struct FusedIDMILTests {
  /// A network whose norms have scales of both signs, shifts and running statistics of their own.
  private func network(features: Int, _ options: IDMIL.Options, seed: UInt64) throws -> Network {
    var network = try IDMIL.network(features: features, options: options, seed: seed)
    var stream = RandomStream(seed: seed, 77)
    for entry in network.parameters.entries where entry.name.hasPrefix("norm") {
      let values = (0..<entry.count).map { _ in
        entry.name.hasSuffix("running_var") ? Float(0.5 + stream.uniform()) : Float(0.6 * stream.normal() + 0.3)
      }
      network.parameters.set(entry.name, to: values)
    }
    return network
  }

  /// Both engines agree on a batch, forward and backward. Returns the largest derivative in x of the weakest rule.
  @discardableResult
  private func compare(_ sizes: [Int], features: Int, _ options: IDMIL.Options, seed: UInt64) throws -> Float {
    var least = Float.infinity
    let network = try network(features: features, options, seed: seed)
    let fused = try #require(FusedIDMIL(network: network, options: options, kernels: FusedKernels(.plain)))
    let best = try #require(FusedIDMIL(network: network, options: options, kernels: FusedKernels()))
    let batch = randomBags(sizes, features: features, seed: seed)
    let start = sizes.indices.map { Float($0 % 2 == 0 ? 1 : -0.6) }
    let name = "\(features) features, bags \(sizes), \(options)"
    for mode in [Mode.inference, .training(seed: seed, epoch: 3, batch: 1)] {
      let tapes = (Tape(threads: 1), Tape(threads: 2), Tape(threads: 1))
      let expected = network.forward(batch, mode, tapes.0)
      let got = best.forward(batch, mode, tapes.1)
      #expect(difference(got[.instance], expected[.instance]) < 1e-5, "\(name)")
      #expect(difference(got[.bag], expected[.bag]) < 1e-5)
      #expect(difference(got.attention ?? [], expected.attention ?? []) < 1e-5)
      #expect(got == fused.forward(batch, mode, tapes.2), "all instruction sets give the same bits, \(name)")
      guard mode != .inference else {
        for rule in [Rule.gradient, .guided] {
          least = min(least, compareInputs(batch, rule, (network, best, fused), start, name))
        }
        continue
      }
      #expect(tapes.1.statistics.map(\.place) == tapes.0.statistics.map(\.place))
      for (one, other) in zip(tapes.0.statistics, tapes.1.statistics) {
        #expect(difference(one.values, other.values) < 1e-5)
      }
      var gradients = (network.parameters.zeros(), network.parameters.zeros(), network.parameters.zeros())
      network.backward(batch, Start(.bag, start), tapes.0, into: &gradients.0)
      best.backward(batch, Start(.bag, start), tapes.1, into: &gradients.1)
      fused.backward(batch, Start(.bag, start), tapes.2, into: &gradients.2)
      #expect(gradients.1 == gradients.2, "all instruction sets give the same gradient, \(name)")
      for entry in network.parameters.entries where entry.kind == .weight {
        let (one, other) = (gradients.0.values(entry.name) ?? [], gradients.1.values(entry.name) ?? [])
        let scale = max(1, one.map(abs).max() ?? 1)
        #expect(difference(one, other) < 1e-5 * scale, "\(entry.name), \(name)")
      }
    }
    return least
  }

  /// The engines agree on the derivatives in x, from bags and from instances; returns the largest.
  private func compareInputs(
    _ batch: Batch, _ rule: Rule, _ models: (Network, FusedIDMIL, FusedIDMIL), _ start: [Float], _ name: String
  ) -> Float {
    var least = Float.infinity
    let rows = batch.count[.instance] ?? 0
    for start in [Start(.bag, start), Start(.instance, (0..<rows).map { Float($0 % 5) / 5 + 0.1 })] {
      let expected = models.0.gradients(batch, rule, Tape(threads: 1)) { _ in start }
      let tape = Tape(threads: 2)
      let scores = models.1.score(batch, tape)
      let got = models.1.gradients(batch, rule, tape) { seen in
        #expect(seen == scores, "the scores are those of a run forward, \(name)")
        return start
      }
      let plain = models.2.gradients(batch, rule, Tape(threads: 1)) { _ in start }
      #expect(got.scores == scores && plain.scores == scores)
      #expect(got.ports == plain.ports, "all instruction sets give the same bits, \(rule), \(name)")
      let (one, other) = (expected.ports["x"]?.values ?? [], got.ports["x"]?.values ?? [])
      let scale = one.map(abs).max() ?? 0
      #expect(difference(one, other) <= 1e-5 * scale, "\(rule), \(name)")
      least = min(least, scale)
    }
    return least
  }

  @Test(arguments: [53, 54, 55, 61, 133, 137, 233, 298]) func equalsTheLayerNetwork(features: Int) throws {
    try compare([1, 2, 5, 40, 3], features: features, IDMIL.Options(), seed: UInt64(features))
  }

  @Test(arguments: [true, false], [true, false]) func everyOption(attention: Bool, lastReLU: Bool) throws {
    var options = IDMIL.Options()
    (options.attention, options.lastReLU, options.dropout) = (attention, lastReLU, lastReLU ? 0 : 0.3)
    #expect(try compare([4, 1, 9], features: 101, options, seed: 8) > 0)
  }

  @Test func oneInstanceAndWideRows() throws {
    try compare([1], features: 233, IDMIL.Options(), seed: 3)
    try compare([2, 7], features: 691, IDMIL.Options(), seed: 4)
    try compare([300, 1], features: 71, IDMIL.Options(), seed: 5)
  }

  @Test func threadsNeverChangeABit() throws {
    let network = try network(features: 133, IDMIL.Options(), seed: 6)
    let fused = try #require(FusedIDMIL(network: network, options: IDMIL.Options(), kernels: FusedKernels()))
    let batch = randomBags([40, 1, 77, 30, 2, 9], features: 133, seed: 6)
    var first: (Scores, Parameters, [BatchStatistics])?
    var inputs: [String: Matrix]?
    for threads in [1, 2, 3, 8] {
      let tape = Tape(threads: threads)
      let (_, ports) = fused.gradients(batch, .gradient, tape) { Start(.instance, $0[.instance].map { _ in 1 }) }
      #expect(inputs == nil || ports == inputs, "\(threads) threads")
      inputs = ports
      let output = fused.forward(batch, .training(seed: 1, epoch: 2, batch: 3), tape)
      var gradient = fused.parameters.zeros()
      fused.backward(batch, Start(.bag, [1, -1, 1, -1, 0.5, 2]), tape, into: &gradient)
      guard let seen = first else {
        first = (output, gradient, tape.statistics)
        continue
      }
      #expect(output == seen.0 && gradient == seen.1 && tape.statistics == seen.2, "\(threads) threads")
    }
  }

  @Test func everyInstanceMayHaveAGradient() throws {
    let options = IDMIL.Options()
    let network = try network(features: 90, options, seed: 7)
    let fused = try #require(FusedIDMIL(network: network, options: options, kernels: FusedKernels()))
    let batch = randomBags([3, 4, 20], features: 90, seed: 7)
    let start = Start(.instance, (0..<27).map { Float($0 % 5) / 5 - 0.3 })
    for mode in [Mode.training(seed: 1, epoch: 0, batch: 0), .inference] {
      let tapes = (Tape(threads: 1), Tape(threads: 2))
      _ = network.forward(batch, mode, tapes.0)
      _ = fused.forward(batch, mode, tapes.1)
      var gradients = (network.parameters.zeros(), network.parameters.zeros())
      network.backward(batch, start, tapes.0, into: &gradients.0)
      fused.backward(batch, start, tapes.1, into: &gradients.1)
      #expect(difference(gradients.0.storage.values, gradients.1.storage.values) < 1e-5)
      let saliency = network.gradients(batch, .guided, tapes.0) { _ in start }.ports["x"]?.values ?? []
      let other = fused.gradients(batch, .guided, tapes.1) { _ in start }.ports["x"]?.values ?? []
      #expect(difference(saliency, other) <= 1e-5 * (saliency.map(abs).max() ?? 0))
    }
  }

  /// New weights are packed again, and a run for derivatives may follow one without.
  @Test func aTapeServesSeveralModels() throws {
    let options = IDMIL.Options()
    let batch = randomBags([3, 6], features: 90, seed: 7)
    let tape = Tape(threads: 1)
    for seed in [UInt64(1), 2, 1] {
      let network = try network(features: 90, options, seed: seed)
      let fused = try #require(FusedIDMIL(network: network, options: options, kernels: FusedKernels()))
      #expect(fused.score(batch, tape) == fused.score(batch, Tape(threads: 1)))
      let start = Start(.bag, [1, -1])
      let fresh = fused.gradients(batch, .gradient, Tape(threads: 1)) { _ in start }
      #expect(fused.gradients(batch, .gradient, tape) { _ in start }.ports == fresh.ports)
    }
  }

  @Test func otherSizesAreTheLayerNetworks() throws {
    var options = IDMIL.Options()
    options.kernel = 5
    let network = try IDMIL.network(features: 233, options: options, seed: 1)
    #expect(FusedIDMIL(network: network, options: options) == nil)
    options = IDMIL.Options()
    options.modules = 2
    let short = try IDMIL.network(features: 52, options: options, seed: 1)
    #expect(FusedIDMIL(network: short, options: options) == nil)
  }
}
