import Tensors
import Testing

@Suite struct ThreadPoolTests {
  @Test(arguments: [1, 2, 3]) func everyBlockRunsOnce(threads: Int) {
    let pool = ThreadPool(threads: threads)
    let seen = Buffer<Int32>()
    seen.fill(1000, with: 0)
    let ends = Buffer<Int32>()
    ends.fill(ThreadPool.blocks(1000, size: 7), with: 0)
    pool.forEachBlock(1000, size: 7) { block, range, worker in
      for place in range { seen.start[place] += 1 }
      ends.start[block] = Int32(range.upperBound)
      #expect(worker < threads)
    }
    #expect(seen.elements.allSatisfy { $0 == 1 })
    #expect(ends.elements.last == 1000 && ends.elements.first == 7)
  }

  @Test func nothingToDoIsDone() {
    ThreadPool(threads: 2).forEachBlock(0, size: 8) { _, _, _ in Issue.record("no block") }
  }

  @Test func masksDependOnTheirKeysAlone() {
    let mask = DropoutMask(probability: 0.1, seed: 1, epoch: 2, batch: 3, layer: 1)
    let again = DropoutMask(probability: 0.1, seed: 1, epoch: 2, batch: 3, layer: 1)
    let others = [(2, 2, 3, 1), (1, 3, 3, 1), (1, 2, 4, 1), (1, 2, 3, 2)].map {
      DropoutMask(probability: 0.1, seed: UInt64($0.0), epoch: $0.1, batch: $0.2, layer: $0.3)
    }
    let places = 0..<100_000
    let dropped = places.filter { mask.factor($0) == 0 }
    #expect(dropped == places.filter { again.factor($0) == 0 })
    #expect(abs(Double(dropped.count) / 100_000 - 0.1) < 0.005)
    for other in others {
      let both = dropped.filter { other.factor($0) == 0 }.count
      #expect(abs(Double(both) / Double(dropped.count) - 0.1) < 0.02)
    }
    let none = DropoutMask(probability: 0, seed: 1, epoch: 2, batch: 3, layer: 1)
    #expect(places.allSatisfy { none.factor($0) == 1 })
  }
}
