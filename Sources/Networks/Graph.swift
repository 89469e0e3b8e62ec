import Bytes

/// An undirected network in compressed rows: the neighbours of node `i` are those of `starts[i] ..< starts[i + 1]`.
///
/// Every edge is in the rows of both its nodes; there are no self loops and no repeated edges. Memory: four bytes an
/// entry of a row, and four more where edges have weights.
public struct Graph: Sendable {
  /// The ids of the nodes, in the order of their first mention.
  public let nodes: [String]
  /// The first entry of each row, and the number of entries at the end.
  public let starts: [Int]
  /// The neighbours of each node, in rising order.
  public let neighbors: [Int32]
  /// The weight of each entry; empty where all weights are 1.
  public let weights: [Float]

  /// The number of nodes.
  public var count: Int { nodes.count }
  /// The number of edges.
  public var edges: Int { neighbors.count / 2 }
  /// Whether edges have weights.
  public var isWeighted: Bool { !weights.isEmpty }

  /// The number of neighbours of a node.
  @inlinable public func degree(_ node: Int) -> Int { starts[node + 1] - starts[node] }

  /// The entries of a node's row.
  @inlinable public func row(_ node: Int) -> Range<Int> { starts[node]..<starts[node + 1] }

  /// The sum of the weights of a node's edges.
  public func strength(_ node: Int) -> Double {
    isWeighted ? row(node).reduce(0) { $0 + Double(weights[$1]) } : Double(degree(node))
  }

  /// The entry of the edge from one node to another; nil where they are not neighbours.
  public func entry(_ from: Int, _ to: Int) -> Int? {
    var (low, high) = (starts[from], starts[from + 1])
    let wanted = Int32(to)
    while low < high {
      let middle = (low + high) / 2
      if neighbors[middle] < wanted { low = middle + 1 } else { high = middle }
    }
    return low < starts[from + 1] && neighbors[low] == wanted ? low : nil
  }

  /// The first 12 hex digits of SHA-256 over all edges, a line `a TAB b` each, a before b and lines in the order of
  /// their bytes: the same for any order of the input.
  public var digest: String {
    let order = nodes.indices.sorted { nodes[$0].utf8.lexicographicallyPrecedes(nodes[$1].utf8) }
    var rank = [Int32](repeating: 0, count: count)
    for (place, node) in order.enumerated() { rank[node] = Int32(place) }
    var digest = SHA256()
    for node in order {
      let later = neighbors[row(node)].filter { rank[Int($0)] > rank[node] }.sorted { rank[Int($0)] < rank[Int($1)] }
      for other in later { digest.update("\(nodes[node])\t\(nodes[Int(other)])\n") }
    }
    return String(SHA256.hex(digest.finish()).prefix(12))
  }
}

/// Makes a network of edges in any order.
public struct GraphBuilder {
  /// The number of rows that name an edge again.
  public private(set) var repeated = 0
  /// The number of edges from a node to itself, which are left out.
  public private(set) var loops = 0
  /// The number of edges with weight 0, which are left out.
  public private(set) var weightless = 0
  /// The ids of the nodes.
  public private(set) var nodes: [String] = []
  private var numbers: [String: Int32] = [:]
  private var ends: [(Int32, Int32)] = []
  private var weights: [Float] = []
  private let isWeighted: Bool

  /// An empty network; without weights all edges have weight 1.
  public init(isWeighted: Bool = false) { self.isWeighted = isWeighted }

  /// The number of a node, which is added if it is new.
  @discardableResult public mutating func node(_ id: String) -> Int {
    if let number = numbers[id] { return Int(number) }
    numbers[id] = Int32(nodes.count)
    nodes.append(id)
    return nodes.count - 1
  }

  /// The number of a known node.
  public func number(of id: String) -> Int? { numbers[id].map(Int.init) }

  /// Adds an edge between two ids and its nodes; throws `NetworkError` for a weight below 0.
  public mutating func edge(_ a: String, _ b: String, weight: Double = 1, at place: SourceLocation? = nil) throws {
    let (a, b) = (node(a), node(b))
    guard weight >= 0, Float(weight).isFinite else { throw NetworkError(.weight(weight), at: place) }
    if a == b {
      loops += 1
    } else if weight == 0 {
      weightless += 1
    } else {
      ends.append((Int32(min(a, b)), Int32(max(a, b))))
      if isWeighted { weights.append(Float(weight)) }
    }
    if nodes.count > Int(Int32.max) || ends.count > Int(Int32.max) {
      throw NetworkError(.tooLarge(nodes: nodes.count, edges: ends.count), at: place)
    }
  }

  /// The network; of repeated edges the greatest weight counts. Throws `NetworkError` where there is no edge.
  public mutating func build() throws -> Graph {
    if ends.isEmpty { throw NetworkError(.noEdges) }
    var starts = [Int](repeating: 0, count: nodes.count + 1)
    for (a, b) in ends {
      starts[Int(a) + 1] += 1
      starts[Int(b) + 1] += 1
    }
    for node in nodes.indices { starts[node + 1] += starts[node] }
    var next = starts
    var neighbors = [Int32](repeating: 0, count: 2 * ends.count)
    var values = [Float](repeating: 0, count: isWeighted ? 2 * ends.count : 0)
    for (index, (a, b)) in ends.enumerated() {
      for (from, to) in [(Int(a), b), (Int(b), a)] {
        neighbors[next[from]] = to
        if isWeighted { values[next[from]] = weights[index] }
        next[from] += 1
      }
    }
    let kept = Self.sortRows(&starts, &neighbors, &values)
    repeated = ends.count - kept / 2
    neighbors.removeLast(neighbors.count - kept)
    if isWeighted { values.removeLast(values.count - kept) }
    return Graph(nodes: nodes, starts: starts, neighbors: neighbors, weights: values)
  }

  /// Sorts the rows and makes repeated entries one; returns the number of entries that are left.
  private static func sortRows(_ starts: inout [Int], _ neighbors: inout [Int32], _ weights: inout [Float]) -> Int {
    var kept = 0
    for node in 0..<starts.count - 1 {
      let row = starts[node]..<starts[node + 1]
      let order = weights.isEmpty ? [] : row.sorted { neighbors[$0] < neighbors[$1] }
      let sorted = weights.isEmpty ? neighbors[row].sorted() : order.map { neighbors[$0] }
      let values = order.map { weights[$0] }
      starts[node] = kept
      for (place, other) in sorted.enumerated() {
        if place > 0, sorted[place - 1] == other {
          if !values.isEmpty { weights[kept - 1] = max(weights[kept - 1], values[place]) }
          continue
        }
        neighbors[kept] = other
        if !values.isEmpty { weights[kept] = values[place] }
        kept += 1
      }
    }
    starts[starts.count - 1] = kept
    return kept
  }
}
