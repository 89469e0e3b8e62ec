import Bytes
import Features
import Molecules
import Records
import Testing

@Suite struct MoleculeStreamTests {
  let smi = "CC(=O)O acetic acid\nc1ccccc1\tbenzene\nCO\n"

  @Test func linesOfSMILES() {
    let run = Run(smi) { $0.encode = ["ecfp:radius=0,bits=8", "descriptors"] }
    let lines = run.text.split(separator: "\n").map { $0.split(separator: "\t") }
    #expect(lines.map { $0[0] } == ["id", "acetic acid", "benzene", "CO"])
    #expect(lines[0][1] == "ecfp-r0-b8.0" && lines[0][9] == "descriptors.weight")
    #expect(abs((Double(lines[2][9]) ?? 0) - 78.114) < 1e-9 && run.error == nil && run.warnings.isEmpty)
  }

  @Test func formsOfInput() {
    let rows = Run(smi).text
    let table = "smiles\tother\tid\nCC(=O)O\tx\tacetic acid\nc1ccccc1\tNA\tbenzene\nCO\t1\tCO\n"
    #expect(Run(table).text == rows)
    #expect(Run("SMILES Name\n" + smi).text == rows)
    #expect(Run("CC(=O)O |$;;$| acetic acid\r\n\n  c1ccccc1   benzene \nCO |x|").text == rows)
    #expect(Run("CC(=O)O\tacetic acid\t7.2\nc1ccccc1 benzene\tNA\tx\nCO\t\n").text == rows)
    let objects =
      "{\"id\":\"acetic acid\",\"smiles\":\"CC(=O)O\"}\n{\"smiles\":\"c1ccccc1\",\"id\":\"benzene\"}\n"
      + "{\"id\":\"CO\",\"smiles\":\"CO\"}\n"
    #expect(Run(objects, format: .tsv).text == rows)
    #expect(Run(objects).text.hasPrefix("{\"schema\":{\"kind\":\"feature\""))
    let named = "drug\tcanonical\nacetic acid\tCC(=O)O\nbenzene\tc1ccccc1\nCO\tCO\n"
    let columns = { (options: inout MoleculeReader.Options) in
      (options.idColumn, options.smilesColumn) = ("drug", "canonical")
    }
    #expect(Run(named, reading: columns).text == rows)
    let bare = "acetic acid\tCC(=O)O\nbenzene\tc1ccccc1\nCO\tCO\n"
    #expect(Run(bare, reading: { $0.columns = ["id", "smiles"] }).text == rows)
    #expect(Run("").text.isEmpty && Run("\n \n").error == nil)
  }

