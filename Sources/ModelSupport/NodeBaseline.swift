import Bags
import Models

/// Scores of node pairs from the accessible areas of both nodes and the odds of their kinds in training.
public struct NodeBaseline: Sendable {
  private let pairs: NodePairs
  private let odds: NodeOdds
  private let shares: [Double]
  private let mean: Double

  /// The baseline of a model with these odds for the nodes of these pairs.
  public init(_ pairs: NodePairs, _ odds: NodeOdds) {
    (self.pairs, self.odds, shares) = (pairs, odds, odds.shares())
    mean = shares.reduce(0, +) / Double(max(1, shares.count))
  }

  /// For each node of a graph its kind, −1 without one, and its area.
  private func nodes(_ graph: Int) -> [(kind: Int, area: Double)] {
    (0..<pairs.size(of: graph)).map { node in
      let row = pairs.features(of: graph, node)
      return (odds.kind(row) ?? -1, odds.area(row))
    }
  }

  /// The product of both areas and the share of positive pairs of their kinds, for all pairs row by row.
  public func values(_ graphs: (a: Int, b: Int)) -> [Double] {
    let (a, b) = (nodes(graphs.a), nodes(graphs.b))
    return a.flatMap { one in
      b.map { other in
        let share = one.kind < 0 || other.kind < 0 ? mean : shares[one.kind * odds.count + other.kind]
        return one.area * other.area * share
      }
    }
  }
}

extension NodeOdds {
  /// The odds of the labelled node pairs of some graphs; nil for nodes without kinds and areas.
  public init?(_ pairs: NodePairs, _ labels: NodePairLabels, _ graphs: [(a: Int, b: Int)]) {
    self.init(features: pairs.features.nodes)
    for (a, b) in graphs {
      let kinds = [a, b].map { graph in (0..<pairs.size(of: graph)).map { kind(pairs.features(of: graph, $0)) } }
      let labelled = labels.labelled(a, b)
      for (cell, label) in zip(labelled.cells, labelled.labels) {
        guard let one = kinds[0][Int(cell) / kinds[1].count], let other = kinds[1][Int(cell) % kinds[1].count] else {
          continue
        }
        add(one, other, isPositive: label == 1)
      }
    }
  }
}
