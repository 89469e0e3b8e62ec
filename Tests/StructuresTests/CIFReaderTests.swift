import Bytes
import Structures
import Testing

/// The reader of mmCIF and its words.
@Suite struct CIFReaderTests {
  static let names = [
    "group_PDB", "type_symbol", "label_atom_id", "label_alt_id", "label_comp_id", "label_asym_id", "label_seq_id",
    "pdbx_PDB_ins_code", "Cartn_x", "Cartn_y", "Cartn_z", "auth_seq_id", "auth_asym_id", "pdbx_PDB_model_num",
  ]
  static let head = "data_1ABC\nloop_\n" + names.map { "_atom_site.\($0)\n" }.joined()

  /// The same entry, written as mmCIF by gemmi.
  @Test func anEntryIsTheSameInBothForms() throws {
    let pdb = try StructureReader.read(Fixtures.folder + "1SYX_l_u.pdb.gz")
    let cif = try StructureReader.read(Fixtures.folder + "1SYX_l_u.cif.gz")
    #expect(cif.residueIds == pdb.residueIds && cif.id == pdb.id)
    #expect(cif.atoms.map(\.position) == pdb.atoms.map(\.position))
    #expect(cif.atoms.map(\.name) == pdb.atoms.map(\.name))
    #expect(cif.atoms.map(\.element) == pdb.atoms.map(\.element))
  }

  @Test func rowsHaveTheSameRulesAsPDB() throws {
    let text =
      Self.head + """
        ATOM N N . GLY AAA 1 ? 1.0 2 3 27 Heavy 1
        ATOM C "CA" . GLY AAA 1 ? 1.5 2 3 27 Heavy 1
        ATOM C CA . SER AAA 2 A -1.5 2 3 27 Heavy 1
        HETATM SE SE A MSE AAA 3 . 4 2 3 -1 Heavy 1
        HETATM SE SE B MSE AAA 3 . 5 2 3 -1 Heavy 1
        HETATM N N . GLU B . ? 1 2 3 300 Heavy 1
        HETATM O O . HOH C . ? 1 2 3 . Heavy 1
        HETATM P P . SEP C . ? 1 2 3 . Heavy 1
        HETATM P P . ATP C . ? 1 2 3 . . 1
        ATOM H "H5'" . GLY AAA 1 ? 1.5 2 3 27 Heavy 1
        ATOM C CA . GLY AAA 1 ? 9 9 9 27 Heavy 2
        # comment

        """
    let found = try structure(text)
    #expect(found.residueIds == ["Heavy:27:GLY", "Heavy:27A:SER", "Heavy:-1:MSE"])
    #expect(found.atoms.map(\.position.x) == [1, 1.5, -1.5, 4])
    var counts = StructureCounts()
    (counts.alternates, counts.others, counts.waters, counts.hydrogens) = (1, 3, 1, 1)
    (counts.otherModels, counts.modified, counts.incomplete) = (1, 1, 2)
    #expect(found.counts == counts)
    var options = StructureOptions()
    options.model = 2
    #expect(try structure(text, options).atoms.map(\.position.x) == [9])
  }

  @Test func wordsAreThoseOfCIF() throws {
    let text = """
      # a comment before the block
      DATA_x_y
      _entry.id   'it's one value'
      _struct.title
      ;a text that
      data_ looks like a block, loop_ too
      ;
      LOOP_
      _other.a _other.b
      1 "two words" # comment
      ;text
      ; 'x'
      loop_
      _atom_site.Cartn_x
      _atom_site.cartn_y _atom_site.Cartn_z _atom_site.label_atom_id _atom_site.label_comp_id
      _atom_site.label_asym_id _atom_site.label_seq_id
      1 2
      3 CA GLY A 5

      """
    let found = try StructureReader.read(MemorySource(text), id: nil)
    #expect(found.id == "x_y")
    #expect(found.residueIds == ["A:5:GLY"])
  }

