/// An atom of a molecule.
public struct Atom: Sendable, Equatable {
  /// The atomic number; 0 for `*`, an atom of any element.
  public internal(set) var number: UInt8
  /// The formal charge.
  public internal(set) var charge: Int8 = 0
  /// The mass number, 0 where none is given.
  public internal(set) var isotope: UInt16 = 0
  /// The hydrogens that are written, in brackets or as atoms of their own that were merged.
  public internal(set) var writtenHydrogens: UInt8 = 0
  /// The hydrogens that are not written and fill up the valence.
  public internal(set) var impliedHydrogens: UInt8 = 0
  /// Whether the atom was written in brackets, so that no hydrogens are implied.
  public internal(set) var isBracketed = false
  /// Whether the atom is aromatic, by perception and not by how it was written.
  public internal(set) var isAromatic = false
  /// The number of unpaired electrons.
  var radicals: UInt8 = 0
  /// The byte of the SMILES at which the atom begins, from 0.
  public internal(set) var offset: Int32 = 0

  /// The number of hydrogens that are not atoms of their own.
  public var hydrogens: Int { Int(writtenHydrogens) + Int(impliedHydrogens) }
  /// The symbol of the element.
  public var symbol: String { Element.symbols[Int(number)] }

  init(number: UInt8) { self.number = number }
}

/// A bond of a molecule.
public struct Bond: Sendable, Equatable {
  /// The atom that the bond was drawn from, from 0; the donor of a dative bond.
  public internal(set) var begin: Int32
  /// The atom that the bond was drawn to.
  public internal(set) var end: Int32
  /// 1 to 4; of an aromatic bond that of one Kekulé form.
  public internal(set) var order: UInt8 = 1
  /// Whether the bond is aromatic, by perception.
  public internal(set) var isAromatic = false
  /// Whether the bond is part of a ring.
  public internal(set) var isInRing = false
  /// Whether both electrons come from `begin`, whose valence the bond does not count for.
  public internal(set) var isDative = false
  /// Whether the bond is drawn `/` or `\`, next to a double bond whose sides it tells.
  var isDirected = false

  init(begin: Int32, end: Int32) { (self.begin, self.end) = (begin, end) }

  /// Whether the bond counts as one of order 1.5; a triple bond in an aromatic ring does not.
  var isMesomeric: Bool { isAromatic && order < 3 }

  /// The atom at the other end.
  func other(_ atom: Int) -> Int { Int(begin) == atom ? Int(end) : Int(begin) }
}

/// A molecule read from a SMILES: atoms in the order of the text, bonds, smallest rings, hydrogens and aromaticity.
///
/// It equals what RDKit's `MolFromSmiles` makes of the same text in every atom and bond; stereo marks are read and
/// dropped.
public struct Molecule: Sendable {
  /// The atoms, in the order of the SMILES; hydrogens are atoms only where RDKit keeps them (isotopes, ions, H2).
  public internal(set) var atoms: [Atom]
  /// The bonds: those along the text in its order, then the ring closures by their numbers.
  public internal(set) var bonds: [Bond]
  /// The smallest rings, symmetric ones included.
  public internal(set) var rings = Rings()
  /// The bonds of each atom: offsets into `links`, and those.
  private(set) var starts: [Int32] = []
  private(set) var links: [Link] = []

  /// A bond as one of its atoms sees it.
  struct Link: Sendable {
    /// The atom at the other end.
    let atom: Int
    /// The number of the bond.
    let bond: Int
  }

  /// Rings, one behind the other.
  public struct Rings: Sendable {
    /// The atoms around each ring.
    public private(set) var atoms: [Int] = []
    /// The bonds from each of these atoms to the next one of its ring.
    public private(set) var bonds: [Int] = []
    private var ends: [Int] = []

    /// The number of rings.
    public var count: Int { ends.count }
    /// The places of a ring's atoms and bonds in `atoms` and `bonds`.
    public func places(of ring: Int) -> Range<Int> { (ring == 0 ? 0 : ends[ring - 1])..<ends[ring] }

    /// Appends an atom, and the bond to the next one, to a ring that is not closed.
    mutating func append(_ atom: Int, _ bond: Int) {
      atoms.append(atom)
      bonds.append(bond)
    }

    /// Ends a ring with the atoms since the last one.
    mutating func close() { ends.append(atoms.count) }
  }

  init(atoms: [Atom], bonds: [Bond]) {
    (self.atoms, self.bonds) = (atoms, bonds)
    connect()
  }

  /// The bonds of an atom, in their order.
  func links(of atom: Int) -> ArraySlice<Link> { links[Int(starts[atom])..<Int(starts[atom + 1])] }

  /// The places of an atom's bonds in `links`: a loop over them makes no slice.
  func linkPlaces(of atom: Int) -> Range<Int> { Int(starts[atom])..<Int(starts[atom + 1]) }

  /// The number of neighbours that are atoms of their own.
  public func degree(of atom: Int) -> Int { Int(starts[atom + 1] - starts[atom]) }

