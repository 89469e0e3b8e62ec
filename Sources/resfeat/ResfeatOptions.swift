import ArgumentParser
import CommandSupport
import Structures

/// The options for reading structures.
struct StructureReadingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A profile that PSI-BLAST wrote as text, for columns 0 to 19; A=FILE: of chain A only. May be given again.",
      valueName: "file"), completion: .file())
  var pssm: [String] = []

  @Option(
    help: ArgumentHelp(
      "Take these chains only, and add their names to the id; an empty name is the blank chain.", valueName: "list"))
  var chains: String?

  @Option(help: ArgumentHelp("Take the model of this number; if not given, the first.", valueName: "n"))
  var model: Int?

  @Option(help: "Form of the structures; auto takes what begins with data_ for mmCIF.")
  var inputFormat = StructureReader.Format.auto

  @Option(help: ArgumentHelp("The most residues a structure may have.", valueName: "n"))
  var maxResidues = 100_000

  func validate() throws {
    if maxResidues < 1 || maxResidues > 10_000_000 {
      throw ValidationError("--max-residues \(maxResidues): 1 to 10000000")
    }
  }

  /// The rules for reading, with the chains to take.
  func options(chains: [String]?) throws -> StructureOptions {
    var options = StructureOptions()
    options.chains = chains
    options.model = model
    options.maxResidues = maxResidues
    return options
  }
}

/// The options of a table of contacts.
struct ContactOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write the residue pairs of a complex, labelled 1 where heavy atoms are nearer than this, in Å.",
      valueName: "distance"))
  var contacts: Double?

  @Option(
    help: ArgumentHelp("The first protein as it is bound: FILE, or A,B=FILE for some chains.", valueName: "file"),
    completion: .file())
  var boundA: String?

  @Option(
    help: ArgumentHelp("The second protein as it is bound, in the same coordinates.", valueName: "file"),
    completion: .file())
  var boundB: String?

  @Option(
    help: ArgumentHelp("The first protein by itself, whose residues the pairs are to name.", valueName: "file"),
    completion: .file())
  var ontoA: String?

  @Option(
    help: ArgumentHelp("The second protein by itself, whose residues the pairs are to name.", valueName: "file"),
    completion: .file())
  var ontoB: String?

  @Flag(help: "The pairs are those within the first protein, without neighbours in its sequence.")
  var within = false

  @Flag(help: "Write the pairs that touch only.")
  var onlyContacts = false

  func validate() throws {
    if let contacts, !(contacts > 0 && contacts <= 100) {
      throw ValidationError("--contacts is a distance above 0 and up to 100 Å")
    }
  }

  /// The options that do nothing without `--contacts`.
  var given: [(name: String, isGiven: Bool)] {
    [
      ("--bound-a", boundA != nil), ("--bound-b", boundB != nil), ("--onto-a", ontoA != nil),
      ("--onto-b", ontoB != nil), ("--within", within), ("--only-contacts", onlyContacts),
    ]
  }

  /// The files of the partners, or of one; throws a usage error where one is missing or has no use.
  func files() throws -> ContactFiles {
    let (a, b) = (boundA.map { ChainFile($0) }, boundB.map { ChainFile($0) })
    let (ontoA, ontoB) = (ontoA.map { ChainFile($0) }, ontoB.map { ChainFile($0) })
    if within, let idle = boundB ?? self.ontoB {
      throw ToolFailure.usage(
        "--within is of one protein, and \(idle) is another", hint: "--bound-a names the protein, --onto-a its own form"
      )
    }
    guard let a, within || b != nil else {
      throw ToolFailure.usage(
        "--contacts needs both bound proteins: \(a == nil ? "--bound-a" : "--bound-b") is missing",
        hint: "--bound-a A=complex.pdb --bound-b B=complex.pdb, or --within for pairs of one protein")
    }
    return ContactFiles(boundA: a, boundB: b, ontoA: ontoA, ontoB: ontoB)
  }
}

/// The files of a table of contacts.
struct ContactFiles {
  var boundA: ChainFile
  /// The second protein; nil for pairs within the first.
  var boundB: ChainFile?
  var ontoA: ChainFile?
  var ontoB: ChainFile?

  /// All of them.
  var all: [ChainFile] { [boundA] + [boundB, ontoA, ontoB].compactMap { $0 } }
}

/// The options of a structure with scores in it.
struct PaintOptions: ParsableArguments {
  /// The side of the pairs whose residues are those of the structure.
  enum Side: String, CaseIterable, ExpressibleByArgument {
    case a, b
  }

  @Option(
    help: ArgumentHelp(
      "Write the structure with the scores of this table in its B factors: columns residue and score, or pairs of "
        + "residues as mil-score writes them.", valueName: "file"), completion: .file())
  var paint: String?

  @Option(
    help: ArgumentHelp(
      "The file of that structure: mmCIF where its name ends with .cif, else PDB.", valueName: "file"),
    completion: .file())
  var structureOut: String?

  @Option(help: "The side of pairs that the structure is; a residue has the highest score of its pairs.")
  var side = Side.a

  @Option(help: ArgumentHelp("The column of the scores.", valueName: "name"))
  var scoreColumn = "score"

  /// The options that do nothing without `--paint`.
  var given: [(name: String, isGiven: Bool)] {
    [("--structure-out", structureOut != nil), ("--side", side != .a), ("--score-column", scoreColumn != "score")]
  }
}
