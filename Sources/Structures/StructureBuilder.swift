import Bytes

/// An atom as a line of a file gives it; the texts are views of the line.
struct AtomFields {
  typealias Text = UnsafeBufferPointer<UInt8>

  var isHetero = false
  var name: Text
  /// The letter of the alternate location; nil where it is blank.
  var alternate: UInt8?
  var residue: Text
  var chain: Text
  /// The number of the residue; nil where it has none, as ligands may.
  var number: Int?
  var insertion: UInt8?
  var position: Point
  var element: Text
}

/// The residues and models that are taken from a structure, and its limits.
public struct StructureOptions: Sendable {
  /// The chains to take; nil for all. The empty name is that of a blank chain.
  public var chains: [String]?
  /// The number of the model to take; nil for the first.
  public var model: Int?
  /// The most residues a structure may have.
  public var maxResidues = 100_000

  /// All chains of the first model.
  public init() {}
}

/// Collects the atoms of a structure by the rules for what counts.
///
/// Taken are the heavy atoms of the 20 amino acids from ATOM records, and of modified residues from ATOM and HETATM
/// records. Of alternate locations a residue keeps its unlettered atoms and those of the letter that comes first in it;
/// a residue that is two amino acids by letters is the first. Of atoms of one name in one run of lines the first
/// counts. Atoms of a residue that come after other residues join it, unless it has one of their names: then two chains
/// share a name, which is an error.
struct StructureBuilder {
  private let options: StructureOptions
  private let chains: Set<[UInt8]>?
  private(set) var counts = StructureCounts()
  private var residues: [Residue] = []
  /// The packed name, the letter and the number of lines of each residue.
  private var states: [(name: UInt64, alternate: UInt8?, lines: Int)] = []
  private var atoms: [Atom] = []
  private var owners: [Int32] = []
  private var known: [ResidueKey: Int] = [:]
  private var seenChains: Set<[UInt8]> = []
  private var current = -1
  private var currentKey = ResidueKey(chain: [], number: 0, insertion: nil)
  /// Where the run of lines of the current residue began in `atoms`.
  private var runStart = 0
  private var isOrdered = true

  private struct ResidueKey: Hashable {
    var chain: [UInt8]
    var number: Int
    var insertion: UInt8?
  }

  /// More atoms than any residue has, hydrogens left out.
  private static let mostLines = 200
  private static let longestChain = 100

  init(_ options: StructureOptions) {
    self.options = options
    chains = options.chains.map { Set($0.map { Array($0.utf8) }) }
  }

  mutating func countOtherModel() { counts.otherModels += 1 }

  /// Takes an atom of the chosen model, or leaves it out and counts it; throws a `StructureError`.
  mutating func add(_ atom: AtomFields, at place: @autoclosure () -> SourceLocation) throws {
    let name = Self.packed(atom.residue)
    let type: AminoAcid
    switch ResidueClass.of(name) {
    case .standard(let known) where !atom.isHetero && atom.number != nil: type = known
    case .modified(let parent) where atom.number != nil: type = parent
    case .water:
      counts.waters += 1
      return
    default:
      counts.others += 1
      return
    }
    if current < 0 || !isCurrent(atom) {
      guard try turn(to: atom, name, type, at: place()) else { return }
    }
    let element = Element.of(name: atom.name, symbol: atom.element)
    if element == .hydrogen {
      counts.hydrogens += 1
      return
    }
    try take(atom, name, element, at: place())
  }

  private func isCurrent(_ atom: AtomFields) -> Bool {
    currentKey.number == atom.number && currentKey.insertion == atom.insertion
      && currentKey.chain.elementsEqual(atom.chain)
  }

  /// Makes the residue of an atom the current one; false where its chain is not wanted.
  private mutating func turn(
    to atom: AtomFields, _ name: UInt64, _ type: AminoAcid, at place: @autoclosure () -> SourceLocation
  ) throws -> Bool {
    try check(atom, at: place())
    let chain = Array(atom.chain)
    if seenChains.insert(chain).inserted, seenChains.count > options.maxResidues {
      throw StructureError(.limit, "the structure has more than \(options.maxResidues) chains", at: place())
    }
    if let chains, !chains.contains(chain) { return false }
    let key = ResidueKey(chain: chain, number: atom.number ?? 0, insertion: atom.insertion)
    currentKey = key
    runStart = atoms.count
    if let number = known[key] {
      current = number
      isOrdered = false
      return true
    }
    if residues.count == options.maxResidues {
      throw StructureError(
        .limit, "the structure has more than \(options.maxResidues) residues", at: place(),
        hint: "--max-residues \(options.maxResidues * 10) reads more, --chains takes some of them")
    }
    current = residues.count
    known[key] = current
    residues.append(
      Residue(
        chain: String(decoding: chain, as: UTF8.self), number: key.number,
        insertion: atom.insertion.map { String(UnicodeScalar($0)) } ?? "",
        name: String(decoding: atom.residue, as: UTF8.self), type: type, atoms: 0..<0))
    states.append((name, nil, 0))
    return true
  }

