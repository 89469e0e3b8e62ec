import Bytes
import Networks
import Testing

/// Measures of links beside the reference, and beside the definition on a network from which the edge was taken.
@Suite struct LinkMeasureTests {
  @Test func measuresAreThoseOfTheReference() throws {
    let toy = try Toy()
    let names: [LinkMeasure: String] = [
      .degree: "degree", .common: "common", .adamicAdar: "adamic", .jaccard: "jaccard", .l3: "l3",
      .fsweight: "fsweight",
    ]
    let measures = LinkMeasure.allCases.filter { names[$0] != nil }
    let tool = LinkMeasures(try toy.graph(), measures)
    let pairs = try #require(toy.json["pairs"]?.array)
    #expect(pairs.count == 55)
    var values = [Double](repeating: .nan, count: measures.count)
    for pair in pairs {
      let (u, v) = (try #require(pair["u"]?.int), try #require(pair["v"]?.int))
      for (a, b) in [(u, v), (v, u)] {
        tool.write(a, b, to: &values)
        for (measure, value) in zip(measures, values) {
          let wanted = try #require(pair[names[measure] ?? ""]?.double)
          #expect(abs(value - wanted) < 1e-12, "\(measure.rawValue) of \(a), \(b)")
        }
      }
    }
  }

  /// With much memory, with that of one node, and in any order of pairs.
  @Test(arguments: [1 << 20, 0]) func measuresAreTheirDefinitions(_ memory: Int) throws {
    let measures = LinkMeasure.allCases.filter { !$0.rawValue.hasPrefix("spectral") }
    for seed in 0..<3 {
      let graph = try randomGraph(24, 0.18, seed: UInt64(seed))
      let tool = LinkMeasures(graph, measures, profiles: profiles, memory: memory)
      var pairs = (0..<24).flatMap { a in (0..<24).filter { $0 != a }.map { (a, $0) } }
      var random = RandomStream(seed: 9)
      random.shuffle(&pairs)
      var values = [Double](repeating: .nan, count: measures.count)
      for (u, v) in pairs {
        tool.write(u, v, to: &values)
        let wanted = definitions(graph, u, v) + combined(graph, u, v) + correlations(graph, u, v)
        #expect(wanted.count == values.count)
        for (place, value) in values.enumerated() {
          #expect(abs(value - wanted[place]) < (measures[place].usesProfiles ? 1e-6 : 1e-9), "\(measures[place])")
        }
      }
    }
  }

  /// Profiles of 24 nodes, of which every third has none.
  private var profiles: Profiles {
    Profiles(count: 24, columns: 11) { node in
      var random = RandomStream(seed: 40 + UInt64(node))
      return node % 3 == 0 ? nil : (0..<11).map { _ in random.normal() }
    }
  }

  private func logPlus(_ x: Double) -> Double { logarithm(1 + x) }

  /// The measures that are made of others, in their order.
  private func combined(_ graph: Graph, _ u: Int, _ v: Int) -> [Double] {
    let near = (0..<graph.count).map { a in Set(graph.neighbors[graph.row(a)].map(Int.init)) }
    let (p, q) = (near[u].subtracting([v]), near[v].subtracting([u]))
    let others = definitions(graph, u, v)
    let (common, adamic, l3) = (others[1], others[2], others[4])
    let resource = p.intersection(q).reduce(0) { $0 + 1 / Double(near[$1].count) }
    let scale = Double(max(1, p.count * q.count)).squareRoot()
    func mean(_ set: Set<Int>) -> Double {
      set.isEmpty ? 0 : set.reduce(0) { $0 + Double(near[$1].count) } / Double(set.count)
    }
    let (du, dv) = (logPlus(Double(p.count)), logPlus(Double(q.count)))
    let (mu, mv) = (logPlus(mean(p)), logPlus(mean(q)))
    return [
      resource, common / scale, l3 / scale, logPlus(common), logPlus(adamic), logPlus(100 * resource),
      logPlus(100 * l3),
      abs(du - dv), min(du, dv), max(du, dv), mu + mv, abs(mu - mv),
    ]
  }

  private func correlations(_ graph: Graph, _ u: Int, _ v: Int) -> [Double] {
    let profiles = profiles
    func r(_ a: Int, _ b: Int) -> Double? {
      guard profiles.isKnown[a], profiles.isKnown[b] else { return nil }
      return (0..<11).reduce(0) { $0 + Double(profiles.values[a * 11 + $1] * profiles.values[b * 11 + $1]) } / 11
    }
    func means(_ node: Int, _ other: Int) -> (Double, Double) {
      let all = graph.neighbors[graph.row(other)].filter { $0 != node }.compactMap { r(node, Int($0)) }
      if all.isEmpty { return (0, 0) }
      return (all.reduce(0, +) / Double(all.count), all.reduce(0) { $0 + abs($1) } / Double(all.count))
    }
    let (one, other) = (means(u, v), means(v, u))
    let (knowsU, knowsV) = (profiles.isKnown[u], profiles.isKnown[v])
    return [
      r(u, v) ?? 0, abs(r(u, v) ?? 0), knowsU && knowsV ? 1 : 0, knowsU || knowsV ? 1 : 0, one.0 + other.0,
      one.1 + other.1,
    ]
  }

  /// A known pair is scored by the network without its fold, so that its own edge makes no difference; the whole
  /// spectrum makes the adjacency again.
  @Test func spectralScoresHaveNotSeenThePair() throws {
    let measures = LinkMeasure.allCases.filter { $0.rawValue.hasPrefix("spectral") }
    let graph = try randomGraph(24, 0.25, seed: 4)
    let pairs = (0..<24).flatMap { a in (a + 1..<24).map { (a, $0) } }
    func scores(_ graph: Graph, _ u: Int, _ v: Int, known: [(Int, Int)]) -> [Double] {
      var values = [Double](repeating: .nan, count: measures.count)
      LinkMeasures(graph, measures, known: known).write(u, v, to: &values)
      return values
    }
    for (u, v) in [pairs[3], pairs[17], pairs[100]] {
      var with = GraphBuilder(isWeighted: false)
      var without = GraphBuilder(isWeighted: false)
      for node in graph.nodes {
        with.node(node)
        without.node(node)
      }
      for (a, b) in pairs where graph.entry(a, b) != nil || (a, b) == (u, v) {
        try with.edge(graph.nodes[a], graph.nodes[b])
        if (a, b) != (u, v) { try without.edge(graph.nodes[a], graph.nodes[b]) }
      }
      let (one, other) = (try with.build(), try without.build())
      let known = scores(other, u, v, known: [(v, u)])
      #expect(zip(scores(one, u, v, known: []), known).allSatisfy { abs($0 - $1) < 1e-5 })
      #expect(zip(scores(other, u, v, known: []), known).contains { abs($0 - $1) > 1e-3 }, "the whole network")
      #expect(zip(scores(one, v, u, known: []), known).allSatisfy { abs($0 - $1) < 1e-5 }, "either order")
    }
    let (u, v) = try #require(pairs.first { graph.entry($0, $1) == nil })
    #expect(abs(scores(graph, u, v, known: [])[7]) < 1e-4, "no edge, of rank 24")
  }

  private func definitions(_ graph: Graph, _ u: Int, _ v: Int) -> [Double] {
    let count = graph.count
    var near = (0..<count).map { a in Set(graph.neighbors[graph.row(a)].map(Int.init)) }
    let closed = near.reduce(0.0) { $0 + Double($1.count + 1) } / Double(count)
    near[u].remove(v)
    near[v].remove(u)
    let common = near[u].intersection(near[v])
    var l3 = 0.0
    for x in near[u] {
      for y in near[x] where near[v].contains(y) { l3 += 1 / Double(near[x].count * near[y].count).squareRoot() }
    }
    let (p, q) = (near[u].union([u]), near[v].union([v]))
    let m = Double(p.intersection(q).count)
    func share(_ alone: Int) -> Double { 2 * m / (Double(alone) + 2 * m + max(0, closed - Double(alone) - m)) }
    let weight = m > 0 ? share(p.subtracting(q).count) * share(q.subtracting(p).count) : 0
    var (seen, now, length, closeness) = (Set([u]), Set([u]), 0, 0.0)
    while !now.isEmpty {
      if now.contains(v) { closeness = 1 / Double(length) }
      length += 1
      now = now.reduce(into: Set()) { $0.formUnion(near[$1]) }.subtracting(seen)
      seen.formUnion(now)
    }
    let union = near[u].union(near[v]).count
    return [
      logarithm(Double((1 + near[u].count) * (1 + near[v].count))), Double(common.count),
      common.reduce(0) { $0 + 1 / logarithm(Double(near[$1].count)) },
      union > 0 ? Double(common.count) / Double(union) : 0, l3, weight, closeness,
    ]
  }

  @Test func listsAreRead() throws {
    #expect(try LinkMeasure.list("degree+adamic-adar") == [.degree, .adamicAdar])
    #expect(try LinkMeasure.list("links").count == 21)
    #expect(try LinkMeasure.list("links+paths", withProfiles: true).count == 28)
    for text in ["links+jaccard", "", "degree+", "degree+degree", "Degree", "l2"] {
      #expect(throws: NetworkError.self) { try LinkMeasure.list(text) }
    }
  }
}
