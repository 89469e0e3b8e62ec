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

/// The environments of all atoms, grown bond by bond. Memory of its own without bounds checks: this is most of the time
/// of a fingerprint.
private struct AtomEnvironments: ~Copyable {
  private let molecule: Molecule
  /// Words of a set of bonds; most molecules need a single one.
  private let words: Int
  /// The memory of all below with its type.
  private let numbers: UnsafeMutablePointer<UInt32>
  private let sets: UnsafeMutablePointer<UInt64>
  /// The identifier of each atom's environment at this radius and at the next one; 0 where it no longer grows.
  private let codes: UnsafeMutablePointer<UInt32>
  private let nextCodes: UnsafeMutablePointer<UInt32>
  /// The bonds of each atom's environment, `words` words an atom, at this radius and at the next one.
  private let covers: UnsafeMutablePointer<UInt64>
  private let nextCovers: UnsafeMutablePointer<UInt64>
  /// The type of the bond of each of the molecule's links, in the upper half.
  private let types: UnsafeMutablePointer<UInt64>
  /// Of the links of one atom the types, and in the lower half the neighbours' identifiers.
  private let neighbors: UnsafeMutablePointer<UInt64>
  /// Whether the environment of each atom no longer grows.
  private let isDead: UnsafeMutablePointer<Bool>
  /// The bond sets that have been visited, `words` words each, and a hash of each.
  private var seen: [UInt64] = []
  private var hashes: [UInt64] = []
  /// The number of each bond set, from 1, at its hash or behind it; 0 is free. A power of two long, at most half full.
  private var table: [Int32]
  /// The atom with the smallest identifier for each set of bonds that is new in a layer.
  private var owners: [Int] = []

  init(_ molecule: Molecule) {
    self.molecule = molecule
    let (atoms, links, words) = (molecule.atoms.count, molecule.links.count, (molecule.bonds.count + 63) / 64)
    self.words = words
    (numbers, sets) = (.allocate(capacity: 2 * atoms), .allocate(capacity: 2 * atoms * words + 2 * links))
    (codes, nextCodes) = (numbers, numbers + atoms)
    (covers, nextCovers) = (sets, sets + atoms * words)
    (types, neighbors) = (sets + 2 * atoms * words, sets + 2 * atoms * words + links)
    isDead = .allocate(capacity: atoms)
    table = [Int32](repeating: 0, count: 1 << (Int.bitWidth - (4 * atoms).leadingZeroBitCount))
    seen.reserveCapacity(2 * atoms * words)
    hashes.reserveCapacity(2 * atoms)
    owners.reserveCapacity(atoms)
    sets.initialize(repeating: 0, count: 2 * atoms * words + 2 * links)
    for (place, link) in molecule.links.enumerated() {
      let bond = molecule.bonds[link.bond]
      let type: UInt64 = bond.isMesomeric ? 12 : bond.isDative ? 17 : UInt64(bond.order)
      types[place] = type << 32
    }
    isDead.initialize(repeating: false, count: atoms)
    numbers.initialize(repeating: 0, count: 2 * atoms)
    // For the time being: whether an atom is in a ring.
    for atom in molecule.rings.atoms { nextCodes[atom] = 1 }
    for atom in 0..<atoms { codes[atom] = Self.code(atom, of: molecule, isInRing: nextCodes[atom] == 1) }
  }

  deinit {
    numbers.deallocate()
    sets.deallocate()
    isDead.deallocate()
  }

  /// The identifier of an atom by itself.
  private static func code(_ index: Int, of molecule: Molecule, isInRing: Bool) -> UInt32 {
    let atom = molecule.atoms[index]
    var hydrogens = atom.hydrogens
    for place in molecule.linkPlaces(of: index) {
      if molecule.atoms[molecule.links[place].atom].number == 1 { hydrogens += 1 }
    }
    var excess = 0.0
    if atom.isotope > 0 {
      excess = Element.mass(of: atom.number, isotope: atom.isotope) - Element.weights[Int(atom.number)]
    }
    var code: UInt32 = 0
    mix(&code, UInt32(atom.number))
    mix(&code, UInt32(molecule.degree(of: index) + atom.hydrogens))
    mix(&code, UInt32(hydrogens))
    mix(&code, UInt32(bitPattern: Int32(atom.charge)))
    mix(&code, UInt32(bitPattern: Int32(excess)))
    if isInRing { mix(&code, 1) }
    return code
  }

