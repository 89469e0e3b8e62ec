import Bags
import Bytes
import Testing

@Suite struct HoldOutTests {
  static let genes = (0..<400).map { "G\($0)" }

  @Test func parsing() throws {
    let genes = try HoldOut(parsing: "genes:0.2", seed: 7)
    #expect(genes.unit == .genes && genes.share == 0.2 && genes.seed == 7)
    #expect(try HoldOut(parsing: "bags:0.1", seed: 7).unit == .bags)
    for wrong in ["", "genes", "genes:", "genes:0", "genes:1", "genes:-1", "isoforms:0.2", "genes:0,2", "genes:.2"] {
      #expect(throws: BagsError.self) { _ = try HoldOut(parsing: wrong, seed: 0) }
    }
  }

  @Test func partsAreDisjointAndCoverAll() {
    let split = HoldOut(.genes, share: 0.25, seed: 3)
    let held = Set(Self.genes.filter { split.holdsOut(gene: $0) })
    #expect(held.count > 60 && held.count < 140)
    for (a, b) in zip(Self.genes, Self.genes.reversed()) {
      let unseen = (held.contains(a) ? 1 : 0) + (held.contains(b) ? 1 : 0)
      #expect(split.part(a, b) == [.train, .oneUnseen, .bothUnseen][unseen])
      #expect(split.part(a, b) == split.part(b, a))
      let homes = [SplitPart.train, .oneUnseen, .bothUnseen].filter { split.keeps(a, b, parts: [$0]) }
      #expect(homes.count == 1)
      #expect(split.keeps(a, b, parts: [.heldOut]) == (unseen > 0))
      if split.keeps(a, b, parts: [.train]) { #expect(!held.contains(a) && !held.contains(b)) }
    }
  }

  @Test func seedsDifferAndRepeat() {
    let one = Self.genes.filter { HoldOut(.genes, share: 0.2, seed: 1).holdsOut(gene: $0) }
    #expect(one == Self.genes.filter { HoldOut(.genes, share: 0.2, seed: 1).holdsOut(gene: $0) })
    #expect(one != Self.genes.filter { HoldOut(.genes, share: 0.2, seed: 2).holdsOut(gene: $0) })
  }

  @Test func bagsByUnorderedPair() {
    let split = HoldOut(.bags, share: 0.3, seed: 5)
    var held = 0
    for (a, b) in zip(Self.genes, Self.genes.dropFirst()) {
      #expect(split.part(a, b) == split.part(b, a))
      held += split.part(a, b) == .heldOut ? 1 : 0
    }
    #expect(held > 80 && held < 160)
  }

  @Test(arguments: [
    "gene\tgroup\nA\tx\nB\ty\nC\tx\n", "A-1\tA-1\nA-1\tC-1\nB-2\tB-2\nZ\tB-1\n",
    ">Cluster 0\n0\t90aa, >C-1... *\n1\t88aa, >A-2... at 98%\n>Cluster 1\n0\t70aa, >B-1... *\n",
  ])
  func homologsStayTogether(clusters: String) throws {
    let groups = try GeneGroups(reading: MemorySource(clusters), members: Given.members(Given.threeGenes))
    #expect(groups.name(of: "A") == groups.name(of: "C") && groups.name(of: "A") != groups.name(of: "B"))
    for seed in 0..<20 as Range<UInt64> {
      var split = HoldOut(.genes, share: 0.5, seed: seed)
      split.groups = groups
      #expect(split.part("A", "C") != .oneUnseen)
    }
  }

  @Test func filterOfBags() throws {
    let pairs = "gene_a\tgene_b\nA\tB\nA\tC\nB\tC\nA\tA\n"
    var parts: [[String]] = []
    for part in [SplitPart.train, .oneUnseen, .bothUnseen] {
      var rules = BagRules()
      rules.holdOut = HoldOut(.genes, share: 0.4, seed: 1)
      rules.keepParts = [part]
      parts.append(try orNone { try Given.bags(pairs, rules: rules).all() }.map(\.bag))
    }
    #expect(parts.flatMap { $0 }.sorted() == ["A:A", "A:B", "A:C", "B:C"])
  }

  @Test func folds() throws {
    var rules = BagRules()
    rules.folds = Folds(3, by: .gene, seed: 1)
    for bag in try Given.bags("gene_a\tgene_b\nA\tB\nB\tA\nA\tA\nB\tC\n", rules: rules).all() {
      let fold = try #require(bag.fold)
      #expect(bag.part == (fold.contains("-") ? "one-unseen" : "both-unseen"))
    }
    let folds = Folds(5, by: .bag, seed: 2)
    var sizes = [String: Int]()
    for (a, b) in zip(Self.genes, Self.genes.dropFirst()) {
      #expect(folds.place(a, b).fold == folds.place(b, a).fold)
      sizes[folds.place(a, b).fold, default: 0] += 1
    }
    #expect(sizes.count == 5 && sizes.values.allSatisfy { $0 > 40 })
  }
}
