import Bags
import Bytes
import Testing

@Suite struct NegativesTests {
  static func pairs() -> PairList {
    PairList((0..<300).map { GenePair("L\($0 % 40)", "R\($0 * 7 % 50)", label: $0 % 3 == 0 ? 0 : 1) })
  }

  static func drawn(
    _ amount: Negatives.Amount, _ origin: Negatives.Origin, seed: UInt64 = 1, tally: NoticeCounter = NoticeCounter()
  )
    throws -> (given: [GenePair], negatives: [GenePair])
  {
    let source = Negatives(after: pairs(), amount, from: origin, seed: seed, tally: tally)
    var all: [GenePair] = []
    while let pair = try source.next() { all.append(pair) }
    return (Array(all.prefix(300)), Array(all.dropFirst(300)))
  }

  static func compartments() throws -> Compartments {
    let rows =
      (0..<40).map { "L\($0)\t\($0 % 2 == 0 ? "nucleus" : "membrane")\n" }
      + (0..<50).map { "R\($0)\t\($0 % 3 == 0 ? "nucleus" : "membrane")\n" }
    return try Compartments(reading: Given.table("gene\tcompartment\n" + rows.joined()))
  }

  static func origin(_ name: String) throws -> Negatives.Origin {
    switch name {
    case "uniform": .uniform
    case "degree-matched": .degreeMatched
    default: .compartments(try compartments())
    }
  }

  @Test(arguments: ["uniform", "degree-matched", "compartment"], [1, 2, 3, 4, 5] as [UInt64])
  func neverAKnownPair(origin: String, seed: UInt64) throws {
    let (given, negatives) = try Self.drawn(.total(500), Self.origin(origin), seed: seed)
    #expect(negatives.count == 500)
    var known = Set(given.map { Set([$0.geneA, $0.geneB]) })
    for pair in negatives {
      #expect(pair.label == 0)
      #expect(pair.geneA.hasPrefix("L") && pair.geneB.hasPrefix("R"))
      #expect(known.insert([pair.geneA, pair.geneB]).inserted)
    }
  }

  @Test func ratioSeedAndShortfall() throws {
    // 200 different pairs, of which 167 have a row with the label 1.
    #expect(try Self.drawn(.perPositive(1.5), .uniform).negatives.count == 251)
    let ids = { (pairs: [GenePair]) in pairs.map { "\($0.geneA):\($0.geneB)" } }
    let first = try ids(Self.drawn(.total(50), .uniform, seed: 4).negatives)
    #expect(try first == ids(Self.drawn(.total(50), .uniform, seed: 4).negatives))
    #expect(try first != ids(Self.drawn(.total(50), .uniform, seed: 5).negatives))
    let tally = NoticeCounter()
    let few = try Self.drawn(.total(100_000), .uniform, tally: tally).negatives.count
    #expect(few < 2000 && tally[.missingNegatives] == 100_000 - few)
  }

  @Test func compartmentsAreApart() throws {
    let map = try Self.compartments()
    let negatives = try Self.drawn(.total(200), .compartments(map)).negatives
    #expect(negatives.count == 200)
    #expect(negatives.allSatisfy { map.areApart($0.geneA, $0.geneB) })
    #expect(!map.areApart("L0", "R0") && map.areApart("L0", "R1") && !map.areApart("L0", "unknown"))
  }

  /// The given pairs are known in reverse too, and where the sides are of one kind a pair is drawn in one order only.
  @Test(arguments: [1, 2, 3] as [UInt64]) func noPairTwiceWhereSidesMix(seed: UInt64) throws {
    let ids = (0..<12).map { "G\($0)" }
    let given = ids.indices.flatMap { i in [GenePair(ids[i], ids[(i + 1) % 12]), GenePair(ids[(i + 3) % 12], ids[i])] }
    let tally = NoticeCounter()
    let source = Negatives(after: PairList(given), .total(100), from: .uniform, seed: seed, tally: tally)
    let all = try source.allPairs()
    let negatives = all.dropFirst(given.count)
    let sets = all.map { Set([$0.geneA, $0.geneB]) }
    #expect(Set(sets).count == all.count && sets.allSatisfy { $0.count == 2 })
    // 66 unordered pairs of twelve genes, 24 of them known.
    #expect(negatives.count == 42 && tally[.missingNegatives] == 58)
  }

