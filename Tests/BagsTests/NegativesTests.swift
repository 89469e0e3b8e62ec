import Bags
import Testing

@Suite struct NegativesTests {
  static func pairs() -> PairList {
    PairList((0..<300).map { GenePair("L\($0 % 40)", "R\($0 * 7 % 50)", label: $0 % 3 == 0 ? 0 : 1) })
  }

  static func drawn(_ amount: Negatives.Amount, _ origin: Negatives.Origin, seed: UInt64 = 1, tally: Tally = Tally())
    throws -> (given: [GenePair], negatives: [GenePair])
  {
    let source = Negatives(after: pairs(), amount, from: origin, seed: seed, tally: tally)
    var all: [GenePair] = []
    while let pair = try source.next() { all.append(pair) }
    return (Array(all.prefix(300)), Array(all.dropFirst(300)))
  }

  @Test(arguments: [false, true])
  func neverAKnownPair(degreeMatched: Bool) throws {
    let (given, negatives) = try Self.drawn(.total(500), degreeMatched ? .degreeMatched : .uniform)
    #expect(negatives.count == 500)
    var known = Set(given.map { Set([$0.geneA, $0.geneB]) })
    for pair in negatives {
      #expect(pair.label == 0)
      #expect(pair.geneA.hasPrefix("L") && pair.geneB.hasPrefix("R"))
      #expect(known.insert([pair.geneA, pair.geneB]).inserted)
    }
  }

  @Test func ratioSeedAndShortfall() throws {
    #expect(try Self.drawn(.perPositive(1.5), .uniform).negatives.count == 200)
    let ids = { (pairs: [GenePair]) in pairs.map { "\($0.geneA):\($0.geneB)" } }
    let first = try ids(Self.drawn(.total(50), .uniform, seed: 4).negatives)
    #expect(try first == ids(Self.drawn(.total(50), .uniform, seed: 4).negatives))
    #expect(try first != ids(Self.drawn(.total(50), .uniform, seed: 5).negatives))
    let tally = Tally()
    let few = try Self.drawn(.total(100_000), .uniform, tally: tally).negatives.count
    #expect(few < 2000 && tally[.missingNegatives] == 100_000 - few)
  }

  @Test func compartmentsAreApart() throws {
    let rows =
      (0..<40).map { "L\($0)\t\($0 % 2 == 0 ? "nucleus" : "membrane")\n" }
      + (0..<50).map { "R\($0)\t\($0 % 3 == 0 ? "nucleus" : "membrane")\n" }
    let map = try Compartments(reading: Given.table("gene\tcompartment\n" + rows.joined()))
    let negatives = try Self.drawn(.total(200), .compartments(map)).negatives
    #expect(negatives.count == 200)
    #expect(negatives.allSatisfy { map.areApart($0.geneA, $0.geneB) })
    #expect(!map.areApart("L0", "R0") && map.areApart("L0", "R1") && !map.areApart("L0", "unknown"))
  }

  @Test func amounts() throws {
    #expect(try Negatives.Amount(parsing: "20") == .total(20))
    #expect(try Negatives.Amount(parsing: "2.5x") == .perPositive(2.5))
    for wrong in ["", "x", "-1", "1.5", "0", "nine"] {
      #expect(throws: BagsError.self) { _ = try Negatives.Amount(parsing: wrong) }
    }
  }
}
