import Dispatch

/// A bounded queue in front of a producer that works on a thread of its own, so that reading and scoring overlap.
///
/// Order is kept; an error comes out after everything that was produced before it.
public final class ReadAhead<Element: Sendable>: @unchecked Sendable {
  private let produce: () throws -> Element?
  private let free: DispatchSemaphore
  private let filled = DispatchSemaphore(value: 0)
  private let access = DispatchSemaphore(value: 1)
  private var waiting: [Result<Element?, any Error>] = []
  private var isOver = false

  /// - Parameters:
  ///   - depth: how many elements may wait.
  ///   - produce: called on another thread, one call at a time; nil ends the stream.
  public init(depth: Int, _ produce: @escaping () throws -> Element?) {
    precondition(depth > 0)
    self.produce = produce
    free = DispatchSemaphore(value: depth)
    DispatchQueue(label: "millrace.read-ahead", qos: .userInitiated).async { [self] in fill() }
  }

  /// The next element, waited for; nil at the end, again and again.
  public func next() throws -> Element? {
    if isOver { return nil }
    filled.wait()
    let result = locked { waiting.removeFirst() }
    free.signal()
    if case .success(.some(let element)) = result { return element }
    isOver = true
    return try result.get()
  }

  private func fill() {
    while true {
      free.wait()
      let result = Result { try produce() }
      locked { waiting.append(result) }
      filled.signal()
      guard case .success(.some) = result else { return }
    }
  }

  private func locked<Value>(_ body: () -> Value) -> Value {
    access.wait()
    defer { access.signal() }
    return body()
  }
}