  @Test func inputsThatAreNone() {
    #expect(
      Run("id,smiles\na,CC\n").error == "t: in:1: the first line names columns between commas: 'id,smiles'\n"
        + "  hint: columns are separated by tabs, not commas\n")
    #expect(Run(">p\nMKV\n").error?.contains("the input is FASTA, not SMILES") == true)
    #expect(
      Run("name\tsmiles\na\tC\n").error
        == "t: in:1: there is no column 'id': the columns are 'name', 'smiles'\n"
        + "  hint: --id-column and --smiles-column name the columns\n")
  }

  @Test func faultsHaveLineAndColumn() {
    #expect(
      Run("CC ethane\nC1CX x1\n").error
        == "t: in:2:4: 'x1', position 4 of its SMILES: 'X' must not be here: it is no atom, bond, branch or ring\n"
        + "  hint: --bad-rows skip leaves such molecules out, and counts them\n")
    #expect(Run("id\tsmiles\nd1\tCN(C)(C)C\n").error?.hasPrefix("t: in:2:5: 'd1', position 2 of its SMILES") == true)
    #expect(Run("{\"id\":\"d1\",\"smiles\":\"CX\"}\n").error?.hasPrefix("t: in:1:23: 'd1', position 2") == true)
    #expect(Run("id\tsmiles\nd1\tNA\n").error == "t: in:2:4: 'd1' has no SMILES\n")
    #expect(Run("CC a\u{1}b\n").error?.contains("has a control character") == true)
  }

  @Test func faultsAreSkippedOnRequest() {
    let run = Run("CC a\nCX b\nid\nCO c\n") {
      $0.encode = ["descriptors"]
      $0.badRows = .skip
    }
    #expect(run.text.split(separator: "\n").map { $0.prefix(2) } == ["id", "a\t", "c\t"])
    #expect(run.counts.skipped == 2 && run.counts.written == 2 && run.counts.molecules == 4)
    #expect(run.warnings.count == 2 && run.warnings[0].hasPrefix("t: in:2:2: 'b', position 2 of its SMILES"))
    let table = Run("id\tsmiles\na\tC\nragged\n\tC\nb\tNA\nc\tO\n") {
      $0.encode = ["descriptors"]
      $0.badRows = .skip
    }
    #expect(table.counts.skipped == 3 && table.counts.written == 2 && table.error == nil)
    let nothing = Run("CX a\nX b\n") {
      $0.encode = ["descriptors"]
      $0.badRows = .skip
    }
    #expect(nothing.error == "t: in: no molecule is left: all 2 were skipped\n")
  }

  @Test func duplicateIds() {
    let text = "CC a\nCO a\nCN b\n"
    let ids = { (run: Run) in run.text.split(separator: "\n").dropFirst().map { $0.prefix { $0 != "\t" } } }
    func run(_ rule: DuplicateRule) -> Run {
      Run(text) {
        $0.encode = ["descriptors"]
        $0.duplicates = rule
      }
    }
    #expect(ids(run(.warn)) == ["a", "a", "b"] && run(.warn).warnings.count == 1)
    #expect(run(.error).error?.hasPrefix("t: in:2:1: the id 'a' was there before") == true)
    #expect(ids(run(.first)) == ["a", "b"])
    #expect(ids(run(.suffix)) == ["a", "a_2", "b"])
    let graphs = Run(text) {
      $0.graph = "graphdta"
      $0.duplicates = .suffix
    }
    #expect(graphs.text.contains("{\"id\":\"a_2\""))
  }

  @Test func largestFragments() {
    let run = Run("[Na+].CC(=O)[O-] s\nCC e\n") {
      $0.encode = ["descriptors"]
      $0.largestFragment = true
    }
    #expect(run.counts.cut == 1)
    #expect(run.text.split(separator: "\n")[1].split(separator: "\t")[8] == "-1")
  }

  @Test func graphsReadBack() throws {
    let run = Run(smi) { $0.graph = "graphdta" }
    let reader = try GraphReader(MemorySource(run.text))
    #expect(reader.schema?.nodes.count == 78)
    let graph = try #require(try reader.next())
    #expect(graph.id == "acetic acid" && graph.nodeIds == ["0:C", "1:C", "2:O", "3:O"])
    #expect(graph.from == [0, 1, 1, 2, 1, 3] && graph.to == [1, 0, 2, 1, 3, 1])
    #expect(try reader.next()?.nodes.filter { $0 != 0 } == [Double](repeating: 0.2, count: 30))
    #expect(try reader.next() != nil)
    #expect(try reader.next() == nil)
  }

  @Test func anAtomWithTooManyNeighboursHasNoRow() {
    let run = Run("[U]" + String(repeating: "(F)", count: 11) + " u\n") { $0.graph = "graphdta" }
    #expect(run.error?.contains("the atom U has 11 neighbours, at most 10 fit") == true)
  }

  /// Any number of threads gives the same bytes, warnings, counts and errors, in the same order.
  @Test(arguments: ["graphdta", "ecfp:bits=64", "descriptors"]) func threads(what: String) {
    let kinds = ["CCO", "c1ccccc1O", "CC(=O)Nc1ccc(O)cc1", "CX", "C1CC1N", "[Na+].[Cl-]", "O=C1NC=CC2=C1C=CC=C2"]
    let text = (0..<2000).map { "\(kinds[($0 * 5 + $0 / 9) % kinds.count]) m\($0 % 1900)" }.joined(separator: "\n")
    func run(_ threads: Int, _ rule: BadRowRule) -> Run {
      Run(text, threads: threads) {
        if what == "graphdta" { $0.graph = what } else { $0.encode = [what] }
        $0.badRows = rule
      }
    }
    for rule in [BadRowRule.skip, .error] {
      let one = run(1, rule)
      #expect((one.error == nil) == (rule == .skip))
      for threads in [2, 3, 8] {
        let other = run(threads, rule)
        #expect(other.text == one.text && other.warnings == one.warnings && other.error == one.error)
        if rule == .skip { #expect(other.counts == one.counts) }
      }
    }
  }

  @Test func unknownNames() {
    #expect(throws: MoleculeError.self) { try MoleculeCatalog.encoder("maccs") }
    #expect(throws: MoleculeError.self) { try MoleculeCatalog.encoder("graphdta") }
    #expect(throws: MoleculeError.self) { try MoleculeCatalog.grapher("ecfp") }
    #expect(throws: SettingError.self) { try MoleculeCatalog.encoder("ecfp:radius=99") }
    #expect(throws: SettingError.self) { try MoleculeCatalog.grapher("graphdta:x=1") }
  }
}
