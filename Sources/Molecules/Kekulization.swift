extension Molecule {
  /// Gives the bonds that are aromatic as written orders 1 and 2, so that every atom that needs a double bond has one.
  /// - Throws: a `SMILESFault` for an aromatic atom outside rings, and for atoms that cannot all have a double bond.
  mutating func kekulize() throws(SMILESFault) {
    guard atoms.contains(where: \.isAromatic) else { return }
    var isInRing = [Bool](repeating: false, count: atoms.count)
    for atom in rings.atoms { isInRing[atom] = true }
    for (index, atom) in atoms.enumerated() where atom.isAromatic && !isInRing[index] {
      throw SMILESFault("the aromatic atom \(atom.symbol.lowercased()) is in no ring", at: Int(atom.offset))
    }
    // A bond between two rings, such as that of biphenyl, is single.
    for bond in bonds.indices where bonds[bond].isAromatic && !bonds[bond].isInRing { bonds[bond].isAromatic = false }
    // An atom of any element may have a double bond, and takes part in the aromatic bonds around it.
    let wild = atoms.indices.map { atoms[$0].number == 0 && isInRing[$0] }
    for (number, bond) in bonds.enumerated()
    where bond.isInRing && bond.order == 1 && (wild[Int(bond.begin)] || wild[Int(bond.end)]) {
      bonds[number].isAromatic = [bond.begin, bond.end].allSatisfy { wild[Int($0)] || atoms[Int($0)].isAromatic }
    }
    let needs = atoms.indices.map { needsDoubleBond($0) }
    var partners = DoubleBonds(
      needs, mayHave: wild,
      neighbors: atoms.indices.map { atom in
        guard needs[atom] || wild[atom] else { return [] }
        return links(of: atom).filter { bonds[$0.bond].isAromatic && (needs[$0.atom] || wild[$0.atom]) }.map(\.atom)
      })
    if let lone = partners.firstWithout() {
      throw SMILESFault(
        "the aromatic rings have no alternating double bonds: \(atoms[lone].symbol.lowercased()) is left over",
        at: Int(atoms[lone].offset))
    }
    for bond in bonds.indices where bonds[bond].isAromatic {
      bonds[bond].isAromatic = false
      if partners.partner[Int(bonds[bond].begin)] == Int(bonds[bond].end) { bonds[bond].order = 2 }
    }
    for index in atoms.indices where atoms[index].isAromatic {
      atoms[index].isAromatic = false
      if isOverloaded(index, explicitValence(index)) { throw overload(index) }
      // The H of [nH] is implied by a Kekulé form, as that of pyrrole.
      let atom = atoms[index]
      if [7, 15].contains(atom.number) && atom.charge == 0 && atom.writtenHydrogens == 1 {
        atoms[index].isBracketed = false
        atoms[index].writtenHydrogens = 0
        atoms[index].impliedHydrogens = try impliedHydrogens(index, explicitValence(index))
      }
      if !atoms[index].isBracketed {
        atoms[index].impliedHydrogens = try impliedHydrogens(index, explicitValence(index))
      }
    }
  }

  /// Whether an atom that is aromatic as written lacks one bond to its valence.
  private func needsDoubleBond(_ index: Int) -> Bool {
    let atom = atoms[index]
    guard atom.isAromatic, atom.number != 0 else { return false }
    var sum = atom.hydrogens
    for link in links(of: index) {
      let bond = bonds[link.bond]
      if bond.isDative && Int(bond.begin) == index { continue }
      sum += bond.isAromatic ? 1 : Int(bond.order)
    }
    var charge = Int(atom.charge)
    if Element.isEarly(atom.number) || atom.number == 6 && charge > 0 { charge = -charge }
    let valences = Element.valences[Int(atom.number)]
    let total = explicitValence(index) + Int(atom.impliedHydrogens)
    var valence = valences[0] + charge
    for next in valences.dropFirst() where total > valence && next > 0 { valence = next + charge }
    if ownDegree(index) + Int(atom.impliedHydrogens) >= valence { return false }
    return valence == sum + 1 || atom.isBracketed && valence == sum + 2
  }
}

