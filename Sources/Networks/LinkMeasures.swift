import Bytes
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Measures of any pairs of nodes. Not thread-safe: each thread has its own.
///
/// The paths of two steps from a node, which L3 needs, are kept for as many nodes as fit `memory`, so that all pairs of
/// a network cost about one look at the neighbours of the second node each.
public final class LinkMeasures {
  /// The network.
  public let graph: Graph
  /// The measures, in order.
  public let measures: [LinkMeasure]
  private let roots: [Double]
  private let logs: [Double]
  private let meanClosed: Double
  /// 1 / d, and the sum of the neighbours' degrees, of each node.
  private let shares, around: [Double]
  private let spectral: SpectralScores?
  private let ranks: [Int]
  private let profiles: ProfileScores?
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

  /// Measures of a network. `known` are pairs that are no edges but labelled as its edges are, for `SpectralScores`;
  /// `profiles` those of the nodes; `memory` in bytes is what is kept between pairs, at least one node's.
  public init(
    _ graph: Graph, _ measures: [LinkMeasure], known: [(Int, Int)] = [], profiles: Profiles? = nil,
    memory: Int = 256 << 20
  ) {
    precondition(profiles != nil || !measures.contains(where: \.usesProfiles), "profiles for measures of profiles")
    self.graph = graph
    self.measures = measures
    let degrees = (0..<graph.count).map { Double(graph.degree($0)) }
    roots = degrees.map { $0 > 0 ? 1 / $0.squareRoot() : 0 }
    logs = degrees.map { $0 > 1 ? 1 / log($0) : 0 }
    shares = degrees.map { $0 > 0 ? 1 / $0 : 0 }
    around = (0..<graph.count).map { node in graph.row(node).reduce(0) { $0 + degrees[Int(graph.neighbors[$1])] } }
    meanClosed = Double(graph.neighbors.count) / Double(max(1, graph.count)) + 1
    marked = [Int32](repeating: 0, count: graph.count)
    stepsRow = [Int32](repeating: -1, count: graph.count)
    let keepsSteps = measures.contains(where: \.usesPathsOfThree)
    let rows = keepsSteps ? min(graph.count, max(1, memory / max(1, 8 * graph.count))) : 0
    rowNodes = [Int32](repeating: -1, count: rows)
    steps.reserve(rows * graph.count)
    ranks = LinkMeasure.allCases.compactMap(\.rank)
    spectral =
      measures.contains { $0.rank != nil }
      ? SpectralScores(graph, known: Set(known.map { SpectralScores.key($0, $1) })) : nil
    self.profiles = profiles.map { ProfileScores(graph: graph, profiles: $0) }
  }

  /// The counts that the measures of a pair are made of; 0 for an unknown node.
  private struct Parts {
    /// The degrees of both nodes, and the mean degrees of their neighbours.
    var (degreeU, degreeV) = (0, 0)
    var (reachU, reachV) = (0.0, 0.0)
    var shared = (count: 0, adamic: 0.0, resource: 0.0)
    var (l3, closeness) = (0.0, 0.0)
    var spectral: [Double] = []
    var correlation = 0.0
    var neighbours = (mean: 0.0, size: 0.0)
    var (isKnownU, isKnownV) = (false, false)
    /// √(d_u d_v), at least 1.
    var scale: Double { max(1, Double(degreeU) * Double(degreeV)).squareRoot() }
  }

  /// Writes the measures of a pair of different nodes, of which one may be unknown: it has no neighbours.
  public func write(_ u: Int?, _ v: Int?, to out: UnsafeMutablePointer<Double>) {
    precondition(u == nil || u != v, "a pair of different nodes")
    let parts = parts(u, v)
    for (place, measure) in measures.enumerated() { out[place] = value(measure, parts) }
  }

