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

  /// A score on another scale gets the inverse factor: the penalty favours none.
  @Test func factorsFollowTheScale() throws {
    var stream = RandomStream(seed: 4)
    let labels = (0..<120).map { Float($0 % 2) }
    let one = labels.map { 2 * $0 - 1 + 2 * Float(stream.normal()) }
    let other = labels.map { 2 * $0 - 1 + 2 * Float(stream.normal()) }
    let fit = try #require(try StackingFit(columns: [one, other], labels: labels, least: 25))
    let small = try #require(try StackingFit(columns: [one, other.map { $0 / 64 }], labels: labels, least: 25))
    #expect(abs(small.factors[0] - fit.factors[0]) < 1e-6 && abs(small.factors[1] / 64 - fit.factors[1]) < 1e-6)
    let constant = try #require(
      try StackingFit(columns: [one, labels.map { _ in 3 }], labels: labels, least: 25))
    #expect(constant.factors[1] == 0)
  }

  /// Alike factors are where the derivative of the stated penalty, with the best mean m, is that of the likelihood.
  @Test(arguments: [60, 2_000]) func alikeFactorsMinimiseThePenalty(rows: Int) throws {
    var stream = RandomStream(seed: 5)
    let labels = (0..<rows).map { Float($0 % 2) }
    let columns = [1.0, 0.25].map { slope in labels.map { Float(slope) * (2 * $0 - 1) + Float(stream.normal()) } }
    let fit = try #require(try StackingFit(columns: columns, labels: labels, least: 25, alike: true))
    let deviations = columns.map(StackingFit.deviation)
    let w = zip(fit.factors, deviations).map { $0 * $1 }
    let mean = w.reduce(0, +) / 0.01 / (1 / 100 + Double(w.count) / 0.01)
    for (number, column) in columns.enumerated() {
      let slope = labels.indices.reduce(0) { sum, row in
        let z = fit.offset + fit.factors[0] * Double(columns[0][row]) + fit.factors[1] * Double(columns[1][row])
        return sum + (1 / (1 + exponential(-z)) - Double(labels[row])) * Double(column[row]) / deviations[number]
      }
      #expect(abs(slope + (w[number] - mean) / 0.01) < 0.01, "column \(number)")
    }
    let free = try #require(try StackingFit(columns: columns, labels: labels, least: 25))
    let spread = zip(free.factors, deviations).map { $0 * $1 }
    #expect(w[0] - w[1] < (rows < 100 ? 0.4 : 1) * (spread[0] - spread[1]) && w[0] > w[1])
    let one = try StackingFit(columns: [columns[0]], labels: labels, least: 25, alike: true)
    #expect(try one == StackingFit(columns: [columns[0]], labels: labels, least: 25))
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

  /// A draw takes all units of tested bags.
  @Test func testedUnitsAreAllDrawn() {
    let store = ToyBags(bags: 3, seed: 1)
    let sizes = (0..<3).map(store.size)
    let labels = [Float](repeating: 1, count: sizes[0]) + [Float](repeating: .nan, count: sizes[1] + sizes[2])
    let tested = TestedUnitStore(DrawSizes(base: store), labels: labels, grouping: "bag", on: .bag)
    let batch = tested.batch([0, 1], Draw(seed: 1, epoch: 1, limits: [1, 1]))
    #expect(batch.segments("bag") == (0...sizes[0]).map { Int32($0) } + [Int32(sizes[0] + 1)])
  }

  /// A store whose batches have the first units of an example, as many as are to be drawn.
  private struct DrawSizes: BatchStore {
    let base: ToyBags
    var count: Int { base.count }
    var ports: [PortSpec] { base.ports }
    func targets(of examples: [Int]) -> Targets { base.targets(of: examples) }
    func size(of example: Int) -> Int { base.size(of: example) }
    func batch(_ examples: [Int], _ draw: Draw?) -> Batch {
      var part = base
      for (place, example) in examples.enumerated() {
        part.rows[example] = Array(base.rows[example].prefix(draw?.limits?[place] ?? .max))
      }
      return part.batch(examples, nil)
    }
  }

  /// Methods of single instances learn tested units by their own labels and the others by that of their bag.
  @Test(arguments: ["forest:trees=5,mil=max,bootstrap=no", "logistic:mil=max"])
  func testedUnitsBesideWholeBags(method: String) throws {
    let plain = ToyBags(bags: 40, seed: 1, width: 4, most: 4, positive: 2, deviation: 0.5, high: 0..<1, by: 4)
    // The units of even bags are tested, their first is not; those of odd bags are not tested.
    let labels = plain.rows.enumerated().flatMap { bag, rows in
      rows.enumerated().map { bag % 2 == 0 && $0 > 0 ? ($1[0] > 2 ? 1 : 0) : Float.nan }
    }
    let tested = TestedUnitStore(plain, labels: labels, grouping: "bag", on: .bag)
    var singles = plain
    (singles.rows, singles.labels) = ([], [])
    var unit = 0
    for (bag, rows) in plain.rows.enumerated() {
      let isTested = labels[unit..<unit + rows.count].contains { !$0.isNaN }
      for (number, row) in rows.enumerated() where !isTested || !labels[unit + number].isNaN {
        singles.rows.append([row])
        singles.labels.append(isTested ? labels[unit + number] : plain.labels[bag])
      }
      unit += rows.count
    }
    let choice = try MethodChoice(method)
    func fit(_ store: any BatchStore) throws -> [Float] {
      let fitter = try choice.fitter(store.ports, ClassLoss.crossEntropy, TrainingPlan())
      let split = ValidationSplit(train: Array(0..<store.count), validation: [])
      let model = try fitter.fit(store, split, from: nil, Trainer.Observer()).model
      return model.score(plain.batch(Array(0..<plain.count), nil), Tape(threads: 1))[.instance]
    }
    #expect(zip(try fit(tested), try fit(singles)).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  /// The best feature is that with the most of all pairs of labels in order, or in the wrong one; with an exchange of
  /// the partners, of their means.
  @Test func bestSingleFeature() throws {
    var stream = RandomStream(seed: 9)
    let labels = (0..<60).map { Float($0 % 3 == 0 ? 1 : 0) }
    let names = ["u.a.p", "u.a.q", "v", "u.b.p", "u.b.q"]
    var x = Matrix(rows: 60, columns: 5)
    for row in 0..<60 {
      for column in 0..<5 { x[row, column] = Float(Int(6 * stream.normal())) - (column == 1 ? 2 : 0.5) * labels[row] }
    }
    x[3, 1] = -0.0
    func area(_ columns: [Int]) -> Double {
      var (sum, count) = (0.0, 0.0)
      for a in 0..<60 where labels[a] == 1 {
        for b in 0..<60 where labels[b] == 0 {
          let (high, low) = (columns.reduce(0) { $0 + x[a, $1] }, columns.reduce(0) { $0 + x[b, $1] })
          sum += high > low ? 1 : high == low ? 0.5 : 0
          count += 1
        }
      }
      return sum / count
    }
    for (swap, choices) in [
      (nil, (0..<5).map { [$0] }), (try #require(ColumnSwap(names: names)), [[0, 3], [1, 4], [2]]),
    ] {
      let best = try #require(choices.max { abs(area($0) - 0.5) < abs(area($1) - 0.5) })
      let found = SingleFeature(bestOf: x, labels: labels, swap: swap, threads: 2)
      #expect(found == SingleFeature(columns: best, sign: area(best) < 0.5 ? -1 : 1))
    }
    #expect(SingleFeature(bestOf: x, labels: labels.map { _ in 1 }) == nil)
  }

  /// The best column, its sign, and its place where it ties with another.
  @Test func bestFeature() throws {
    var store = ToyBags(bags: 50, seed: 2)
    store.labels = (0..<50).map { Float($0 % 2) }
    store.rows = store.labels.map { [[0, $0 > 0.5 ? 1 : 3, 3 - $0, $0 > 0.5 ? 2 : 6, 1, 1]] }
    store.rows[0][0][2] = 1
    let fitter = try MethodChoice("best-feature").fitter(store.ports, ClassLoss.crossEntropy, TrainingPlan())
    let fitted = try fitter.fit(
      store, ValidationSplit(train: Array(0..<50), validation: []), from: nil, Trainer.Observer())
    let model = try #require(fitted.model as? any Differentiable)
    let weights = try #require(model.parameters.values("output.weight"))
    #expect(weights.map { $0 == 0 } == [true, false, true, true, true, true] && weights[1] == -1)
    #expect(model.parameters.values("output.bias") == [2])
    #expect(fitted.notes["fit"] == "the best of 6 features: column 2, AUROC 0.000")
  }
}
