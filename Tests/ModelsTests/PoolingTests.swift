import Arrays
import Bytes
import Models
import Tensors
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The poolings of networks, bags cut in parts, and the networks of DMIL-III and of two towers.
@Suite struct PoolingTests {
  static let poolings = ["max", "mean", "mean-logit", "log-sum-exp", "noisy-or", "attention", "gated-attention"]
  private let batch = randomBags([1, 4, 2, 70], features: 8, seed: 3)

  private func network(_ text: String, names: [String]? = nil) throws -> Network {
    let choice = try MethodChoice(text)
    let ports = names.map { MethodChoice.ports(names: $0) } ?? MethodChoice.ports(features: 8)
    return try #require(try choice.plan(ports)).network(seed: 5)
  }

  /// The pools by their formulas, from the logits of the instances.
  @Test(arguments: poolings.prefix(5)) func poolsAreThoseOfTheirFormulas(pooling: String) throws {
    let scores = try network("mlp:pooling=\(pooling)").score(batch, Tape(threads: 2))
    for (bag, range) in zip(0..., [0..<1, 1..<5, 5..<7, 7..<77]) {
      let u = scores[.instance][range].map { Double($0) }
      let p = u.map { 1 / (1 + exp(-$0)) }
      let mean = { (values: [Double]) in values.reduce(0, +) / Double(values.count) }
      let expected: Double
      switch pooling {
      case "max": expected = u.max() ?? 0
      case "mean": expected = log(mean(p) / (1 - mean(p)))
      case "mean-logit": expected = mean(u)
      case "log-sum-exp": expected = log(mean(u.map { exp(4 * $0) })) / 4
      default:
        let none = p.reduce(1) { $0 * (1 - $1) }
        expected = log((1 - none) / none)
      }
      #expect(abs(Double(scores[.bag][bag]) - expected) < 1e-5 * max(1, abs(expected)), "\(pooling) of bag \(bag)")
    }
    #expect((scores.witness != nil) == (pooling == "max"))
  }