  /// Throws a `StructureError` for a chain or an insertion code that can't be part of a name.
  private func check(_ atom: AtomFields, at place: @autoclosure () -> SourceLocation) throws {
    let isText = UTF8Text.firstInvalid(in: atom.chain) == nil && !UTF8Text.hasControl(atom.chain)
    if !isText || atom.chain.count > Self.longestChain {
      throw StructureError(
        .syntax, "the name of the chain \(Diagnostic.quoted(bytes: atom.chain)) is no text, or too long", at: place())
    }
    if let code = atom.insertion, !(0x21...0x7E).contains(code) {
      throw StructureError(.syntax, "the insertion code is the byte \(code), no letter", at: place())
    }
  }

  /// Adds an atom to the current residue, unless it is an alternate or a repetition.
  private mutating func take(
    _ atom: AtomFields, _ name: UInt64, _ element: Element, at place: @autoclosure () -> SourceLocation
  ) throws {
    states[current].lines += 1
    if states[current].lines > Self.mostLines {
      throw StructureError(
        .limit, "the residue \(residues[current].id) has more than \(Self.mostLines) atoms", at: place())
    }
    if let letter = atom.alternate {
      if let kept = states[current].alternate, kept != letter {
        counts.alternates += 1
        return
      }
      states[current].alternate = letter
    }
    guard name == states[current].name else {
      throw StructureError(
        .residue, "the residue \(residues[current].id) is \(Diagnostic.quoted(bytes: atom.residue)) here", at: place(),
        hint: "two residues of one number need insertion codes or alternate locations of their own")
    }
    guard atom.name.count <= 8 else {
      throw StructureError(
        .syntax, "the name of the atom \(Diagnostic.quoted(bytes: atom.name)) is longer than 8 letters", at: place())
    }
    let atomName = AtomName(packed: Self.packed(atom.name))
    if let earlier = earlier(atomName) {
      guard earlier >= runStart else {
        throw StructureError(
          .residue,
          "the residue \(residues[current].id) comes again, with another atom "
            + Diagnostic.quoted(bytes: atom.name), at: place(), hint: "give each chain a name of its own")
      }
      counts.repeats += 1
      return
    }
    atoms.append(Atom(name: atomName, element: element, position: atom.position))
    owners.append(Int32(current))
  }

  /// The atom of that name in the current residue.
  private func earlier(_ name: AtomName) -> Int? {
    var i = atoms.count - 1
    while i >= runStart {
      if atoms[i].name == name { return i }
      i -= 1
    }
    if isOrdered { return nil }
    return atoms.indices.first { owners[$0] == current && atoms[$0].name == name }
  }

  /// The structure; throws a `StructureError` where a chain that was asked for, or every residue, is missing.
  mutating func finish(id: String, source: String, models: Int) throws -> Structure {
    let place = SourceLocation(source: source)
    if let wanted = options.model, atoms.isEmpty, models > 0 || wanted != 1 {
      throw StructureError(
        .absent,
        "there is no residue in a model \(wanted): the file has \(max(1, models)) "
          + (models > 1 ? "models" : "model"), at: place)
    }
    for name in options.chains ?? [] where !seenChains.contains(Array(name.utf8)) {
      let there = seenChains.map { "'\(String(decoding: $0, as: UTF8.self))'" }.sorted().prefix(20)
      throw StructureError(
        .absent,
        "there is no chain \(Diagnostic.quoted(name))"
          + (there.isEmpty ? "" : "; there are \(there.joined(separator: ", "))"), at: place)
    }
    arrange()
    guard !residues.isEmpty else { throw StructureError(.absent, "there is no amino acid residue", at: place) }
    var structure = Structure(id: id, source: source, residues: residues, atoms: atoms)
    structure.counts = counts
    return structure
  }

  /// Brings the atoms of each residue together, and counts residues; one whose atoms were all hydrogens goes.
  private mutating func arrange() {
    if !isOrdered {
      let order = atoms.indices.sorted { (owners[$0], $0) < (owners[$1], $1) }
      atoms = order.map { atoms[$0] }
      owners = order.map { owners[$0] }
    }
    var start = 0
    for number in residues.indices {
      var end = start
      while end < owners.count, owners[end] == Int32(number) { end += 1 }
      residues[number].atoms = start..<end
      start = end
      guard case .modified = ResidueClass.of(states[number].name) else {
        if !residues[number].atoms.isEmpty, residues[number].atoms.count < residues[number].type.heavyAtoms {
          counts.incomplete += 1
        }
        continue
      }
      counts.modified += 1
    }
    residues.removeAll { $0.atoms.isEmpty }
  }

  /// At most eight bytes as a number; 0 for more, which the name of no amino acid has.
  static func packed(_ text: UnsafeBufferPointer<UInt8>) -> UInt64 {
    text.count > 8 ? 0 : text.reduce(0) { $0 << 8 | UInt64($1) }
  }
}
