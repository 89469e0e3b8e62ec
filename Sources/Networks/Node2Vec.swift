import Bytes
import Tensors

/// node2vec (Grover and Leskovec 2016): skip-gram with negative sampling over random walks of second order.
public struct Node2Vec: EmbeddingMethod {
  /// The number of columns.
  public var dimension = 128
  /// The return parameter.
  public var p = 1.0
  /// The in-out parameter.
  public var q = 1.0
  /// The walks from each node in an epoch.
  public var walks = 10
  /// The nodes of a walk.
  public var length = 80
  /// The greatest distance in a walk of two nodes that make a pair; each centre draws its own from 1 up to it.
  public var window = 10
  /// The negatives of a pair.
  public var negatives = 5
  /// The learning rate at the start; it falls linearly to a ten-thousandth.
  public var rate = 0.025
  /// The number of passes over new walks.
  public var epochs = 1

  /// The settings of the paper.
  public init() {}

  /// The pairs of an episode, about; at least 32 episodes make up a run.
  private static let episode = 1 << 20
  /// The walks that one thread draws at a time.
  private static let block = 32

  /// The vectors of all nodes; a node without neighbours has zeros.
  public func embed(_ task: EmbeddingTask) -> Embedding {
    let (graph, seed) = (task.graph, task.seed)
    let walker = Walks(graph, p: p, q: q)
    let trainer = PairTrainer(
      graph, dimension: dimension, negatives: negatives, isShared: false, skipsInput: false, seed: seed, task.pool)
    let connected = graph.nodes.indices.filter { graph.degree($0) > 0 }
    let total = connected.count * walks * epochs
    // A node makes a pair with `window + 1` others on average, both sides together.
    let share = min(total / 32, Self.episode / (length * (window + 1)))
    let size = max(1, share / Self.block) * Self.block
    for (episode, first) in stride(from: 0, to: total, by: size).enumerated() {
      let end = min(total, first + size)
      let rate = Float(rate * max(1e-4, 1 - Double(first) / Double(total)))
      trainer.episode(episode, blocks: ThreadPool.blocks(end - first, size: Self.block), rate: rate) { block, pairs in
        pairs.reserveCapacity(2 * Self.block * length * (window + 1))
        var nodes: [Int32] = []
        var order: (round: Int, nodes: [Int]) = (-1, [])
        for walk in first + block * Self.block..<min(end, first + (block + 1) * Self.block) {
          let round = walk / connected.count
          if order.round != round { order = (round, Self.shuffled(connected, seed: seed, round)) }
          let start = order.nodes[walk % connected.count]
          var random = RandomStream(seed: seed, PairTrainer.Purpose.pairs, UInt64(round), UInt64(start))
          walker.walk(from: start, length: length, &random, into: &nodes)
          appendPairs(nodes, &random, &pairs)
        }
      }
      task.progress(end, total)
    }
    return Embedding("node2vec", dimension: dimension, values: graph.vectors(trainer, dimension))
  }

  /// The nodes in the order in which a round starts its walks.
  private static func shuffled(_ nodes: [Int], seed: UInt64, _ round: Int) -> [Int] {
    var nodes = nodes
    var random = RandomStream(seed: seed, PairTrainer.Purpose.pairs, UInt64(round), UInt64.max)
    random.shuffle(&nodes)
    return nodes
  }

  @inline(__always)
  private func appendPairs(_ nodes: [Int32], _ random: inout RandomStream, _ pairs: inout [Int32]) {
    for (place, node) in nodes.enumerated() {
      let reach = 1 + random.below(window)
      for other in max(0, place - reach)..<min(nodes.count, place + reach + 1) where other != place {
        pairs.append(node)
        pairs.append(nodes[other])
      }
    }
  }
}

extension Graph {
  /// The vectors of a trainer, without what fills its rows up; those of nodes without neighbours are 0.
  func vectors(_ trainer: PairTrainer, _ dimension: Int) -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(count * dimension)
    for node in 0..<count {
      let row = UnsafeBufferPointer(start: trainer.inputs.start + node * trainer.stride, count: dimension)
      if degree(node) > 0 { values += row } else { values += repeatElement(0, count: dimension) }
    }
    return values
  }
}
