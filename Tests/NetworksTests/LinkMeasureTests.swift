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
    for seed in 0..<3 {
      let graph = try randomGraph(24, 0.18, seed: UInt64(seed))
      let tool = LinkMeasures(graph, LinkMeasure.allCases, memory: memory)
      var pairs = (0..<24).flatMap { a in (0..<24).filter { $0 != a }.map { (a, $0) } }
      var random = RandomStream(seed: 9)
      random.shuffle(&pairs)
      var values = [Double](repeating: .nan, count: LinkMeasure.allCases.count)
      for (u, v) in pairs {
        tool.write(u, v, to: &values)
        for (value, wanted) in zip(values, definitions(graph, u, v)) { #expect(abs(value - wanted) < 1e-9) }
      }
    }
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
    for text in ["", "degree+", "degree+degree", "Degree", "l2"] {
      #expect(throws: NetworkError.self) { try LinkMeasure.list(text) }
    }
  }
}
