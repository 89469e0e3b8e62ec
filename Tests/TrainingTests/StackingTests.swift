import Arrays
import Bytes
import Models
import Testing
import Training

/// The parts of the training of ensembles: weights of scores, stores of some columns, tested units beside whole
/// examples.
@Suite struct StackingTests {
  /// Scores of which one says something, one the opposite, one nothing: the last two count for little or nothing.
  @Test func weightsAreNotNegative() throws {
    var stream = RandomStream(seed: 3)
    let labels = (0..<400).map { Float($0 % 2) }
    let good = labels.map { 2 * $0 - 1 + Float(stream.normal()) }
    let turned = labels.map { 1 - 2 * $0 + Float(stream.normal()) }
    let fit = try #require(try StackingFit(columns: [good, turned], labels: labels, least: 25))
    #expect(fit.factors[0] > 1 && fit.factors[1] == 0)
    let alone = try #require(try StackingFit(columns: [good], labels: labels, least: 25))
    #expect(fit.offset == alone.offset && fit.factors[0] == alone.factors[0])
    #expect(try StackingFit(columns: [turned], labels: labels, least: 25) == nil, "no score counts")
    #expect(try StackingFit(columns: [good], labels: labels, least: 201) == nil, "too few rows")
  }

  /// Of two independent scores with the logits of a known model the factors are those of the model.
  @Test func factorsAreThoseOfTheModel() throws {
    var stream = RandomStream(seed: 8)
    let (a, b) = ((0..<20_000).map { _ in Float(stream.normal()) }, (0..<20_000).map { _ in Float(stream.normal()) })
    let labels: [Float] = zip(a, b).map { a, b in
      stream.uniform() < 1 / (1 + exponential(-(0.5 + 1.5 * Double(a) + 0.75 * Double(b)))) ? 1 : 0
    }
    let fit = try #require(try StackingFit(columns: [a, b], labels: labels, least: 25))
    #expect(abs(fit.offset - 0.5) < 0.08 && abs(fit.factors[0] - 1.5) < 0.08 && abs(fit.factors[1] - 0.75) < 0.08)
  }

  private func exponential(_ x: Double) -> Double {
    // (e^(x/1024))^1024 by squares.
    var power = 1 + x / 1024 + x * x / (2 * 1024 * 1024)
    for _ in 0..<10 { power *= power }
    return power
  }

  @Test func columnsOfAStore() {
    let store = ToyBags(bags: 3, seed: 1)
    let some = ColumnStore(store, columns: [4, 5, 1])
    let (whole, part) = (store.batch([2, 0], nil), some.batch([2, 0], nil))
    #expect(some.ports == MethodChoice.ports(features: 3) && part.segments("bag") == whole.segments("bag"))
    for row in 0..<(whole.count[.instance] ?? 0) {
      let values = whole.dense("x")?.row(row) ?? []
      #expect(part.dense("x")?.row(row) == [values[4], values[5], values[1]])
    }
  }

  /// Bags 0 and 2 are of tested and untested instances; bag 1 stays whole.
  @Test func testedUnitsAreExamplesOfTheirOwn() {
    var store = ToyBags(bags: 3, seed: 1)
    store.rows = [3, 2, 1].map { [[Float]](repeating: [Float](repeating: 1, count: 6), count: $0) }
    store.labels = [1, 1, 0]
    let tested = TestedUnitStore(
      store, labels: [.nan, 0, 1, .nan, .nan, 0], grouping: "bag", on: .bag)
    let batch = tested.batch([1, 0, 2], nil)
    #expect(batch.segments("bag") == [0, 2, 3, 4, 5, 6] && batch.count[.bag] == 5)
    #expect(batch.targets == Targets(.bag, label: [1, 0, 0, 1, 0], weight: [1, 0, 1, 1, 1]))
    #expect(tested.targets(of: [1, 0, 2]) == batch.targets && batch.dense("x")?.rows == 6)
  }
}
