import Arrays
import Bytes
import Models
import Testing

/// Layers over edges, index and segments, and what is made of them.
@Suite struct GraphLayerTests {
  /// Five atoms of two drugs; atom 2 has no edge into it.
  private let bonds = Relation.edges(into: [1, 0, 4, 3, 0], from: [0, 1, 3, 4, 2])

  private func atoms(_ edges: Relation? = nil) -> Batch {
    batch(
      [.atom: 5, .bond: 5, .drug: 2], ["x": normal(5, 3, seed: 1), "e": normal(5, 2, seed: 2)],
      ["bonds": edges ?? bonds, "drug": .segments([0, 3, 5])])
  }

  @Test func sumsAndMeansOverEdges() throws {
    let x = atoms().dense("x")
    let sum = try GradientCheck(atoms()) { figure in
      try figure.add("sum", EdgeSum("bonds"), figure.input("x", Shape(.atom, positions: 1, channels: 3)))
    }
    sum.run("sum")
    #expect(sum.values()[0] == (x?[1, 0] ?? 0) + (x?[2, 0] ?? 0))
    #expect(Array(sum.values()[6..<9]) == [0, 0, 0], "no edge into row 2")
    let mean = try GradientCheck(atoms()) { figure in
      try figure.add("mean", EdgeMean("bonds"), figure.input("x", Shape(.atom, positions: 1, channels: 3)))
    }
    mean.run("mean")
    #expect(mean.values()[0] == ((x?[1, 0] ?? 0) + (x?[2, 0] ?? 0)) / 2)
  }

  @Test func featuresOfEdges() throws {
    try GradientCheck(atoms()) { figure in
      let x = figure.input("x", Shape(.atom, positions: 1, channels: 3))
      let e = figure.input("e", Shape(.bond, positions: 1, channels: 2))
      let from = try figure.add("from", Gather("bonds", edges: .bond, .from), figure.add("node", Dense(to: 4), x))
      let into = try figure.add("into", Gather("bonds", edges: .bond, .into), figure.add("other", Dense(to: 4), x))
      let z = try figure.add("z", Tanh(), figure.add("sum", Add(), from, into, figure.add("edge", Dense(to: 4), e)))
      return try figure.add("message", EdgeMean("bonds", into: .atom), figure.add("sums", ELU(), z))
    }.run("edges with features")
    try GradientCheck(atoms()) { figure in
      try figure.add("sum", EdgeSum("bonds", into: .atom), figure.input("e", Shape(.bond, positions: 1, channels: 2)))
    }.run("sums of edges")
  }

  @Test func rowsOfAnIndex() throws {
    let pairs = batch([.pair: 4, .drug: 3], ["x": normal(3, 2, seed: 4)], ["of": .index([2, 0, 2, 2])])
    try GradientCheck(pairs) { figure in
      try figure.add("of", Gather("of", .pair), figure.input("x", Shape(.drug, positions: 1, channels: 2)))
    }.run("index")
  }

  @Test func sumsProductsAndChannelsSideBySide() throws {
    let rows = batch([.atom: 5], ["x": normal(5, 6, seed: 7), "y": normal(5, 6, seed: 8)])
    let shape = Shape(.atom, positions: 3, channels: 2)
    try GradientCheck(rows) { figure in
      let (x, y) = (figure.input("x", shape), figure.input("y", shape))
      let sum = try figure.add("sum", Add(scales: [1.5, -0.5]), x, y)
      let product = try figure.add("product", Product(), sum, x)
      return try figure.add("all", Concatenate(), product, y, sum)
    }.run("combinations")
  }

  @Test func tokensAndTheirEmbedding() throws {
    let tokens = batch([.protein: 2], tokens: ["letters": [3, 0, 1, 3, 3, 2]])
    let check = try GradientCheck(tokens) { figure in
      let letters = figure.tokens("letters", .protein, length: 3, symbols: 5)
      return try figure.add("square", Dense(to: 4), figure.add("embedding", Embedding(width: 2), letters))
    }
    check.run("embedding")
    #expect(check.network.ports == [PortSpec("letters", .protein, .tokens(symbols: 5, length: 3))])
    let map = try #require(check.gradients().ports["letters"])
    #expect(map.rows == 2 && map.columns == 6, "derivatives in the embedded letters")
    let table = try #require(check.gradients().parameters.values("embedding.weight"))
    #expect(abs(table[0] - map[0, 2]) < 1e-6 && abs(table[6] - map[0, 0] - map[1, 0] - map[1, 2]) < 1e-5)
  }

  @Test func faultsOfABatchAreFound() throws {
    let check = try GradientCheck(atoms()) { figure in
      try figure.add("sum", EdgeSum("bonds"), figure.input("x", Shape(.atom, positions: 1, channels: 3)))
    }
    func fault(_ edges: Relation?) -> String? {
      var batch = check.batch
      batch.relations["bonds"] = edges
      return check.network.fault(in: batch)
    }
    #expect(fault(bonds) == nil)
    #expect(fault(nil) == "relation bonds: is not edges of the batch")
    #expect(
      fault(.edges(into: [0, 5], from: [0, 1])) == "relation bonds: edge into row 5 (number 1), rows are 0 to 4")
    #expect(fault(.edges(into: [0], from: [0, 1])) == "relation bonds: edges into 1 and from 2 rows, 1 edges")
    var short = check.batch
    short.ports["x"] = .dense(normal(4, 3, seed: 1))
    #expect(check.network.fault(in: short) == "port x: 4 × 3 numbers, 5 × 3 are needed")
  }
}
