import Bytes
import Networks
import Testing

struct LabelPropagationTests {
  static let edges: [(String, String, Double)] = [
    ("A1", "B1", 0.9), ("A2", "C1", 0.8), ("B1", "D1", 0.5), ("B2", "C1", 0.7), ("A1", "B2", 0.2), ("D1", "A2", 0.3),
  ]
  static let bag = ["A1": 0, "A2": 0, "B1": 1, "B2": 1, "C1": 2, "D1": 3, "E1": 4]
  static let labels: [Bool?] = [true, true, false, nil, nil]

  /// The network with its edges and nodes in some order.
  static func network(_ edges: [(String, String, Double)], first: [String]) throws -> (Graph, LabelPropagation) {
    var builder = GraphBuilder(isWeighted: true)
    for id in first { builder.node(id) }
    for (a, b, weight) in edges { try builder.edge(a, b, weight: weight) }
    let graph = try builder.build()
    return (graph, LabelPropagation(graph, bags: graph.nodes.map { bag[$0] ?? -1 }))
  }

  /// Computed with numpy.linalg.solve of (I − α S) f = (1 − α) y, after one round of witnesses and more.
  @Test(arguments: [
    (
      0.8,
      [
        0.8825276799861371, 0.4026639019627969, 0.8910358286601955, 0.4525683578727319,
        0.28078506316456747, 0.7642369361274842, 0.6666666666666666,
      ]
    ),
    (
      0.3,
      [
        0.9900325143947968, 0.09585312676850366, 0.9956647929579827, 0.29408681945979176,
        0.01710312049618759, 0.9025408392249782, 0.6666666666666666,
      ]
    ),
  ])
  func equalsDirectSolution(alpha: Double, expected: [Double]) throws {
    let order = ["A1", "A2", "B1", "B2", "C1", "D1", "E1"]
    let (_, propagation) = try Self.network(Self.edges, first: order)
    let result = propagation.scores(labels: Self.labels, alpha: alpha, rounds: 10)
    #expect(zip(result.scores, expected).allSatisfy { abs($0 - $1) < 1e-9 }, "\(result.scores)")
    #expect(result.witnesses == [0, 2, -1, -1, -1])
    #expect(result.isSettled)
  }

  /// The order of records changes nothing but the order of the nodes.
  @Test func orderOfRecords() throws {
    let order = ["A1", "A2", "B1", "B2", "C1", "D1", "E1"]
    let (graph, propagation) = try Self.network(Self.edges, first: order)
    let (other, reversed) = try Self.network(Self.edges.reversed().map { ($1, $0, $2) }, first: order.reversed())
    let a = propagation.scores(labels: Self.labels, alpha: 0.8, rounds: 10)
    let b = reversed.scores(labels: Self.labels, alpha: 0.8, rounds: 10)
    for (node, id) in graph.nodes.enumerated() {
      let twin = try #require(other.nodes.firstIndex(of: id))
      #expect(abs(a.scores[node] - b.scores[twin]) < 1e-12)
    }
    #expect(a.witnesses.map { $0 < 0 ? "" : graph.nodes[$0] } == b.witnesses.map { $0 < 0 ? "" : other.nodes[$0] })
  }

  /// Equal instances: the id decides, in either order.
  @Test func ties() throws {
    for first in [["x", "y"], ["y", "x"]] {
      var builder = GraphBuilder()
      for id in first { builder.node(id) }
      for id in ["x", "y"] { try builder.edge(id, "n") }
      let graph = try builder.build()
      let propagation = LabelPropagation(graph, bags: graph.nodes.map { $0 == "n" ? 1 : 0 })
      let result = propagation.scores(labels: [true, false], alpha: 0.5, rounds: 5)
      #expect(graph.nodes[result.witnesses[0]] == "x")
    }
  }
}
