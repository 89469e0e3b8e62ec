import Bytes
import Scoring
import Testing

@Suite struct TopKTests {
  @Test(arguments: [1, 2, 7, 100, 2000]) func isTheBeginningOfTheSortedStream(most: Int) {
    var stream = RandomStream(seed: UInt64(most))
    // Few values, so that many are equal.
    let keys = (0..<1000).map { _ in Float(Int(stream.uniform() * 50)) - 25 }
    var best = TopK<Int>(most)
    for (number, key) in keys.enumerated() { best.offer(key, number) }
    let sorted = keys.indices.sorted { keys[$0] != keys[$1] ? keys[$0] > keys[$1] : $0 < $1 }
    #expect(best.elements == Array(sorted.prefix(most)))
    #expect(best.seen == 1000)
    #expect(best.least == (most < 1000 ? keys[sorted[most - 1]] : nil))
  }

  @Test func whatIsNoNumberIsLast() {
    var best = TopK<String>(2)
    for (key, name) in [(Float.nan, "none"), (-.infinity, "low"), (1, "one"), (.nan, "other")] { best.offer(key, name) }
    #expect(best.elements == ["one", "none"])
  }

  @Test func anElementThatIsNotKeptIsNotMade() {
    var (best, made) = (TopK<Int>(3), 0)
    func make(_ value: Int) -> Int {
      made += 1
      return value
    }
    for key in (0..<100).reversed() { best.offer(Float(key), make(key)) }
    #expect(best.elements == [99, 98, 97])
    #expect(made == 3)
  }
}
