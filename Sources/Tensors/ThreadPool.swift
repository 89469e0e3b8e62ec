import Dispatch
import Synchronization

/// Spreads fixed blocks of work over threads.
///
/// The blocks depend only on the amount of work. Partial sums kept per block and added in the order of the blocks have
/// the same bits at any number of threads.
public final class ThreadPool: Sendable {
  /// The most threads that work at a time.
  public let threads: Int

  /// A pool of `threads` threads, at least 1.
  public init(threads: Int) { self.threads = max(1, threads) }

  /// The number of blocks of `size` that cover `count`.
  public static func blocks(_ count: Int, size: Int) -> Int { (count + size - 1) / size }

  /// Calls `body` once per block with its number, its range in `0..<count` and the worker (`0..<threads`) that runs it.
  /// Bodies run at the same time: each writes only what belongs to its block or to its worker.
  public func forEachBlock(_ count: Int, size: Int, _ body: (_ block: Int, _ range: Range<Int>, _ worker: Int) -> Void)
  {
    let blocks = Self.blocks(count, size: size)
    let workers = min(threads, blocks)
    if workers < 2 {
      for block in 0..<blocks { body(block, block * size..<min(count, (block + 1) * size), 0) }
      return
    }
    withoutActuallyEscaping(body) { body in
      let shared = Crossing(value: body)
      let next = Atomic<Int>(0)
      DispatchQueue.concurrentPerform(iterations: workers) { worker in
        while true {
          let block = next.add(1, ordering: .relaxed).oldValue
          guard block < blocks else { return }
          shared.value(block, block * size..<min(count, (block + 1) * size), worker)
        }
      }
    }
  }
}

/// Carries work to other threads; the caller guarantees that blocks write to disjoint memory.
private struct Crossing<Value>: @unchecked Sendable {
  let value: Value
}
