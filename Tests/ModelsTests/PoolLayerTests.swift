import Arrays
import Bytes
import Models
import Tensors
import Testing
import Workbench

/// Pools of segments beside central differences, and beside values of an independent implementation in Double.
@Suite struct PoolLayerTests {
  static let kinds: [(name: String, kind: SegmentPool.Kind)] = [
    ("max", .maximum), ("mean", .meanProbability), ("mean-logit", .mean), ("log-sum-exp", .logSumExp(r: 4)),
    ("noisy-or", .noisyOr),
  ]

  private func rows(_ width: Int) -> Batch {
    batch([.atom: 7, .drug: 3], ["x": normal(7, width, seed: 12)], ["drug": .segments([0, 3, 4, 7])])
  }

  @Test func everyPoolOfRowsOfAnyWidth() throws {
    for (name, kind) in Self.kinds + [("sum", .sum)] {
      try GradientCheck(rows(4)) { figure in
        let x = figure.input("x", Shape(.atom, positions: 2, channels: 2))
        return try figure.add("pool", SegmentPool(kind, "drug", .drug), figure.add("dense", Dense(to: 3), x))
      }.run(name)
    }
  }

  @Test func sharesOfGroupsAddUpToOne() throws {
    let check = try GradientCheck(rows(2)) { figure in
      try figure.add("shares", GroupSoftmax("drug"), figure.input("x", Shape(.atom, positions: 1, channels: 2)))
    }
    check.run("softmax")
    let y = check.values()
    #expect(abs(y[0] + y[2] + y[4] - 1) < 1e-6 && y[6] == 1 && y[7] == 1)
    let edges = batch(
      [.bond: 4, .atom: 3], ["x": normal(4, 2, seed: 3)], ["bonds": .edges(into: [2, 0, 2, 2], from: [0, 1, 2, 1])])
    let shares = try GradientCheck(edges) { figure in
      try figure.add("shares", GroupSoftmax("bonds"), figure.input("x", Shape(.bond, positions: 1, channels: 2)))
    }
    shares.run("softmax of edges")
    let z = shares.values()
    #expect(abs(z[0] + z[4] + z[6] - 1) < 1e-6 && z[2] == 1)
  }

  @Test(arguments: [false, true]) func attentionPoolByDifferences(gated: Bool) throws {
    try GradientCheck(rows(4)) { figure in
      let x = figure.input("x", Shape(.atom, positions: 1, channels: 4))
      return try figure.attentionPool("pool", x, "drug", .drug, hidden: 3, gated: gated).pooled
    }.run("attention")
  }

  @Test func anEmptyGroupIsAFault() throws {
    var empty = rows(2)
    empty.relations["drug"] = .segments([0, 3, 3, 7])
    let figure = { (kind: SegmentPool.Kind) in
      try GradientCheck(empty) { figure in
        try figure.add(
          "pool", SegmentPool(kind, "drug", .drug), figure.input("x", Shape(.atom, positions: 1, channels: 2)))
      }
    }
    #expect(try figure(.mean).network.fault(in: empty) == "relation drug: group 1 has no rows")
    #expect(try figure(.sum).network.fault(in: empty) == nil)
    #expect(try Array(figure(.sum).values()[2..<4]) == [0, 0])
  }

  // MARK: Values of an independent implementation

  private func fixture() throws -> JSON {
    let bytes = try #require(Files.bytes("\(Repository.root)/Tests/ModelsTests/Fixtures/pooling.json"))
    return try bytes.withUnsafeBufferPointer { try JSON.parse($0) }
  }

  private func close(_ found: [Float], _ expected: [Double], _ name: String) {
    #expect(found.count == expected.count, "\(name)")
    for (place, pair) in zip(found, expected).enumerated() {
      #expect(abs(Double(pair.0) - pair.1) <= 1e-6 * max(1, abs(pair.1)), "\(name)[\(place)]: \(pair)")
    }
  }

  /// d loss / d logit of the mean over bags of −log sigmoid(±z).
  private func start(_ z: [Float], _ y: [Double]) -> [Float] {
    zip(z, y).map { Float((sigmoid(Double($0)) - $1) / Double(y.count)) }
  }

  @Test func poolsOfLogitsEqualAnIndependentImplementation() throws {
    let fixture = try fixture()
    let (logits, offsets) = (fixture.numbers("logits"), fixture.numbers("offsets").map { Int32($0) })
    let bags = Batch(
      bags: offsets, x: Matrix(rows: logits.count, columns: 1, values: logits.map { Float($0) }))
    for (name, kind) in Self.kinds {
      let expected = try #require(fixture["instance"]?[name])
      let check = try GradientCheck(bags) { figure in
        try figure.add("pool", SegmentPool(kind, "bag", .bag), figure.input("x", Shape(.instance, positions: 1)))
      }
      let z = check.values()
      close(z, expected.numbers("z"), "\(name) z")
      let gradient = try #require(check.gradients(start(z, fixture.numbers("y"))).ports["x"])
      close(gradient.values, expected.numbers("gradient"), "\(name) gradient")
    }
  }

  @Test(arguments: ["plain", "gated"]) func attentionEqualsAnIndependentImplementation(form: String) throws {
    let fixture = try fixture()
    let weights = try #require(fixture["weights"])
    let expected = try #require(fixture["attention"]?[form])
    let h = fixture.table("H")
    let bags = Batch(
      bags: fixture.numbers("offsets").map { Int32($0) },
      x: Matrix(rows: h.count / 4, columns: 4, values: h.map { Float($0) }))
    var figure = NetworkBuilder()
    let x = figure.input("x", Shape(.instance, positions: 1, channels: 4))
    let pool = try figure.attentionPool("pool", x, "bag", .bag, hidden: 3, gated: form == "gated")
    let z = try figure.add("z", Dense(to: 1), pool.pooled)
    var network = figure.plan(unit: z, target: z, attention: pool.attention).network(seed: 1)
    let names = [
      ("V", "pool.V.weight"), ("bV", "pool.V.bias"), ("U", "pool.U.weight"), ("bU", "pool.U.bias"),
      ("w", "pool.w.weight"), ("c", "z.weight"), ("b", "z.bias"),
    ].filter { network.parameters.index(of: $0.1) != nil }
    #expect(names.count == (form == "gated" ? 7 : 5))
    for (short, name) in names { network.parameters.set(name, to: weights.table(short).map { Float($0) }) }
    let check = GradientCheck(network, bags)
    let values = check.values()
    close(values, expected.numbers("z"), "z")
    close(check.attention() ?? [], expected.numbers("attention"), "attention")
    let (parameters, ports) = check.gradients(start(values, fixture.numbers("y")))
    let gradient = try #require(expected["gradient"])
    for (short, name) in names { close(parameters.values(name) ?? [], gradient.table(short), short) }
    close(ports["x"]?.values ?? [], gradient.table("H"), "H")
  }
}

extension JSON {
  /// The numbers of a member that is a list of them.
  func numbers(_ name: String) -> [Double] { self[name]?.array?.compactMap(\.double) ?? [] }

  /// The numbers of a member that is a number, a list or a list of lists, in row order.
  func table(_ name: String) -> [Double] {
    guard let value = self[name] else { return [] }
    if let number = value.double { return [number] }
    return (value.array ?? []).flatMap { $0.double.map { [$0] } ?? $0.array?.compactMap(\.double) ?? [] }
  }
}
