import Arrays
import Bytes
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite struct ArraysTests {
  @Test func copiesOfAMatrixAreApart() {
    let first = Matrix(rows: 2, columns: 3, values: [1, 2, 3, 4, 5, 6])
    var second = first
    second[1, 2] = 9
    second.withUnsafeMutableBufferPointer { $0[0] = 7 }
    #expect(first.values == [1, 2, 3, 4, 5, 6] && second.values == [7, 2, 3, 4, 5, 9])
    #expect(second.row(1) == [4, 5, 9] && second.rows(1..<2) == Matrix(rows: 1, columns: 3, values: [4, 5, 9]))
    #expect(first != second && first == Matrix(rows: 2, columns: 3, values: [1, 2, 3, 4, 5, 6]))
    #expect(first != Matrix(rows: 3, columns: 2, values: [1, 2, 3, 4, 5, 6]))
    let address = first.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
    #expect(address % 64 == 0)
    #expect(Matrix(rows: 0, columns: 5).values.isEmpty)
  }

  @Test func sidesAreExchangedByName() throws {
    let names = ["ct.a.freq.AAA~0a1b2c", "aa.pearson", "ct.a.freq.AAC", "ct.b.freq.AAC", "ct.b.freq.AAA~0a1b2c", "x.a"]
    let swap = try #require(ColumnSwap(names: names))
    #expect(swap.source == [4, 1, 3, 2, 0, 5] && !swap.isIdentity)
    #expect(swap.apply(to: [0, 1, 2, 3, 4, 5]) == [4, 1, 3, 2, 0, 5])
    #expect(swap.apply(to: swap.apply(to: [0, 1, 2, 3, 4, 5])) == [0, 1, 2, 3, 4, 5])
    #expect(ColumnSwap(names: ["rna.muscle", "aa.absdiff.A", "b.x"])?.isIdentity == true)
    #expect(ColumnSwap.obstacle(in: names) == nil)
  }

  @Test func aSideWithoutPartnerIsNamed() {
    let names = ["ct.a.AAA", "ct.b.AAA", "ct.b.AAC"]
    #expect(ColumnSwap(names: names) == nil)
    #expect(ColumnSwap.obstacle(in: names) == "column 'ct.b.AAC' has no partner 'ct.a.AAC'")
  }

  @Test func aTrainedPairIsKnownInBothOrdersAndTheFilterMissesNone() {
    let few = TrainedPairs(keys: [TrainedPairs.key("A", "B"), TrainedPairs.key(bag: "b7"), TrainedPairs.key("B", "A")])
    #expect(few.count == 2 && few.contains(TrainedPairs.key("B", "A")) && few.contains(TrainedPairs.key(bag: "b7")))
    #expect(!few.contains(TrainedPairs.key("A", "C")) && few.falseShare == 0)
    // Any keys will do beyond the number that is kept one by one.
    func key(_ number: Int) -> UInt64 { UInt64(number) &* 0x9e37_79b9_7f4a_7c15 }
    let count = TrainedPairs.exactLimit + 1
    let many = TrainedPairs(keys: (0..<count).lazy.map(key))
    #expect(many.hashes.isEmpty && many.count == count && many.falseShare > 0 && many.falseShare < 1e-6)
    #expect(stride(from: 0, to: count, by: 7).allSatisfy { many.contains(key($0)) })
    #expect(!(count..<2 * count).contains { many.contains(key($0)) })
  }

  @Test func aUnionMissesNoPair() {
    func keys(_ range: Range<Int>) -> [UInt64] { range.map { UInt64($0 + 1) &* 0x9e37_79b9_7f4a_7c15 } }
    let (some, others) = (TrainedPairs(keys: keys(0..<40)), TrainedPairs(keys: keys(30..<60)))
    #expect(some.union(others) == TrainedPairs(keys: keys(0..<60)) && some.union(TrainedPairs()) == some)
    // Filters of 16 and of 4 words, and one with pairs that are kept one by one.
    let (large, small) = (TrainedPairs(keys: keys(0..<60)).filtered, TrainedPairs(keys: keys(60..<75)).filtered)
    #expect(large.filter.count > small.filter.count && small.filter.count > 1)
    for (one, other, all) in [(large, small, 0..<75), (small, large, 0..<75), (large, others, 0..<60)] {
      let union = one.union(other)
      #expect(keys(all).allSatisfy(union.contains) && union.hashes.isEmpty)
      #expect(union.count == max(one.count, other.count))
      #expect(union.filter.count == min(one.filter.count, other.filter.isEmpty ? .max : other.filter.count))
      #expect(!keys(1000..<1500).allSatisfy(union.contains), "others are told from them")
    }
  }

  /// Genes of a base are seen, but their labels say nothing; those that were counted keep what they have.
  @Test func seenGenesOfABase() {
    var base = TrainingGenes()
    base.add("A", "Z", positive: true)
    base.add("Z", "Z", positive: true)
    var genes = TrainingGenes()
    genes.add("A", "B", positive: true)
    genes.add("B", "C", positive: false)
    let before = genes
    genes.addSeen(base)
    #expect(genes.part(of: "Z", "A") == .seen && before.part(of: "Z", "A") == .oneUnseen && genes.count == 4)
    #expect(genes.bags == 2 && genes.positives == 1)
    #expect(genes.baseline(of: "A", "B") == before.baseline(of: "A", "B"))
    #expect(genes.baseline(of: "Z") == before.baseline(of: "Z") && genes.history(of: "Z", "new") == 0)
    var again = genes
    again.addSeen(base)
    #expect(again == genes)
  }

  /// A draw takes as many units as it may, ascending, each as often as the others, other ones in another epoch.
  @Test func drawnUnits() {
    func draw(_ epoch: Int, _ limit: Int) -> [Int]? {
      Draw(seed: 3, epoch: epoch, limits: [9, limit]).units(of: 7, at: 1, size: 6)
    }
    #expect(draw(1, 6) == nil && Draw(seed: 3, epoch: 1).units(of: 7, at: 1, size: 6) == nil)
    #expect(draw(1, 2) == draw(1, 2))
    var counts = [Int](repeating: 0, count: 6)
    for epoch in 1...3000 {
      let units = draw(epoch, 2) ?? []
      #expect(units.count == 2 && units[0] < units[1])
      for unit in units { counts[unit] += 1 }
    }
    // 1,000 of each are expected, with a deviation of 26.
    #expect(counts.allSatisfy { (870..<1130).contains($0) })
  }

  @Test func trainedPairsRefuseAnImpossibleTable() {
    #expect(TrainedPairs(count: 2, hashes: [1, 2], filter: []) != nil)
    #expect(TrainedPairs(count: 2, hashes: [2, 1], filter: []) == nil)
    #expect(TrainedPairs(count: 3, hashes: [1, 2], filter: []) == nil)
    #expect(TrainedPairs(count: -1, hashes: [], filter: []) == nil)
    #expect(TrainedPairs(count: 1 << 21, hashes: [], filter: [1]) == nil)
  }

  @Test func baselineOfNumbersAddsShrunkDeviations() throws {
    var genes = TrainingGenes()
    genes.add("d1", "p1", number: 7)
    genes.add("d1", "p2", number: 5)
    genes.add("d2", "p1", number: 6)
    genes.add("d2", "d2", number: 10)
    // The mean is 7: d1 is 2 below it in 2 bags, p1 is 1 below it in 2 bags, d2 is 2 above it in 2 bags.
    let (d1, p1, d2) = (-2.0 / 3, -1.0 / 3, 2.0 / 3)
    #expect(abs(genes.baseline(of: "d1", "p1") - (7 + d1 + p1)) < 1e-15)
    #expect(abs(genes.baseline(of: "d2", "new") - (7 + d2)) < 1e-15)
    #expect(genes.baseline(of: "new", "other") == 7)
    let (table, sums) = (genes.table, try #require(genes.sums))
    let read = TrainingGenes(
      hashes: table.hashes, bags: table.bags, positives: table.positives, allBags: genes.bags,
      allPositives: genes.positives)
    #expect(read?.withSums(sums, sum: 28) == genes)
    #expect(read?.withSums([1], sum: 28) == nil)
    #expect(read?.withSums(sums, sum: .infinity) == nil)
    #expect(read?.withSums(sums.map { _ in .nan }, sum: 28) == nil)
  }

  @Test func historyAddsTheShrunkLogOddsOfSeenPartners() {
    var genes = TrainingGenes()
    genes.add("A", "B", positive: true)
    genes.add("A", "C", positive: false)
    genes.add("C", "D", positive: false)
    genes.add("D", "E", positive: false)
    // A quarter is positive. A has 1 of 2: (1 + 0.75) / 5 = 0.35; C 0 of 2: 0.75 / 5 = 0.15.
    #expect(abs(genes.history(of: "A", "new") - (log(0.35 / 0.65) - log(1.0 / 3))) < 1e-12)
    #expect(abs(genes.history(of: "C", "A") - (log(0.35 / 0.65) + log(0.15 / 0.85) - 2 * log(1.0 / 3))) < 1e-12)
    #expect(genes.history(of: "new", "other") == 0 && TrainingGenes().history(of: "A", "B") == 0)
  }

  @Test func someColumnsOfATable() {
    let table = Matrix(rows: 2, columns: 4, values: [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(table.columns([2, 3, 0]) == Matrix(rows: 2, columns: 3, values: [3, 4, 1, 7, 8, 5]))
    #expect([3, 4, 5, 9, 8].consecutiveRuns == [3..<6, 9..<10, 8..<9] && [Int]().consecutiveRuns.isEmpty)
    let swap = ColumnSwap(names: ["p.a.x", "p.b.x", "q.a.y", "q.b.y", "r"])
    #expect(swap?.restricted(to: [2, 3, 4])?.source == [1, 0, 2] && swap?.restricted(to: [0, 4]) == nil)
  }

  @Test func trainingGenesRefuseAnImpossibleTable() {
    func genes(_ hashes: [UInt64], _ bags: [Int64], _ positives: [Int64], _ all: Int64, _ sum: Int64) -> TrainingGenes?
    {
      TrainingGenes(hashes: hashes, bags: bags, positives: positives, allBags: all, allPositives: sum)
    }
    #expect(genes([1, 2], [3, 1], [1, 0], 3, 1) != nil)
    #expect(genes([2, 1], [3, 1], [1, 0], 3, 1) == nil)
    #expect(genes([1, 1], [3, 1], [1, 0], 3, 1) == nil)
    #expect(genes([1, 2], [3], [1, 0], 3, 1) == nil)
    #expect(genes([1, 2], [3, 1], [1, 2], 3, 1) == nil)
    #expect(genes([1, 2], [4, 1], [1, 0], 3, 1) == nil)
    #expect(genes([], [], [], 0, 1) == nil)
    #expect(TrainingGenes().baseline(of: "a", "b") == 0 && TrainingGenes().part(of: "a", "b") == .bothUnseen)
  }

  @Test func pairsAreReadFromTheirText() throws {
    let few = TrainedPairs(keys: [TrainedPairs.key("A", "B"), 5, .max, 0x0123_4567_89ab_cdef])
    let text = JSON.object(few.members).text
    #expect(text.contains("0123456789abcdef") && text.hasSuffix("ffffffffffffffff\"}"))
    #expect(TrainedPairs(try JSON.parse(Array(text.utf8))) == few)
    let none = TrainedPairs()
    #expect(TrainedPairs(.object(none.members)) == none)
    let count = TrainedPairs.exactLimit + 1
    let many = TrainedPairs(keys: (0..<UInt64(count)).lazy.map { $0 &* 0x9e37_79b9_7f4a_7c15 })
    #expect(many.members.last?.key == "filter" && TrainedPairs(.object(many.members)) == many)
    for wrong in [
      #"{}"#, #"{"count":1}"#, #"{"count":1,"hashes":"12"}"#, #"{"count":1,"hashes":"000000000000000G"}"#,
      #"{"count":2,"hashes":"00000000000000020000000000000001"}"#, #"{"count":1,"hashes":"00000000000000AB"}"#, "[]",
    ] {
      #expect(TrainedPairs(try JSON.parse(Array(wrong.utf8))) == nil, "\(wrong)")
    }
  }
}
