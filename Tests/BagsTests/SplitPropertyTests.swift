import Bags
import Bytes
import Records
import Testing

/// The guarantees of splits and negatives, over whole streams of pairs with repeats in both orders.
@Suite struct SplitPropertyTests {
  static let count = 60
  static let ids = (0..<count).map { "G\($0)" }
  static let members = "isoform\tgene\n" + ids.map { "\($0)-1\t\($0)\n\($0)-2\t\($0)\n" }.joined()
  static let features = "id\tu\n" + ids.enumerated().map { "\($1)-1\t\($0)\n\($1)-2\t\($0).5\n" }.joined()
  /// Homologs: G0 G10 G20 …, G1 G11 …, up to G4; G5 to G9 and all that ends so stand alone.
  static let clusters =
    "gene\tgroup\n" + ids.indices.filter { $0 % 10 < 5 }.map { "G\($0)\tc\($0 % 10)\n" }.joined()

  /// 400 pairs; every fifth comes again the other way round, self pairs among them.
  static func pairs(shuffledBy seed: UInt64? = nil) -> [GenePair] {
    var random = RandomStream(seed: 11)
    var rows: [GenePair] = []
    for number in 0..<400 {
      let (a, b) = (ids[random.below(count)], ids[random.below(count)])
      rows.append(GenePair(a, b, label: number % 4 == 0 ? 1 : 0))
      if number % 5 == 0, a != b { rows.append(GenePair(b, a, label: number % 4 == 0 ? 1 : 0)) }
    }
    guard let seed else { return rows }
    var order = RandomStream(seed: seed)
    for last in rows.indices.dropFirst().reversed() { rows.swapAt(last, order.below(last + 1)) }
    return rows
  }

  static func bags(_ pairs: [GenePair], _ change: (inout BagRules, Members) throws -> Void) throws -> [StreamRecord] {
    let members = try Given.members(members)
    var rules = BagRules()
    try change(&rules, members)
    return try PairBags(
      pairs: PairList(pairs), members: members, blocks: [Given.block("f=concat:x", features)], rules: rules
    ).all()
  }

  static func groups(_ members: Members) throws -> GeneGroups {
    try GeneGroups(reading: MemorySource(clusters, name: "c.tsv"), members: members)
  }

  static func genes(_ bags: [StreamRecord]) -> Set<String> {
    Set(bags.flatMap { [$0.geneA, $0.geneB] }.compactMap { $0 })
  }

  /// The number of a homolog's cluster; nil for a gene that stands alone.
  static func cluster(_ gene: String) -> Int? { Int(gene.dropFirst()).flatMap { $0 % 10 < 5 ? $0 % 10 : nil } }

