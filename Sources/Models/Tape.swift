import Arrays
import Tensors

/// The memory of one run: the values that a network's nodes record for the backward pass, threads, and scratch memory.
///
/// Buffers are reused from batch to batch. Not thread-safe.
public final class Tape {
  /// Threads and scratch memory.
  public let work: Workspace
  /// The batch norms' statistics of the last forward pass in training mode, for `Parameters.commit`.
  public var statistics: [BatchStatistics] = []
  /// The buffers of an engine other than the layer network.
  public var engine: AnyObject?

  var nodes: [NodeMemory] = []

  /// Makes a tape for runs on `threads` threads.
  public init(threads: Int) { work = Workspace(threads: threads) }

  /// Makes the tape fit a network of `count` nodes.
  func prepare(_ count: Int) {
    if nodes.count != count { nodes = (0..<count).map { _ in NodeMemory() } }
    statistics.removeAll(keepingCapacity: true)
  }
}

/// The values of one node between forward and backward.
final class NodeMemory {
  /// The node's values, rows × width, and their derivatives.
  let values = Buffer<Float>()
  let gradient = Buffer<Float>()
  /// The layer's records for its backward pass: winners of a pool, rows of witnesses, statistics.
  let bytes = Buffer<UInt8>()
  let rows = Buffer<Int32>()
  let notes = Buffer<Float>()
  let lists = Buffer<Int32>()
  /// The symbols of an input node that holds symbols.
  let symbols = Buffer<Int32>()
  /// The memory of a kernel that brings its own.
  var engine: AnyObject?
  var mode = Mode.inference
}