  /// Only pairs that may become bags are drawn, and only positives among those count for a ratio.
  @Test func ofThePartThatIsAskedFor() throws {
    let split = HoldOut(.genes, share: 0.4, seed: 9)
    let tally = NoticeCounter()
    let source = Negatives(after: Self.pairs(), .perPositive(2), from: .uniform, seed: 1, tally: tally) {
      split.part($0, $1) == .train
    }
    let all = try source.allPairs()
    // A pair with a positive and another label is positive.
    let given = all.prefix(300).filter { split.part($0.geneA, $0.geneB) == .train }
    let positives = Set(given.filter { $0.label == 1 }.map { [$0.geneA, $0.geneB] })
    let negatives = all.dropFirst(300)
    #expect(!positives.isEmpty)
    #expect(negatives.count + tally[.missingNegatives] == 2 * positives.count)
    #expect(!negatives.isEmpty && negatives.allSatisfy { split.part($0.geneA, $0.geneB) == .train })
  }

  /// Labels that are missing where there are others say nothing; what is to be avoided is never drawn, and is no pair.
  @Test func unknownLabelsAndAvoidedPairs() throws {
    let given = [GenePair("A", "B", label: 1), GenePair("C", "D"), GenePair("E", "F", label: 1)]
    let tally = NoticeCounter()
    let source = Negatives(
      after: PairList(given), .perPositive(10), from: .uniform, seed: 1, tally: tally, areLabelled: true)
    for gene in ["B", "F"] { source.avoid(gene, "C") }
    let all = try source.allPairs()
    #expect(all.prefix(3).map(\.label) == [1, nil, 1] && tally[.unlabelledPair] == 1)
    // Of nine pairs of A, C, E with B, D, F three are given and two avoided.
    let drawn = Set(all.dropFirst(3).map { $0.geneA + $0.geneB })
    #expect(drawn == ["AD", "AF", "ED", "EB"] && tally[.missingNegatives] == 20 - 4)
    let only = PairList([GenePair("A", "B")])
    let unlabelled = Negatives(after: only, .total(1), from: .uniform, seed: 1, tally: NoticeCounter())
    #expect(try unlabelled.allPairs().map(\.label) == [1])
  }

  /// Rows in another order, or repeated, give the same negatives in the same order.
  @Test(arguments: ["uniform", "degree-matched", "compartment"], [false, true])
  func aFunctionOfTheSetOfPairs(origin: String, isUnordered: Bool) throws {
    var random = RandomStream(seed: 7)
    let genes = (0..<30).map { "\($0 % 2 == 0 ? "L" : "R")\($0)" }
    let given = (0..<120).map { _ in
      GenePair(genes[random.below(30)], genes[random.below(30)], label: [0, 1, 1, nil][random.below(4)])
    }
    func drawn(_ pairs: [GenePair]) throws -> [String] {
      let source = try Negatives(
        after: PairList(pairs), .perPositive(1.5), from: Self.origin(origin), seed: 2, tally: NoticeCounter(),
        isUnordered: isUnordered, areLabelled: true)
      return try source.allPairs().dropFirst(pairs.count).map { "\($0.geneA):\($0.geneB)" }
    }
    let first = try drawn(given)
    #expect(first.count > 10)
    for _ in 0..<5 {
      var shuffled = given + given.prefix(40)
      for place in shuffled.indices { shuffled.swapAt(place, random.below(shuffled.count)) }
      #expect(try drawn(shuffled) == first)
    }
  }

