import Molecules
import Testing

@Suite struct SMILESTests {
  /// Each fault with its position, from 1, and the character.
  @Test func faultsAreAtTheirPosition() {
    let cases = [
      ("", "1: the SMILES is empty"),
      ("C(", "2: '(' is never closed"),
      ("CC(C", "3: '(' is never closed"),
      ("CC)", "3: ')' must not be here: no branch is open"),
      ("CC()C", "4: ')' must not be here: a branch must not be empty"),
      ("C((C)C)C", "3: '(' must not be here: an atom must come first"),
      ("(C)C", "1: '(' must not be here: an atom must come first"),
      ("C(=)C", "4: ')' must not be here: an atom must follow a bond"),
      ("C=", "3: the SMILES ends where an atom must follow"),
      ("C.", "3: the SMILES ends where an atom must follow"),
      (".C", "1: '.' must not be here: an atom must come first"),
      ("C..C", "3: '.' must not be here: an atom must come first"),
      ("=C", "1: '=' must not be here: a bond needs an atom before it"),
      ("C==C", "3: '=' must not be here: a bond was given already"),
      ("C1CC", "2: ring 1 is never closed"),
      ("1CC1", "1: '1' must not be here: a ring needs an atom before its number"),
      ("C11", "3: ring 1 binds an atom to itself"),
      ("C12CC12", "7: ring 2 binds two atoms that are bound already"),
      ("C=1CCC#1", "8: ring 1 is closed with another bond than it was opened with"),
      ("C%1CC1", "4: 'C' must not be here: '%' takes two digits"),
      ("CCX", "3: 'X' must not be here: it is no atom, bond, branch or ring"),
      ("CNa", "3: 'a' must not be here: it is no atom, bond, branch or ring"),
      ("Fe", "2: 'e' must not be here: it is no atom, bond, branch or ring"),
      ("CAu", "2: 'A' must not be here: the element Au is written in brackets, [Au]"),
      ("CH4", "2: 'H' must not be here: a hydrogen is written [H]"),
      ("C~C", "2: '~' must not be here: it belongs to SMARTS, the language of patterns"),
      ("C[", "2: '[' is never closed"),
      ("C[NH", "2: '[' is never closed"),
      ("[Xx]", "2: 'X' must not be here: it begins no element's symbol"),
      (
        "[NH4++-]",
        "7: '-' must not be here: brackets hold isotope, symbol, chirality, H, charge and class, in this order"
      ),
      ("C:C", "2: ':' joins aromatic atoms, in lower case"),
      ("CN(C)(C)C", "2: the atom N has a valence of 4, more than it can have"),
      ("C(C)(C)(C)(C)C", "1: the atom C has a valence of 5, more than it can have"),
      ("C[NH5]", "2: the atom N has a valence of 6, more than it can have"),
      ("CF=C", "2: the atom F has a valence of 3, more than it can have"),
      ("[O-](C)C", "1: the atom O of charge -1 has a valence of 2, more than it can have"),
      ("cC", "1: the aromatic atom c is in no ring"),
      ("c1cccc1", "6: the aromatic rings have no alternating double bonds: c is left over"),
      ("C\u{E9}", "2: byte 195 must not be here: it is no atom, bond, branch or ring"),
    ]
    for (smiles, expected) in cases { #expect(fault(smiles) == expected, "\(smiles)") }
  }

  @Test func aLimitOnAtoms() {
    let most = String(repeating: "C", count: Molecule.mostAtoms)
    #expect(fault(most) == nil)
    #expect(fault(most + "C") == "10001: the molecule has more than 10000 atoms")
  }

  /// Thousands of nested branches, rings and open numbers neither overflow the stack nor take long.
  @Test func deepAndWideTexts() throws {
    let deep = String(repeating: "C(", count: 4000) + "C" + String(repeating: ")", count: 4000)
    #expect(fault(deep) == nil)
    #expect(fault(String(repeating: "C(", count: 4000)) == "8000: '(' is never closed")
    let rings = (10..<100).map { "C%\($0)" }.joined() + (10..<100).map { "C%\($0)" }.joined()
    #expect(try Molecule(smiles: rings).rings.count > 0)
    let ladder = "C1CC1" + String(repeating: "C1CC1", count: 1500)
    #expect(try Molecule(smiles: ladder).rings.count == 1501)
  }

  /// In this cage two shortest paths from an atom meet at another one: what they enclose is two rings, not one around
  /// which a walk need not come back. RDKit counts 22 rings.
  @Test func ringsPassEachAtomOnce() throws {
    let cage =
      "SC1C23C45OC6=C7NC89C%10%11C9(C(=N2)C32SC%103C=C(C3)COC(=N)C(C%11)N7CC(C(C11SSOC1SC=C8)(C4)C52)NCCN=C6C)S"
    let rings = try Molecule(smiles: cage).rings
    #expect(rings.count >= 22)
    for ring in 0..<rings.count {
      let atoms = rings.atoms[rings.places(of: ring)]
      #expect(Set(atoms).count == atoms.count)
    }
  }

  /// Notations of one molecule give the same atoms.
  @Test(arguments: [
    ["C1CC1", "C%12CC%12", "C%(123)CC%(123)", "C0CC0", "C1C.C1", "C1CC-1", "C-1CC1"].filter { $0 != "C1C.C1" },
    ["F/C=C/F", "F\\C=C\\F", "FC=CF", "F/C=C\\F"], ["N[C@@H](C)C(=O)O", "N[C@H](C)C(=O)O", "N[CH](C)C(=O)O"],
    ["[nH]1cccc1", "[H]n1cccc1", "[H][n]1cccc1"], ["c1ccccc1-c1ccccc1", "c1ccccc1c1ccccc1", "c1ccccc1:c1ccccc1"],
    ["[NH4+]", "[NH4+1]", "[NH4+:7]"], ["[O-2]", "[O--]"], ["C[13CH3]", "[13CH3]C"].reversed(), ["OC", "O-C", "[H]OC"],
  ]) func spellings(of smiles: [String]) throws {
    let first = try Described(smiles[0])
    for other in smiles.dropFirst() {
      let found = try Described(other)
      #expect(
        found.molecule.atoms.map(\.symbol).sorted() == first.molecule.atoms.map(\.symbol).sorted()
          && found.molecule.atoms.map(\.hydrogens).sorted() == first.molecule.atoms.map(\.hydrogens).sorted()
          && found.molecule.bonds.map(\.isAromatic).count { $0 } == first.molecule.bonds.map(\.isAromatic).count { $0 },
        "\(other) and \(smiles[0])")
    }
  }

