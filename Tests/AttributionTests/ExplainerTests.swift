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

  /// The attributions of the features of one instance.
  private func x(_ one: Explanation) -> [Float] { one.attribution["x"] ?? [] }

  @Test func aLinearModelIsExplainedByItsWeights() throws {
    let model = try MethodChoice("logistic").network(features: 5, seed: 2)
    let weights = model.parameters.values("output.weight") ?? []
    let bias = model.parameters.values("output.bias")?.first ?? 0
    let batch = bags([1, 4, 2], features: 5, seed: 1)
    let saliency = try Explainer(model: model, method: .saliency, threads: 1)
    let found = saliency.explain(batch, offsets: batch.segments("bag"), all: true)
    #expect(found.count == 7 && found.filter(\.isWitness).count == 3)
    #expect(found.allSatisfy { x($0) == weights.map(abs) && $0.attention == nil })
    let signed = try Explainer(model: model, method: .saliency, signed: true, threads: 1)
    #expect(signed.explain(batch, offsets: batch.segments("bag"), all: false).allSatisfy { x($0) == weights })
    let product = try Explainer(model: model, method: .gradientTimesInput, threads: 1)
    for one in product.explain(batch, offsets: batch.segments("bag"), all: false) {
      #expect(one.isWitness)
      #expect(abs(x(one).reduce(bias, +) - one.score) < 1e-5)
    }
  }

  @Test func witnessesAreThoseOfTheScores() throws {
    let model = try MethodChoice("idmil").network(features: 60, seed: 2)
    let batch = bags([3, 1, 9], features: 60, seed: 1)
    let output = model.score(batch, Tape(threads: 1))
    let explainer = try Explainer(model: model, method: .guidedBackpropagation, threads: 1)
    let found = explainer.explain(batch, offsets: batch.segments("bag"), all: false)
    let offsets = batch.segments("bag").map(Int.init)
    #expect(found.map(\.target) == [0, 1, 2])
    for (bag, one) in found.enumerated() {
      #expect(offsets[bag] + one.unit == Int(output.witness?[bag] ?? -1) && one.score == output[.bag][bag])
      #expect(one.attention == output.attention?[Int(output.witness?[bag] ?? -1)])
    }
    let all = explainer.explain(batch, offsets: batch.segments("bag"), all: true).filter(\.isWitness)
    #expect(all.count == found.count)
    for (one, other) in zip(found, all) {
      #expect(zip(x(one), x(other)).allSatisfy { abs($0 - $1) < 1e-5 })
    }
  }

  @Test(arguments: AttributionMethod.all.map(\.name).filter { $0 != "path" }) func theOrderOfASymmetricPairIsOnlyAName(
    name: String
  ) throws {
    let method = try #require(AttributionMethod.named(name))
    let swap = try #require(ColumnSwap(names: names))
    let model = try MethodChoice("mlp").network(features: 5, seed: 2)
    let batch = bags([2, 3], features: 5, seed: 4)
    let other = batch.exchanged(["x": swap])
    let explainer = try Explainer(model: MeanOf([model], exchange: ["x": swap]), method: method, threads: 1)
    let there = explainer.explain(batch, offsets: batch.segments("bag"), all: true)
    let back = explainer.explain(other, offsets: batch.segments("bag"), all: true)
    #expect(there.count == 5 && back.count == 5)
    for (one, two) in zip(there, back) {
      #expect(abs(one.score - two.score) < 1e-6 && one.isWitness == two.isWitness)
      #expect(zip(swap.apply(to: x(one)), x(two)).allSatisfy { abs($0 - $1) < 1e-6 })
    }
  }

  @Test func bothOrdersAreExplainedByTheDerivativeOfTheMean() throws {
    let swap = try #require(ColumnSwap(names: names))
    let model = try MethodChoice("mlp").network(features: 5, seed: 2)
    let batch = bags([1], features: 5, seed: 8)
    let symmetric = MeanOf([model], exchange: ["x": swap])
    let explainer = try Explainer(model: symmetric, method: .saliency, signed: true, threads: 1)
    let found = try #require(explainer.explain(batch, offsets: [0, 1], all: false).first)
    let step: Float = 1e-3
    for column in 0..<5 {
      func logit(_ by: Float) -> Float {
        var moved = batch.dense("x") ?? Matrix(rows: 0, columns: 0)
        moved[0, column] += by
        let tape = Tape(threads: 1)
        let given = Batch(bags: [0, 1], x: moved)
        return (model.score(given, tape)[.bag][0] + model.score(given.exchanged(["x": swap]), tape)[.bag][0]) / 2
      }
      #expect(abs((logit(step) - logit(-step)) / (2 * step) - x(found)[column]) < 1e-3)
    }
  }

  /// A map that does not depend on what was learnt explains nothing (Adebayo 2018).
  @Test(arguments: AttributionMethod.all.map(\.name).filter { $0 != "path" })
  func aTrainedModelHasAnotherMapThanARandomOne(name: String)
    throws
  {
    let method = try #require(AttributionMethod.named(name))
    let features = 20
    let random = try MethodChoice("mlp").network(features: features, seed: 5)
    var trained = random
    let batch = bags([Int](repeating: 1, count: 200), features: features, seed: 6)
    let table = try #require(batch.dense("x"))
    let labels = (0..<200).map { table[$0, 3] + table[$0, 11] > 0 ? Float(1) : 0 }
    let tape = Tape(threads: 1)
    for _ in 0..<150 {
      let logits = trained.forward(batch, .inference, tape)[.bag]
      let errors = zip(logits, labels).map { (Float(sigmoid(Double($0))) - $1) / 200 }
      var gradient = trained.parameters.zeros()
      trained.backward(batch, Start(.bag, errors), tape, into: &gradient)
      for column in 0..<gradient.storage.columns {
        trained.parameters.storage[0, column] -= 2 * gradient.storage[0, column]
      }
    }
    func largest(_ model: Network) throws -> Double {
      let explainer = try Explainer(model: model, method: method, threads: 1)
      let sums = explainer.explain(batch, offsets: batch.segments("bag"), all: true).reduce(
        [Double](repeating: 0, count: features)
      ) {
        zip($0, x($1)).map { $0 + Double(abs($1)) }
      }
      return (sums[3] + sums[11]) / sums.reduce(0, +)
    }
    #expect(try largest(trained) > 0.35)
    #expect(try largest(random) < 0.2)
  }
}
