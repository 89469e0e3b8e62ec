import Arrays
import Bytes
import Models
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// IDMIL-III beside a reference in PyTorch (Fixtures/make_idmil_fixture.py).
@Suite struct IDMILTests {
  private let fixture: Fixture
  private let batch: Batch
  private var network: Network

  init() throws {
    fixture = try Fixture("idmil.fixture.safetensors")
    let offsets = fixture["offsets"].map { Int32($0) }
    let x = Matrix(rows: Int(offsets.last ?? 0), columns: 233, values: fixture["x"])
    batch = Batch(bags: offsets, x: x, label: fixture["label"])
    var options = IDMIL.Options()
    options.dropout = 0
    network = try IDMIL.network(features: 233, options: options, seed: 1)
    for entry in network.parameters.entries { network.parameters.set(entry.name, to: fixture["weight.\(entry.name)"]) }
  }

  private func probabilities(_ logits: [Float]) -> [Float] { logits.map { Float(1 / (1 + exp(-Double($0)))) } }

  /// The loss CFCE (γ = 1) and its derivative in the logits, in the closed form of the paper.
  private func cfce(_ logits: [Float], _ labels: [Float]) -> (loss: Double, gradient: [Float]) {
    let counts = [0, 1].map { label in Double(labels.filter { $0 == Float(label) }.count) }
    var (loss, gradient) = (0.0, [Float]())
    for (logit, label) in zip(logits, labels) {
      let y = 1 / (1 + exp(-Double(logit)))
      if label == 1 {
        loss += -(1 - y) * log(y) / counts[1]
        gradient.append(Float((1 - y) * (y * log(y) + y - 1) / counts[1]))
      } else {
        loss += -y * log(1 - y) / counts[0]
        gradient.append(Float(-y * ((1 - y) * log(1 - y) - y) / counts[0]))
      }
    }
    return (loss, gradient)
  }

  @Test func lossAndEveryGradientEqualTheReference() {
    let tape = Tape(threads: 1)
    let output = network.forward(batch, .training(seed: 1, epoch: 0, batch: 0), tape)
    #expect(difference(probabilities(output[.bag]), fixture["train.bag"]) < 1e-5)
    let (loss, dLogit) = cfce(output[.bag], batch.targets.label)
    #expect(abs(loss - Double(fixture["loss"][0])) < 1e-5)
    var gradient = network.parameters.zeros()
    network.backward(batch, Start(.bag, dLogit), tape, into: &gradient)
    for entry in gradient.entries where entry.kind == .weight {
      let got = gradient.values(entry.name) ?? []
      #expect(difference(got, fixture["gradient.\(entry.name)"]) < 1e-5, "\(entry.name)")
    }
  }

  @Test func inferenceAndSaliencyEqualTheReference() {
    var network = network
    let tape = Tape(threads: 1)
    _ = network.forward(batch, .training(seed: 1, epoch: 0, batch: 0), tape)
    network.parameters.commit(tape.statistics)
    for entry in network.parameters.entries where entry.kind == .buffer {
      let got = network.parameters.values(entry.name) ?? []
      #expect(difference(got, fixture["after.\(entry.name)"]) < 1e-5, "\(entry.name)")
    }
    let output = network.score(batch, tape)
    #expect(difference(probabilities(output[.bag]), fixture["inference.bag"]) < 1e-5)
    #expect(difference(probabilities(output[.instance]), fixture["inference.instance"]) < 1e-5)
    let ones = [Float](repeating: 1, count: output[.instance].count)
    let saliency = network.gradients(batch, .gradient, tape) { _ in Start(.instance, ones) }.ports["x"]
    #expect(difference(saliency?.values ?? [], fixture["saliency"]) < 1e-5)
    let guided = network.gradients(batch, .guided, tape) { _ in Start(.instance, ones) }.ports["x"]
    #expect(difference(guided?.values ?? [], fixture["guided"]) < 1e-5)
    #expect(difference(fixture["saliency"], fixture["guided"]) > 1e-3)
  }

  @Test func witnessesAreTheBestInstances() {
    let output = network.score(batch, Tape(threads: 1))
    let offsets = batch.segments("bag")
    for (bag, row) in (output.witness ?? []).enumerated() {
      let own = output[.instance][Int(offsets[bag])..<Int(offsets[bag + 1])]
      #expect(output[.instance][Int(row)] == own.max() && output[.bag][bag] == own.max())
    }
    #expect(output.attention?.count == 52)
  }

  @Test func paddedEqualsPackedInInference() {
    // The paper's way: every bag as long as the longest, filled with zeros that a mask leaves out.
    let offsets = batch.segments("bag")
    let tape = Tape(threads: 1)
    let packed = network.score(batch, tape)
    let x = batch.dense("x") ?? Matrix(rows: 0, columns: 0)
    let bags = offsets.count - 1
    var padded = Matrix(rows: bags * 40, columns: 233)
    for bag in 0..<bags {
      for row in Int(offsets[bag])..<Int(offsets[bag + 1]) {
        for column in 0..<233 { padded[bag * 40 + row - Int(offsets[bag]), column] = x[row, column] }
      }
    }
    let masked = network.score(Batch(bags: (0...bags).map { Int32($0 * 40) }, x: padded), tape)
    for bag in 0..<bags {
      let real = masked[.instance][bag * 40..<bag * 40 + Int(offsets[bag + 1] - offsets[bag])]
      #expect(abs((real.max() ?? .nan) - packed[.bag][bag]) < 1e-6)
    }
  }

  @Test func threadsNeverChangeABit() throws {
    let network = try MethodChoice("idmil").network(features: 101, seed: 3)
    let batch = randomBags([3, 70, 1, 25, 60], features: 101, seed: 5)
    var seen: [(Scores, Parameters, [BatchStatistics])] = []
    for threads in [1, 2, 3] {
      let tape = Tape(threads: threads)
      let output = network.forward(batch, .training(seed: 9, epoch: 1, batch: 2), tape)
      var gradient = network.parameters.zeros()
      network.backward(batch, Start(.bag, [1, -1, 1, -1, 1]), tape, into: &gradient)
      seen.append((output, gradient, tape.statistics))
    }
    for other in seen[1...] {
      #expect(other.0 == seen[0].0 && other.1 == seen[0].1 && other.2 == seen[0].2)
    }
  }

  @Test func scoringAFewAtATimeChangesNothing() throws {
    let batch = randomBags([3, 150, 1, 64], features: 233, seed: 5)
    let (whole, parts) = (network.forward(batch, .inference, Tape(threads: 1)), network.score(batch, Tape(threads: 2)))
    #expect(difference(whole[.instance], parts[.instance]) < 1e-6 && difference(whole[.bag], parts[.bag]) < 1e-6)
    #expect(whole.witness == parts.witness)
    #expect(difference(whole.attention ?? [0], parts.attention ?? []) < 1e-6)
  }

  @Test func aTapeServesBatchesOfAnySize() throws {
    let (large, small) = (randomBags([40, 2], features: 233, seed: 1), randomBags([1, 3], features: 233, seed: 2))
    let tape = Tape(threads: 1)
    _ = network.score(large, tape)
    let again = network.score(small, tape)
    #expect(again == network.score(small, Tape(threads: 1)))
    #expect(again[.bag].count == 2 && again[.instance].count == 4)
  }
}
