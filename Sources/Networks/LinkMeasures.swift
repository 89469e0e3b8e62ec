import Bytes
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A number that the network says of a pair of nodes, on the network without the pair's own edge.
///
/// N_u are the neighbours of u, d_u their number, both without the own edge; weights don't enter.
public enum LinkMeasure: String, Sendable, CaseIterable {
  /// log(1 + d_u) + log(1 + d_v).
  case degree
  /// |N_u ∩ N_v|.
  case common
  /// Σ 1 / log d_z over common neighbours z (Adamic and Adar 2003).
  case adamicAdar = "adamic-adar"
  /// |N_u ∩ N_v| / |N_u ∪ N_v|, 0 where both are empty.
  case jaccard
  /// Σ 1 / √(d_x d_y) over paths u–x–y–v (Kovács et al. 2019).
  case l3
  /// FSWeight (Chua, Sung and Wong 2006): with closed neighbourhoods and m common members,
  /// 2m / (|N_u − N_v| + 2m + λ_uv) · 2m / (|N_v − N_u| + 2m + λ_vu), λ_uv = max(0, mean |N| − |N_u − N_v| − m).
  case fsweight
  /// 1 / the length of the shortest path, 0 where there is none.
  case paths

  /// The measures of a text such as `degree+l3`; throws `NetworkError` for an unknown one and for a repeated one.
  public static func list(_ text: String) throws -> [LinkMeasure] {
    var measures: [LinkMeasure] = []
    for name in text.split(separator: "+", omittingEmptySubsequences: false).map(String.init) {
      guard let measure = LinkMeasure(rawValue: name), !measures.contains(measure) else {
        throw NetworkError(.measure(name, known: allCases.map(\.rawValue)))
      }
      measures.append(measure)
    }
    return measures
  }
}

/// Measures of any pairs of nodes. Not thread-safe: each thread has its own.
///
/// What a node brings to L3, the two steps from it, is kept for as many nodes as fit `memory`, so that all pairs of a
/// network cost about one look at the neighbours of the second node each.
public final class LinkMeasures {
  /// The network.
  public let graph: Graph
  /// The measures, in order.
  public let measures: [LinkMeasure]
  private let roots: [Double]
  private let logs: [Double]
  private let meanClosed: Double
  /// The neighbours of the node that was asked for last, as a mark.
  private var marked: [Int32]
  private var markedNode = -1
  private var mark: Int32 = 0
  /// Two steps from nodes: Σ 1/√d_x over paths node–x–y, for each y; by rows of `count` numbers.
  private let steps = Buffer<Double>()
  private var stepsRow: [Int32]
  private var rowNodes: [Int32]
  private var nextRow = 0
  private var search = Search()

  /// Measures of a network; `memory` in bytes is what is kept between pairs, at least one node's.
  public init(_ graph: Graph, _ measures: [LinkMeasure], memory: Int = 256 << 20) {
    (self.graph, self.measures) = (graph, measures)
    roots = (0..<graph.count).map { graph.degree($0) > 0 ? 1 / Double(graph.degree($0)).squareRoot() : 0 }
    logs = (0..<graph.count).map { graph.degree($0) > 1 ? 1 / log(Double(graph.degree($0))) : 0 }
    meanClosed = Double(graph.neighbors.count) / Double(max(1, graph.count)) + 1
    marked = [Int32](repeating: 0, count: graph.count)
    stepsRow = [Int32](repeating: -1, count: graph.count)
    let rows = measures.contains(.l3) ? min(graph.count, max(1, memory / max(1, 8 * graph.count))) : 0
    rowNodes = [Int32](repeating: -1, count: rows)
    steps.reserve(rows * graph.count)
  }

  /// Writes the measures of a pair of different nodes.
  public func write(_ u: Int, _ v: Int, to out: UnsafeMutablePointer<Double>) {
    precondition(u != v, "a pair of different nodes")
    let own = graph.entry(u, v) == nil ? 0 : 1
    let (du, dv) = (graph.degree(u) - own, graph.degree(v) - own)
    let (common, adamic) = shared(u, v)
    for (place, measure) in measures.enumerated() {
      switch measure {
      case .degree: out[place] = log(Double(1 + du)) + log(Double(1 + dv))
      case .common: out[place] = Double(common)
      case .adamicAdar: out[place] = adamic
      case .jaccard: out[place] = du + dv > common ? Double(common) / Double(du + dv - common) : 0
      case .l3: out[place] = l3(u, v, own)
      case .fsweight: out[place] = functionalSimilarity(du, dv, common)
      case .paths: out[place] = search.closeness(graph, u, v)
      }
    }
  }

