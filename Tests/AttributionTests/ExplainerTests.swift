import Arrays
import Attribution
import Bytes
import Models
import Tensors
import Testing

@Suite struct ExplainerTests {
  private let names = ["ct.a.one", "ct.a.two", "aa.pearson", "ct.b.one", "ct.b.two"]

  private func bags(_ sizes: [Int], features: Int, seed: UInt64) -> Batch {
    var (stream, offsets) = (RandomStream(seed: seed), [Int32(0)])
    for size in sizes { offsets.append((offsets.last ?? 0) + Int32(size)) }
    let count = sizes.reduce(0, +)
    let values = (0..<count * features).map { _ in Float(stream.normal()) }
    return Batch(bags: offsets, x: Matrix(rows: count, columns: features, values: values))
  }

  private func exchange(_ batch: Batch, _ swap: ColumnSwap) -> Batch {
    var other = batch
    guard let x = batch.dense["x"] else { return batch }
    let values = (0..<x.rows).flatMap { swap.apply(to: x.row($0)) }
    other.dense["x"] = Matrix(rows: x.rows, columns: x.columns, values: values)
    return other
  }

  @Test func aLinearModelIsExplainedByItsWeights() throws {
    let model = try Architectures.network("logistic", features: 5, seed: 2)
    let weights = model.parameters.values("output.weight") ?? []
    let bias = model.parameters.values("output.bias")?.first ?? 0
    let batch = bags([1, 4, 2], features: 5, seed: 1)
    let saliency = Explainer(model: model, method: .saliency, swap: nil, threads: 1)
    let found = saliency.explain(batch, exchanged: nil, all: true)
    #expect(found.count == 7 && found.filter(\.isWitness).count == 3)
    #expect(found.allSatisfy { $0.attribution == weights.map(abs) && $0.attention == nil })
    let signed = Explainer(model: model, method: .saliency, swap: nil, signed: true, threads: 1)
    #expect(signed.explain(batch, exchanged: nil, all: false).allSatisfy { $0.attribution == weights })
    let product = Explainer(model: model, method: .gradientTimesInput, swap: nil, threads: 1)
    for one in product.explain(batch, exchanged: nil, all: false) {
      #expect(one.isWitness)
      #expect(abs(one.attribution.reduce(bias, +) - one.logit) < 1e-5)
    }
  }

  @Test func witnessesAreThoseOfTheScores() throws {
    let model = try Architectures.network("idmil", features: 60, seed: 2)
    let batch = bags([3, 1, 9], features: 60, seed: 1)
    let output = model.score(batch, Tape(threads: 1))
    let explainer = Explainer(model: model, method: .guidedBackpropagation, swap: nil, threads: 1)
    let found = explainer.explain(batch, exchanged: nil, all: false)
    let offsets = batch.segments("bag").map(Int.init)
    #expect(found.map(\.bag) == [0, 1, 2])
    for (bag, one) in found.enumerated() {
      #expect(offsets[bag] + one.instance == Int(output.witness[bag]) && one.logit == output.logit[bag])
      #expect(one.attention == output.attention?[Int(output.witness[bag])])
    }
    let all = explainer.explain(batch, exchanged: nil, all: true).filter(\.isWitness)
    #expect(all.count == found.count)
    for (one, other) in zip(found, all) {
      #expect(zip(one.attribution, other.attribution).allSatisfy { abs($0 - $1) < 1e-5 })
    }
  }

  @Test(arguments: AttributionMethod.all.map(\.name)) func theOrderOfASymmetricPairIsOnlyAName(name: String) throws {
    let method = try #require(AttributionMethod.named(name))
    let swap = try #require(ColumnSwap(names: names))
    let model = try Architectures.network("mlp", features: 5, seed: 2)
    let batch = bags([2, 3], features: 5, seed: 4)
    let other = exchange(batch, swap)
    let explainer = Explainer(model: model, method: method, swap: swap, threads: 1)
    let there = explainer.explain(batch, exchanged: other, all: true)
    let back = explainer.explain(other, exchanged: batch, all: true)
    #expect(there.count == 5 && back.count == 5)
    for (one, two) in zip(there, back) {
      #expect(abs(one.logit - two.logit) < 1e-6 && one.isWitness == two.isWitness)
      #expect(zip(swap.apply(to: one.attribution), two.attribution).allSatisfy { abs($0 - $1) < 1e-6 })
    }
  }

  @Test func bothOrdersAreExplainedByTheDerivativeOfTheMean() throws {
    let swap = try #require(ColumnSwap(names: names))
    let model = try Architectures.network("mlp", features: 5, seed: 2)
    let batch = bags([1], features: 5, seed: 8)
    let explainer = Explainer(model: model, method: .saliency, swap: swap, signed: true, threads: 1)
    let found = try #require(explainer.explain(batch, exchanged: exchange(batch, swap), all: false).first)
    let step: Float = 1e-3
    for column in 0..<5 {
      func logit(_ by: Float) -> Float {
        var moved = batch
        moved.dense["x"]?[0, column] += by
        let tape = Tape(threads: 1)
        return (model.score(moved, tape).logit[0] + model.score(exchange(moved, swap), tape).logit[0]) / 2
      }
      #expect(abs((logit(step) - logit(-step)) / (2 * step) - found.attribution[column]) < 1e-3)
    }
  }

  /// A map that does not depend on what was learnt explains nothing (Adebayo 2018).
  @Test(arguments: AttributionMethod.all.map(\.name)) func aTrainedModelHasAnotherMapThanARandomOne(name: String)
    throws
  {
    let method = try #require(AttributionMethod.named(name))
    let features = 20
    let random = try Architectures.network("mlp", features: features, seed: 5)
    var trained = random
    let batch = bags([Int](repeating: 1, count: 200), features: features, seed: 6)
    let x = try #require(batch.dense["x"])
    let labels = (0..<200).map { x[$0, 3] + x[$0, 11] > 0 ? Float(1) : 0 }
    let tape = Tape(threads: 1)
    for _ in 0..<150 {
      let logits = trained.forward(batch, .inference, tape).logit
      let errors = zip(logits, labels).map { (Float(sigmoid(Double($0))) - $1) / 200 }
      var gradient = trained.parameters.zeros()
      trained.backward(batch, .target(errors), tape, into: &gradient)
      for column in 0..<gradient.storage.columns {
        trained.parameters.storage[0, column] -= 2 * gradient.storage[0, column]
      }
    }
    func largest(_ model: Network) -> Double {
      let explainer = Explainer(model: model, method: method, swap: nil, threads: 1)
      let sums = explainer.explain(batch, exchanged: nil, all: true).reduce([Double](repeating: 0, count: features)) {
        zip($0, $1.attribution).map { $0 + Double(abs($1)) }
      }
      return (sums[3] + sums[11]) / sums.reduce(0, +)
    }
    #expect(largest(trained) > 0.35 && largest(random) < 0.2)
  }
}
