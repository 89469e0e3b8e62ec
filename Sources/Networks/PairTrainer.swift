import Bytes
import Tensors

/// A fixed division of the nodes into parts of about equal weight as negatives, a function of the network alone.
///
/// Pairs of one input part and one output part touch no rows of pairs with other parts, so that these can be worked on
/// at the same time, each in a fixed order: the result is the same at any number of threads. The price: the negatives
/// of a pair are drawn from the part of its output.
struct NodeParts {
  /// The number of parts: 1 to 8, each with at least 128 nodes.
  let count: Int
  /// The part of each node.
  let part: [UInt8]
  /// The nodes of each part.
  let members: [[Int32]]
  /// For each part, its nodes in proportion to degree^0.75; nil where none has a neighbour.
  let noise: [AliasTable?]

  init(_ graph: Graph) {
    var count = 1
    while count < 8, graph.count / (2 * count) >= 128 { count *= 2 }
    let order = graph.nodes.indices.sorted { (-graph.degree($0), $0) < (-graph.degree($1), $1) }
    var part = [UInt8](repeating: 0, count: graph.count)
    var members = [[Int32]](repeating: [], count: count)
    for (place, node) in order.enumerated() {
      let (round, step) = (place / count, place % count)
      let chosen = round % 2 == 0 ? step : count - 1 - step
      part[node] = UInt8(chosen)
      members[chosen].append(Int32(node))
    }
    (self.count, self.part, self.members) = (count, part, members)
    noise = members.map { nodes in
      let weights = nodes.map { Self.noiseWeight(graph.strength(Int($0))) }
      return weights.contains { $0 > 0 } ? AliasTable(weights) : nil
    }
  }

  /// x^0.75.
  static func noiseWeight(_ x: Double) -> Double { (x * x.squareRoot()).squareRoot() }

  /// The rounds of an episode: each has groups of pairs of parts that may run at the same time.
  func rounds(isShared: Bool) -> [[[(input: Int, output: Int)]]] {
    if !isShared {
      return (0..<count).map { shift in (0..<count).map { [(input: $0, output: ($0 + shift) % count)] } }
    }
    // Inputs and outputs are the same rows: a tournament in which every part meets every other (the circle method).
    var rounds = [(0..<count).map { [(input: $0, output: $0)] }]
    guard count > 1 else { return rounds }
    for round in 0..<count - 1 {
      let others = (0..<count - 1).map { ($0 + round) % (count - 1) }
      var matches = [(count - 1, others[0])]
      for place in 1..<count / 2 { matches.append((others[place], others[count - 1 - place])) }
      rounds.append(matches.map { [(input: $0.0, output: $0.1), (input: $0.1, output: $0.0)] })
    }
    return rounds
  }
}

/// Pairs of rows by the parts of input and output, each in the order in which they came.
final class PairBuckets {
  private let parts: NodeParts
  private let pairs = Buffer<Int32>()
  private var starts: [Int] = []

  init(_ parts: NodeParts) { self.parts = parts }

  /// Takes the pairs of `blocks` blocks; `generate` appends those of one block, input and output by turns.
  func fill(blocks: Int, _ pool: ThreadPool, _ generate: (_ block: Int, _ pairs: inout [Int32]) -> Void) {
    let cells = parts.count * parts.count
    var made = [[Int32]](repeating: [], count: blocks)
    var counts = [Int](repeating: 0, count: blocks * cells)
    made.withUnsafeMutableBufferPointer { made in
      counts.withUnsafeMutableBufferPointer { counts in
        nonisolated(unsafe) let (made, counts) = (made, counts)
        pool.forEachBlock(blocks, size: 1) { block, _, _ in
          generate(block, &made[block])
          for pair in stride(from: 0, to: made[block].count, by: 2) {
            counts[block * cells + cell(made[block][pair], made[block][pair + 1])] += 1
          }
        }
      }
    }
    var next = [Int](repeating: 0, count: blocks * cells)
    starts = [0]
    var total = 0
    for cell in 0..<cells {
      for block in 0..<blocks {
        next[block * cells + cell] = total
        total += counts[block * cells + cell]
      }
      starts.append(total)
    }
    nonisolated(unsafe) let out = pairs.reserve(2 * total)
    next.withUnsafeMutableBufferPointer { next in
      nonisolated(unsafe) let next = next
      pool.forEachBlock(blocks, size: 1) { block, _, _ in
        for pair in stride(from: 0, to: made[block].count, by: 2) {
          let (input, output) = (made[block][pair], made[block][pair + 1])
          let place = next[block * cells + cell(input, output)]
          next[block * cells + cell(input, output)] += 1
          (out[2 * place], out[2 * place + 1]) = (input, output)
        }
      }
    }
  }

