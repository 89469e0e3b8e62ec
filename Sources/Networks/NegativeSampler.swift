import Bytes

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Draws distinct nodes as the negatives of a sampled softmax, and counts how often each node is expected among them.
public struct NegativeSampler: Sendable {
  /// The distributions over nodes.
  public enum Kind: String, Sendable, CaseIterable {
    /// ln((k + 2) / (k + 1)) / ln(M + 1) for node k of M, counted from 0 in the order of the network.
    case logUniform = "log-uniform"
    case uniform
    /// By degree^0.75.
    case degree
  }

  /// The probability of each node.
  public let probabilities: [Double]
  private let sums: [Double]
  private let possible: Int

  /// The sampler of nodes with these degrees.
  public init(_ kind: Kind, degrees: [Double]) {
    var weights: [Double]
    switch kind {
    case .logUniform: weights = degrees.indices.map { log(Double($0 + 2) / Double($0 + 1)) }
    case .uniform: weights = degrees.map { _ in 1 }
    case .degree: weights = degrees.map { NodeParts.noiseWeight($0) }
    }
    let total = weights.reduce(0, +)
    probabilities = weights.map { $0 / total }
    possible = weights.count { $0 > 0 }
    var sum = 0.0
    for index in weights.indices {
      sum += weights[index] / total
      weights[index] = sum
    }
    sums = weights
  }

  /// Draws until `count` nodes differ, at most as many as can be drawn; returns them and the number of draws.
  public func draw(_ count: Int, _ random: inout RandomStream) -> (nodes: [Int], tries: Int) {
    var (nodes, tries): ([Int], Int) = ([], 0)
    while nodes.count < min(count, possible) {
      let level = random.uniform() * (sums.last ?? 0)
      var (low, high) = (0, sums.count - 1)
      while low < high {
        let middle = (low + high) / 2
        if sums[middle] > level { high = middle } else { low = middle + 1 }
      }
      tries += 1
      if !nodes.contains(low) { nodes.append(low) }
    }
    return (nodes, tries)
  }

  /// How often a node is expected among `count` distinct ones that took `tries` draws: n Q where every draw was
  /// new, else 1 − (1 − Q)^tries.
  public func expected(_ node: Int, count: Int, tries: Int) -> Double {
    let share = probabilities[node]
    return tries == count ? Double(count) * share : -expm1(Double(tries) * log1p(-share))
  }
}
