import Bags
import Bytes
import Dispatch
import Synchronization
import Testing

@Suite struct CoverageTests {
  /// A block that knows an isoform of each side late: no pair is lost while pairs are held back.
  @Test func heldBackPairsComeInOrder() throws {
    let features = "id\tu\nB-1\t1\nC-1\t2\n"
    let pairs = "gene_a\tgene_b\nA\tB\nA\tA\nC\tB\nB\tC\n"
    var rules = BagRules()
    rules.missingIsoform = .zero
    #expect(try Given.bags(pairs, rules: rules, features: features).all().map(\.bag) == ["A:B", "A:A", "C:B", "B:C"])
    rules.missingIsoform = .drop
    #expect(try Given.bags(pairs, rules: rules, features: features).all().map(\.bag) == ["C:B", "B:C"])
  }

  /// The pairs that are held back are bounded; the error of a side that stays unknown comes with the last pair then.
  @Test func oneSidedBlockAmongManyPairs() throws {
    let members = try Given.members("isoform\tgene\n" + (0..<300).map { "l\($0)\tL\($0)\nr\($0)\tR\($0)\n" }.joined())
    let block = try Given.block("f=sum:x", "id\tu\n" + (0..<300).map { "l\($0)\t1\n" }.joined())
    let pairs = (0..<70_000).map { GenePair("L\($0 % 300)", "R\($0 / 300)") }
    for (count, given) in [(100, 0), (70_000, 70_000)] {
      var rules = BagRules()
      rules.missingIsoform = .zero
      let bags = try PairBags(
        pairs: PairList(Array(pairs.prefix(count))), members: members, blocks: [block], rules: rules)
      var read = 0
      let error = #expect(throws: BagsError.self) { while try bags.next() != nil { read += 1 } }
      #expect(error?.kind == .table(.oneSidedBlock("f", side: "b", isoform: "r0", hint: nil)))
      #expect(read == given)
    }
  }

  /// Genes share a class where an isoform has the same row in the tables of all blocks, or is absent from a
  /// correlation.
  @Test func copiesHaveTheSameRowsInAllBlocks() throws {
    let members = try Given.members("isoform\tgene\na1\tA\na2\tA\nb1\tB\nc1\tC\nd1\tD\ne1\tE\n")
    let rows = "id\tu\tv\na1\t1\t0\na2\t2\t2\nb1\t2\t2\nc1\t2\t2\nd1\t1\t-0\ne1\tNA\tNA\n"
    let first = try Given.block("f=concat:x", rows)
    #expect(try GeneCopies(members, blocks: [first]).classes == [[0, 3], [0, 1, 2]])
    let second = try Given.block("g=correlate:x", "id\tp\tq\tr\ts\na2\t1\t2\t3\t4\nb1\t1\t2\t3\t4\nd1\t1\t2\t3\t4\n")
    #expect(try GeneCopies(members, blocks: [first, second]).classes == [[0, 1]])
    let crossing = try GeneCopies(members, blocks: [first]).crossing({ $0 == 4 ? nil : $0 == 0 }, isReported: { !$0 })
    #expect(crossing.map(\.gene) == [1, 2, 3] && crossing.map(\.copy) == [0, 0, 0])
    let groups = try GeneGroups(identicalIn: [first], members: members)
    #expect(["A", "B", "C", "D", "E"].map(groups.name) == ["A", "A", "A", "A", "E"])
  }

  /// While one thread reads pairs to their end, where copies are looked for, the rows that another one writes stay as
  /// they are.
  @Test func rowsStayWhileCopiesAreLookedFor() throws {
    let count = 20_000
    let members = try Given.members("isoform\tgene\n" + (0..<count).map { "i\($0)\tG\($0)\n" }.joined())
    let table = "id\tu\n" + (0..<count).map { "i\($0)\t\($0 + 1)\n" }.joined()
    for isPacked in [false, true] {
      var options = PairBlock.Options()
      options.table.isPacked = isPacked
      let block = try Given.block("f=concat:x", table, options: options)
      var rules = BagRules()
      (rules.holdOut, rules.keepParts) = (try HoldOut(parsing: "genes:0.5", seed: 1), [.heldOut])
      nonisolated(unsafe) let bags = try PairBags(
        pairs: PairList((0..<count / 2).map { GenePair("G\($0)", "G\($0 + count / 2)") }), members: members,
        blocks: [block], rules: rules)
      let isOver = Atomic<Bool>(false)
      let wrong = Atomic<Int>(0)
      DispatchQueue.concurrentPerform(iterations: 2) { worker in
        if worker == 0 {
          while (try? bags.nextChunk(bags: 512, instances: 512)) != nil {}
          isOver.store(true, ordering: .relaxed)
          return
        }
        var row = [0.0, 0.0]
        while !isOver.load(ordering: .relaxed) {
          for isoform in stride(from: 7, to: count, by: 1999) {
            row.withUnsafeMutableBufferPointer { bags.writeIsoform(Int32(isoform), to: $0) }
            if row != [Double(isoform + 1), Double(isoform + 1)] { wrong.add(1, ordering: .relaxed) }
          }
        }
      }
      #expect(wrong.load(ordering: .relaxed) == 0)
    }
  }
}
