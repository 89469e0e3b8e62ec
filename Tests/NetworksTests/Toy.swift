import Bytes
import Networks
import Testing
import Workbench

/// The network of the reference file (Fixtures/fx_graph.json, from shared/bench/networks.py): 11 nodes, of which two
/// are a component of their own and one is isolated.
struct Toy {
  let json: JSON
  let nodes: Int
  let edges: [(a: Int, b: Int)]

  init() throws {
    let bytes = try #require(Files.bytes("\(Repository.root)/Tests/NetworksTests/Fixtures/fx_graph.json"))
    json = try JSON.parse(bytes)
    nodes = try #require(json["nodes"]?.int)
    edges = try #require(json["edges"]?.array).map { ($0.array?[0].int ?? -1, $0.array?[1].int ?? -1) }
  }

  /// The network, with the ids 0 to 10 in order.
  func graph(weighted: Bool = false) throws -> Graph {
    var builder = GraphBuilder(isWeighted: weighted)
    for node in 0..<nodes { builder.node(String(node)) }
    let weights = json["weights"]?.array
    for (a, b) in edges {
      let weight = weighted ? weights?[a].array?[b].double ?? 0 : 1
      try builder.edge(String(a), String(b), weight: weight)
    }
    return try builder.build()
  }

  /// The numbers of a list.
  static func numbers(_ value: JSON?) -> [Double] { value?.array?.compactMap(\.double) ?? [] }
}

/// Random networks for comparison with brute force.
func randomGraph(_ nodes: Int, _ share: Double, seed: UInt64, weighted: Bool = false) throws -> Graph {
  var random = RandomStream(seed: seed)
  var builder = GraphBuilder(isWeighted: weighted)
  for node in 0..<nodes { builder.node("n\(node)") }
  for a in 0..<nodes {
    for b in 0..<a where random.uniform() < share {
      try builder.edge("n\(a)", "n\(b)", weight: weighted ? 0.5 + Double(random.below(4)) : 1)
    }
  }
  return try builder.build()
}

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The natural logarithm.
func logarithm(_ x: Double) -> Double { log(x) }
