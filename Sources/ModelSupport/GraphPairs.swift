import Arrays
import Bags
import Models

/// Scores the node pairs of two graphs, with what a network makes of each graph's nodes kept for all its pairs. Several
/// networks score as their mean.
public final class GraphPairs {
  private let model: any Model
  private let networks: [EncodedGraphs]
  private let pairs: NodePairs
  private let tape: Tape
  /// The kept values by graph and network; the first graphs stay, and when the memory is full, others are computed for
  /// each pair.
  private var kept: [Int: [[Matrix]]] = [:]
  /// The bytes that may still be taken.
  private var free: Int

  /// A scorer that keeps at most `memory` bytes; nil where that is nothing, or for a model that can't be cut.
  public init?(_ model: any Model, _ pairs: NodePairs, threads: Int, memory: Int) {
    let mean = model as? MeanOf
    let models = mean?.models ?? [model]
    let networks = models.compactMap { model in
      (model as? Network).flatMap { EncodedGraphs($0, node: NodePairs.axes.node, edge: NodePairs.axes.edge) }
    }
    guard memory > 0, networks.count == models.count, mean?.exchange.isEmpty != false else { return nil }
    (self.model, self.networks, self.pairs) = (model, networks, pairs)
    (tape, free) = (Tape(threads: threads), memory)
  }

  /// The scores of some node pairs, by their numbers in the grid of both graphs, and of the bag: the bits of the whole
  /// model.
  public func score(_ graphs: (a: Int, b: Int), _ cells: [Int32]) -> Scores {
    let batch = pairs.batch([graphs], cells: [cells], withGraphs: false)
    let (a, b) = (values(of: graphs.a), values(of: graphs.b))
    let runs = networks.enumerated().map { $1.score(batch, [a[$0], b[$0]], tape) }
    return runs.count == 1 ? runs[0] : model.join(.mean(of: runs, on: model.unit), batch, tape)
  }

  private func values(of graph: Int) -> [[Matrix]] {
    if let values = kept[graph] { return values }
    let batch = pairs.batch(of: graph)
    let values = networks.map { $0.encode(batch, tape) }
    let size = values.joined().reduce(0) { $0 + $1.rows * $1.columns * MemoryLayout<Float>.stride }
    if size <= free {
      kept[graph] = values
      free -= size
    }
    return values
  }
}
