import Bytes

/// Random walks of second order (Grover and Leskovec 2016, node2vec), drawn step by step.
///
/// From node v, having come from t, a step goes to x with the weight w_vx · α: 1/p where x = t, 1 where x and t are
/// neighbours, else 1/q; the first step by w_vx alone. A step is drawn by w_vx and accepted with probability
/// α / max α, so that memory stays at the edges: eight more bytes an entry with weights, none without.
public struct Walks: Sendable {
  /// The network.
  public let graph: Graph
  /// The return parameter p and the in-out parameter q.
  public let (p, q): (Double, Double)
  private let probabilities: [Float]
  private let aliases: [Int32]

  /// Walks over a network with at least one edge.
  public init(_ graph: Graph, p: Double = 1, q: Double = 1) {
    (self.graph, self.p, self.q) = (graph, p, q)
    var probabilities = [Float](repeating: 1, count: graph.weights.count)
    var aliases = [Int32](repeating: 0, count: graph.weights.count)
    if graph.isWeighted {
      probabilities.withUnsafeMutableBufferPointer { probabilities in
        aliases.withUnsafeMutableBufferPointer { aliases in
          for node in 0..<graph.count where graph.degree(node) > 0 {
            let row = graph.row(node)
            AliasTable.fill(
              row.map { Double(graph.weights[$0]) }, UnsafeMutableBufferPointer(rebasing: probabilities[row]),
              UnsafeMutableBufferPointer(rebasing: aliases[row]))
          }
        }
      }
    }
    (self.probabilities, self.aliases) = (probabilities, aliases)
  }

  /// The next node after `node`, which has neighbours, having come from `previous` (nil: the first step).
  @inline(__always) public func step(from node: Int, previous: Int?, _ random: inout RandomStream) -> Int {
    let first = graph.starts[node]
    let count = graph.starts[node + 1] - first
    guard let previous, p != 1 || q != 1 else { return propose(first, count, &random) }
    let factors = (back: 1 / p, near: 1.0, far: 1 / q)
    let most = max(factors.back, factors.near, factors.far)
    while true {
      let next = propose(first, count, &random)
      let level = random.uniform() * most
      if next == previous {
        if level < factors.back { return next }
      } else if level < min(factors.near, factors.far) {
        return next
      } else if level < max(factors.near, factors.far) {
        let isNear = graph.entry(previous, next) != nil
        if level < (isNear ? factors.near : factors.far) { return next }
      }
    }
  }

  @inline(__always) private func propose(_ first: Int, _ count: Int, _ random: inout RandomStream) -> Int {
    let bits = random.next()
    let number = Int(((bits >> 32) &* UInt64(count)) >> 32)
    guard graph.isWeighted else { return Int(graph.neighbors[first + number]) }
    let isTaken = Float(bits & 0xff_ffff) * 0x1p-24 < probabilities[first + number]
    return Int(graph.neighbors[first + (isTaken ? number : Int(aliases[first + number]))])
  }

  /// Walks `length` nodes from `start`, which has neighbours.
  public func walk(from start: Int, length: Int, _ random: inout RandomStream, into nodes: inout [Int32]) {
    nodes.removeAll(keepingCapacity: true)
    nodes.append(Int32(start))
    var (previous, node): (Int?, Int) = (nil, start)
    while nodes.count < length {
      let next = step(from: node, previous: previous, &random)
      (previous, node) = (node, next)
      nodes.append(Int32(next))
    }
  }

  /// The probability of each neighbour as the next step, by the definition: the plain twin of `step`.
  public func probabilities(from node: Int, previous: Int?) -> [Double] {
    let weights = graph.row(node).map { entry -> Double in
      let next = Int(graph.neighbors[entry])
      let weight = graph.isWeighted ? Double(graph.weights[entry]) : 1
      guard let previous else { return weight }
      return weight * (next == previous ? 1 / p : graph.entry(next, previous) != nil ? 1 : 1 / q)
    }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
  }
}
