import Bytes
import Structures
import Testing

/// The rules for what counts in a PDB file.
@Suite struct PDBReaderTests {
  static let backbone = atom("N") + atom("CA") + atom("C") + atom("O")

  @Test func idsHoldChainNumberInsertionAndName() throws {
    let text =
      atom("CA", "GLY", -5, chain: "A") + atom("CA", "SER", 0, chain: "A") + atom("CA", "GLY", 27, chain: "A")
      + atom("CA", "TYR", 27, chain: "A", insertion: "A") + atom("CA", "GLY", 1, chain: " ")
      + atom("CA", "GLY", 9999, chain: "BC")
      + "END\n"
    #expect(
      try structure(text).residueIds
        == ["A:-5:GLY", "A:0:SER", "A:27:GLY", "A:27A:TYR", ":1:GLY", "BC:9999:GLY"])
  }

  @Test func aResidueKeepsItsFirstAlternates() throws {
    let text =
      atom("N", "ARG") + atom("CA", "ARG", alternate: "B", at: (1, 0, 0))
      + atom("CA", "ARG", alternate: "A", at: (2, 0, 0))
      + atom("CB", "ARG", alternate: "A") + atom("CB", "ARG", alternate: "B", at: (3, 0, 0))
      + atom("CA", "SER", 2, alternate: "A", at: (4, 0, 0)) + atom("CA", "THR", 2, alternate: "B") + "END\n"
    let found = try structure(text)
    #expect(found.residueIds == ["A:1:ARG", "A:2:SER"])
    #expect(found.atoms.map(\.position.x) == [0, 1, 3, 4])
    #expect(found.counts.alternates == 3)
  }

  @Test func modifiedResiduesAreTheirParents() throws {
    let text =
      atom("SE", "MSE", hetero: true) + atom("CA", "SEP", 2, hetero: true) + atom("CA", "HSD", 3)
      + atom("N", "GLU", 4, hetero: true) + atom("PA", "ATP", 5, hetero: true) + atom("P", "DA", 6)
      + atom("CA", "UNK", 7) + atom("CA", "GLX", 8) + atom("O", "HOH", 9, hetero: true) + atom("O", "WAT", 10) + "END\n"
    let found = try structure(text)
    #expect(found.residueIds == ["A:1:MSE", "A:2:SEP", "A:3:HSD"])
    #expect(found.residues.map(\.type.letter) == ["M", "S", "H"])
    #expect(found.atoms[0].element == .sulfur)
    var counts = StructureCounts()
    (counts.modified, counts.others, counts.waters) = (3, 5, 2)
    #expect(found.counts == counts)
  }

  /// Older files have their code and a line number where later ones have the element; 1VFB has ` H` there for nitrogen.
  @Test func hydrogenIsToldByItsName() throws {
    let text =
      atom("N", element: "H ") + atom("CA", element: "36") + atom("H", element: "N") + atom("1HB ", element: "")
      + atom("HG11", element: "") + atom("D", element: "") + atom("O", element: "C") + atom("X1", element: "N")
      + atom("X2", element: "17") + "END\n"
    let found = try structure(text)
    #expect(found.atoms.map(\.element) == [.nitrogen, .carbon, .oxygen, .nitrogen, .other])
    #expect(found.counts.hydrogens == 4)
  }

  @Test func oneModelIsTaken() throws {
    let text =
      "MODEL        3\n" + atom("CA", at: (1, 0, 0)) + "ENDMDL\nMODEL        7\n" + atom("CA", at: (2, 0, 0))
      + atom("CB", at: (2, 0, 0)) + "ENDMDL\nEND\n"
    var options = StructureOptions()
    #expect(try structure(text).atoms.map(\.position.x) == [1])
    #expect(try structure(text).counts.otherModels == 2)
    options.model = 7
    #expect(try structure(text, options).atoms.map(\.position.x) == [2, 2])
    let unnumbered = text.replacing("        3", with: "").replacing("        7", with: "")
    options.model = 2
    #expect(try structure(unnumbered, options).atoms.map(\.position.x) == [2, 2])
    options.model = 1
    #expect(fault(text, options) == "t: s.pdb: there is no residue in a model 1: the file has 2 models\n")
    #expect(try structure(Self.backbone + "END\n", options).residues.count == 1)
    options.model = 2
    #expect(fault(Self.backbone, options) == "t: s.pdb: there is no residue in a model 2: the file has 1 model\n")
  }

  @Test func chainsAreTakenByName() throws {
    let text =
      atom("CA", "GLY", 1, chain: "A") + atom("CA", "GLY", 1, chain: " ") + atom("CA", "GLY", 1, chain: "B") + "END\n"
    var options = StructureOptions()
    options.chains = ["B", ""]
    #expect(try structure(text, options).residueIds == [":1:GLY", "B:1:GLY"])
    options.chains = ["C"]
    #expect(fault(text, options) == "t: s.pdb: there is no chain 'C'; there are '', 'A', 'B'\n")
  }

  @Test func atomsThatComeLaterJoinTheirResidue() throws {
    let text = atom("CA", 1) + atom("CA", 2) + atom("CB", 1, at: (5, 0, 0)) + atom("CB", 1) + "END\n"
    let found = try structure(text)
    #expect(found.residues.map(\.atoms) == [0..<2, 2..<3])
    #expect(found.atoms[1].position.x == 5)
    #expect(found.counts.repeats == 1)
    #expect(
      fault(atom("CA", 1) + atom("CA", 2) + atom("CA", 1))
        == "t: s.pdb:3: the residue A:1:GLY comes again, with another atom 'CA'\n"
        + "  hint: give each chain a name of its own\n")
    #expect(
      fault(atom("CA", 1) + atom("CB", "SER", 1)).hasPrefix("t: s.pdb:2: the residue A:1:GLY is 'SER' here\n"))
  }

  @Test func whatIsCutIsSaid() throws {
    let line = atom("CA", at: (1.5, -2.25, 3))
    #expect(
      fault(Self.backbone + line.prefix(40) + "\n")
        == "t: s.pdb:5:41: the line of an atom ends in column 40, before its coordinates do (54): it was cut\n"
        + "  hint: fetch or write the file again\n")
    #expect(try structure(line.prefix(54) + "\nEND").atoms[0].position == Point(1.5, -2.25, 3))
    var warnings: [String] = []
    _ = try structure(Self.backbone) { warnings.append($0.text(tool: "t")) }
    #expect(warnings == ["t: s.pdb:4: there is no END record: the file may be cut\n"])
    #expect(fault(Self.backbone + "END\n" + line).hasPrefix("t: s.pdb:6: there are atoms after END\n"))
    #expect(fault("") == "t: s.pdb: the structure is empty\n")
    #expect(fault("\n \n") == "t: s.pdb: the structure is empty\n")
    #expect(fault("REMARK 1\nEND\n") == "t: s.pdb: there is no amino acid residue\n")
    #expect(fault(atom("O", "HOH")) == "t: s.pdb: there is no amino acid residue\n")
  }

  @Test(arguments: ["     nan", "     inf", "  1e5000", "12.3.456", "        ", " 1 2.000", "9999999.", "     +.-"])
  func coordinatesAreNumbers(text: String) {
    let line = atom("CA")
    let faulty = line.prefix(38) + text + line.dropFirst(46)
    #expect(fault(String(faulty)).hasPrefix("t: s.pdb:1:39: the coordinate '"))
  }

  @Test func coordinatesHaveOtherSpellings() throws {
    let line = atom("CA")
    for (text, value) in [("     +.5", 0.5), ("     -2.", -2), ("   -.125", -0.125), ("    1e2 ", 100)] {
      #expect(try structure(line.prefix(30) + text + line.dropFirst(38) + "END\n").atoms[0].position.x == value)
    }
  }

  @Test func numbersAreIntegers() {
    let line = atom("CA")
    #expect(
      fault(line.prefix(22) + "A000" + line.dropFirst(26))
        == "t: s.pdb:1:23: the residue number 'A000' is no integer\n"
        + "  hint: numbers beyond 9999 with letters are not read: mmCIF has room for them\n")
    #expect(fault("MODEL     x\n" + line).hasPrefix("t: s.pdb:1:7: the number of the model, 'x', is none"))
  }

  @Test func endlessChainsEnd() {
    var options = StructureOptions()
    options.maxResidues = 3
    let text = (1...4).map { atom("CA", $0) }.joined()
    #expect(
      fault(text, options)
        == "t: s.pdb:4: the structure has more than 3 residues\n"
        + "  hint: --max-residues 30 reads more, --chains takes some of them\n")
    let many = String(repeating: atom("CA"), count: 201)
    #expect(fault(many) == "t: s.pdb:201: the residue A:1:GLY has more than 200 atoms\n")
  }

  @Test func namesAreLetters() {
    let line = atom("CA")
    #expect(fault(line.prefix(26) + "\u{1}" + line.dropFirst(27)).contains("the insertion code is the byte 1"))
    #expect(fault(line.prefix(21) + "\u{7}" + line.dropFirst(22)).contains("the name of the chain '\\x07' is no text"))
    #expect(fault("MODEL 1\n").hasPrefix("t: s.pdb: there is no amino acid residue"))
    #expect(fault(line + "MODEL        1\n" + line).hasPrefix("t: s.pdb:2: there are atoms before the first MODEL"))
    #expect(fault(String(repeating: "x", count: 1 << 21)).contains("the line is longer than 1048576 bytes"))
  }

  @Test func theIdIsThatOfTheFile() throws {
    let names = [
      ("a/b/1AVX_l_u.pdb.gz", "1AVX_l_u"), ("x.cif", "x"), ("pdb1abc.ent.gz", "pdb1abc"), ("y.PDB", "y"),
      (".pdb", ".pdb"), ("model.v2.mmcif", "model.v2"), ("plain", "plain"),
    ]
    for (path, id) in names { #expect(StructureReader.id(of: path) == id) }
    let header = "HEADER    HYDROLASE" + String(repeating: " ", count: 43) + "1ABC\n"
    #expect(try StructureReader.read(MemorySource(header + Self.backbone), id: nil).id == "1ABC")
    #expect(try StructureReader.read(MemorySource(Self.backbone), id: nil).id == "structure")
  }

  @Test func missingAtomsAreCounted() throws {
    let found = try structure(Self.backbone + atom("N", "SER", 2) + atom("CA", "SER", 2) + "END\n")
    #expect(found.counts.incomplete == 1)
    #expect(found.counts.notes.map(\.count) == [1])
  }
}
