import Bytes
import Records
import Structures
import Testing
import Workbench

@Suite struct ContactTests {
  private func side(_ path: String, _ side: String) throws -> ContactMap.Side {
    ContactMap.Side(
      bound: try StructureReader.read("\(path)_\(side)_b.pdb.gz"),
      onto: try StructureReader.read("\(path)_\(side)_u.pdb.gz"))
  }

  private func map(_ path: String) throws -> ContactMap {
    try ContactMap(side(path, "l"), side(path, "r"), nearerThan: 6)
  }

  /// Chain and number of an id such as `A:27A:GLY`, as the data have them.
  private func key(_ id: String) -> [String] {
    let parts = id.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    return [parts[0].isEmpty ? " " : parts[0], parts[1]]
  }

  private func compare(_ map: ContactMap, _ positives: [[String]], _ residues: [[String]]) {
    #expect(
      map.contacts.map { key(map.rows[$0.row]) + key(map.columns[$0.column]) } == positives.map { Array($0[1...]) })
    #expect(map.rows.map { ["l"] + key($0) } == residues.filter { $0[1] == "l" }.map { Array($0[1...3]) })
    #expect(map.columns.map { ["r"] + key($0) } == residues.filter { $0[1] == "r" }.map { Array($0[1...3]) })
  }

  @Test func equalsTheReference() throws {
    compare(
      try map(Fixtures.folder + "2OOB"), try Fixtures.rows(Fixtures.folder + "2OOB.positives.tsv"),
      try Fixtures.rows(Fixtures.folder + "2OOB.map.tsv"))
  }

  /// All 175 complexes of the shared data, row by row.
  @Test(.enabled(if: Fixtures.shared != nil, "the shared data are not beside the repository"))
  func equalsAllReferences() throws {
    let folder = try #require(Fixtures.shared)
    let positives = Dictionary(grouping: try Fixtures.rows(folder + "positives.tsv.gz")) { $0[0] }
    let residues = Dictionary(grouping: try Fixtures.rows(folder + "residue_map.tsv.gz")) { $0[0] }
    let complexes = try Fixtures.rows(folder + "complexes.tsv").map { $0[0] }
    #expect(complexes.count == 175)
    for complex in complexes {
      compare(try map(folder + "pdb/" + complex), positives[complex] ?? [], residues[complex] ?? [])
    }
    // Its columns of the element say H for an asparagine that touches the other side.
    #expect(positives["1VFB"]?.contains { $0[2] == "103" } == true)
  }

  @Test func theDistanceItselfDoesNotTouch() throws {
    let a = try structure(atom("CA", "ALA", chain: "A") + "END\n")
    var b = try structure(
      atom("CA", "ALA", 1, chain: "B", at: (6, 0, 0)) + atom("CA", "ALA", 2, chain: "B", at: (0, 5.999, 0)) + "END\n")
    b.id = "t"
    let map = try ContactMap(.init(bound: a, onto: nil), .init(bound: b, onto: nil), nearerThan: 6)
    #expect(map.contacts.count == 1 && map.contacts[0] == (0, 1))
    #expect(map.rows == ["A:1:ALA"] && map.columns == ["B:1:ALA", "B:2:ALA"])
    let sink = ByteSink.memory()
    try ContactTable(map).write(to: sink, .tsv, header: true, madeBy: "")
    #expect(
      String(decoding: sink.bytes, as: UTF8.self)
        == "gene_a\tgene_b\tisoform_a\tisoform_b\tlabel\ns\tt\tA:1:ALA\tB:1:ALA\t0\ns\tt\tA:1:ALA\tB:2:ALA\t1\n")
    b.id = "s"
    #expect(throws: StructureError.self) {
      _ = try ContactMap(.init(bound: a, onto: nil), .init(bound: b, onto: nil), nearerThan: 6)
    }
  }

  /// Pairs within a protein against a search through all pairs of atoms.
  @Test func pairsWithinAProteinAreThoseApart() throws {
    let side = try side(Fixtures.folder + "2OOB", "r")
    let map = try ContactMap(within: side, nearerThan: 6)
    let alignment = try ResidueAlignment(
      try #require(side.onto).residues.map(\.type), side.bound.residues.map(\.type))
    let numbers = alignment.partners.indices.filter { alignment.partners[$0] != nil }
    var expected: [[Int]] = []
    for (row, i) in numbers.enumerated() {
      for (column, j) in numbers.enumerated() where j > i + 1 {
        let ends = [i, j].map { side.bound.residues[alignment.partners[$0] ?? 0].atoms }
        let isContact = ends[0].contains { first in
          ends[1].contains { second in
            let (p, q) = (side.bound.atoms[first].position, side.bound.atoms[second].position)
            return (p.x - q.x) * (p.x - q.x) + (p.y - q.y) * (p.y - q.y) + (p.z - q.z) * (p.z - q.z) < 36
          }
        }
        if isContact { expected.append([row, column]) }
      }
    }
    #expect(map.contacts.map { [$0.row, $0.column] } == expected && expected.count > 50)
    let sink = ByteSink.memory()
    try ContactTable(map).write(to: sink, .tsv, header: false, madeBy: "")
    let pairs = numbers.flatMap { i in numbers.filter { $0 > i + 1 } }.count
    #expect(sink.bytes.count { $0 == 0x0A } == pairs)
  }

  private func aligned(_ first: String, _ second: String) throws -> [Int?] {
    func residues(_ letters: String) -> [AminoAcid] {
      letters.compactMap { AminoAcid(letter: String($0)) }
    }
    return try ResidueAlignment(residues(first), residues(second)).partners
  }

  @Test func alignmentsFollowTheRules() throws {
    #expect(try aligned("ACDEF", "ACDEF") == [0, 1, 2, 3, 4])
    // Free ends: a piece lies where it fits.
    #expect(try aligned("GGGACDEF", "ACDEF") == [nil, nil, nil, 0, 1, 2, 3, 4])
    #expect(try aligned("ACDEF", "GGACDEFGG") == [2, 3, 4, 5, 6])
    // A mismatch is a pair; a missing residue is a gap.
    #expect(try aligned("ACDEF", "ACWEF") == [0, 1, 2, 3, 4])
    #expect(try aligned("ACDEFGHIK", "ACDFGHIK") == [0, 1, 2, nil, 3, 4, 5, 6, 7])
    // Of equal ends the last column's comes first: the piece lies at the first of two copies.
    #expect(try aligned("ACDACD", "ACD") == [0, 1, 2, nil, nil, nil])
    #expect(try aligned("ACD", "ACDACD") == [3, 4, 5])
    #expect(try aligned("", "ACD") == [])
    #expect(try aligned("ACD", "") == [nil, nil, nil])
  }
}
