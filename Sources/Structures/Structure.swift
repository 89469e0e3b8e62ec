import Bytes

/// The heavy atoms of the amino acids of one model of a structure, residue by residue in the order of the file.
public struct Structure: Sendable {
  /// The id of the protein: the name of its file without endings, or the entry's own where it has no file.
  public var id: String
  /// The name of the file, for messages.
  public var source: String
  /// The residues in the order of the file.
  public var residues: [Residue]
  /// The atoms, those of a residue together.
  public var atoms: [Atom]
  /// The counts of what was repaired and left out.
  public var counts = StructureCounts()

  /// Makes a structure of residues whose ranges cover the atoms.
  public init(id: String, source: String, residues: [Residue], atoms: [Atom]) {
    (self.id, self.source, self.residues, self.atoms) = (id, source, residues, atoms)
  }

  /// The ids of the residues: chain, number with insertion code, and name, as `A:27A:GLY`.
  public var residueIds: [String] { residues.map(\.id) }
}

/// A residue of a chain.
public struct Residue: Sendable {
  /// The name of the chain, of any length; empty where it is blank.
  public var chain: String
  /// The number within the chain: any integer.
  public var number: Int
  /// The insertion code; empty where there is none.
  public var insertion: String
  /// The name in the file, such as `MSE`.
  public var name: String
  /// The amino acid that it is, or is made of.
  public var type: AminoAcid
  /// Its atoms in those of the structure.
  public var atoms: Range<Int>

  /// The id within the structure.
  public var id: String { "\(chain):\(number)\(insertion):\(name)" }
}

/// A heavy atom.
public struct Atom: Sendable {
  /// The name.
  public var name: AtomName
  /// The element.
  public var element: Element
  /// The position in Å.
  public var position: Point

  /// Whether it belongs to the side chain: any but N, CA, C, O and OXT.
  public var isSideChain: Bool {
    switch name {
    case .n, .ca, .c, .o, .oxt: false
    default: true
    }
  }
}

/// The name of an atom, at most eight bytes.
public struct AtomName: Sendable, Equatable, Hashable {
  let packed: UInt64
  static let n = AtomName("N")
  static let ca = AtomName("CA")
  static let c = AtomName("C")
  static let o = AtomName("O")
  static let oxt = AtomName("OXT")

  /// Packs at most eight bytes.
  public init(_ text: String) { packed = text.utf8.reduce(0) { $0 << 8 | UInt64($1) } }
  init(packed: UInt64) { self.packed = packed }
}

/// A point or a vector in space, in Å.
public struct Point: Sendable, Equatable {
  /// The coordinates.
  public var x, y, z: Double

  /// Makes a point.
  public init(_ x: Double, _ y: Double, _ z: Double) { (self.x, self.y, self.z) = (x, y, z) }

  static let zero = Point(0, 0, 0)
  static func + (a: Point, b: Point) -> Point { Point(a.x + b.x, a.y + b.y, a.z + b.z) }
  static func - (a: Point, b: Point) -> Point { Point(a.x - b.x, a.y - b.y, a.z - b.z) }
  static func * (a: Double, b: Point) -> Point { Point(a * b.x, a * b.y, a * b.z) }
  func dot(_ other: Point) -> Double { x * other.x + y * other.y + z * other.z }
  func cross(_ other: Point) -> Point {
    Point(y * other.z - z * other.y, z * other.x - x * other.z, x * other.y - y * other.x)
  }
  var length: Double { dot(self).squareRoot() }
  /// The vector at length 1; one shorter than 1e-9 Å stays shorter.
  var unit: Point { (1 / max(length, 1e-9)) * self }
}

/// The counts of what the readers repaired and left out, by the rules of `StructureBuilder`.
public struct StructureCounts: Sendable, Equatable {
  /// Atoms at alternate locations other than the first.
  public var alternates = 0
  /// Residues read as the amino acid that they are made of.
  public var modified = 0
  /// Atoms of waters.
  public var waters = 0
  /// Hydrogen atoms.
  public var hydrogens = 0
  /// Atoms of anything else: ligands, ions, sugars, nucleotides, residues without a known parent.
  public var others = 0
  /// Atoms of further models.
  public var otherModels = 0
  /// Atoms whose name the residue had already.
  public var repeats = 0
  /// Residues with fewer heavy atoms than theirs.
  public var incomplete = 0

  /// All counts 0.
  public init() {}

  /// Adds the counts of another structure.
  public mutating func add(_ other: StructureCounts) {
    alternates += other.alternates
    modified += other.modified
    waters += other.waters
    hydrogens += other.hydrogens
    others += other.others
    otherModels += other.otherModels
    repeats += other.repeats
    incomplete += other.incomplete
  }

  /// The counts above 0, each with the words that follow the number.
  public var notes: [(text: String, count: Int)] {
    [
      ("atoms at alternate locations left out: a residue keeps its first", alternates),
      ("modified residues read as the amino acid they are made of", modified),
      ("atoms of water left out", waters), ("hydrogen atoms left out", hydrogens),
      ("atoms of ligands, ions, nucleotides and unknown residues left out", others),
      ("atoms of further models left out", otherModels),
      ("atoms left out that their residue has already", repeats),
      ("residues with atoms missing: their columns are those of the atoms that are there", incomplete),
    ].filter { $0.1 > 0 }
  }
}
