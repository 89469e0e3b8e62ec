import Arrays
import Bytes
import Models
import Scoring
import Testing

/// Pairs scored from what is kept of their partners, beside whole rows.
@Suite struct PairScorerTests {
  /// Blocks of columns in the order of a pair's features: how many of a side, or of both partners.
  struct Layout: CustomStringConvertible {
    let blocks: [(PairColumns.Owner, Int)]
    var description: String { blocks.map { "\($0.0) \($0.1)" }.joined(separator: ", ") }
    var columns: PairColumns {
      PairColumns(owners: blocks.flatMap { [PairColumns.Owner](repeating: $0.0, count: $0.1) })
    }
    /// The exchange of each block of the first partner with the one of the second that follows; nil without such pairs.
    var swap: ColumnSwap? {
      var (names, number) = ([String](), 0)
      for (owner, count) in blocks {
        if owner != .second { number += 1 }
        let side = owner == .both ? "both" : owner == .first ? "a" : "b"
        names += (0..<count).map { "block\(number).\(side).\($0)" }
      }
      return ColumnSwap(names: names)?.effective
    }
  }

  static let layouts = [
    Layout(blocks: [(.first, 64), (.second, 64)]),
    Layout(blocks: [(.both, 4), (.first, 343), (.second, 343), (.both, 1)]),
    Layout(blocks: [(.first, 60), (.second, 60), (.both, 7), (.first, 55), (.second, 55)]),
    Layout(blocks: [(.first, 20), (.second, 20), (.both, 40)]),
    Layout(blocks: [(.both, 80)]),
    Layout(blocks: [(.first, 150)]),
  ]

  private struct Given {
    let layout: Layout
    let partners: [[Float]]
    let batch: PairBatch

    init(_ layout: Layout, bags: [Int], partners count: Int, seed: UInt64) {
      self.layout = layout
      var stream = RandomStream(seed: seed)
      let width = layout.columns.owners.count
      let swap = layout.swap
      partners = (0..<count).map { _ in
        let values = (0..<width).map { _ in Float(stream.normal()) }
        // Both sides of a partner's row hold the same features.
        return (0..<width).map { values[min($0, swap?.source[$0] ?? $0)] }
      }
      let total = bags.reduce(0, +)
      func draw() -> [Int32] { (0..<total).map { _ in Int32(stream.uniform() * Double(count)) } }
      let shared = layout.columns.shared.count
      let values = (0..<total * shared).map { _ in Float(stream.normal()) }
      var offsets: [Int32] = [0]
      for size in bags { offsets.append(offsets[offsets.count - 1] + Int32(size)) }
      batch = PairBatch(
        offsets: offsets, first: draw(), second: draw(), shared: Matrix(rows: total, columns: shared, values: values))
    }

    /// The rows of all pairs.
    var rows: Batch {
      let columns = layout.columns
      var values: [Float] = []
      for pair in 0..<batch.count {
        let (a, b) = (partners[Int(batch.first[pair])], partners[Int(batch.second[pair])])
        var next = 0
        for (column, owner) in columns.owners.enumerated() {
          switch owner {
          case .first: values.append(a[column])
          case .second: values.append(b[column])
          case .both:
            values.append(batch.shared[pair, next])
            next += 1
          }
        }
      }
      return Batch(bags: batch.offsets, x: Matrix(rows: batch.count, columns: columns.owners.count, values: values))
    }
  }

