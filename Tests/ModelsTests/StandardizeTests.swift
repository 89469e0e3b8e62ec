import Arrays
import Bytes
import Models
import Testing

@Suite struct StandardizeTests {
  private func batch(_ seed: UInt64) -> (Batch, Matrix) {
    var x = normal(50, 3, seed: seed)
    for row in 0..<50 { x[row, 1] = 4 + 0.01 * x[row, 1] }
    for row in 0..<50 { x[row, 2] = 0.5 }
    return (Batch(count: [.atom: 50], ports: ["x": .dense(x)]), x)
  }

  private func check(_ batch: Batch) throws -> GradientCheck {
    try GradientCheck(batch) { figure in
      try figure.add("standard", Standardize(), figure.input("x", Shape(.atom, positions: 1, channels: 3)))
    }
  }

  /// Nothing changes before there are statistics; then columns have mean 0 and deviation 1, one that does not vary
  /// is 0.
  @Test func columnsAreStandardized() throws {
    let (batch, x) = batch(1)
    let check = try check(batch)
    #expect(check.values() == x.values)
    check.run("standardize")
    var network = check.network
    let tape = Tape(threads: 1)
    // Training changes nothing but in the epoch before the first.
    _ = network.forward(batch, .training(seed: 1, epoch: 1, batch: 0), tape)
    #expect(tape.statistics.isEmpty)
    _ = network.forward(batch, .training(seed: 1, epoch: 0, batch: 0), tape)
    network.parameters.commit(tape.statistics, momentum: 1)
    let y = network.score(batch, tape)[.atom]
    for column in 0..<2 {
      let values = (0..<50).map { Double(y[$0 * 3 + column]) }
      let mean = values.reduce(0, +) / 50
      let square = values.reduce(0) { $0 + $1 * $1 } / 50
      #expect(abs(mean) < 1e-2 && abs(square - 1) < 2e-2, "column \(column): \(mean), \(square)")
    }
    #expect((0..<50).allSatisfy { abs(y[$0 * 3 + 2]) < 1e-3 })
  }
}

@Suite struct WeightedEdgeMeanTests {
  /// Three neighbours of row 0, one of them without an area, and one of row 1; row 2 has none.
  @Test func neighboursCountByTheirColumn() throws {
    let x = Matrix(rows: 4, columns: 2, values: [1, 5, 2, 6, 3, 7, 4, 8])
    let area = Matrix(rows: 4, columns: 2, values: [9, 0.5, 9, 0.25, 9, -1, 9, 1])
    let batch = Batch(
      count: [.atom: 4], ports: ["x": .dense(x), "area": .dense(area)],
      relations: ["edges": .edges(into: [0, 0, 0, 1, 3], from: [1, 2, 3, 0, 3])])
    let check = try GradientCheck(batch) { figure in
      let (x, area) = (
        figure.input("x", Shape(.atom, positions: 1, channels: 2)),
        figure.input("area", Shape(.atom, positions: 1, channels: 2))
      )
      return try figure.add("mean", WeightedEdgeMean("edges", by: 1), x, area)
    }
    let weights: [Float] = [0.27, 0.02, 1.02]
    let sum = weights.reduce(0, +)
    let first = zip(weights, [2, 3, 4] as [Float]).reduce(0) { $0 + $1.0 * $1.1 } / sum
    #expect(difference(check.values(), [first, first + 4, 1, 5, 0, 0, 4, 8]) < 1e-5)
    check.run("weighted mean")
  }
}
