import Bytes

/// The names of the node and edge features of a graph stream, and their digest.
public struct GraphSchema: Sendable, Equatable {
  /// The names of a node's features, in order.
  public let nodes: [String]
  /// The names of an edge's features, in order; empty where edges have none.
  public let edges: [String]
  /// The first 12 hex digits of SHA-256 over the names of the nodes, a line `--`, and the names of the edges, each
  /// followed by LF.
  public let digest: String

  /// Makes a schema; throws a `RecordError` for a list without nodes' names, and for an empty or repeated name, one
  /// with control bytes, or `--`.
  public init(nodes: [String], edges: [String] = [], at place: SourceLocation? = nil) throws {
    if nodes.isEmpty { throw RecordError(.schema, "the nodes of the graphs have no features", at: place) }
    for (names, what) in [(nodes, "node"), (edges, "edge")] {
      var seen: Set<String> = []
      for (i, name) in names.enumerated() {
        try checkColumnName(name, number: i + 1, at: place)
        if name == Self.separator || !seen.insert(name).inserted {
          let why = name == Self.separator ? "has the reserved name" : "repeats the name"
          throw RecordError(.schema, "\(what) feature \(i + 1) \(why) \(Diagnostic.quoted(name))", at: place)
        }
      }
    }
    (self.nodes, self.edges) = (nodes, edges)
    digest = SHA256.digest12(of: nodes + [Self.separator] + edges)
  }

  private static let separator = "--"

  /// A message on the first difference of these names from those of `other`, which are expected; nil without one.
  public func firstDifference(from other: GraphSchema) -> String? {
    Self.difference(nodes, other.nodes, "node") ?? Self.difference(edges, other.edges, "edge")
  }

  private static func difference(_ found: [String], _ expected: [String], _ what: String) -> String? {
    for (i, (name, other)) in zip(found, expected).enumerated() where name != other {
      return "\(what) feature \(i + 1) is \(Diagnostic.quoted(name)), expected \(Diagnostic.quoted(other))"
    }
    if found.count == expected.count { return nil }
    return "\(found.count) \(what) features, expected \(expected.count)"
  }
}

/// A graph: the atoms and bonds of a molecule, or the residues and neighbours of a chain.
public struct GraphRecord: Sendable, Equatable {
  /// The id of the graph.
  public var id: String
  /// The number of nodes.
  public var nodeCount: Int
  /// The features of the nodes, nodes × features, row-major.
  public var nodes: [Double]
  /// The node that each edge comes from, from 0.
  public var from: [Int32]
  /// The node that each edge goes to, from 0.
  public var to: [Int32]
  /// The features of the edges, edges × features, row-major; empty where the schema names none.
  public var edges: [Double]
  /// The name of each node, such as `0:C` or `A:27A:GLY`; empty where nodes have none.
  public var nodeIds: [String]
  /// The location of the record.
  public var place: SourceLocation

  /// Makes a graph without nodes and edges.
  public init(id: String = "", place: SourceLocation = SourceLocation(source: "")) {
    self.id = id
    nodeCount = 0
    (nodes, from, to, edges, nodeIds) = ([], [], [], [], [])
    self.place = place
  }

  /// The number of edges; a bond that is walked both ways is two of them.
  public var edgeCount: Int { from.count }

  /// Adds an edge; its features, if any, are appended to `edges` by the caller.
  public mutating func addEdge(from source: Int, to target: Int) {
    from.append(Int32(source))
    to.append(Int32(target))
  }
}
