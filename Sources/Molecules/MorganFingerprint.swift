import Bytes

/// Circular fingerprints (Rogers and Hahn 2010, J. Chem. Inf. Model. 50:742) with the identifiers of RDKit's Morgan
/// generator, so that every bit is the same.
struct MorganFingerprint: MoleculeEncoder {
  let radius: Int
  let bits: Int
  let isCount: Bool
  let names: [String]

  static let entry = MoleculeEntry(
    "ecfp", .feature, "circular fingerprint of atom environments",
    settings: [
      Setting("radius", short: "r", .integer(0...8, default: 2), "the radius of an environment, in bonds"),
      Setting(
        "bits", short: "b", .integer(8...1_048_576, default: 2048), "the number of columns that identifiers fold to"),
      .flag("count", default: false, "how often an environment occurs, in place of whether it does"),
    ],
    description: """
      The environments of each atom up to radius bonds, each a number by hashing, which modulo bits is its column: 1
      where one of them is there, or with count=yes how many are. Atoms begin as atomic number, neighbours, hydrogens,
      charge, isotope and whether they are in a ring; bonds count by order or as aromatic; stereo does not. An
      environment of the same bonds as another is counted once. ecfp:radius=2 is ECFP4, radius=3 ECFP6. After Rogers and
      Hahn 2010 (J. Chem. Inf. Model. 50:742), with the hashes of RDKit: bit-equal to its Morgan generator.
      """
  ) { MorganFingerprint($0) }

  init(_ settings: MoleculeSettings) {
    radius = settings.values.integer("radius")
    bits = settings.values.integer("bits")
    isCount = settings.values.flag("count")
    names = settings.names((0..<bits).map(String.init))
  }

  func encode(_ molecule: Molecule, into features: UnsafeMutableBufferPointer<Double>) {
    features.update(repeating: 0)
    var environments = AtomEnvironments(molecule)
    environments.visit(upTo: radius) { code in
      let column = Int(code) % bits
      features[column] = isCount ? features[column] + 1 : 1
    }
  }
}

/// The environments of all atoms, grown bond by bond.
private struct AtomEnvironments {
  private let molecule: Molecule
  private let words: Int
  /// The identifier of each atom's environment at this radius; 0 where it no longer grows.
  private var codes: [UInt32]
  /// The bonds of each atom's environment, `words` words an atom.
  private var covers: [UInt64]
  private var isDead: [Bool]
  /// The bond sets that have been visited, `words` words each, and a hash of each.
  private var seen: [UInt64] = []
  private var hashes: [UInt64] = []

  init(_ molecule: Molecule) {
    self.molecule = molecule
    words = (molecule.bonds.count + 63) / 64
    covers = [UInt64](repeating: 0, count: words * molecule.atoms.count)
    isDead = [Bool](repeating: false, count: molecule.atoms.count)
    var isInRing = [Bool](repeating: false, count: molecule.atoms.count)
    for ring in molecule.rings { for atom in ring.atoms { isInRing[atom] = true } }
    codes = molecule.atoms.indices.map { index in
      let atom = molecule.atoms[index]
      var hydrogens = atom.hydrogens
      for place in molecule.linkPlaces(of: index) {
        if molecule.atoms[molecule.links[place].atom].number == 1 { hydrogens += 1 }
      }
      let excess = Element.mass(of: atom.number, isotope: atom.isotope) - Element.weights[Int(atom.number)]
      var code: UInt32 = 0
      Self.mix(&code, UInt32(atom.number))
      Self.mix(&code, UInt32(molecule.degree(of: index) + atom.hydrogens))
      Self.mix(&code, UInt32(hydrogens))
      Self.mix(&code, UInt32(bitPattern: Int32(atom.charge)))
      Self.mix(&code, UInt32(bitPattern: Int32(excess)))
      if isInRing[index] { Self.mix(&code, 1) }
      return code
    }
  }

  /// The step of hashing that Boost's hash_combine makes.
  private static func mix(_ code: inout UInt32, _ value: UInt32) {
    code ^= value &+ 0x9E37_79B9 &+ (code << 6) &+ (code >> 2)
  }

  /// Calls `body` with the identifier of every environment that differs from the others in its bonds.
  mutating func visit(upTo radius: Int, _ body: (UInt32) -> Void) {
    for code in codes { body(code) }
    for layer in 0..<radius { grow(layer, body) }
  }

  private mutating func grow(_ layer: Int, _ body: (UInt32) -> Void) {
    var (next, nextCovers) = ([UInt32](repeating: 0, count: codes.count), covers)
    // The type of the bond to each neighbour, and in the lower half the neighbour's identifier.
    var neighbors: [UInt64] = []
    let before = hashes.count
    /// The atom with the smallest identifier for each set of bonds that is new in this layer.
    var owners: [Int] = []
    for atom in codes.indices where !isDead[atom] {
      if molecule.degree(of: atom) == 0 {
        isDead[atom] = true
        continue
      }
      neighbors.removeAll(keepingCapacity: true)
      for place in molecule.linkPlaces(of: atom) {
        let link = molecule.links[place]
        nextCovers[atom * words + link.bond >> 6] |= 1 << UInt64(link.bond & 63)
        for word in 0..<words { nextCovers[atom * words + word] |= covers[link.atom * words + word] }
        neighbors.append(UInt64(type(of: link.bond)) << 32 | UInt64(codes[link.atom]))
      }
      // By insertion: there are two or three.
      for place in 1..<neighbors.count {
        var at = place
        while at > 0, neighbors[at] < neighbors[at - 1] {
          neighbors.swapAt(at, at - 1)
          at -= 1
        }
      }
      var code = UInt32(layer)
      Self.mix(&code, codes[atom])
      for neighbor in neighbors {
        var pair: UInt32 = 0
        Self.mix(&pair, UInt32(neighbor >> 32))
        Self.mix(&pair, UInt32(truncatingIfNeeded: neighbor))
        Self.mix(&code, pair)
      }
      next[atom] = code
      settle(atom, nextCovers, next, before, &owners)
    }
    for owner in owners { body(next[owner]) }
    (codes, covers) = (next, nextCovers)
  }

  /// Of atoms with the same bonds the one with the smallest identifier, by this layer, goes on.
  private mutating func settle(
    _ atom: Int, _ covers: [UInt64], _ codes: [UInt32], _ before: Int, _ owners: inout [Int]
  ) {
    let cover = atom * words
    var hash: UInt64 = 0
    for word in 0..<words { hash = (hash ^ covers[cover + word]) &* 0x9E37_79B9_7F4A_7C15 ^ hash >> 29 }
    func isSame(_ place: Int) -> Bool {
      for word in 0..<words where seen[place * words + word] != covers[cover + word] { return false }
      return true
    }
    var place = 0
    while place < hashes.count, hashes[place] != hash || !isSame(place) { place += 1 }
    if place == hashes.count {
      hashes.append(hash)
      for word in 0..<words { seen.append(covers[cover + word]) }
      owners.append(atom)
      return
    }
    if place < before || codes[owners[place - before]] <= codes[atom] {
      isDead[atom] = true
    } else {
      isDead[owners[place - before]] = true
      owners[place - before] = atom
    }
  }

  private func type(of bond: Int) -> UInt32 {
    let bond = molecule.bonds[bond]
    return bond.isMesomeric ? 12 : bond.isDative ? 17 : UInt32(bond.order)
  }
}