  @Test func whatIsNoCIFIsSaid() {
    let row = "ATOM N N . GLY A 1 ? 1.0 2 3 27 A 1\n"
    let cases: [(String, String)] = [
      (
        Self.head + row + "ATOM N N . GLY A",
        "s.pdb:18:16: the last row of the loop has 6 of 14 values: the file was cut"
      ),
      ("data_x\n_a.b\n;text\nmore\n", "s.pdb:3:1: the text that begins here has no end: the file was cut"),
      ("data_x\n_a.b 'open\n", "s.pdb:2:6: the quote of ''open' does not end on its line"),
      ("data_x\n_a.b\n_c.d 1\n", "s.pdb:2:1: '_a.b' has no value"),
      ("data_x\n1\n", "s.pdb:2:1: the value '1' belongs to no name"),
      ("data_x\nloop_\n1\n", "s.pdb:2:1: the loop names no column"),
      ("data_x\nsave_y\n", "s.pdb:2:1: a save frame: the file is a dictionary"),
      ("data_x\n_a.b [1]\n", "s.pdb:2:6: a value that begins with '[' has no quotes around it"),
      ("data_x\n_a.b 1\n", "s.pdb: the file has no loop of _atom_site"),
      ("data_x\n_atom_site.id 1\n", "s.pdb:2:1: '_atom_site.id' is not in a loop"),
      (Self.head + row + Self.head + row, "s.pdb:19:1: there is a second loop of _atom_site"),
      (
        Self.head.split(separator: "\n").filter { !$0.contains("Cartn_y") }.joined(separator: "\n") + "\n",
        "s.pdb:2:1: _atom_site has no column cartn_y"
      ),
      (Self.head + "_atom_site.Cartn_x\n", "s.pdb:2:1: the column '_atom_site.cartn_x' of _atom_site is there twice"),
      (Self.head + "ATOM N N . GLY A 1 ? nan 2 3 27 A 1\n", "s.pdb:17: the coordinate 'nan' is no number"),
      (Self.head + "ATOM N N . GLY A 1 ? . 2 3 27 A 1\n", "s.pdb:17: the atom has no cartn_x"),
      (Self.head + "ATOM N N . GLY A 1 ? 1 2 3 x A 1\n", "s.pdb:17: the residue number 'x' is no integer"),
      (Self.head + "ATOM N N . GLY A 1 AB 1 2 3 1 A 1\n", "s.pdb:17: the insertion code 'AB' has several letters"),
      (Self.head + "ATOM N\n;N\n; . GLY A 1 ? 1 2 3 1 A 1\n", "s.pdb:19:1: the label_atom_id of an atom is a text"),
      (Self.head + row.replacing(" 1\n", with: " x\n"), "s.pdb:17: the model 'x' is no integer"),
    ]
    for (text, message) in cases {
      let found = fault(text)
      #expect(found.hasPrefix("t: " + message), "\(found)")
    }
  }

  @Test func aNameHasItsLimits() {
    let long = String(repeating: "A", count: 101)
    #expect(fault(Self.head + "ATOM N N . GLY A 1 ? 1 2 3 1 \(long) 1\n").contains("is no text, or too long"))
    #expect(
      fault(Self.head + "ATOM N NNNNNNNNN . GLY A 1 ? 1 2 3 1 A 1\n").contains("is longer than 8 letters"))
  }

  /// Every cut of a file is an error or a whole number of rows.
  @Test func noCutIsTakenForAWholeRow() throws {
    let rows = (1...3).map { "ATOM N N . GLY A \($0) ? 1.25 2.5 3.75 \($0) A 1\n" }
    let text = Self.head + rows.joined() + "#\n"
    var accepted = 0
    for length in 1..<text.utf8.count {
      let cut = String(decoding: text.utf8.prefix(length), as: UTF8.self)
      guard let found = try? structure(cut) else { continue }
      accepted += 1
      #expect(found.atoms.allSatisfy { $0.position == Point(1.25, 2.5, 3.75) })
    }
    // Behind each row's last value, and behind its line; the last also before, in and behind the comment.
    #expect(accepted == 7)
  }
}