  /// The step of hashing that Boost's hash_combine makes.
  private static func mix(_ code: inout UInt32, _ value: UInt32) {
    code ^= value &+ 0x9E37_79B9 &+ (code << 6) &+ (code >> 2)
  }

  /// Calls `body` with the identifier of every environment that differs from the others in its bonds.
  mutating func visit(upTo radius: Int, _ body: (UInt32) -> Void) {
    let atoms = molecule.atoms.count
    for atom in 0..<atoms { body(codes[atom]) }
    for layer in 0..<radius {
      grow(layer)
      for owner in owners { body(nextCodes[owner]) }
      codes.update(from: nextCodes, count: atoms)
      covers.update(from: nextCovers, count: atoms * words)
    }
  }

  private mutating func grow(_ layer: Int) {
    let before = hashes.count
    owners.removeAll(keepingCapacity: true)
    nextCodes.update(repeating: 0, count: molecule.atoms.count)
    for atom in 0..<molecule.atoms.count where !isDead[atom] {
      let links = molecule.linkPlaces(of: atom)
      if links.isEmpty {
        isDead[atom] = true
        continue
      }
      let cover = nextCovers + atom * words
      var count = 0
      for place in links {
        let link = molecule.links[place]
        cover[link.bond >> 6] |= 1 << UInt64(link.bond & 63)
        if words == 1 {
          cover[0] |= covers[link.atom]
        } else {
          for word in 0..<words { cover[word] |= covers[link.atom * words + word] }
        }
        // In ascending order, by insertion: there are two or three.
        let neighbor = types[place] | UInt64(codes[link.atom])
        var at = count
        while at > 0, neighbor < neighbors[at - 1] {
          neighbors[at] = neighbors[at - 1]
          at -= 1
        }
        neighbors[at] = neighbor
        count += 1
      }
      var code = UInt32(layer)
      Self.mix(&code, codes[atom])
      for place in 0..<count {
        var pair: UInt32 = 0
        Self.mix(&pair, UInt32(neighbors[place] >> 32))
        Self.mix(&pair, UInt32(truncatingIfNeeded: neighbors[place]))
        Self.mix(&code, pair)
      }
      nextCodes[atom] = code
      settle(atom, before)
    }
  }

  /// Of atoms with the same bonds the one with the smallest identifier, by this layer, goes on.
  private mutating func settle(_ atom: Int, _ before: Int) {
    let cover = nextCovers + atom * words
    var hash: UInt64 = 0
    for word in 0..<words { hash = (hash ^ cover[word]) &* 0x9E37_79B9_7F4A_7C15 ^ hash >> 29 }
    let slot = slot(of: hash, cover)
    let place = Int(table[slot]) - 1
    if place < 0 {
      hashes.append(hash)
      table[slot] = Int32(hashes.count)
      if 2 * hashes.count > table.count { enlarge() }
      for word in 0..<words { seen.append(cover[word]) }
      owners.append(atom)
      return
    }
    if place < before || nextCodes[owners[place - before]] <= nextCodes[atom] {
      isDead[atom] = true
    } else {
      isDead[owners[place - before]] = true
      owners[place - before] = atom
    }
  }

  /// The slot of a set of bonds: that with its number, or the free one where it belongs.
  private func slot(of hash: UInt64, _ cover: UnsafeMutablePointer<UInt64>) -> Int {
    var slot = first(hash, table.count)
    while table[slot] > 0 {
      let place = Int(table[slot]) - 1
      if hashes[place] == hash {
        var word = 0
        while word < words, seen[place * words + word] == cover[word] { word += 1 }
        if word == words { break }
      }
      slot = (slot + 1) & (table.count - 1)
    }
    return slot
  }

  private func first(_ hash: UInt64, _ size: Int) -> Int { Int(truncatingIfNeeded: hash >> 32) & (size - 1) }

  /// Makes the table twice as long.
  private mutating func enlarge() {
    table = [Int32](repeating: 0, count: 2 * table.count)
    for (place, hash) in hashes.enumerated() {
      var slot = first(hash, table.count)
      while table[slot] > 0 { slot = (slot + 1) & (table.count - 1) }
      table[slot] = Int32(place + 1)
    }
  }
}
