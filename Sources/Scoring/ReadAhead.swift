import Dispatch

/// A bounded queue in front of a producer that works on a thread of its own, so that reading and scoring overlap.
///
/// Order is kept; an error comes out after everything that was produced before it.
public final class ReadAhead<Element: Sendable>: @unchecked Sendable {
  private let produce: () throws -> Element?
  private let weight: (Element) -> Int
  private let most: Int
  private let free: DispatchSemaphore
  private let filled = DispatchSemaphore(value: 0)
  private let lighter = DispatchSemaphore(value: 0)
  private let access = DispatchSemaphore(value: 1)
  private var waiting: [Result<Element?, any Error>] = []
  private var load = 0
  private var isBlocked = false
  private var isOver = false

  /// - Parameters:
  ///   - depth: how many elements may wait.
  ///   - most: the weight that may wait; an element that weighs more waits alone.
  ///   - weight: what an element weighs, such as its bytes.
  ///   - produce: called on another thread, one call at a time; nil ends the stream.
  public init(
    depth: Int, most: Int = .max, weight: @escaping (Element) -> Int = { _ in 0 },
    _ produce: @escaping () throws -> Element?
  ) {
    precondition(depth > 0)
    self.produce = produce
    (self.most, self.weight) = (most, weight)
    free = DispatchSemaphore(value: depth)
    DispatchQueue(label: "millrace.read-ahead", qos: .userInitiated).async { [self] in fill() }
  }

  /// The next element, waited for; nil at the end, again and again.
  public func next() throws -> Element? {
    if isOver { return nil }
    filled.wait()
    let (result, isLighter) = locked {
      let result = waiting.removeFirst()
      load -= weight(of: result)
      defer { isBlocked = false }
      return (result, isBlocked)
    }
    if isLighter { lighter.signal() }
    free.signal()
    if case .success(.some(let element)) = result { return element }
    isOver = true
    return try result.get()
  }

  private func fill() {
    while true {
      free.wait()
      let result = Result { try produce() }
      while !append(result) { lighter.wait() }
      filled.signal()
      guard case .success(.some) = result else { return }
    }
  }

  /// Adds to what waits, unless that is too much already.
  private func append(_ result: Result<Element?, any Error>) -> Bool {
    locked {
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
