// Aromatic bonds from a Kekulé form, by the model that RDKit documents as its own (The RDKit Book, "Aromaticity").
extension Molecule {
  /// Finds the aromatic atoms and bonds: in rings, and in unions of fused rings, with 4n + 2 π electrons.
  mutating func findAromaticBonds() {
    if rings.isEmpty { return }
    var donors = [Donor](repeating: .none, count: atoms.count)
    for ring in rings {
      for atom in ring.atoms where donors[atom] == .none { donors[atom] = donor(atom) }
    }
    let candidates = rings.indices.filter { number in
      rings[number].atoms.allSatisfy { donors[$0] != .none } && rings[number].atoms.contains { atoms[$0].number != 0 }
    }
    var search = AromaticSearch(atoms: atoms.count, bonds: bonds.count)
    var left = candidates
    while let first = left.first {
      let system = fused(with: first, of: &left)
      search.run(rings, system, donors)
    }
    for atom in atoms.indices { atoms[atom].isAromatic = search.atoms[atom] }
    for bond in bonds.indices { bonds[bond].isAromatic = search.bonds[bond] }
  }

  /// The rings that are fused to one, directly or over others, which are taken from `left`.
  private func fused(with first: Int, of left: inout [Int]) -> [Int] {
    left.removeFirst()
    if left.isEmpty { return [first] }
    var (system, head) = ([first], 0)
    while head < system.count {
      left.removeAll { other in
        guard rings[other].isFused(to: rings[system[head]]) else { return false }
        system.append(other)
        return true
      }
      head += 1
    }
    return system
  }

  // MARK: Atoms

  /// The π electrons that an atom of a ring gives; `none` where it takes no part.
  private func donor(_ index: Int) -> Donor {
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

extension Molecule.Ring {
  /// The maximum size of a ring that is looked at together with others.
  private static let mostFused = 24

  /// Whether two rings share a single bond, and neither is large.
  fileprivate func isFused(to other: Molecule.Ring) -> Bool {
    guard bonds.count <= Self.mostFused, other.bonds.count <= Self.mostFused else { return false }
    var shared = 0
    for bond in bonds {
      for one in other.bonds where one == bond { shared += 1 }
    }
    return shared == 1
  }
}

/// A search for aromatic unions of rings.
private struct AromaticSearch {
  /// Whether each atom and bond is aromatic.
  private(set) var atoms: [Bool]
  private(set) var bonds: [Bool]
  private var atomUses: [UInt8]
  private var bondUses: [UInt8]
  /// The maximum number of fused rings that are looked at together.
  private static let mostRings = 6
  /// The number of rings of a system above which only pairs of them are looked at.
  private static let manyRings = 300

  init(atoms: Int, bonds: Int) {
    (self.atoms, self.bonds) = ([Bool](repeating: false, count: atoms), [Bool](repeating: false, count: bonds))
    (atomUses, bondUses) = ([UInt8](repeating: 0, count: atoms), [UInt8](repeating: 0, count: bonds))
  }

  /// Tests every connected union of up to six rings of a fused system, the smaller ones first, until all bonds are
  /// aromatic.
  mutating func run(_ rings: [Molecule.Ring], _ system: [Int], _ donors: [Donor]) {
    for ring in system { mark(CollectionOfOne(ring), rings, donors) }
    if system.count == 1 || isDone(rings, system) { return }
    if system.count == 2 { return mark(system, rings, donors) }
    let neighbors = system.map { ring in system.indices.filter { rings[system[$0]].isFused(to: rings[ring]) } }
    var unions = system.indices.map { [$0] }
    for size in 2...min(system.count, system.count > Self.manyRings ? 2 : Self.mostRings) {
      var larger: Set<[Int]> = []
      for union in unions {
        for ring in union {
          for other in neighbors[ring] where !union.contains(other) { larger.insert((union + [other]).sorted()) }
        }
      }
      unions = Array(larger)
      for union in unions { mark(union.map { system[$0] }, rings, donors) }
      if size < system.count && isDone(rings, system) { return }
    }
  }

  private func isDone(_ rings: [Molecule.Ring], _ system: [Int]) -> Bool {
    system.allSatisfy { rings[$0].bonds.allSatisfy { bonds[$0] } }
  }

  /// Marks a union of rings if it is aromatic: its atoms, and the bonds that only one of its rings has.
  private mutating func mark(_ union: some Collection<Int>, _ rings: [Molecule.Ring], _ donors: [Donor]) {
    for ring in union { for atom in rings[ring].atoms { atomUses[atom] += 1 } }
    let isAromatic = isAromatic(union, rings, donors)
    for ring in union {
      for atom in rings[ring].atoms {
        atomUses[atom] = 0
        if isAromatic { atoms[atom] = true }
      }
    }
    guard isAromatic else { return }
    for ring in union { for bond in rings[ring].bonds { bondUses[bond] += 1 } }
    for ring in union {
      for bond in rings[ring].bonds {
        if bondUses[bond] == 1 { bonds[bond] = true }
        bondUses[bond] = 0
      }
    }
  }

  /// Hückel's rule for what the atoms of a union give; an atom inside it, which three of its rings share, is left out.
  private func isAromatic(_ union: some Collection<Int>, _ rings: [Molecule.Ring], _ donors: [Donor]) -> Bool {
    // An atom of two rings is seen twice, and gives half of its electrons each time: all are counted in halves.
    var (least, most, wild) = (0, 0, 0)
    for ring in union {
      for atom in rings[ring].atoms where atomUses[atom] < 3 {
        let parts = 2 / Int(atomUses[atom])
        switch donors[atom] {
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
