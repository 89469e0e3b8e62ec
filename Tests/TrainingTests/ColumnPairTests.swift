import Arrays
import Models
import Testing
import Training

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The rule of pairs of columns, counted by hand.
@Suite struct ColumnPairTests {
  private static let names = ["d.a.p", "d.a.q", "d.b.p", "d.b.q"]

  /// Columns a.p, a.q, b.p, b.q; four bags, of which the first and the last have two instances.
  private struct Bags: BatchStore {
    let rows: [[[Float]]] = [
      [[1, 0, 0, 1], [1, 0, 0, 2]], [[1, 0, 0, 1]], [[0, 1, 1, 0]], [[0, 0, 1, 0], [1, 1, 0, 0]],
    ]
    let labels: [Float] = [1, 0, 1, 0]
    var count: Int { 4 }
    var ports: [PortSpec] { MethodChoice.ports(names: ColumnPairTests.names) }
    func targets(of examples: [Int]) -> Targets { Targets(.bag, label: examples.map { labels[$0] }) }
    func size(of example: Int) -> Int { rows[example].count }

    func batch(_ examples: [Int], _ draw: Draw?) -> Batch {
      let swapped = examples.indices.map { draw?.swapped?[$0] == true }
      let rows = zip(examples, swapped).map { example, isSwapped in
        self.rows[example].map { isSwapped ? Array($0[2...] + $0[..<2]) : $0 }
      }
      let offsets = rows.reduce(into: [Int32(0)]) { $0.append($0[$0.count - 1] + Int32($1.count)) }
      let values = rows.flatMap { $0.flatMap { $0 } }
      return Batch(bags: offsets, x: Matrix(rows: values.count / 4, columns: 4, values: values))
    }
  }

  private func fit(bothOrders: Bool) throws -> ColumnPairModel {
    let store = Bags()
    var plan = TrainingPlan()
    plan.drawsOrder = bothOrders
    let fitter = try MethodChoice("diip:prior=2").fitter(store.ports, ClassLoss.crossEntropy, plan)
    let fitted = try fitter.fit(
      store, ValidationSplit(train: [0, 1, 2, 3], validation: []), from: nil, Trainer.Observer())
    return try #require(fitted.model as? ColumnPairModel)
  }

  /// The log odds of (positives + 2 · ½) / (n + 2).
  private func odds(_ positives: Double, _ count: Double) -> Double {
    let rate = (positives + 1) / (count + 2)
    return log(rate) - log(1 - rate)
  }

  /// A bag counts once for a pair, however many of its instances hold it.
  @Test func pairsAreCountedInBags() throws {
    let model = try fit(bothOrders: false)
    #expect(model.base == 0 && model.pairs.map(\.first) == [0, 1] && model.pairs.map(\.second) == [3, 2])
    for (pair, expected) in zip(model.pairs, [odds(1, 2), odds(1, 1)]) { #expect(abs(pair.logit - expected) < 1e-12) }
  }

  /// Where the order means nothing, (p, q) and (q, p) are one pair.
  @Test func bothOrdersAreOnePair() throws {
    let model = try fit(bothOrders: true)
    #expect(model.pairs.map(\.first) == [0, 1] && model.pairs.map(\.second) == [3, 2])
    for pair in model.pairs { #expect(abs(pair.logit - odds(2, 3)) < 1e-12) }
  }

  @Test func columnsWithoutSidesAreRefused() throws {
    for ports in [MethodChoice.ports(features: 3), MethodChoice.ports(names: ["d.a.p", "q"])] {
      #expect(throws: ModelError.self) {
        try MethodChoice("diip").fitter(ports, ClassLoss.crossEntropy, TrainingPlan())
      }
    }
  }
}
