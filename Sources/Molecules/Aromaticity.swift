// Aromatic bonds from a Kekulé form, by the model that RDKit documents as its own (The RDKit Book, "Aromaticity").
extension Molecule {
  /// Finds the aromatic atoms and bonds: in rings, and in unions of fused rings, with 4n + 2 π electrons.
  mutating func findAromaticBonds() {
    if rings.count == 0 { return }
    var search = AromaticSearch(self)
    search.run()
    for atom in atoms.indices { atoms[atom].isAromatic = search.atoms[atom] }
    for bond in bonds.indices { bonds[bond].isAromatic = search.bonds[bond] }
  }

  // MARK: Atoms

  /// The π electrons that an atom of a ring gives; `none` where it takes no part.
  fileprivate func donor(_ index: Int) -> Donor {
    let atom = atoms[index]
    if atom.number == 0 { return .any }
    let valence = explicitValence(index)
    let unsaturation = valence - degree(of: index)
    let donor = electrons(index, valence, unsaturation)
    guard donor != .none, atom.number <= 18 || atom.number == 34 || atom.number == 52 else { return .none }
    let charged = Int(atom.number) - Int(atom.charge)
    let usual = (0..<Element.count).contains(charged) ? Element.valence[charged] : -1
    if Element.valence[Int(atom.number)] > 0, valence + Int(atom.impliedHydrogens) > usual {
      return .none
    }
    if atom.radicals > 0 && atom.number != 6 { return .none }
    if unsaturation > 1, linkPlaces(of: index).count(where: { (2...3).contains(bonds[links[$0].bond].order) }) > 1 {
      return .none
    }
    return donor
  }

  private func electrons(_ index: Int, _ valence: Int, _ unsaturation: Int) -> Donor {
    let atom = atoms[index]
    let usual = Element.valence[Int(atom.number)]
    let neighbors = ownDegree(index) + atom.hydrogens
    if usual <= 1 || neighbors > 3 { return .none }
    let lone = max(0, Element.outer[Int(atom.number)] - usual - Int(atom.charge))
    var count = usual - neighbors + lone - Int(atom.radicals)
    if count > 1 && unsaturation > 1 { count = 1 }
    var (hasInside, outside) = (false, Link?.none)
    for place in linkPlaces(of: index) where bonds[links[place].bond].order > 1 {
      let link = links[place]
      if bonds[link.bond].isInRing { hasInside = true } else if outside == nil { outside = link }
    }
    let steals = outside.map { Element.attracts(atoms[$0.atom].number, moreThan: atom.number) } ?? false
    switch count {
    case ..<0: return .none
    case 0: return outside != nil ? .vacant : hasInside ? .one : .none
    case 1:
      if outside != nil { return steals ? .vacant : .one }
      if valence != ownDegree(index) + Int(atom.writtenHydrogens) { return .one }
      return atom.charge == 1 ? .vacant : .none
    default: return (count - (steals ? 1 : 0)) % 2 == 1 ? .one : .two
    }
  }
}

/// The electrons that an atom of a ring gives to its π system.
private enum Donor {
  case none, vacant, one, two, any
}

/// A search for aromatic unions of rings.
private struct AromaticSearch {
  /// Whether each atom and bond is aromatic.
  private(set) var atoms: [Bool]
  private(set) var bonds: [Bool]
  private let rings: Molecule.Rings
  private var donors: [Donor]
  private var atomUses: [UInt8]
  private var bondUses: [UInt8]
  /// The rings that can be aromatic, those of each fused system together.
  private var order: [Int] = []
  /// The rings of a union, those that are next to it or were, and whether each ring of the system is one of either.
  private var union: [Int] = []
  private var untried: [Int] = []
  private var isKnown: [Bool] = []
  /// The maximum size of a ring that is looked at together with others.
  private static let mostFused = 24
  /// The maximum number of fused rings that are looked at together.
  private static let mostRings = 6
  /// The number of rings of a system above which only pairs of them are looked at.
  private static let manyRings = 300

  init(_ molecule: Molecule) {
    rings = molecule.rings
    atoms = [Bool](repeating: false, count: molecule.atoms.count)
    bonds = [Bool](repeating: false, count: molecule.bonds.count)
    (atomUses, bondUses) = ([UInt8](repeating: 0, count: atoms.count), [UInt8](repeating: 0, count: bonds.count))
    donors = [Donor](repeating: .none, count: atoms.count)
    for atom in rings.atoms where donors[atom] == .none { donors[atom] = molecule.donor(atom) }
    order.reserveCapacity(rings.count)
    for ring in 0..<rings.count {
      let own = rings.places(of: ring)
      if own.contains(where: { donors[rings.atoms[$0]] == .none }) { continue }
      if own.contains(where: { molecule.atoms[rings.atoms[$0]].number != 0 }) { order.append(ring) }
    }
  }