  @Test func fragments() throws {
    let salt = try Molecule(smiles: "[Na+].CC(=O)[O-].O")
    #expect(salt.fragments == [0, 1, 1, 1, 1, 2])
    let largest = salt.largestFragment
    #expect(largest.atoms.map(\.symbol) == ["C", "C", "O", "O"] && largest.bonds.count == 3)
    // As many atoms: the heavier one; rings and aromatic bonds stay.
    let pair = try Molecule(smiles: "c1ccccc1.Brc1ccccc1.Clc1ccccc1").largestFragment
    #expect(pair.atoms[0].symbol == "Br" && pair.rings.count == 1)
    #expect(pair.rings.atoms.allSatisfy { pair.atoms[$0].isAromatic && $0 > 0 })
    #expect(pair.rings.bonds.allSatisfy { pair.bonds[$0].isAromatic })
    #expect(try Molecule(smiles: "C.C").largestFragment.atoms.count == 1)
  }

  /// The order of the atoms in the text changes no feature but their order.
  @Test func rewrittenTextsHaveTheSameFeatures() throws {
    let pairs = [
      ("CC(=O)Oc1ccccc1C(=O)O", "OC(=O)c1ccccc1OC(C)=O"),
      ("Cn1cnc2c1c(=O)n(C)c(=O)n2C", "CN1C(=O)N(C)C(=O)c2n(C)cnc21"),
      ("c1ccc2[nH]ccc2c1", "C1=CC=C2C(=C1)C=CN2"),
    ]
    for (one, other) in pairs {
      for text in ["ecfp", "ecfp:radius=4,bits=512,count=yes", "descriptors"] {
        let encoder = try MoleculeCatalog.encoder(text)
        let (a, b) = (try Described(one).features(encoder), try Described(other).features(encoder))
        #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-9 }, "\(text) of \(one)")
      }
    }
  }
}
