import Scoring
import Testing

@Suite struct ReadAheadTests {
  struct Fault: Error {}

  @Test func keepsOrderAndEnds() throws {
    var next = 0
    let queue = ReadAhead<Int>(depth: 3) {
      next += 1
      return next <= 1000 ? next : nil
    }
    var seen: [Int] = []
    while let value = try queue.next() { seen.append(value) }
    #expect(seen == Array(1...1000))
    #expect(try queue.next() == nil)
  }

  @Test func anErrorComesAfterWhatWasBeforeIt() throws {
    var next = 0
    let queue = ReadAhead<Int>(depth: 2) {
      next += 1
      if next == 4 { throw Fault() }
      return next
    }
    #expect(try [queue.next(), queue.next(), queue.next()] == [1, 2, 3])
    #expect(throws: Fault.self) { try queue.next() }
    #expect(try queue.next() == nil)
  }

  @Test func heavyElementsWaitAlone() throws {
    var (next, taken) = (0, 0)
    var most = 0
    // What is made and not yet taken; the consumer counts before it asks for more.
    let queue = ReadAhead<Int>(depth: 100, most: 10, weight: { $0 }) {
      next += 1
      most = max(most, next - taken)
      return next <= 200 ? (next % 5 == 0 ? 50 : 5) : nil
    }
    var seen: [Int] = []
    while let value = try queue.next() {
      seen.append(value)
      taken += 1
    }
    #expect(seen == (1...200).map { $0 % 5 == 0 ? 50 : 5 })
    #expect(most <= 5, "two that wait, one that is made, one in hand, and one between")
  }

  /// A semaphore released below its first value would end the process, and a producer that waits for ever would leak.
  @Test func aConsumerThatLeavesEarlyEndsTheProducer() async throws {
    for taken in [0, 1, 2, 5] {
      let token = Token()
      try leave(after: taken, of: 4, token)
      try leave(after: taken, of: .max, token)
    }
    weak var last: Token?
    do {
      let token = Token()
      last = token
      try leave(after: 3, of: .max, token)
    }
    for _ in 0..<500 where last != nil { try await Task.sleep(nanoseconds: 10_000_000) }
    #expect(last == nil, "the producer's thread lets go of what it works with")
  }

  private final class Token: Sendable {}

  private func leave(after taken: Int, of count: Int, _ token: Token) throws {
    var next = 0
    let queue = ReadAhead<Int>(depth: 2) {
      withExtendedLifetime(token) { next += 1 }
      return next <= count ? next : nil
    }
    for _ in 0..<taken { _ = try queue.next() }
  }
}