  /// The number of pairs.
  var count: Int { starts.last ?? 0 }

  /// The pairs of an input part and an output part.
  func pairs(_ input: Int, _ output: Int) -> (start: UnsafePointer<Int32>, count: Int) {
    let cell = input * parts.count + output
    return (UnsafePointer(pairs.start + 2 * starts[cell]), starts[cell + 1] - starts[cell])
  }

  @inline(__always) private func cell(_ input: Int32, _ output: Int32) -> Int {
    Int(parts.part[Int(input)]) * parts.count + Int(parts.part[Int(output)])
  }
}

/// Learns input and output vectors of nodes from pairs by negative sampling, the same at any number of threads.
final class PairTrainer {
  /// The vectors, rows of `stride` floats.
  let inputs = Buffer<Float>()
  private let outputs = Buffer<Float>()
  let stride: Int
  private let isShared: Bool
  private let parts: NodeParts
  private let rounds: [[[(input: Int, output: Int)]]]
  private let steps: PairSteps
  private let buckets: PairBuckets
  private let seed: UInt64
  private let pool: ThreadPool
  private static let group = 8

  /// Inputs start even in ±1/(2 · dimension), outputs at 0; with `isShared` outputs are the inputs.
  init(
    _ graph: Graph, dimension: Int, negatives: Int, isShared: Bool, skipsInput: Bool, seed: UInt64, _ pool: ThreadPool
  ) {
    parts = NodeParts(graph)
    stride = PairSteps.stride(dimension)
    (self.isShared, self.seed, self.pool) = (isShared, seed, pool)
    rounds = parts.rounds(isShared: isShared)
    steps = PairSteps(group: Self.group, negatives: negatives, skipsInput: skipsInput)
    buckets = PairBuckets(parts)
    inputs.fill(graph.count * stride, with: 0)
    if !isShared { outputs.fill(graph.count * stride, with: 0) }
    for node in 0..<graph.count {
      var random = RandomStream(seed: seed, Purpose.start, UInt64(node))
      for column in 0..<dimension {
        inputs.start[node * stride + column] = Float((random.uniform() - 0.5) / Double(dimension))
      }
    }
  }

  /// The purposes of random numbers.
  enum Purpose {
    static let start: UInt64 = 1
    static let negatives: UInt64 = 2
    static let pairs: UInt64 = 3
  }

  /// Takes a step for each pair of an episode, which `generate` makes by blocks; returns their number.
  @discardableResult func episode(
    _ number: Int, blocks: Int, rate: Float, _ generate: (_ block: Int, _ pairs: inout [Int32]) -> Void
  ) -> Int {
    buckets.fill(blocks: blocks, pool, generate)
    nonisolated(unsafe) let this = self
    for round in rounds {
      pool.forEachBlock(round.count, size: 1) { index, _, _ in
        for (input, output) in round[index] { this.train(input, output, episode: number, rate: rate) }
      }
    }
    return buckets.count
  }

  private func train(_ input: Int, _ output: Int, episode: Int, rate: Float) {
    let (start, count) = buckets.pairs(input, output)
    guard count > 0, let noise = parts.noise[output] else { return }
    var random = RandomStream(
      seed: seed, Purpose.negatives, UInt64(episode), UInt64(input * parts.count + output))
    let nodes = parts.members[output]
    let drawn = (0..<ThreadPool.blocks(count, size: Self.group) * steps.negatives).map { _ in
      nodes[noise.draw(&random)]
    }
    let outputs = isShared ? inputs.start : outputs.start
    drawn.withUnsafeBufferPointer { drawn in
      // An empty list has no address, and no negative is read then.
      steps.take(
        start, count: count, drawn: drawn.baseAddress ?? start, inputs: inputs.start, outputs: outputs,
        stride: stride, rate: rate)
    }
  }
}
