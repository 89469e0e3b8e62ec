/// The resources shared by kernels: threads, scratch memory per worker, and memory for partial sums.
public final class Workspace {
  /// The threads.
  public let pool: ThreadPool
  private let workers: [Buffer<Float>]
  private let packed = Buffer<Float>()
  private let partial = Buffer<Float>()
  private let partialDouble = Buffer<Double>()

  /// Makes the resources for kernels on `threads` threads.
  public init(threads: Int) {
    pool = ThreadPool(threads: threads)
    workers = (0..<pool.threads).map { _ in Buffer<Float>() }
  }

  /// Returns `count` floats for one worker; the next call returns the same memory.
  func scratch(_ worker: Int, _ count: Int) -> UnsafeMutablePointer<Float> { workers[worker].reserve(count) }

  /// Returns `count` floats for weights in a kernel's order.
  func packed(_ count: Int) -> UnsafeMutablePointer<Float> { packed.reserve(count) }

  /// `count` zeros for partial sums, one range per block.
  func sums(_ count: Int) -> UnsafeMutablePointer<Float> { partial.fill(count, with: 0) }

  /// `count` zeros for partial sums in Double, one range per block.
  func doubleSums(_ count: Int) -> UnsafeMutablePointer<Double> { partialDouble.fill(count, with: 0) }
}