  private func check(
    _ model: any Differentiable, _ given: Given, both: Bool, threads: Int, memory: Int = 1 << 26
  ) throws {
    var asked = 0
    var whole: any Model = model
    if both, let swap = given.layout.swap { whole = MeanOf([model], exchange: ["x": swap]) }
    let pairs = PairScorer(model: whole, columns: given.layout.columns, threads: threads, memory: memory) {
      number, row in
      asked += 1
      for (column, value) in given.partners[Int(number)].enumerated() { row[column] = value }
    }
    let expected = Scorer(model: whole, threads: 1).score(given.rows)
    for _ in 0..<2 { #expect(try pairs.score(given.batch) == expected, "\(given.layout), both \(both)") }
    if memory > 1 << 20 { #expect(asked <= given.partners.count, "each partner is made once") }
  }

  private func model(_ name: String, _ features: Int) throws
    -> any Differentiable
  {
    var model = try MethodChoice(name).model(features: features, seed: 5)
    var stream = RandomStream(seed: 5, 77)
    for entry in model.parameters.entries where entry.name.hasPrefix("norm") {
      let values = (0..<entry.count).map { _ in
        entry.name.hasSuffix("running_var") ? Float(0.5 + stream.uniform()) : Float(0.6 * stream.normal() + 0.3)
      }
      model.parameters.set(entry.name, to: values)
    }
    return model
  }

  @Test(arguments: layouts) func equalsWholeRows(layout: Layout) throws {
    let given = Given(layout, bags: [1, 4, 30, 2, 77], partners: 23, seed: 3)
    let idmil = try model("idmil", layout.columns.owners.count)
    for both in [false, true] {
      for threads in 1...3 { try check(idmil, given, both: both, threads: threads) }
    }
  }

  @Test(arguments: [true, false], [true, false]) func everyOption(attention: Bool, lastReLU: Bool) throws {
    let name = "idmil:attention=\(attention ? "yes" : "no"),last-relu=\(lastReLU ? "yes" : "no")"
    let given = Given(Self.layouts[1], bags: [5, 6, 7], partners: 6, seed: 4)
    try check(try model(name, given.layout.columns.owners.count), given, both: true, threads: 2)
  }

  @Test(arguments: ["mlp", "logistic", "idmil"]) func otherModelsTakeAssembledRows(name: String) throws {
    let given = Given(Self.layouts[2], bags: [1, 90, 3], partners: 10, seed: 6)
    let method = name == "idmil" ? "idmil:kernel=5" : name
    try check(try model(method, given.layout.columns.owners.count), given, both: true, threads: 2)
  }

  /// Two towers keep what they make of a partner; ensembles do so for each member, with columns of both partners.
  @Test(arguments: [1, 2]) func towersAndEnsemblesEqualWholeRows(threads: Int) throws {
    let layout = Self.layouts[2]
    let swap = try #require(layout.swap)
    let count = layout.columns.owners.count
    var (names, number) = ([String](), 0)
    for (owner, size) in layout.blocks {
      if owner != .second { number += 1 }
      names += (0..<size).map {
        owner == .both ? "c\(number)-\($0)" : "c\(number).\(owner == .first ? "a" : "b").\($0)"
      }
    }
    let given = Given(layout, bags: [1, 90, 3, 300], partners: 40, seed: 6)
    let towers = try MethodChoice("two-tower:hidden=9").model(MethodChoice.ports(names: names), seed: 2)
    let half = Array(0..<127)
    func own(_ method: String, _ seed: UInt64) throws -> any Model {
      try MethodChoice(method).model(MethodChoice.ports(names: half.map { names[$0] }), seed: seed)
    }
    let exchange = try #require(swap.restricted(to: half))
    let ensemble = Ensemble(
      [
        Ensemble.Kind(MeanOf([towers, try own2(names)]), columns: Array(0..<count), weight: 0.5),
        Ensemble.Kind(MeanOf([try own("idmil", 4)], exchange: ["x": exchange]), columns: half, weight: 1),
        Ensemble.Kind(try own("mlp", 5), columns: half, weight: 0.25),
      ], offset: 0.125, width: count)
    for whole in [towers as any Model, ensemble] {
      let pairs = PairScorer(model: whole, columns: layout.columns, threads: threads, memory: 1 << 20) { number, row in
        for (column, value) in given.partners[Int(number)].enumerated() { row[column] = value }
      }
      let expected = Scorer(model: whole, threads: 1).score(given.rows)
      let got = try pairs.score(given.batch)
      #expect(got[.instance] == expected[.instance] && got[.bag] == expected[.bag])
    }
  }

  private func own2(_ names: [String]) throws -> any Model {
    try MethodChoice("two-tower:hidden=9").model(MethodChoice.ports(names: names), seed: 3)
  }

  @Test func oneInstanceAndTenThousand() throws {
    let idmil = try model("idmil", 128)
    try check(idmil, Given(Self.layouts[0], bags: [1], partners: 1, seed: 7), both: true, threads: 2)
    try check(idmil, Given(Self.layouts[0], bags: [3, 10_000, 1], partners: 300, seed: 8), both: false, threads: 2)
  }

  @Test(arguments: [0, 20_000, 100_000]) func littleMemoryChangesNothing(bytes: Int) throws {
    let given = Given(Self.layouts[0], bags: [40, 3_000, 5], partners: 600, seed: 9)
    try check(try model("idmil", 128), given, both: true, threads: 2, memory: bytes)
  }

  @Test func anErrorOfARowComesOut() throws {
    struct Fault: Error {}
    let given = Given(Self.layouts[0], bags: [2], partners: 2, seed: 1)
    let scorer = PairScorer(
      model: try model("idmil", 128), columns: given.layout.columns, threads: 1, memory: 1 << 20
    ) { _, _ in throw Fault() }
    #expect(throws: Fault.self) { try scorer.score(given.batch) }
  }
}
