import Bytes
import Records
import Structures
import Testing
import Workbench

@Suite struct PaintedStructureTests {
  private func table(_ text: String) throws -> TableReader {
    try TableReader(MemorySource(text, name: "scores.tsv"))
  }

  private func text(_ structure: Structure, _ values: [Double?], _ format: PaintedStructure.Format) throws -> String {
    let sink = ByteSink.memory()
    try PaintedStructure(structure, values).write(to: sink, format)
    return String(decoding: sink.bytes, as: UTF8.self)
  }

  /// A file written in either form gives the residues, atoms and positions of the one that was read.
  @Test(arguments: [PaintedStructure.Format.pdb, .mmcif]) func bothFormsAreReadBack(format: PaintedStructure.Format)
    throws
  {
    let read = try StructureReader.read(Fixtures.folder + "2OOB_l_u.pdb.gz")
    let values = read.residues.indices.map { $0 % 7 == 3 ? nil : Double($0) / 4 }
    let written = try text(read, values, format)
    let again = try StructureReader.read(
      MemorySource(written, name: "again"), id: read.id, warn: { _ in Issue.record("a warning") })
    #expect(again.residueIds == read.residueIds)
    #expect(again.atoms.map(\.name) == read.atoms.map(\.name))
    #expect(again.atoms.map(\.element) == read.atoms.map(\.element))
    #expect(again.atoms.map(\.position) == read.atoms.map(\.position))
  }

  @Test func theNumberStandsInColumns61To66() throws {
    let structure = try structure(
      atom("CA", "GLY", 27, chain: "A", at: (1.5, -2.25, 103)) + atom("CB", "ALA", 28, chain: "A") + "END\n")
    let lines = try text(structure, [97.126, nil], .pdb).split(separator: "\n")
    #expect(lines.count == 3 && lines[2] == "END")
    #expect(lines.allSatisfy { $0 == "END" || $0.utf8.count == 78 })
    #expect(lines[0] == "ATOM      1  CA  GLY A  27       1.500  -2.250 103.000  1.00 97.13           C")
    #expect(lines[1].dropFirst(60).prefix(6) == "  0.00")
  }

  @Test func aChainOfTwoLettersNeedsCIF() throws {
    var structure = try structure(atom("CA", "GLY", 1, chain: "A") + "END\n")
    structure.residues[0].chain = "AB"
    let error = #expect(throws: StructureError.self) { try text(structure, [1], .pdb) }
    #expect(error?.message == "a PDB file has no room for the chain 'AB'")
    #expect(try text(structure, [1], .mmcif).contains(" AB "))
    structure.residues[0].chain = "A"
    #expect(throws: StructureError.self) { try text(structure, [1e7], .pdb) }
  }

  @Test func aResidueHasTheHighestScoreOfItsPairs() throws {
    let structure = try structure(
      atom("CA", "GLY", 1, chain: "A") + atom("CA", "ALA", 2, chain: "A") + atom("CA", "SER", 3, chain: "A") + "END\n")
    let pairs = "isoform_a\tisoform_b\tscore\nA:1:GLY\tB:1:LYS\t0.25\nA:1:GLY\tB:2:LYS\t0.5\nA:3:SER\tB:1:LYS\tNA\n"
    #expect(try ResidueScores(reading: table(pairs), side: "a").scores(of: structure) == [0.5, nil, nil])
    let two = "bag\tisoform_a\tscore\nx\tA:1:GLY\t1\nx\tA:2:ALA\t1\ny\tA:1:GLY\t1\n"
    let several = #expect(throws: StructureError.self) { try ResidueScores(reading: table(two), side: "a") }
    #expect(several?.message.hasPrefix("scores of two complexes, 'x' and 'y'") == true && several?.place?.line == 4)
    let single = "residue\tpatch\nA:2:ALA\t-3\n"
    #expect(
      try ResidueScores(reading: table(single), side: "b", column: "patch").scores(of: structure) == [nil, -3, nil])
    let other = #expect(throws: StructureError.self) {
      try ResidueScores(reading: table(pairs), side: "b").scores(of: structure)
    }
    #expect(other?.message.contains("has no residue 'B:1:LYS', nor 1 more that have scores") == true)
    #expect(throws: StructureError.self) {
      try ResidueScores(reading: table("residue\tscore\nA:1:GLY\tNA\n"), side: "a")
    }
  }
}
