import Arrays
import Bytes
import Models
import Testing

@Suite struct SymmetricPairTests {
  private func pairs() -> (Batch, Matrix, Matrix) {
    let (u, v) = (normal(4, 70, seed: 1), normal(4, 70, seed: 2))
    return (
      Batch(
        count: [.atom: 4, .pair: 6], ports: ["u": .dense(u), "v": .dense(v)],
        relations: ["i": .index([0, 3, 2, 0, 1, 1]), "j": .index([1, 3, 0, 1, 2, 0])]), u, v
    )
  }

  private func check(_ batch: Batch) throws -> GradientCheck {
    try GradientCheck(batch) { figure in
      let shape = Shape(.atom, positions: 1, channels: 70)
      return try figure.add(
        "pair", SymmetricPairs("i", "j", .pair), figure.input("u", shape), figure.input("v", shape))
    }
  }

  @Test func pairsAreTheMeanOfBothOrders() throws {
    let (batch, u, v) = pairs()
    let check = try check(batch)
    let found = check.values()
    for (pair, (i, j)) in zip(batch.index("i"), batch.index("j")).enumerated() {
      for column in 0..<70 {
        let one = max(0, u[Int(i), column] + v[Int(j), column])
        let other = max(0, u[Int(j), column] + v[Int(i), column])
        #expect(found[pair * 70 + column] == 0.5 * (one + other))
      }
    }
    check.run("symmetric pairs", most: 60)
  }

  /// Springenberg 2015: where the derivative that comes in is not above 0 nothing passes.
  @Test func guidedPairsPassPositiveDerivativesOnly() throws {
    let (batch, u, v) = pairs()
    let network = try check(batch).network
    let tape = Tape(threads: 1)
    let slope = normal(6, 70, seed: 9)
    _ = network.forward(batch, .inference, tape)
    let guided = network.portGradients(batch, Start(.pair, slope), .guided, tape)
    var expected = Matrix(rows: 4, columns: 70)
    for (pair, (i, j)) in zip(batch.index("i"), batch.index("j")).enumerated() {
      for column in 0..<70 where slope[pair, column] > 0 {
        if u[Int(i), column] + v[Int(j), column] > 0 { expected[Int(i), column] += 0.5 * slope[pair, column] }
        if u[Int(j), column] + v[Int(i), column] > 0 { expected[Int(j), column] += 0.5 * slope[pair, column] }
      }
    }
    #expect(difference(guided["u"]?.values ?? [], expected.values) < 1e-6)
  }

  /// More pairs than a block of units: scores in blocks are those of the whole.
  @Test func blocksOfPairsAreThoseOfTheWhole() throws {
    let count = 150
    let batch = Batch(
      count: [.bag: 1, .instance: count, .atom: 9], ports: ["x": .dense(normal(9, 5, seed: 3))],
      relations: [
        "i": .index((0..<Int32(count)).map { $0 % 4 }), "j": .index((0..<Int32(count)).map { 4 + $0 % 5 }),
        "bag": .segments([0, Int32(count)]),
      ])
    var figure = NetworkBuilder()
    let x = figure.input("x", Shape(.atom, positions: 1, channels: 5))
    let u = try figure.add("first", Dense(to: 8, bias: false), x)
    let v = try figure.add("second", Dense(to: 8), x)
    let pair = try figure.add("pair", SymmetricPairs("i", "j", .instance), u, v)
    let logit = try figure.add("output", Dense(to: 1), pair)
    let bag = try figure.add("bag", SegmentMaximum("bag", .bag), logit)
    let network = figure.plan(unit: logit, target: bag).network(seed: 1)
    let whole = network.forward(batch, .inference, Tape(threads: 1))
    #expect(Set(whole[.instance]).count == 20)
    #expect(network.score(batch, Tape(threads: 2)) == whole)
    if EncodedNetwork(network) != nil { Issue.record("a network that is cut at a layer of two indices") }
  }

  @Test func rowsOutsideAreAFault() throws {
    var (batch, _, _) = pairs()
    batch.relations["j"] = .index([1, 3, 0, 4, 2, 0])
    let fault = try check(batch).network.fault(in: batch)
    #expect(fault?.contains("j: row 4") == true, "\(fault ?? "no fault")")
    batch.relations["j"] = .segments([0, 6])
    #expect(try check(batch).network.fault(in: batch)?.contains("j is no index") == true)
  }
}
