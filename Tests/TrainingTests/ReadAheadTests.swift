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
}