  private func value(_ measure: LinkMeasure, _ parts: Parts) -> Double {
    let (low, high) = (min(parts.degreeU, parts.degreeV), max(parts.degreeU, parts.degreeV))
    let (lowLog, highLog) = (log(Double(1 + low)), log(Double(1 + high)))
    let common = Double(parts.shared.count)
    switch measure {
    case .degree: return lowLog + highLog
    case .degreeGap: return highLog - lowLog
    case .degreeLow: return lowLog
    case .degreeHigh: return highLog
    case .reach: return log1p(parts.reachU) + log1p(parts.reachV)
    case .reachGap: return abs(log1p(parts.reachU) - log1p(parts.reachV))
    case .common: return common
    case .logCommon: return log1p(common)
    case .adamicAdar: return parts.shared.adamic
    case .logAdamicAdar: return log1p(parts.shared.adamic)
    case .resource: return parts.shared.resource
    case .logResource: return log1p(100 * parts.shared.resource)
    case .jaccard: return low + high > parts.shared.count ? common / (Double(low + high) - common) : 0
    case .cosine: return common / parts.scale
    case .l3: return parts.l3
    case .logL3: return log1p(100 * parts.l3)
    case .l3Cosine: return parts.l3 / parts.scale
    case .fsweight: return functionalSimilarity(parts.degreeU, parts.degreeV, parts.shared.count)
    case .paths: return parts.closeness
    case .correlation: return parts.correlation
    case .correlationSize: return abs(parts.correlation)
    case .bothKnown: return parts.isKnownU && parts.isKnownV ? 1 : 0
    case .anyKnown: return parts.isKnownU || parts.isKnownV ? 1 : 0
    case .neighbourCorrelation: return parts.neighbours.mean
    case .neighbourCorrelationSize: return parts.neighbours.size
    case .spectral1, .spectral2, .spectral4, .spectral6, .spectral8, .spectral12, .spectral16, .spectral32:
      return measure.rank.flatMap { ranks.firstIndex(of: $0) }.map { parts.spectral[$0] } ?? 0
    }
  }

  private func parts(_ u: Int?, _ v: Int?) -> Parts {
    var parts = Parts()
    parts.spectral = [Double](repeating: 0, count: spectral == nil ? 0 : ranks.count)
    let own = u.flatMap { u in v.flatMap { graph.entry(u, $0) } } == nil ? 0 : 1
    func reach(_ node: Int, _ other: Int?) -> Double {
      (around[node] - (own == 1 ? other.map { Double(graph.degree($0)) } ?? 0 : 0))
        / Double(max(1, graph.degree(node) - own))
    }
    if let u {
      (parts.degreeU, parts.reachU) = (graph.degree(u) - own, reach(u, v))
      parts.isKnownU = profiles?.profiles.isKnown[u] ?? false
    }
    if let v {
      (parts.degreeV, parts.reachV) = (graph.degree(v) - own, reach(v, u))
      parts.isKnownV = profiles?.profiles.isKnown[v] ?? false
    }
    guard let u, let v else { return parts }
    parts.shared = shared(u, v)
    if !rowNodes.isEmpty { parts.l3 = l3(u, v, own) }
    if measures.contains(.paths) { parts.closeness = search.closeness(graph, u, v) }
    if let spectral { parts.spectral = spectral.scores(u, v, ranks: ranks) }
    if let profiles, measures.contains(where: \.usesProfiles) {
      parts.correlation = profiles.correlation(u, v)
      let (one, other) = (profiles.means(u, neighboursOf: v), profiles.means(v, neighboursOf: u))
      parts.neighbours = (one.mean + other.mean, one.size + other.size)
    }
    return parts
  }

  /// The number of common neighbours, and the sums of their 1 / log d and 1 / d. Neither u nor v is among them.
  private func shared(_ u: Int, _ v: Int) -> (count: Int, adamic: Double, resource: Double) {
    // Pairs come with their first node the same many times: its neighbours stay marked.
    if markedNode != u {
      mark += 1
      markedNode = u
      for entry in graph.row(u) { marked[Int(graph.neighbors[entry])] = mark }
    }
    var (count, sum, share) = (0, 0.0, 0.0)
    for entry in graph.row(v) {
      let node = Int(graph.neighbors[entry])
      guard marked[node] == mark else { continue }
      count += 1
      sum += logs[node]
      share += shares[node]
    }
    return (count, sum, share)
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
