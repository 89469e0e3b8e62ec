import Bags
import Bytes
import Records
import Testing

/// Gene groups keep the same genes together whichever of their names a run knows.
@Suite struct GeneGroupsTests {
  static func groups(
    _ clusters: String, genes: [String], cut: IdentifierCut = IdentifierCut(), tally: NoticeCounter = NoticeCounter()
  ) throws -> GeneGroups {
    let rows = genes.map { "\($0)\t1\n" }.joined()
    let table = try FeatureTable.read(MemorySource("id\tu\n" + rows), tally: NoticeCounter())
    return try GeneGroups(
      reading: MemorySource(clusters, name: "g.tsv"), members: Members(identifiersOf: [table]), cut: cut, tally: tally)
  }

  @Test func aSetIsNamedByItsSmallestNameKnownOrNot() throws {
    let clusters = "gene\tgroup\nC\t1\nA\t1\nD\t2\n"
    #expect(try Self.groups(clusters, genes: ["A", "B", "C", "D"]).name(of: "C") == "A")
    let without = try Self.groups(clusters, genes: ["B", "C", "D"])
    #expect(without.name(of: "C") == "A" && without.name(of: "D") == "D" && without.name(of: "B") == "B")
  }

  @Test func unknownNamesLink() throws {
    let clusters = "gene\tgroup\nB\t1\nZ\t1\nZ\t2\nC\t2\nD\t3\n"
    let groups = try Self.groups(clusters, genes: ["A", "B", "C", "D"])
    #expect(groups.name(of: "B") == "B" && groups.name(of: "C") == "B" && groups.name(of: "D") == "D")
  }

  /// Random clusters, and two runs that know other halves of their names: a gene that both know stands alike.
  @Test(arguments: 1...20 as ClosedRange<UInt64>) func runsWithOtherGenesSplitAlike(seed: UInt64) throws {
    var random = RandomStream(seed: seed)
    let ids = (0..<80).map { "G\($0)" }
    var clusters = "gene\tgroup\n"
    for _ in 0..<60 { clusters += "\(ids[random.below(80)])\t\(random.below(25))\n" }
    let halves = (0..<2).map { _ in ids.filter { _ in random.below(2) == 0 } }
    let runs = try (halves + [ids]).map { try Self.groups(clusters, genes: $0) }
    for gene in Set(halves[0]).intersection(halves[1]) {
      #expect(Set(runs.map { $0.name(of: gene) }).count == 1, "\(gene) has two names")
      let held = Set(
        runs.map { groups in
          var split = HoldOut(.genes, share: 0.5, seed: seed)
          split.groups = groups
          return split.holdsOut(gene: gene)
        })
      #expect(held.count == 1, "\(gene) is held out in one run only")
    }
    // Whatever the members, nothing that a chain links is parted.
    let rows = clusters.split(separator: "\n").dropFirst().map { $0.split(separator: "\t").map(String.init) }
    for (known, groups) in zip(halves, runs) {
      for (one, other) in zip(rows, rows.dropFirst()) where one[1] == other[1] {
        guard known.contains(one[0]), known.contains(other[0]) else { continue }
        #expect(groups.name(of: one[0]) == groups.name(of: other[0]))
      }
    }
  }

  /// A name that is an isoform stands for its genes; sets of two isoforms of one gene are one.
  @Test func isoformsLinkByTheirGenes() throws {
    let members = try Given.members(Given.threeGenes)
    let clusters = "gene\tgroup\nB-1\t1\nA-2\t1\nZ\t1\nB-2\t2\nC-1\t3\nY\t3\n"
    let groups = try GeneGroups(reading: MemorySource(clusters), members: members)
    #expect(groups.name(of: "A") == "A-2" && groups.name(of: "B") == "A-2" && groups.name(of: "C") == "C-1")
    // Members that know fewer of the isoforms, and a gene by none of those that link it.
    let fewer = try Given.members("isoform\tgene\nA-2\tA\nB-1\tB\nC-2\tC\n")
    let others = try GeneGroups(reading: MemorySource(clusters), members: fewer)
    #expect(others.name(of: "A") == "A-2" && others.name(of: "B") == "A-2" && others.name(of: "C") == "C")
  }

  @Test func namesAreCutAsIdsAre() throws {
    let cut = IdentifierCut(strip: .version)
    let groups = try Self.groups(
      "gene\tgroup\nE2.1\t1\nE1.7\t1\nE3.1\t2\nE3.2\t3\nE4.1\t3\n", genes: ["E2", "E4"], cut: cut)
    #expect(groups.name(of: "E2") == "E1" && groups.name(of: "E4") == "E3")
  }

  @Test func groupsThatLinkNothingAreTold() throws {
    func told(_ clusters: String) throws -> [String] {
      var lines: [String] = []
      _ = try Self.groups(clusters, genes: ["A", "B", "C"], tally: NoticeCounter(named: { lines.append($0.message) }))
      return lines.filter { $0.contains("keep nothing together") }
    }
    #expect(try told("A\tA\nA\tB\nC\tC\n").isEmpty)
    // Columns the wrong way round: each gene its own cluster of its representative.
    #expect(try told("A\tA\nB\tA\nC\tC\n").count == 1)
    #expect(try told("gene\tgroup\nA\t1\nB\t2\n").count == 1)
  }
}
