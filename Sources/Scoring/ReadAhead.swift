import Dispatch

/// A bounded queue filled by a producer on a thread of its own, so that reading and scoring overlap.
///
/// The order is kept; an error is thrown after everything that was produced before it. The producer ends when the
/// queue is released, at any point of the stream.
public final class ReadAhead<Element: Sendable>: @unchecked Sendable {
  private let queue: BoundedQueue<Element>
  private var isOver = false

  /// Starts the producer.
  ///
  /// - Parameters:
  ///   - depth: the number of elements that may wait.
  ///   - most: the total weight that may wait; a heavier element waits alone.
  ///   - weight: the weight of an element, such as its size in bytes.
  ///   - produce: returns the next element, nil at the end of the stream; called on another thread, one call at a time.
  public init(
    depth: Int, most: Int = .max, weight: @escaping (Element) -> Int = { _ in 0 },
    _ produce: @escaping () throws -> Element?
  ) {
    let queue = BoundedQueue(depth: depth, most: most, weight: weight)
    self.queue = queue
    let producer = Producer(produce: produce)
    DispatchQueue(label: "millrace.read-ahead", qos: .userInitiated).async { queue.fill(producer.produce) }
  }

  deinit { queue.close() }

  /// Waits for the next element and returns it; nil at the end, and at every call after it.
  public func next() throws -> Element? {
    if isOver { return nil }
    let result = queue.take()
    if case .success(.some(let element)) = result { return element }
    isOver = true
    return try result.get()
  }

  /// Carries the closure to the one thread that calls it.
  private struct Producer: @unchecked Sendable {
    let produce: () throws -> Element?
  }
}

/// The memory that producer and consumer share; it outlives the one that ends first.
///
/// Every semaphore starts at 0 and is raised to its first value: a semaphore that is released below the value it
/// started with ends the process.
private final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
  private let weight: (Element) -> Int
  private let most: Int
  private let free = DispatchSemaphore(value: 0)
  private let filled = DispatchSemaphore(value: 0)
  private let lighter = DispatchSemaphore(value: 0)
  private let access = DispatchSemaphore(value: 0)
  private var waiting: [Result<Element?, any Error>] = []
  private var load = 0
  private var isBlocked = false
  private var isClosed = false

  init(depth: Int, most: Int, weight: @escaping (Element) -> Int) {
    precondition(depth > 0)
    (self.most, self.weight) = (most, weight)
    access.signal()
    for _ in 0..<depth { free.signal() }
  }

  /// Removes the first element, waiting for it.
  func take() -> Result<Element?, any Error> {
    filled.wait()
    let (result, isLighter) = locked {
      let result = waiting.removeFirst()
      load -= weight(of: result)
      defer { isBlocked = false }
      return (result, isBlocked)
    }
    if isLighter { lighter.signal() }
    free.signal()
    return result
  }

  /// Lets go of what waits and ends `fill`: nobody takes any more.
  func close() {
    locked {
      isClosed = true
      waiting = []
    }
    lighter.signal()
    free.signal()
  }

  /// Adds what is produced until the end, an error, or `close`.
  func fill(_ produce: () throws -> Element?) {
    while true {
      free.wait()
      if locked({ isClosed }) { return }
      let result = Result { try produce() }
      while !append(result) { lighter.wait() }
      filled.signal()
      guard case .success(.some) = result else { return }
    }
  }

  /// Adds to what waits, unless that is too heavy already; a closed queue takes and drops everything.
  private func append(_ result: Result<Element?, any Error>) -> Bool {
    locked {
      if isClosed { return true }
      let added = weight(of: result)
      isBlocked = !waiting.isEmpty && added > most - load
      if isBlocked { return false }
      waiting.append(result)
      load += added
      return true
    }
  }

  private func weight(of result: Result<Element?, any Error>) -> Int {
    if case .success(let element?) = result { weight(element) } else { 0 }
  }

  private func locked<Value>(_ body: () -> Value) -> Value {
    access.wait()
    defer { access.signal() }
    return body()
  }
}