  /// The logit of a bag is that of the pooled values, as in the paper: c · Σ a_k h_k + b.
  @Test(arguments: [false, true]) func attentionIsThatOfThePaper(gated: Bool) throws {
    let network = try network("mlp:hidden=6,pooling=\(gated ? "gated-attention" : "attention")")
    var figure = NetworkBuilder()
    let x = figure.input("x", Shape(.instance, positions: 8))
    let h = try figure.add("relu", ReLU(), figure.add("hidden", Dense(to: 6), x))
    let pool = try figure.attentionPool("pool", h, "bag", .bag, hidden: 64, gated: gated)
    let z = try figure.add("output", Dense(to: 1), pool.pooled)
    var paper = figure.plan(unit: z, target: z, attention: pool.attention).network(seed: 1)
    for entry in paper.parameters.entries {
      paper.parameters.set(entry.name, to: try #require(network.parameters.values(entry.name)))
    }
    #expect(paper.parameters.entries.count == network.parameters.entries.count)
    let (found, expected) = (network.score(batch, Tape(threads: 1)), paper.forward(batch, .inference, Tape(threads: 1)))
    #expect(difference(found[.bag], expected[.bag]) < 1e-5)
    #expect(difference(found.attention ?? [], expected.attention ?? []) < 1e-6)
  }

  @Test(arguments: poolings) func gradientsAreThoseByDifferences(pooling: String) throws {
    let small = randomBags([1, 3, 2], features: 8, seed: 7)
    GradientCheck(try network("mlp:hidden=5,pooling=\(pooling)"), small).run(pooling)
  }

  /// Bags scored in parts and joined, in one order and in the mean of both, are the whole bags.
  @Test(arguments: poolings, ["mlp", "idmil:modules=1"]) func aBagMayBeCut(pooling: String, method: String) throws {
    let text = method + (method.contains(":") ? "," : ":") + "pooling=\(pooling)"
    let swap = try #require(ColumnSwap(names: ["f.a.0", "f.a.1", "f.a.2", "f.b.0", "f.b.1", "f.b.2", "c", "d"]))
    let one = try network(text)
    for model in [one, MeanOf([one], exchange: ["x": swap])] as [any Model] {
      let tape = Tape(threads: 1)
      let whole = model.score(batch, tape)
      for cut in [1, 5, 30, 76] {
        let parts = [0..<cut, cut..<77].map { range in
          let x = batch.dense("x").map { $0.rows(Array(range)) } ?? Matrix(rows: 0, columns: 8)
          return model.score(Batch(bags: [0, Int32(range.count)], x: x), tape)
        }
        let joined = model.join(.joined(parts, on: .instance), Batch(grouping: [0, 1, 5, 7, 77]), tape)
        #expect(joined[.bag] == whole[.bag] && joined.witness == whole.witness)
        #expect(joined.attention == whole.attention)
      }
    }
  }

  @Test func roundsNeedTheMaximum() {
    #expect(throws: ModelError.self) { try network("mlp:pooling=mean,rounds=yes") }
  }

  // MARK: DMIL-III

  /// Values, gradients and running statistics of an independent implementation, in training and in inference.
  @Test func dmilIsThatOfTheReference() throws {
    let fixture = try Fixture("dmil.fixture.safetensors")
    let offsets = fixture["in.offsets"].map { Int32($0) }
    let bags = Batch(
      bags: offsets, x: Matrix(rows: 14, columns: 80, values: fixture["in.x"]), label: fixture["in.label"])
    var network = try MethodChoice("dmil:channels=8,dropout=0").network(features: 80, seed: 1)
    for entry in network.parameters.entries { network.parameters.set(entry.name, to: fixture["w.\(entry.name)"]) }
    let tape = Tape(threads: 1)
    let scores = network.score(bags, tape)
    #expect(difference(scores[.instance], fixture["eval.instance_logits"]) < 1e-5)
    #expect(difference(scores[.bag], fixture["eval.bag_logits"]) < 1e-5)
    #expect(scores.witness == fixture["eval.witness"].map { Int32($0) })
    let trained = network.forward(bags, .training(seed: 1, epoch: 0, batch: 0), tape)
    #expect(difference(trained[.bag], fixture["train.bag_logits"]) < 1e-5)
    let slope: [Float] = zip(trained[.bag], fixture["in.label"]).map { logit, label in
      let rate = sigmoid(Double(logit))
      return Float((rate - Double(label)) / 6)
    }
    var gradient = network.parameters.zeros()
    network.backward(bags, Start(.bag, slope), tape, into: &gradient)
    network.parameters.commit(tape.statistics)
    for entry in gradient.entries {
      let (name, found) = entry.kind == .weight ? ("g", gradient) : ("after", network.parameters)
      #expect(difference(found.values(entry.name) ?? [], fixture["\(name).\(entry.name)"]) < 2e-5, "\(entry.name)")
    }
  }

  @Test func dmilIsIdmilWithoutAttention() throws {
    let ours = try MethodChoice("dmil:dropout=0.2").model(features: 60, seed: 4)
    let other = try MethodChoice("idmil:attention=no,dropout=0.2").model(features: 60, seed: 4)
    #expect(ours.parameters == other.parameters && type(of: ours) == type(of: other))
    let defaults = try MethodChoice("dmil").method.defaults
    #expect(defaults.loss == "ce" && defaults.batch == 256)
  }

  // MARK: Two towers

  private static let names = ["s.a.p", "t.b.q", "both", "s.b.p", "t.a.q", "s.a.r", "s.b.r", "u"]

  @Test func twoTowersScoreBothOrdersAlike() throws {
    let network = try network("two-tower:hidden=5", names: Self.names)
    let swap = try #require(ColumnSwap(names: Self.names))
    let tape = Tape(threads: 1)
    let (given, exchanged) = (network.score(batch, tape), network.score(batch.exchanged(["x": swap]), tape))
    #expect(difference(given[.bag], exchanged[.bag]) < 1e-6)
    // A column of one side counts.
    var x = try #require(batch.dense("x"))
    for row in 0..<x.rows { x[row, 4] += 1 }
    var other = batch
    other.ports["x"] = .dense(x)
    #expect(difference(network.score(other, tape)[.instance], given[.instance]) > 1e-3)
  }

  @Test func towersAreDenseLayersOfEitherSide() throws {
    let network = try network("two-tower:hidden=3", names: Self.names)
    func tensor(_ name: String) throws -> [Float] { try #require(network.parameters.values(name)) }
    let (w, b) = (try tensor("tower.weight"), try tensor("tower.bias"))
    let (v, c) = (try tensor("hidden.weight"), try tensor("hidden.bias"))
    let (o, d) = (try tensor("output.weight"), try tensor("output.bias"))
    let logits = network.score(batch, Tape(threads: 1))[.instance]
    let x = try #require(batch.dense("x"))
    /// ReLU of a dense layer of 3 units.
    func dense(_ weight: [Float], _ bias: [Float], _ input: [Float]) -> [Float] {
      (0..<3).map { unit in
        var sum = bias[unit]
        for (place, value) in input.enumerated() { sum += weight[unit * input.count + place] * value }
        return max(0, sum)
      }
    }
    for row in 0..<5 {
      let p = dense(w, b, [0, 4, 5].map { x[row, $0] })
      let q = dense(w, b, [3, 1, 6].map { x[row, $0] })
      var all: [Float] = []
      for unit in 0..<3 { all.append(p[unit] + q[unit]) }
      for unit in 0..<3 { all.append(abs(p[unit] - q[unit])) }
      for unit in 0..<3 { all.append(p[unit] * q[unit]) }
      let hidden = dense(v, c, all + [x[row, 2], x[row, 7]])
      var expected = d[0]
      for unit in 0..<3 { expected += o[unit] * hidden[unit] }
      #expect(abs(logits[row] - expected) < 1e-5)
    }
  }

  @Test func theirGradientsAreThoseByDifferences() throws {
    let small = randomBags([1, 3, 2], features: 8, seed: 7)
    GradientCheck(try network("two-tower:hidden=4", names: Self.names), small).run("two-tower")
  }

  @Test func columnsOfOneSideAloneAreRefused() {
    let one = #expect(throws: ModelError.self) { try network("two-tower", names: ["s.a.p", "s.a.q", "s.b.p"]) }
    #expect(one?.diagnostic.message.contains("column 's.a.q' has no partner 's.b.q'") == true)
    let none = #expect(throws: ModelError.self) { try network("two-tower", names: ["p", "q"]) }
    #expect(none?.diagnostic.message.contains("no column is named") == true)
    #expect(throws: ModelError.self) { try network("two-tower") }
  }
}
