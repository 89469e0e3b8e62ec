import Bytes
import Tensors

/// LINE (Tang et al. 2015): vectors whose products say which nodes are neighbours (order 1), or which have the same
/// neighbours (order 2).
///
/// Order 1: −log σ(u_i · u_j) over edges; order 2: −log σ(c_j · u_i) with a vector of its own for a node as context.
/// Both with negatives by degree^0.75, edges drawn by weight, and a rate that falls linearly to a ten-thousandth.
public struct LINE: EmbeddingMethod {
  /// The orders that are learnt.
  public enum Order: String, Sendable, CaseIterable { case both, first = "1", second = "2" }
  /// The orders; of both, each has half of the columns.
  public var order = Order.both
  /// The number of columns, even for both orders.
  public var dimension = 128
  /// The edges that are drawn for each order, in one direction each; 0: `samplesPerEdge` for each edge.
  public var samples = 0
  /// The negatives of an edge.
  public var negatives = 5
  /// The learning rate at the start.
  public var rate = 0.025
  /// Whether the vectors of each order are scaled to length 1.
  public var isNormalized = false

  /// The edges that are drawn where `samples` is 0, for each edge of the network.
  public static let samplesPerEdge = 50
  private static let episode = 1 << 20
  private static let block = 4096

  /// The settings that suit a network of some ten thousand edges.
  public init() {}

  /// The vectors of all nodes; a node without neighbours has zeros. Throws `NetworkError` for an odd number of columns
  /// of both orders.
  public func embed(_ task: EmbeddingTask) throws -> Embedding {
    if order == .both, dimension % 2 != 0 {
      throw NetworkError(
        .unusable(
          method: "line", reason: "\(dimension) columns are not two halves, one for each order",
          hint: "an even dimension"))
    }
    let orders = order == .both ? [Order.first, .second] : [order]
    let width = dimension / orders.count
    let parts = orders.enumerated().map { index, order in
      learn(order, width, task) { done, total in task.progress(index * total + done, orders.count * total) }
    }
    var values: [Float] = []
    values.reserveCapacity(task.graph.count * dimension)
    for node in 0..<task.graph.count {
      for part in parts { values += scaled(part[node * width..<(node + 1) * width]) }
    }
    return Embedding("line", dimension: width * orders.count, values: values)
  }

  private func scaled(_ vector: ArraySlice<Float>) -> [Float] {
    let squares = vector.reduce(0.0) { $0 + Double($1) * Double($1) }
    guard isNormalized, squares > 0 else { return Array(vector) }
    return vector.map { Float(Double($0) / squares.squareRoot()) }
  }

  private func learn(
    _ order: Order, _ width: Int, _ task: EmbeddingTask, _ progress: (_ done: Int, _ total: Int) -> Void
  ) -> [Float] {
    let graph = task.graph
    let seed = RandomStream.hash("line order \(order.rawValue)", seed: task.seed)
    let trainer = PairTrainer(
      graph, dimension: width, negatives: negatives, isShared: order == .first, skipsInput: true, seed: seed, task.pool)
    var sources = [Int32](repeating: 0, count: graph.neighbors.count)
    for node in 0..<graph.count { for entry in graph.row(node) { sources[entry] = Int32(node) } }
    let table = graph.isWeighted ? AliasTable(graph.weights.map(Double.init)) : nil
    let total = samples > 0 ? samples : Self.samplesPerEdge * graph.edges
    let size = max(Self.block, min(Self.episode, total / 64) / Self.block * Self.block)
    for (episode, first) in stride(from: 0, to: total, by: size).enumerated() {
      let end = min(total, first + size)
      let rate = Float(rate * max(1e-4, 1 - Double(first) / Double(total)))
      trainer.episode(episode, blocks: ThreadPool.blocks(end - first, size: Self.block), rate: rate) { block, pairs in
        let count = min(Self.block, end - first - block * Self.block)
        pairs.reserveCapacity(2 * count)
        var random = RandomStream(seed: seed, PairTrainer.Purpose.pairs, UInt64(episode), UInt64(block))
        for _ in 0..<count {
          let entry = table?.draw(&random) ?? random.below(sources.count)
          pairs.append(sources[entry])
          pairs.append(graph.neighbors[entry])
        }
      }
      progress(end, total)
    }
    return graph.vectors(trainer, width)
  }
}
