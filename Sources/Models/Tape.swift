import Arrays
import Tensors

/// The memory of one run: what the nodes of a network leave for the way back, threads, and scratch space.
///
/// Its buffers are used again from batch to batch. One tape serves one caller at a time.
public final class Tape {
  /// Threads and scratch space.
  public let work: Workspace
  /// What the batch norms saw in the last forward pass in training mode, for `Parameters.commit`.
  public var statistics: [BatchStatistics] = []
  /// The buffers of an engine that keeps its own.
  public var engine: AnyObject?

  var nodes: [NodeMemory] = []

  /// Memory for runs on so many threads.
  public init(threads: Int) { work = Workspace(threads: threads) }

  /// Makes the tape fit a network of `count` nodes.
  func prepare(_ count: Int) {
    if nodes.count != count { nodes = (0..<count).map { _ in NodeMemory() } }
    statistics.removeAll(keepingCapacity: true)
  }
}

/// What one node keeps between forward and backward.
final class NodeMemory {
  /// The node's values, rows × width, and their derivatives.
  let values = Buffer<Float>()
  let gradient = Buffer<Float>()
  /// What the layer notes for its way back: winners of a pool, rows of witnesses, statistics.
  let bytes = Buffer<UInt8>()
  let rows = Buffer<Int32>()
  let notes = Buffer<Float>()
  let lists = Buffer<Int32>()
  /// The symbols of an input node that holds symbols.
  let symbols = Buffer<Int32>()
  var mode = Mode.inference
}