  /// Writes the measures of a pair of which a node may be unknown: it has no neighbours.
  public func write(_ u: Int?, _ v: Int?, to out: UnsafeMutablePointer<Double>) {
    if let u, let v { return write(u, v, to: out) }
    let degree = (u ?? v).map { graph.degree($0) } ?? 0
    for (place, measure) in measures.enumerated() { out[place] = measure == .degree ? log(Double(1 + degree)) : 0 }
  }

  /// The number of common neighbours, and the sum of their 1 / log d. Neither u nor v is among them.
  private func shared(_ u: Int, _ v: Int) -> (Int, Double) {
    // Pairs come with their first node the same many times: its neighbours stay marked.
    if markedNode != u {
      mark += 1
      markedNode = u
      for entry in graph.row(u) { marked[Int(graph.neighbors[entry])] = mark }
    }
    var (count, sum) = (0, 0.0)
    for entry in graph.row(v) {
      let node = Int(graph.neighbors[entry])
      guard marked[node] == mark else { continue }
      count += 1
      sum += logs[node]
    }
    return (count, sum)
  }

  private func functionalSimilarity(_ du: Int, _ dv: Int, _ common: Int) -> Double {
    guard common > 0 else { return 0 }
    let twice = 2 * Double(common)
    func share(_ d: Int) -> Double {
      let alone = Double(d + 1 - common)
      return twice / (alone + twice + max(0, meanClosed - alone - Double(common)))
    }
    return share(du) * share(dv)
  }

  /// All paths of three edges, less those over the own edge: u–v–y–v and u–x–u–v.
  private func l3(_ u: Int, _ v: Int, _ own: Int) -> Double {
    let (from, to) = stepsRow[u] < 0 && stepsRow[v] >= 0 ? (v, u) : (u, v)
    let row = twoSteps(from)
    var sum = 0.0
    for entry in graph.row(to) {
      let node = Int(graph.neighbors[entry])
      sum += row[node] * roots[node]
    }
    // With the own edge, walks u–x–y–v may use it: as the first (x = v), the last (y = u), or both.
    guard own == 1 else { return sum }
    let (overU, overV) = (reach(u), reach(v))
    return max(0, sum - (overU + overV - roots[u] * roots[v]))
  }

  /// Σ 1/√(d_i d_k) over the neighbours k of i.
  private func reach(_ node: Int) -> Double {
    roots[node] * graph.row(node).reduce(0) { $0 + roots[Int(graph.neighbors[$1])] }
  }

  private func twoSteps(_ node: Int) -> UnsafeMutablePointer<Double> {
    if stepsRow[node] >= 0 { return steps.start + Int(stepsRow[node]) * graph.count }
    let number = nextRow
    nextRow = (nextRow + 1) % rowNodes.count
    if rowNodes[number] >= 0 { stepsRow[Int(rowNodes[number])] = -1 }
    (rowNodes[number], stepsRow[node]) = (Int32(node), Int32(number))
    let row = steps.start + number * graph.count
    row.update(repeating: 0, count: graph.count)
    for entry in graph.row(node) {
      let middle = Int(graph.neighbors[entry])
      for next in graph.row(middle) { row[Int(graph.neighbors[next])] += roots[middle] }
    }
    return row
  }
}

/// A search from both ends of a pair that leaves the pair's own edge out.
private struct Search {
  private var seen: [Int32] = []
  private var sides: [[Int32]] = [[], []]
  private var stamp: Int32 = 0

  /// 1 / the length of the shortest path, 0 without one.
  mutating func closeness(_ graph: Graph, _ u: Int, _ v: Int) -> Double {
    if seen.isEmpty { seen = [Int32](repeating: 0, count: graph.count) }
    if stamp > Int32.max - 4 {
      stamp = 0
      for place in seen.indices { seen[place] = 0 }
    }
    stamp += 2
    // A node that the first side has reached has `stamp`, one of the second side `stamp + 1`.
    seen[u] = stamp
    seen[v] = stamp + 1
    sides = [[Int32(u)], [Int32(v)]]
    var length = 0
    while !sides[0].isEmpty, !sides[1].isEmpty {
      length += 1
      let side = sides[0].count <= sides[1].count ? 0 : 1
      var next: [Int32] = []
      for node in sides[side] {
        for entry in graph.row(Int(node)) {
          let other = graph.neighbors[entry]
          let isOwn = (Int(node) == u && Int(other) == v) || (Int(node) == v && Int(other) == u)
          if isOwn || seen[Int(other)] == stamp + Int32(side) { continue }
          if seen[Int(other)] == stamp + Int32(1 - side) { return 1 / Double(length) }
          seen[Int(other)] = stamp + Int32(side)
          next.append(other)
        }
      }
      sides[side] = next
    }
    return 0
  }
}
