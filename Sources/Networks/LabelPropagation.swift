import Tensors

/// Label propagation on a network of instances, of which only the bags have labels: a gene has a function, and one of
/// its isoforms carries it out.
///
/// Labels spread by f = α S f + (1 − α) y with S = D^(−1/2) W D^(−1/2), once from the instances of positive bags and
/// once from those of negative ones (Zhou et al., NIPS 2003). An instance's score is the positive share of what reaches
/// it. First all instances of a positive bag are labelled; then only its witness, the instance for which the neighbours
/// alone speak most, until the witnesses stay: the loop of iMILP (Li et al., Nucleic Acids Research 2014, e39) as the
/// seed of this project names it, without the instance's own label in the choice, which would keep the first one.
///
/// ```swift
/// let propagation = LabelPropagation(graph, bags: [0, 0, 1])
/// let scores = propagation.scores(labels: [true, false], alpha: 0.8, rounds: 10).scores
/// ```
public struct LabelPropagation: Sendable {
  /// The scores of instances and the witnesses of positive bags.
  public struct Result: Sendable {
    /// The positive share of what reaches each instance, from 0 to 1; where nothing does, the share of positive bags.
    public var scores: [Double]
    /// The witness of each positive bag, −1 for other bags.
    public var witnesses: [Int]
    /// Whether the witnesses stayed within the rounds.
    public var isSettled: Bool
  }

  private let graph: Graph
  /// The bag of each node.
  private let bags: [Int]
  private let bagCount: Int
  /// The place of each node in the order of ids, which decides between equal instances.
  private let rank: [Int]
  /// The entries of S, in the order of the graph's.
  private let weights: [Double]

  /// Propagation on a network; `bags` has the number of each node's bag.
  public init(_ graph: Graph, bags: [Int]) {
    precondition(bags.count == graph.count, "a bag for each node")
    (self.graph, self.bags) = (graph, bags)
    bagCount = (bags.max() ?? -1) + 1
    let order = graph.nodes.indices.sorted { graph.nodes[$0].utf8.lexicographicallyPrecedes(graph.nodes[$1].utf8) }
    var rank = [Int](repeating: 0, count: order.count)
    for (place, node) in order.enumerated() { rank[node] = place }
    self.rank = rank
    let roots = graph.nodes.indices.map { graph.strength($0).squareRoot() }
    var weights = [Double](repeating: 0, count: graph.neighbors.count)
    for node in graph.nodes.indices {
      for entry in graph.row(node) {
        weights[entry] =
          (graph.isWeighted ? Double(graph.weights[entry]) : 1) / (roots[node] * roots[Int(graph.neighbors[entry])])
      }
    }
    self.weights = weights
  }

  /// The scores for one label: `labels` has true, false or nil (unknown) for each bag.
  public func scores(labels: [Bool?], alpha: Double, rounds: Int) -> Result {
    let known = labels.compactMap { $0 }
    let base = known.isEmpty ? 0 : Double(known.count { $0 }) / Double(known.count)
    var sources = bags.map { bag in labels[bag].map { $0 ? Mass(positive: 1) : Mass(negative: 1) } ?? Mass() }
    var reached = spread(sources, alpha)
    var witnesses = [Int](repeating: -1, count: labels.count)
    for _ in 0..<rounds {
      let next = chosen(reached, sources, labels, alpha, base)
      if next == witnesses { return result(reached, witnesses, base, isSettled: true) }
      witnesses = next
      for node in sources.indices where labels[bags[node]] == true {
        sources[node] = witnesses[bags[node]] == node ? Mass(positive: 1) : Mass()
      }
      reached = spread(sources, alpha)
    }
    return result(
      reached, witnesses, base, isSettled: chosen(reached, sources, labels, alpha, base) == witnesses)
  }

  /// The label mass that reaches a node from positive and from negative bags.
  private struct Mass {
    var positive = 0.0
    var negative = 0.0

    func share(_ base: Double) -> Double {
      positive + negative > 0 ? positive / (positive + negative) : base
    }
  }

  /// The solution of f = α S f + (1 − α) y by its series, whose terms are never negative.
  private func spread(_ sources: [Mass], _ alpha: Double) -> [Mass] {
    var mass = sources.map { Mass(positive: (1 - alpha) * $0.positive, negative: (1 - alpha) * $0.negative) }
    let start = mass
    var next = mass
    var change = 1.0
    while change > 1e-12 {
      change = 0
      for node in mass.indices {
        var sum = Mass()
        for entry in graph.row(node) {
          let from = mass[Int(graph.neighbors[entry])]
          sum.positive += weights[entry] * from.positive
          sum.negative += weights[entry] * from.negative
        }
        let new = Mass(
          positive: start[node].positive + alpha * sum.positive, negative: start[node].negative + alpha * sum.negative)
        change = max(change, abs(new.positive - mass[node].positive), abs(new.negative - mass[node].negative))
        next[node] = new
      }
      swap(&mass, &next)
    }
    return mass
  }

  /// The witness of each positive bag: the instance with the greatest share of what its neighbours send.
  private func chosen(
    _ reached: [Mass], _ sources: [Mass], _ labels: [Bool?], _ alpha: Double, _ base: Double
  ) -> [Int] {
    var witnesses = [Int](repeating: -1, count: labels.count)
    var best = [Double](repeating: -1, count: labels.count)
    for node in reached.indices where labels[bags[node]] == true {
      let bag = bags[node]
      var sent = reached[node]
      sent.positive = max(0, sent.positive - (1 - alpha) * sources[node].positive)
      let share = sent.share(base)
      if share > best[bag] || share == best[bag] && rank[node] < rank[witnesses[bag]] {
        (best[bag], witnesses[bag]) = (share, node)
      }
    }
    return witnesses
  }

  private func result(_ reached: [Mass], _ witnesses: [Int], _ base: Double, isSettled: Bool) -> Result {
    Result(scores: reached.map { $0.share(base) }, witnesses: witnesses, isSettled: isSettled)
  }
}
