import Arrays
import Models
import Scoring
import Testing

/// A model that pools by the mean: each unit's logit is its first feature.
private struct MeanPooling: Model {
  let width: Int
  var ports: [PortSpec] { [PortSpec("x", .instance, .dense(width: width))] }
  let unit = Axis.instance
  let target = Axis.bag

  func score(_ batch: Batch, _ tape: Tape) -> Scores {
    let x = batch.dense("x")
    return join(Scores(unit: .instance, (0..<(x?.rows ?? 0)).map { x?[$0, 0] ?? .nan }), batch, tape)
  }

  func join(_ units: Scores, _ grouping: Batch, _ tape: Tape) -> Scores {
    let (offsets, logits) = (grouping.segments("bag").map(Int.init), units[.instance])
    let means = offsets.indices.dropLast().map { bag in
      logits[offsets[bag]..<offsets[bag + 1]].reduce(0, +) / Float(offsets[bag + 1] - offsets[bag])
    }
    var result = units
    result.values[.bag] = Matrix(rows: means.count, columns: 1, values: means)
    return result
  }

  func tensors(prefix: String) -> [TensorFile.Tensor] { [] }
}

/// How units become targets is the model's own, in either order of the partners and however the bag was cut.
@Suite struct OwnPoolingTests {
  private static let swap = ColumnSwap(names: ["f.a.x", "f.b.x"])

  /// The model of one order, or the mean of both.
  private func model(bothOrders: Bool, width: Int = 2) -> any Model {
    guard bothOrders, let swap = Self.swap else { return MeanPooling(width: width) }
    return MeanOf([MeanPooling(width: width)], exchange: ["x": swap])
  }

  private func batch(_ given: [Float], _ exchanged: [Float], _ offsets: [Int32]) -> Batch {
    Batch(bags: offsets, x: Matrix(rows: given.count, columns: 2, values: zip(given, exchanged).flatMap { [$0, $1] }))
  }

  @Test(arguments: [[0, 0, 9], [9, 0, 0], [0, 9, 0]] as [[Float]], [false, true])
  func aMeanStaysAMean(logits: [Float], bothOrders: Bool) {
    let scorer = Scorer(model: model(bothOrders: bothOrders), threads: 1)
    let same = scorer.score(batch(logits, logits, [0, 3]))
    #expect(same[.bag] == [3] && same.witness == nil)
    // Orders that differ are averaged unit by unit, before the pooling.
    let other = logits.map { 2 * $0 }
    #expect(scorer.score(batch(logits, other, [0, 3]))[.bag] == [bothOrders ? 4.5 : 3])
  }

  @Test func severalModelsAreAveragedBeforeThePooling() {
    let scorer = Scorer(model: MeanOf([MeanPooling(width: 2), MeanPooling(width: 2)]), threads: 1)
    #expect(scorer.score(batch([0, 0, 9], [1, 1, 1], [0, 3]))[.bag] == [3])
  }

  @Test(arguments: [false, true]) func aBagScoredInPartsIsTheWholeBag(bothOrders: Bool) {
    let scorer = Scorer(model: model(bothOrders: bothOrders), threads: 1)
    for cut in 1...2 {
      let parts = [Array([0, 0, 9][..<cut]), Array([0, 0, 9][cut...])] as [[Float]]
      let units = parts.flatMap { scorer.score(batch($0, $0, [0, Int32($0.count)]))[.instance] }
      #expect(scorer.join(Scores(unit: .instance, units), Batch(grouping: [0, 3]))[.bag] == [3])
    }
  }

  @Test func pairsOfKeptPartnersArePooledByTheModel() throws {
    let columns = PairColumns(owners: [.both])
    let shared = Matrix(rows: 3, columns: 1, values: [0, 0, 9])
    let pairs = PairBatch(offsets: [0, 3], first: [0, 0, 1], second: [1, 2, 2], shared: shared)
    let scorer = PairScorer(
      model: MeanPooling(width: 1), columns: columns, threads: 1, memory: 1 << 16
    ) { _, row in row[0] = 0 }
    #expect(try scorer.score(pairs)[.bag] == [3])
  }
}
