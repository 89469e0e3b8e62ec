/// A molecule as patterns see it, with or without its hydrogens as atoms.
struct PatternTarget {
  /// An atom with what the properties of SMARTS are about.
  struct Atom {
    var number: Int
    var isAromatic = false
    var charge = 0
    /// D: neighbours that are atoms here.
    var degree = 1
    /// H: hydrogens, those that are atoms too.
    var hydrogens = 0
    /// X: neighbours and hydrogens.
    var connections = 1
    /// v: the sum of bond orders, hydrogens included.
    var valence = 1
  }

  /// The atoms of the molecule, then hydrogens in the order of the atoms they are bound to.
  private(set) var atoms: [Atom] = []
  /// The atom at the other end of each link, and the kind of its bond, as one of ten bits.
  private(set) var ends: [Int] = []
  private(set) var kinds: [UInt16] = []
  private var starts: [Int] = []

  /// The kinds of bond that SMARTS means where it gives none: single and aromatic.
  static let singleOrAromatic: UInt16 = kinds(of: UInt8(ascii: "-")) | kinds(of: UInt8(ascii: ":"))

  /// The kinds of bond that a letter means. Bit 2 t + r: of type t (single, double, triple, aromatic, another), and r
  /// is 1 in a ring.
  static func kinds(of letter: UInt8) -> UInt16 {
    switch letter {
    case UInt8(ascii: "-"): 0b11
    case UInt8(ascii: "="): 0b1100
    case UInt8(ascii: "#"): 0b11_0000
    case UInt8(ascii: ":"): 0b1100_0000
    case UInt8(ascii: "@"): 0b10_1010_1010
    default: .max
    }
  }

  init(_ molecule: Molecule, withHydrogens: Bool) {
    atoms.reserveCapacity(molecule.atoms.count * (withHydrogens ? 3 : 1))
    var hydrogen = molecule.atoms.count
    for (index, atom) in molecule.atoms.enumerated() {
      let links = molecule.links(of: index)
      var own = Atom(number: Int(atom.number), isAromatic: atom.isAromatic, charge: Int(atom.charge))
      own.connections = links.count + atom.hydrogens
      own.degree = withHydrogens ? own.connections : links.count
      own.hydrogens = atom.hydrogens
      own.valence = atom.hydrogens
      starts.append(ends.count)
      for link in links {
        let bond = molecule.bonds[link.bond]
        if molecule.atoms[link.atom].number == 1 { own.hydrogens += 1 }
        if !bond.isDative || Int(bond.begin) != index { own.valence += Int(bond.order) }
        ends.append(link.atom)
        kinds.append(Self.kind(of: bond))
      }
      if withHydrogens {
        for _ in 0..<atom.hydrogens {
          ends.append(hydrogen)
          kinds.append(1)
          hydrogen += 1
        }
      }
      atoms.append(own)
    }
    if withHydrogens { addHydrogens(of: molecule) }
    starts.append(ends.count)
  }

  private mutating func addHydrogens(of molecule: Molecule) {
    for (index, atom) in molecule.atoms.enumerated() {
      for _ in 0..<atom.hydrogens {
        atoms.append(Atom(number: 1, hydrogens: atom.number == 1 ? 1 : 0))
        starts.append(ends.count)
        ends.append(index)
        kinds.append(1)
      }
    }
  }

  private static func kind(of bond: Bond) -> UInt16 {
    let type = bond.isMesomeric ? 3 : bond.isDative || bond.order > 3 ? 4 : Int(bond.order) - 1
    return 1 << UInt16(2 * type + (bond.isInRing ? 1 : 0))
  }

  /// The links of an atom, as places in `ends` and `kinds`.
  func links(of atom: Int) -> Range<Int> { starts[atom]..<starts[atom + 1] }
}
