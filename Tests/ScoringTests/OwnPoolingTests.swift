import Arrays
import Models
import Scoring
import Testing

/// A model that pools by the mean: each unit's logit is its one feature.
private struct MeanPooling: Predictor {
  let ports = ["x": 1]
  let unit = Axis.instance
  let target = Axis.bag

  func score(_ batch: Batch, _ tape: Tape) -> Output {
    join(batch.dense["x"]?.values ?? [], attention: nil, batch, tape)
  }

  func join(_ units: [Float], attention: [Float]?, _ grouping: Batch, _ tape: Tape) -> Output {
    let offsets = grouping.segments("bag").map(Int.init)
    let means = offsets.indices.dropLast().map { bag in
      units[offsets[bag]..<offsets[bag + 1]].reduce(0, +) / Float(offsets[bag + 1] - offsets[bag])
    }
    return Output(logit: means, unitLogit: units, witness: offsets.dropLast().map(Int32.init), attention: attention)
  }
}

/// How units become targets is the model's own, in either order of the partners and however the bag was cut.
@Suite struct OwnPoolingTests {
  private func batch(_ values: [Float], _ offsets: [Int32]) -> Batch {
    Batch(bags: offsets, x: Matrix(rows: values.count, columns: 1, values: values))
  }

  @Test(arguments: [[0, 0, 9], [9, 0, 0], [0, 9, 0]] as [[Float]], [false, true])
  func aMeanStaysAMean(logits: [Float], bothOrders: Bool) {
    let scorer = Scorer(model: MeanPooling(), bothOrders: bothOrders, threads: 1)
    let bag = batch(logits, [0, 3])
    #expect(scorer.score(bag, exchanged: bag).logit == [3])
    // Orders that differ are averaged unit by unit, before the pooling.
    let other = batch(logits.map { 2 * $0 }, [0, 3])
    #expect(scorer.score(bag, exchanged: other).logit == [bothOrders ? 4.5 : 3])
  }

  @Test(arguments: [false, true]) func aBagScoredInPartsIsTheWholeBag(bothOrders: Bool) {
    let scorer = Scorer(model: MeanPooling(), bothOrders: bothOrders, threads: 1)
    for cut in 1...2 {
      let parts = [Array([0, 0, 9][..<cut]), Array([0, 0, 9][cut...])] as [[Float]]
      let units = parts.flatMap { part in
        let some = batch(part, [0, Int32(part.count)])
        return scorer.score(some, exchanged: some).unitLogit
      }
      #expect(scorer.join(units, attention: nil, offsets: [0, 3]).logit == [3])
    }
  }

  @Test(arguments: [false, true]) func pairsOfKeptPartnersArePooledByTheModel(bothOrders: Bool) throws {
    let columns = PairColumns(owners: [.both])
    let shared = Matrix(rows: 3, columns: 1, values: [0, 0, 9])
    let pairs = PairBatch(offsets: [0, 3], first: [0, 0, 1], second: [1, 2, 2], shared: shared)
    let scorer = PairScorer(
      model: MeanPooling(), columns: columns, bothOrders: bothOrders, threads: 1, memory: 1 << 16
    ) { _, row in row[0] = 0 }
    #expect(try scorer.score(pairs).logit == [3])
  }
}