  static func unordered(_ bag: StreamRecord) -> Set<String> { Set([bag.geneA, bag.geneB].compactMap { $0 }) }

  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64], [false, true])
  func noGeneThatIsHeldOutTrains(seed: UInt64, isGrouped: Bool) throws {
    func part(_ parts: Set<SplitPart>) throws -> [StreamRecord] {
      try orNone {
        try Self.bags(Self.pairs()) { rules, members in
          rules.holdOut = HoldOut(.genes, share: 0.3, seed: seed)
          rules.holdOut?.groups = isGrouped ? try Self.groups(members) : nil
          rules.keepParts = parts
        }
      }
    }
    let train = try part([.train])
    let one = try part([.oneUnseen])
    let both = try part([.bothUnseen])
    let seen = Self.genes(train)
    #expect(!train.isEmpty && !one.isEmpty)
    #expect(seen.isDisjoint(with: Self.genes(both)))
    // Of every pair of one-unseen exactly one gene is held out: none of the train set is.
    let held = Set(
      Self.ids.filter { gene in
        both.contains { Self.unordered($0).contains(gene) } || one.contains { Self.unordered($0) == [gene] }
      })
    #expect(held.isDisjoint(with: seen))
    for bag in one { #expect(Self.unordered(bag).count == 2 && !Self.unordered(bag).isSubset(of: seen)) }
    #expect(try part([.heldOut]).count == one.count + both.count)
    #expect(train.count + one.count + both.count == (try Self.bags(Self.pairs()) { _, _ in }).count)
    if isGrouped {
      let clusters = Set(seen.compactMap(Self.cluster))
      #expect(clusters.isDisjoint(with: Self.genes(both).compactMap(Self.cluster)))
      for bag in one {
        #expect(Self.unordered(bag).contains { Self.cluster($0).map { !clusters.contains($0) } ?? !seen.contains($0) })
      }
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64], [false, true])
  func noGeneStandsInTwoFolds(seed: UInt64, isGrouped: Bool) throws {
    let bags = try Self.bags(Self.pairs()) { rules, members in
      rules.folds = Folds(4, by: .gene, seed: seed)
      rules.folds?.groups = isGrouped ? try Self.groups(members) : nil
    }
    var folds: [String: Set<String>] = [:]
    for bag in bags {
      let parts = try #require(bag.fold).split(separator: "-").map(String.init)
      #expect(bag.part == (parts.count == 1 ? "both-unseen" : "one-unseen"))
      // A gene is in one of the two folds of each of its pairs.
      for gene in Self.unordered(bag) {
        let name = isGrouped ? Self.cluster(gene).map { "c\($0)" } ?? gene : gene
        folds[name] = folds[name].map { $0.intersection(parts) } ?? Set(parts)
      }
    }
    for (name, left) in folds { #expect(left.count >= 1, "\(name) stands in two folds") }
    #expect(Set(bags.compactMap(\.fold)).count > 4)
  }

  @Test(arguments: [1, 2, 3] as [UInt64]) func repeatedPairsStayTogether(seed: UInt64) throws {
    func parts(_ change: (inout BagRules) -> Void, _ name: (StreamRecord) -> String?) throws -> [Set<String>: Set<
      String
    >] {
      var found: [Set<String>: Set<String>] = [:]
      for bag in try Self.bags(Self.pairs(), { rules, _ in change(&rules) }) {
        found[Self.unordered(bag), default: []].insert(name(bag) ?? "")
      }
      return found
    }
    for unit in [Folds.Unit.gene, .bag] {
      let folds = try parts({ $0.folds = Folds(5, by: unit, seed: seed) }) { $0.fold }
      #expect(folds.values.allSatisfy { $0.count == 1 })
    }
    func held(_ part: SplitPart) throws -> Set<Set<String>> {
      Set(
        try parts({
          $0.holdOut = HoldOut(.bags, share: 0.4, seed: seed)
          $0.keepParts = [part]
        }) { $0.bag }.keys)
    }
    #expect(try held(.train).isDisjoint(with: held(.heldOut)))
    // A share of a class is chosen by the unordered pair as well.
    let thinned = try Self.bags(Self.pairs()) { rules, _ in
      rules.underSample = try Resampling(parsing: "0:0.5", isWeight: false)
      rules.sampleSeed = seed
      rules.conflicts = .drop
    }
    let kept = Set(thinned.map(Self.unordered))
    let all = try Self.bags(Self.pairs()) { rules, _ in rules.conflicts = .drop }
    #expect(all.count { kept.contains(Self.unordered($0)) } == thinned.count)
    #expect(thinned.count < all.count)
  }

  /// Another order of the file: the same bags in the same parts, with the same numbers.
  @Test(arguments: [21, 22, 23] as [UInt64]) func theOrderOfTheFileChangesOrderOnly(seed: UInt64) throws {
    func rows(_ pairs: [GenePair]) throws -> [String] {
      let bags = try Self.bags(pairs) { rules, members in
        rules.holdOut = HoldOut(.genes, share: 0.3, seed: 5)
        rules.holdOut?.groups = try Self.groups(members)
        rules.keepParts = [.train, .oneUnseen]
        rules.folds = Folds(5, by: .gene, seed: 5)
        rules.conflicts = .drop
        rules.underSample = try Resampling(parsing: "0:2x", isWeight: false)
        rules.classWeight = try Resampling(parsing: "1:1x", isWeight: true)
      }
      return bags.map { "\($0.bag) \($0.fold ?? "") \($0.part ?? "") \($0.weight ?? 0) \($0.values)" }
    }
    let one = try rows(Self.pairs())
    let other = try rows(Self.pairs(shuffledBy: seed))
    #expect(one != other)
    #expect(one.sorted() == other.sorted())
  }

  @Test func bothOrdersOfEveryPair() throws {
    let plain = try Self.bags(Self.pairs()) { rules, _ in rules.conflicts = .drop }
    let turned = try Self.bags(Self.pairs()) { rules, _ in
      rules.conflicts = .drop
      rules.bothOrders = true
    }
    let both = Set(turned.map(\.bag))
    #expect(both.count == turned.count)
    for bag in plain {
      let (a, b) = (bag.geneA ?? "", bag.geneB ?? "")
      #expect(both.contains("\(a):\(b)") && both.contains("\(b):\(a)"))
    }
    let labels = Dictionary(uniqueKeysWithValues: turned.map { ($0.bag, $0.label) })
    for bag in turned { #expect(labels["\(bag.geneB ?? ""):\(bag.geneA ?? "")"] == bag.label) }
  }
}
