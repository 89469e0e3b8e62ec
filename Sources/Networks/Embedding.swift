import Bytes
import Tensors

/// A vector for each node.
public struct Embedding: Sendable {
  /// The names of the columns: `METHOD.0`, `METHOD.1`, ….
  public let names: [String]
  /// The values, nodes × columns, row-major.
  public let values: [Float]

  /// The number of columns.
  public var dimension: Int { names.count }
  /// The number of nodes.
  public var count: Int { names.isEmpty ? 0 : values.count / names.count }

  /// An embedding by this method.
  init(_ method: String, dimension: Int, values: [Float]) {
    names = (0..<dimension).map { "\(method).\($0)" }
    self.values = values
  }

  /// The dot product of two nodes' vectors.
  public func product(_ a: Int, _ b: Int) -> Double {
    (0..<dimension).reduce(0) { $0 + Double(values[a * dimension + $1]) * Double(values[b * dimension + $1]) }
  }
}

/// The input of a method: the network, and profiles or options that it may use besides.
public struct EmbeddingTask {
  /// The network.
  public let graph: Graph
  /// The profiles of the nodes, such as their expression; nil where there are none.
  public var profiles: Profiles?
  /// The seed of all random numbers.
  public var seed: UInt64
  /// The threads; the embedding is the same for any number.
  public var pool: ThreadPool
  /// Told the units of work that are done, and all units.
  public var progress: (_ done: Int, _ total: Int) -> Void

  /// A task without profiles.
  public init(
    _ graph: Graph, seed: UInt64 = 1, pool: ThreadPool = ThreadPool(threads: 1),
    progress: @escaping (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) {
    (self.graph, self.seed, self.pool, self.progress) = (graph, seed, pool, progress)
  }
}

/// A way to make vectors of the nodes of a network.
public protocol EmbeddingMethod: Sendable {
  /// The vectors of all nodes; a node without neighbours has zeros, unless the method says otherwise.
  /// - Throws: `NetworkError` for a task that the method can't work with.
  func embed(_ task: EmbeddingTask) throws -> Embedding
}
