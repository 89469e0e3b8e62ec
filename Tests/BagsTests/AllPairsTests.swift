import Bags
import Bytes
import Records
import Testing

@Suite struct AllPairsTests {
  private func members(_ count: Int) throws -> Members {
    try Given.members("isoform\tgene\n" + (0..<count).map { "i\($0)\tg\($0)\n" }.joined())
  }

  private func ids(_ pairs: AllPairs) -> [String] {
    var result: [String] = []
    while let pair = pairs.next() { result.append("\(pair.geneA) \(pair.geneB)") }
    return result
  }

  private func chosen(_ ids: String...) -> [(id: String, place: Bytes.SourceLocation)] {
    ids.map { ($0, Bytes.SourceLocation(source: "genes")) }
  }

  @Test func everyPairOnceGeneByGene() throws {
    let members = try members(4)
    #expect(try ids(AllPairs(of: members)) == ["g0 g1", "g0 g2", "g0 g3", "g1 g2", "g1 g3", "g2 g3"])
    let own = try ids(AllPairs(of: members, selfPairs: true))
    #expect(own == ["g0 g0", "g0 g1", "g0 g2", "g0 g3", "g1 g1", "g1 g2", "g1 g3", "g2 g2", "g2 g3", "g3 g3"])
  }

  @Test func chosenGenesAgainstAll() throws {
    let members = try members(4)
    let pairs = try ids(AllPairs(of: members, genes: chosen("g2", "g0")))
    #expect(pairs == ["g2 g0", "g2 g1", "g2 g3", "g0 g1", "g0 g3"])
    let own = try AllPairs(of: members, genes: chosen("g2", "g0"), selfPairs: true)
    #expect(own.count == 7)
    #expect(ids(own) == ["g2 g0", "g2 g1", "g2 g2", "g2 g3", "g0 g0", "g0 g1", "g0 g3"])
  }

  @Test func aChoiceMustBeKnownAndNotTwice() throws {
    let members = try members(3)
    let twice = #expect(throws: BagsError.self) { try AllPairs(of: members, genes: chosen("g1", "g1")) }
    #expect(twice?.kind == .table(.repeatedIdentifier("g1")))
    let unknown = #expect(throws: BagsError.self) { try AllPairs(of: members, genes: chosen("g1", "gx")) }
    #expect(unknown?.kind == .members(.unknownGene("gx", members: true)))
    let tally = NoticeCounter()
    let rest = try AllPairs(of: members, genes: chosen("gx", "g1"), unknown: .drop, tally: tally)
    #expect(ids(rest) == ["g1 g0", "g1 g2"])
    #expect(tally[.unknownChoice] == 1)
  }

  @Test(arguments: [0, 1, 2, 3, 7, 12], [1, 2, 3, 16, 100]) func sharesAreTheWhole(genes: Int, shares: Int) throws {
    let members = try members(genes)
    let choice = chosen("g6", "g1", "g4").filter { members.gene($0.id, .a) != nil }
    for selfPairs in [false, true] {
      for genes in [nil, choice] {
        let whole = try ids(AllPairs(of: members, genes: genes, selfPairs: selfPairs))
        let parts = try (1...shares).map {
          try ids(AllPairs(of: members, genes: genes, selfPairs: selfPairs, shard: Shard($0, of: shares)))
        }
        #expect(parts.flatMap { $0 } == whole)
        #expect(Set(whole.map { Set($0.split(separator: " ")) }).count == whole.count, "no pair twice")
        let sizes = parts.map(\.count)
        #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1, "shares of one size")
      }
    }
  }

  @Test func sharesOfAFileKnowRepeatsOfTheWhole() throws {
    let pairs = "gene_a\tgene_b\nA\tB\nA\tC\nA\tB\nB\tC\nB\tA\nC\tC\n"
    let whole = try Given.bags(pairs).all().map(\.bag)
    var parts: [[String]] = []
    for number in 1...3 {
      var rules = BagRules()
      rules.shard = Shard(number, of: 3)
      parts.append(try Given.bags(pairs, rules: rules).all().map(\.bag))
    }
    #expect(parts == [["A:B", "B:A"], ["A:C", "C:C"], ["B:C"]])
    #expect(whole == ["A:B", "A:C", "B:C", "B:A", "C:C"])
  }

  @Test(arguments: ["", "3", "0/4", "5/4", "1/0", "a/b", "1/2/3", "-1/4", "1/1000001"]) func badShares(text: String) {
    let error = #expect(throws: BagsError.self) { try Shard(parsing: text) }
    #expect(error?.kind == .pairs(.shardSyntax(text)))
    #expect(error?.diagnostic.code == .usage)
  }

  @Test func aVeryLongListIsShared() throws {
    let length = Int.max / 3
    let ranges = (1...1000).map { Shard($0, of: 1000).range(of: length) }
    #expect(ranges.first?.lowerBound == 0 && ranges.last?.upperBound == length)
    for (one, next) in zip(ranges, ranges.dropFirst()) { #expect(one.upperBound == next.lowerBound) }
  }

  /// Chunks say of isoforms what bags say of rows.
  @Test(arguments: ["f=concat:x", "f=product:x", "f=dot:x"]) func chunksAreTheBags(spec: String) throws {
    let pairs = "gene_a\tgene_b\nA\tB\nB\tB\nC\tA\n"
    let bags = try Given.bags(pairs, spec: spec).all()
    for most in [1, 2, 10] {
      let source = try Given.bags(pairs, spec: spec)
      var records: [StreamRecord] = []
      while let chunk = try source.nextChunk(bags: most, instances: 4) {
        records += try chunk.pairs.indices.map { try source.wholeRecord(of: chunk, $0) }
      }
      #expect(records.map(\.bag) == bags.map(\.bag))
      #expect(records.map(\.instances) == bags.map(\.instances))
      #expect(records.map(\.values) == bags.map(\.values))
    }
  }
}