  /// Looks at one fused system after the other.
  mutating func run() {
    var first = 0
    while first < order.count {
      // The rings that are fused to one of the system follow it.
      var (head, end) = (first, first + 1)
      while head < end && end < order.count {
        for place in end..<order.count where isFused(order[head], order[place]) {
          order.swapAt(place, end)
          end += 1
        }
        head += 1
      }
      run(first..<end)
      first = end
    }
  }

  /// Whether two rings share a single bond, and neither is large.
  private mutating func isFused(_ ring: Int, _ other: Int) -> Bool {
    let (own, others) = (rings.places(of: ring), rings.places(of: other))
    guard own.count <= Self.mostFused, others.count <= Self.mostFused else { return false }
    var shared = 0
    for place in own { bondUses[rings.bonds[place]] = 1 }
    for place in others { shared += Int(bondUses[rings.bonds[place]]) }
    for place in own { bondUses[rings.bonds[place]] = 0 }
    return shared == 1
  }

  /// Tests every connected union of up to six rings of a fused system, the smaller ones first, until all bonds are
  /// aromatic.
  private mutating func run(_ system: Range<Int>) {
    for place in system { mark(CollectionOfOne(order[place])) }
    if system.count == 1 || isDone(system) { return }
    if system.count == 2 { return mark(order[system]) }
    var neighbors = [[Int]](repeating: [], count: system.count)
    for one in system.indices {
      for other in system.indices where one != other && isFused(order[one], order[other]) {
        neighbors[one - system.lowerBound].append(other - system.lowerBound)
      }
    }
    let rings = Array(order[system])
    for size in 2...min(system.count, system.count > Self.manyRings ? 2 : Self.mostRings) {
      // Those with the first ring, then those without it and with the second, and so on.
      isKnown = [Bool](repeating: false, count: rings.count)
      for first in rings.indices {
        isKnown[first] = true
        untried = [first]
        markUnions(from: 0, size, rings, neighbors)
      }
      if size < system.count && isDone(system) { return }
    }
  }

  /// Marks the unions of a size that have the rings of `union` and others of those untried from a place on (Redelmeier
  /// 1981, Discrete Math. 36:191: each connected union once).
  private mutating func markUnions(from place: Int, _ size: Int, _ rings: [Int], _ neighbors: [[Int]]) {
    let known = untried.count
    for next in place..<known {
      let ring = untried[next]
      union.append(rings[ring])
      if union.count == size {
        mark(union)
      } else {
        for other in neighbors[ring] where !isKnown[other] {
          isKnown[other] = true
          untried.append(other)
        }
        markUnions(from: next + 1, size, rings, neighbors)
        while untried.count > known { isKnown[untried.removeLast()] = false }
      }
      union.removeLast()
    }
  }

  private func isDone(_ system: Range<Int>) -> Bool {
    system.allSatisfy { place in rings.places(of: order[place]).allSatisfy { bonds[rings.bonds[$0]] } }
  }

  /// Marks a union of rings if it is aromatic: its atoms, and the bonds that only one of its rings has.
  private mutating func mark(_ union: some Collection<Int>) {
    for ring in union { for place in rings.places(of: ring) { atomUses[rings.atoms[place]] += 1 } }
    let isAromatic = isAromatic(union)
    for ring in union {
      for place in rings.places(of: ring) {
        atomUses[rings.atoms[place]] = 0
        if isAromatic { atoms[rings.atoms[place]] = true }
      }
    }
    guard isAromatic else { return }
    for ring in union { for place in rings.places(of: ring) { bondUses[rings.bonds[place]] += 1 } }
    for ring in union {
      for place in rings.places(of: ring) {
        if bondUses[rings.bonds[place]] == 1 { bonds[rings.bonds[place]] = true }
        bondUses[rings.bonds[place]] = 0
      }
    }
  }

  /// Hückel's rule for what the atoms of a union give; an atom inside it, which three of its rings share, is left out.
  private func isAromatic(_ union: some Collection<Int>) -> Bool {
    // An atom of two rings is seen twice, and gives half of its electrons each time: all are counted in halves.
    var (least, most, wild) = (0, 0, 0)
    for ring in union {
      for place in rings.places(of: ring) where atomUses[rings.atoms[place]] < 3 {
        let parts = atomUses[rings.atoms[place]] == 1 ? 2 : 1
        switch donors[rings.atoms[place]] {
        case .none, .vacant: break
        case .one: (least, most) = (least + parts, most + parts)
        case .two: (least, most) = (least + 2 * parts, most + 2 * parts)
        case .any: (least, most, wild) = (least + parts, most + 2 * parts, wild + parts)
        }
      }
    }
    (least, most, wild) = (least / 2, most / 2, wild / 2)
    if wild > 1 { return false }
    if most < 6 { return most == 2 }
    return (least...most).contains { ($0 - 2) % 4 == 0 }
  }
}
