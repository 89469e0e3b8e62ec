/// What kernels work with and never own: threads, scratch space for each worker, and room for partial sums.
public final class Workspace {
  /// The threads.
  public let pool: ThreadPool
  private let workers: [Buffer<Float>]
  private let packed = Buffer<Float>()
  private let partial = Buffer<Float>()
  private let partialDouble = Buffer<Double>()

  /// Space for kernels on so many threads.
  public init(threads: Int) {
    pool = ThreadPool(threads: threads)
    workers = (0..<pool.threads).map { _ in Buffer<Float>() }
  }

  /// `count` floats for one worker; asked for again, it is the same memory.
  func scratch(_ worker: Int, _ count: Int) -> UnsafeMutablePointer<Float> { workers[worker].reserve(count) }

  /// `count` floats for weights in the order a kernel wants them.
  func packed(_ count: Int) -> UnsafeMutablePointer<Float> { packed.reserve(count) }

  /// `count` zeros for partial sums, one stretch a block.
  func sums(_ count: Int) -> UnsafeMutablePointer<Float> { partial.fill(count, with: 0) }

  /// `count` zeros for partial sums in Double, one stretch a block.
  func doubleSums(_ count: Int) -> UnsafeMutablePointer<Double> { partialDouble.fill(count, with: 0) }
}