/// Double bonds between atoms that need one each, and some that may have one: a maximum matching, by Edmonds' algorithm
/// (1965, Canad. J. Math. 17:449), because rings of five make odd cycles.
private struct DoubleBonds {
  /// The partner of each atom, -1 for none.
  private(set) var partner: [Int]
  private let needs: [Bool]
  private let neighbors: [[Int]]
  private var parent: [Int]
  private var base: [Int]
  private var isOuter: [Bool]

  /// - Parameters:
  ///   - needs: whether an atom needs a double bond.
  ///   - mayHave: whether it may have one. Such atoms are partners of one another as well, and of one more where their
  ///     number is odd: those that get no double bond.
  init(_ needs: [Bool], mayHave: [Bool], neighbors: [[Int]]) {
    var (needs, neighbors) = (needs, neighbors)
    let free = mayHave.indices.filter { mayHave[$0] }
    for atom in free {
      needs[atom] = true
      neighbors[atom] += free.filter { $0 != atom }
    }
    if !free.isEmpty && needs.count(where: { $0 }) % 2 == 1 {
      for atom in free { neighbors[atom].append(needs.count) }
      needs.append(true)
      neighbors.append(free)
    }
    (self.needs, self.neighbors) = (needs, neighbors)
    partner = [Int](repeating: -1, count: needs.count)
    (parent, base, isOuter) = (partner, partner, [Bool](repeating: false, count: needs.count))
  }

  /// Finds partners; returns the first atom that is left without one, nil if none is.
  mutating func firstWithout() -> Int? {
    // Atoms with a single neighbour left first: that settles most ring systems at once.
    for atom in needs.indices where needs[atom] && partner[atom] < 0 {
      let free = neighbors[atom].filter { partner[$0] < 0 }
      if let other = free.min(by: { neighbors[$0].count < neighbors[$1].count }) {
        (partner[atom], partner[other]) = (other, atom)
      }
    }
    for atom in needs.indices where needs[atom] && partner[atom] < 0 {
      guard var end = path(from: atom) else { return atom }
      while end >= 0 {
        let before = parent[end]
        let next = partner[before]
        (partner[end], partner[before]) = (before, end)
        end = next
      }
    }
    return nil
  }

  /// The free atom at the end of a path on which double and other bonds alternate; nil if there is none.
  private mutating func path(from root: Int) -> Int? {
    for atom in needs.indices { (parent[atom], base[atom], isOuter[atom]) = (-1, atom, false) }
    isOuter[root] = true
    var queue = [root]
    var head = 0
    while head < queue.count {
      let atom = queue[head]
      head += 1
      for other in neighbors[atom] where base[atom] != base[other] && partner[atom] != other {
        if other == root || partner[other] >= 0 && parent[partner[other]] >= 0 {
          contract(atom, other, &queue)
        } else if parent[other] < 0 {
          parent[other] = atom
          if partner[other] < 0 { return other }
          isOuter[partner[other]] = true
          queue.append(partner[other])
        }
      }
    }
    return nil
  }

  /// Takes an odd cycle together as one atom.
  private mutating func contract(_ first: Int, _ second: Int, _ queue: inout [Int]) {
    let meeting = commonBase(first, second)
    var isIn = [Bool](repeating: false, count: needs.count)
    markPath(first, meeting, second, &isIn)
    markPath(second, meeting, first, &isIn)
    for atom in needs.indices where base[atom] >= 0 && isIn[base[atom]] {
      base[atom] = meeting
      if !isOuter[atom] {
        isOuter[atom] = true
        queue.append(atom)
      }
    }
  }

  private func commonBase(_ first: Int, _ second: Int) -> Int {
    var isOnPath = [Bool](repeating: false, count: needs.count)
    var atom = first
    while true {
      atom = base[atom]
      isOnPath[atom] = true
      if partner[atom] < 0 { break }
      atom = parent[partner[atom]]
    }
    atom = second
    while true {
      atom = base[atom]
      if isOnPath[atom] { return atom }
      atom = parent[partner[atom]]
    }
  }

  private mutating func markPath(_ start: Int, _ meeting: Int, _ child: Int, _ isIn: inout [Bool]) {
    var (atom, child) = (start, child)
    while base[atom] != meeting {
      isIn[base[atom]] = true
      isIn[base[partner[atom]]] = true
      parent[atom] = child
      child = partner[atom]
      atom = parent[partner[atom]]
    }
  }
}
