import Bytes
import Networks
import Testing

@Suite struct GraphTests {
  @Test func edgesInAnyOrderAreOneNetwork() throws {
    var first = GraphBuilder()
    for (a, b) in [("b", "a"), ("a", "b"), ("c", "c"), ("c", "a"), ("b", "c"), ("a", "c")] { try first.edge(a, b) }
    first.node("z")
    let graph = try first.build()
    #expect(graph.nodes == ["b", "a", "c", "z"])
    #expect(graph.edges == 3 && first.repeated == 2 && first.loops == 1)
    #expect((0..<4).map { graph.degree($0) } == [2, 2, 2, 0])
    #expect(Array(graph.neighbors[graph.row(0)]) == [1, 2])
    #expect(graph.entry(0, 2) == 1 && graph.entry(2, 3) == nil)
    var second = GraphBuilder()
    for (a, b) in [("c", "b"), ("b", "a"), ("c", "a")] { try second.edge(a, b) }
    #expect(try second.build().digest == graph.digest)
    var digest = SHA256()
    digest.update("a\tb\na\tc\nb\tc\n")
    #expect(graph.digest == String(SHA256.hex(digest.finish()).prefix(12)))
  }

  @Test func theGreatestWeightCounts() throws {
    var builder = GraphBuilder(isWeighted: true)
    for (a, b, weight) in [("a", "b", 2.0), ("b", "a", 3), ("a", "c", 1), ("a", "d", 0), ("c", "a", 0.5)] {
      try builder.edge(a, b, weight: weight)
    }
    let graph = try builder.build()
    #expect(graph.nodes == ["a", "b", "c", "d"] && graph.edges == 2 && builder.weightless == 1)
    #expect(Array(graph.weights[graph.row(0)]) == [3, 1] && graph.strength(0) == 4)
    #expect(throws: NetworkError(.weight(-1))) { try builder.edge("a", "b", weight: -1) }
    var empty = GraphBuilder()
    try empty.edge("a", "a")
    #expect(throws: NetworkError(.noEdges)) { try empty.build() }
  }

  @Test func aliasTablesAreThoseOfTheReference() throws {
    let tables = try #require(Toy().json["alias"]?.array)
    #expect(tables.count > 2)
    for table in tables {
      let made = AliasTable(Toy.numbers(table["weights"]))
      #expect(made.aliases.map(Int.init) == table["alias"]?.array?.compactMap(\.int))
      for (value, wanted) in zip(made.probabilities, Toy.numbers(table["prob"])) {
        #expect(abs(Double(value) - wanted) < 1e-6)
      }
    }
  }
}

/// Walks beside the reference and beside their own definition.
@Suite struct WalkTests {
  @Test func probabilitiesAreThoseOfTheReference() throws {
    let toy = try Toy()
    let cases = try #require(toy.json["node2vec"]?.array)
    #expect(cases.count > 20)
    for item in cases {
      let graph = try toy.graph(weighted: item["graph"]?.string == "weighted")
      let walks = Walks(graph, p: try #require(item["p"]?.double), q: try #require(item["q"]?.double))
      let node = try #require(item["at"]?.int)
      #expect(graph.neighbors[graph.row(node)].map(Int.init) == item["to"]?.array?.compactMap(\.int))
      let found = walks.probabilities(from: node, previous: item["previous"]?.int)
      for (value, wanted) in zip(found, Toy.numbers(item["prob"])) { #expect(abs(value - wanted) < 1e-7) }
    }
  }

  /// Steps are as frequent as their probabilities: chi-square over a million steps from every edge and first step.
  @Test(arguments: [(1.0, 1.0), (0.5, 2), (4, 0.25), (0.25, 4)], [false, true])
  func stepsHaveTheirProbabilities(_ parameters: (Double, Double), _ isWeighted: Bool) throws {
    let graph = try Toy().graph(weighted: isWeighted)
    let walks = Walks(graph, p: parameters.0, q: parameters.1)
    var random = RandomStream(seed: 5)
    var (chi, freedom) = (0.0, 0.0)
    var states: [(previous: Int?, node: Int)] = graph.nodes.indices.filter { graph.degree($0) > 1 }.map { (nil, $0) }
    for node in graph.nodes.indices where graph.degree(node) > 1 {
      states += graph.neighbors[graph.row(node)].map { (Int($0), node) }
    }
    let steps = 1_000_000 / states.count
    for (previous, node) in states {
      var counts = [Int](repeating: 0, count: graph.count)
      for _ in 0..<steps { counts[walks.step(from: node, previous: previous, &random)] += 1 }
      let expected = walks.probabilities(from: node, previous: previous).map { $0 * Double(steps) }
      for (other, wanted) in zip(graph.neighbors[graph.row(node)], expected) {
        chi += (Double(counts[Int(other)]) - wanted) * (Double(counts[Int(other)]) - wanted) / wanted
      }
      #expect(graph.neighbors[graph.row(node)].reduce(0) { $0 + counts[Int($1)] } == steps)
      freedom += Double(expected.count - 1)
    }
    // The statistic has mean `freedom` and variance 2 · freedom: four deviations up and down.
    #expect(abs(chi - freedom) < 4 * (2 * freedom).squareRoot(), "chi-square \(chi) with \(freedom) degrees of freedom")
  }
}