  /// Each gene of a pair without order may be on either side.
  @Test(arguments: ["uniform", "degree-matched"]) func sidesMixWhereThereIsNoOrder(origin: String) throws {
    let star = (0..<5).map { GenePair("H", "X\($0)", label: 1) }
    for isUnordered in [false, true] {
      let source = try Negatives(
        after: PairList(star), .total(10), from: Self.origin(origin), seed: 3, tally: NoticeCounter(),
        isUnordered: isUnordered)
      #expect(try source.allPairs().count == (isUnordered ? 15 : 5))
    }
  }

  /// Random genes with random isoforms, features, labels and rules: each positive pair that becomes a bag asks for one
  /// negative, and what is drawn becomes a bag.
  @Test(arguments: 0..<40 as Range<UInt64>) func asManyAsBagsAskFor(seed: UInt64) throws {
    var random = RandomStream(seed: seed)
    let genes = (0..<9).map { "G\($0)" }
    var isoforms: [String] = []
    var rows = "isoform\tgene\n"
    for gene in genes {
      for number in 0...random.below(3) {
        isoforms.append("\(gene)-\(number)")
        rows += "\(gene)-\(number)\t\(gene)\n"
      }
    }
    let members = try Given.members(rows)
    let features = isoforms.filter { _ in random.below(3) > 0 }.map {
      "\($0)\t\(random.below(5))\t1\t2\t\(random.below(5))"
    }
    let block = try Given.block(
      "f=\(seed % 2 == 0 ? "concat" : "correlate"):x", "id\ta\tb\tc\td\n" + features.joined(separator: "\n"))
    var rules = BagRules()
    if seed % 3 == 0 { rules.undefined = .drop }
    if seed % 5 == 0 { rules.conflicts = .drop }
    if seed % 4 == 0 {
      (rules.holdOut, rules.keepParts) = (HoldOut(.genes, share: 0.4, seed: seed), [.train, .oneUnseen])
    }
    let given = (0..<14).map { _ in
      let label: Double? = [0, 1, 1, nil][random.below(4)]
      return GenePair(genes[random.below(9)], genes[random.below(9)], label: label)
    }
    let candidates = try Candidates(of: members, blocks: [block], rules: rules)
    let known =
      rules.conflicts == .drop
      ? SettledPairs(PairList(given), .drop, members: members, NoticeCounter()) : PairList(given) as PairSource
    let tally = NoticeCounter()
    let source = Negatives(
      after: known, .perPositive(1), from: seed % 7 == 0 ? .degreeMatched : .uniform, seed: seed, tally: tally,
      isUnordered: seed % 2 == 1, areLabelled: true
    ) { rules.passes($0, $1) && candidates.exist($0, $1) }
    var bags = 0
    var bagged: Set<Set<String>> = []
    let interacting = Set(given.map { Set([$0.geneA, $0.geneB]) })
    let all = try PairBags(pairs: source, members: members, blocks: [block], rules: rules)
    while let bag = try all.next() {
      let pair = Set([bag.geneA ?? "", bag.geneB ?? ""])
      if interacting.contains(pair) {
        bagged.insert(pair)
      } else {
        #expect(bag.label == 0 && pair.count == 2)
        bags += 1
      }
    }
    let asking = Set(given.filter { $0.label == 1 }.map { Set([$0.geneA, $0.geneB]) }).intersection(bagged)
    #expect(bags + tally[.missingNegatives] == asking.count)
  }

  @Test func amounts() throws {
    #expect(try Negatives.Amount(parsing: "20") == .total(20))
    #expect(try Negatives.Amount(parsing: "2.5x") == .perPositive(2.5))
    for wrong in ["", "x", "-1", "1.5", "0", "nine"] {
      #expect(throws: BagsError.self) { _ = try Negatives.Amount(parsing: wrong) }
    }
  }
}