  /// The bond between two atoms, nil where there is none.
  func bond(_ a: Int, _ b: Int) -> Int? { links(of: a).first { $0.atom == b }?.bond }

  /// Lists the bonds of each atom anew.
  private mutating func connect() {
    starts = [Int32](repeating: 0, count: atoms.count + 1)
    for bond in bonds {
      starts[Int(bond.begin)] += 1
      starts[Int(bond.end)] += 1
    }
    for atom in atoms.indices { starts[atom + 1] += starts[atom] }
    // From the end of each atom's list to its beginning.
    links = [Link](repeating: Link(atom: 0, bond: 0), count: bonds.count * 2)
    for number in bonds.indices.reversed() {
      let bond = bonds[number]
      starts[Int(bond.begin)] -= 1
      links[Int(starts[Int(bond.begin)])] = Link(atom: Int(bond.end), bond: number)
      starts[Int(bond.end)] -= 1
      links[Int(starts[Int(bond.end)])] = Link(atom: Int(bond.begin), bond: number)
    }
  }

  /// The molecule without some of its atoms and their bonds; before rings and aromaticity are perceived.
  func removing(_ removed: (Int) -> Bool) -> Molecule {
    var place = [Int32](repeating: -1, count: atoms.count)
    var kept: [Atom] = []
    for atom in atoms.indices where !removed(atom) {
      place[atom] = Int32(kept.count)
      kept.append(atoms[atom])
    }
    let left = bonds.compactMap { bond -> Bond? in
      var bond = bond
      bond.begin = place[Int(bond.begin)]
      bond.end = place[Int(bond.end)]
      return bond.begin < 0 || bond.end < 0 ? nil : bond
    }
    return Molecule(atoms: kept, bonds: left)
  }

  /// The fragment of each atom, from 0 in the order of their first atoms.
  public var fragments: [Int] {
    var fragment = [Int](repeating: -1, count: atoms.count)
    var count = 0
    for first in atoms.indices where fragment[first] < 0 {
      fragment[first] = count
      var queue = [first]
      while let atom = queue.popLast() {
        for link in links(of: atom) where fragment[link.atom] < 0 {
          fragment[link.atom] = count
          queue.append(link.atom)
        }
      }
      count += 1
    }
    return fragment
  }

  /// The fragment with the most atoms besides hydrogen; of several that of the largest weight, then the first one.
  public var largestFragment: Molecule {
    let fragment = fragments
    let count = (fragment.max() ?? 0) + 1
    if count == 1 { return self }
    var sizes = [(atoms: Int, weight: Double)](repeating: (0, 0), count: count)
    for (index, atom) in atoms.enumerated() {
      sizes[fragment[index]].atoms += atom.number > 1 ? 1 : 0
      sizes[fragment[index]].weight += Element.mass(of: atom.number, isotope: atom.isotope)
    }
    var best = 0
    for i in sizes.indices.dropFirst() where sizes[i] > sizes[best] { best = i }
    return keeping { fragment[$0] == best }
  }

  /// The molecule with whole fragments only, rings and aromaticity as they are.
  private func keeping(_ kept: (Int) -> Bool) -> Molecule {
    var left = removing { !kept($0) }
    var (place, bondPlace) = ([Int](repeating: 0, count: atoms.count), [Int](repeating: 0, count: bonds.count))
    var next = 0
    for atom in atoms.indices where kept(atom) {
      place[atom] = next
      next += 1
    }
    next = 0
    for (number, bond) in bonds.enumerated() where kept(Int(bond.begin)) {
      bondPlace[number] = next
      next += 1
    }
    for ring in 0..<rings.count where kept(rings.atoms[rings.places(of: ring).lowerBound]) {
      for at in rings.places(of: ring) { left.rings.append(place[rings.atoms[at]], bondPlace[rings.bonds[at]]) }
      left.rings.close()
    }
    return left
  }
}

/// The reason why a text is not a SMILES of a molecule.
public struct SMILESFault: Error, Equatable, Sendable {
  /// The reason, with the character at fault where there is one.
  public let message: String
  /// The byte of the text at which it is, from 0.
  public let offset: Int

  init(_ message: String, at offset: Int) { (self.message, self.offset) = (message, offset) }
}

extension Molecule {
  /// The maximum number of atoms of a molecule.
  public static let mostAtoms = 10_000

  /// Reads a SMILES: parses it, merges hydrogens, checks valences, finds rings and aromatic bonds.
  /// - Throws: a `SMILESFault` with its position.
  public init(smiles: String) throws(SMILESFault) { try self.init(smiles: Array(smiles.utf8)) }

  /// Reads the bytes of a SMILES.
  init(smiles text: [UInt8]) throws(SMILESFault) {
    var parser = SMILESParser(text)
    self = try parser.molecule()
    mergeHydrogens()
    settleCharges()
    try settleHydrogens()
    findRings()
    try kekulize()
    findRadicals()
    findAromaticBonds()
    adjustHydrogens()
  }
}
