// Hydrogens, charges and valences, by the rules that RDKit's sanitisation applies before it looks for rings
// (Landrum and others, BSD licence; the rules are restated here).
extension Molecule {
  /// Merges hydrogen atoms into the atoms they are bound to: those without isotope and charge that have one bond, to an
  /// atom that is no hydrogen and no `*`. One that alone tells the side of a double bond stays.
  mutating func mergeHydrogens() {
    guard atoms.contains(where: { $0.number == 1 }) else { return }
    var merged = [Bool](repeating: false, count: atoms.count)
    for (index, atom) in atoms.enumerated()
    where atom.number == 1 && atom.isotope == 0 && atom.charge == 0 && degree(of: index) == 1 {
      let link = links(of: index)[links(of: index).startIndex]
      if atoms[link.atom].number < 2 || bonds[link.bond].isDative || tellsSide(link) { continue }
      merged[index] = true
      atoms[link.atom].writtenHydrogens += 1
    }
    self = removing { merged[$0] }
  }

  /// Whether a hydrogen's bond is directed, and its neighbour has a double bond and no further neighbour.
  private func tellsSide(_ link: Link) -> Bool {
    guard bonds[link.bond].isDirected, degree(of: link.atom) == 2 else { return false }
    return links(of: link.atom).contains { bonds[$0.bond].order == 2 }
  }

  /// Writes charges apart where a neutral atom has too many bonds by an old way of drawing: nitro groups, azides and
  /// N-oxides as N(=O) and N#N, perchlorates as Cl(=O), and C=P=O.
  mutating func settleCharges() {
    for atom in atoms.indices where atoms[atom].charge == 0 {
      switch atoms[atom].number {
      case 7:
        guard doubleValence(atom) >= 10, explicitValence(atom) == 5 else { continue }
        if !shift(at: atom, to: 8, order: 2) { _ = shift(at: atom, to: 7, order: 3) }
      case 15: settlePhosphorus(atom)
      case 17, 35, 53:
        let isOxide = links(of: atom).allSatisfy { atoms[$0.atom].number == 8 }
        guard isOxide, [3, 5, 7].contains(explicitValence(atom)) else { continue }
        for link in links(of: atom) where bonds[link.bond].order == 2 {
          bonds[link.bond].order = 1
          atoms[link.atom].charge = -1
          atoms[atom].charge += 1
        }
      default: continue
      }
    }
  }

  /// Lowers a bond of this order to a neutral neighbour of this element by one, and puts a charge on either end.
  private mutating func shift(at atom: Int, to number: UInt8, order: UInt8) -> Bool {
    for link in links(of: atom)
    where atoms[link.atom].number == number && atoms[link.atom].charge == 0 && bonds[link.bond].order == order
      && !bonds[link.bond].isAromatic
    {
      bonds[link.bond].order -= 1
      atoms[atom].charge = 1
      atoms[link.atom].charge = -1
      return true
    }
    return false
  }

  private mutating func settlePhosphorus(_ atom: Int) {
    guard degree(of: atom) == 3, explicitValence(atom) == 5 else { return }
    let hasOther = links(of: atom).contains {
      (6...7).contains(atoms[$0.atom].number) && degree(of: $0.atom) >= 2 && bonds[$0.bond].order == 2
    }
    if hasOther { _ = shift(at: atom, to: 8, order: 2) }
  }

  // MARK: Valence

  /// Twice the sum of the orders of an atom's bonds and its written hydrogens; an aromatic bond has order 1.5.
  private func doubleValence(_ atom: Int) -> Int {
    var sum = 2 * Int(atoms[atom].writtenHydrogens)
    for place in linkPlaces(of: atom) {
      let bond = bonds[links[place].bond]
      if bond.isDative && Int(bond.begin) == atom { continue }
      sum += bond.isMesomeric ? 3 : 2 * Int(bond.order)
    }
    return sum
  }

  /// The number of bonds that count for an atom's valence, which those that it gives both electrons to do not.
  func ownDegree(_ atom: Int) -> Int {
    var count = 0
    for place in linkPlaces(of: atom) {
      let bond = bonds[links[place].bond]
      if !bond.isDative || Int(bond.begin) != atom { count += 1 }
    }
    return count
  }

  /// The element whose valences an atom has: charged, that of as many electrons; nil where there is none.
  private func effectiveNumber(_ atom: Atom) -> Int? {
    if atom.charge == 0 { return Int(atom.number) }
    if Element.valence[Int(atom.number)] < 0 { return Int(atom.number) }
    let number = Int(atom.number) - Int(atom.charge)
    return (0..<Element.count).contains(number) ? number : nil
  }

  /// Whether a charged P, S, As or Se keeps its own higher valences.
  private func isHypervalent(_ atom: Atom, _ effective: Int) -> Bool {
    effective > 16 && (15...16).contains(atom.number) || effective > 34 && (33...34).contains(atom.number)
  }

  /// The valence of an atom by its bonds and written hydrogens. An aromatic atom whose sum is above an allowed valence
  /// by at most 1.5 has that one: n in c1cccn1C.
  func explicitValence(_ index: Int) -> Int {
    let atom = atoms[index]
    var sum = doubleValence(index)
    if !atom.isAromatic { return (sum + 1) / 2 }
    let effective = effectiveNumber(atom) ?? 0
    var nearest = Element.valence[effective]
    if nearest >= 0 && sum > 2 * nearest {
      for valence in Element.valences[effective] {
        if valence < 0 || 2 * valence > sum { break }
        nearest = valence
      }
      if sum - 2 * nearest <= 3 { sum = 2 * nearest }
    }
    return (sum + 1) / 2
  }

  /// Whether an atom's valence by its bonds and written hydrogens is more than its element allows.
  func isOverloaded(_ index: Int, _ explicit: Int) -> Bool {
    let atom = atoms[index]
    guard let effective = effectiveNumber(atom) else { return true }
    let own = Element.mostValence[Int(atom.number)]
    var most = Element.mostValence[effective]
    var valence = explicit
    if isHypervalent(atom, effective) {
      most = own
      valence -= Int(atom.charge)
    }
    if atom.number == 1 && atom.charge == -1 { most = 2 }
    return most >= 0 && own >= 0 && valence > most
  }

  /// Gives each atom outside brackets the hydrogens that its valence leaves room for, and checks all valences.
  mutating func settleHydrogens() throws(SMILESFault) {
    for index in atoms.indices {
      var valence = explicitValence(index)
      if isOverloaded(index, valence) {
        giveToMetal(index)
        valence = explicitValence(index)
        if isOverloaded(index, valence) { throw overload(index) }
      }
      if !atoms[index].isBracketed { atoms[index].impliedHydrogens = try impliedHydrogens(index, valence) }
    }
  }

  func overload(_ index: Int) -> SMILESFault {
    let atom = atoms[index]
    let charge = atom.charge == 0 ? "" : " of charge \(atom.charge > 0 ? "+" : "")\(atom.charge)"
    let valence = explicitValence(index)
    return SMILESFault(
      effectiveNumber(atom) == nil
        ? "the atom \(atom.symbol)\(charge) is impossible"
        : "the atom \(atom.symbol)\(charge) has a valence of \(valence), more than it can have", at: Int(atom.offset))
  }

  /// Makes one of the single bonds from an overloaded ligand to a metal dative.
  private mutating func giveToMetal(_ index: Int) {
    let atom = atoms[index]
    guard !Element.isMetal(atom.number), ![1, 2, 9, 10].contains(atom.number) else { return }
    guard
      let link = links(of: index).first(where: {
        bonds[$0.bond].order == 1 && !bonds[$0.bond].isDative && Element.isMetal(atoms[$0.atom].number)
      })
    else { return }
    bonds[link.bond].begin = Int32(index)
    bonds[link.bond].end = Int32(link.atom)
    bonds[link.bond].isDative = true
  }

  /// The hydrogens that an atom of a valence by its bonds has room for.
  func impliedHydrogens(_ index: Int, _ valence: Int) throws(SMILESFault) -> UInt8 {
    let atom = atoms[index]
    guard let effective = effectiveNumber(atom), effective > 0 else { return 0 }
    let usual = Element.valence[effective]
    if usual < 0 { return 0 }
    if valence <= usual { return UInt8(usual - valence) }
    if atom.isAromatic {
      if Element.valences[effective].contains(valence) { return 0 }
      throw overload(index)
    }
    for allowed in Element.valences[effective] where allowed >= valence { return UInt8(allowed - valence) }
    return 0
  }

  /// Counts unpaired electrons of atoms in brackets, which fewer hydrogens were given than their valence has room for.
  mutating func findRadicals() {
    for index in atoms.indices where atoms[index].isBracketed && atoms[index].number != 0 {
      let atom = atoms[index]
      let (outer, charge) = (Element.outer[Int(atom.number)], Int(atom.charge))
      let valences = Element.valences[Int(atom.number)]
      if valences[0] < 0 {
        atoms[index].radicals = degree(of: index) > 0 ? 0 : UInt8(max(0, outer - charge) % 2)
        continue
      }
      let valence = doubleValence(index) / 2
      let full = atom.number < 3 ? 2 : 8
      var count = full - outer - valence + charge
      if count < 0 {
        count = 0
        if valences.count > 1, let room = valences.first(where: { $0 - valence + charge >= 0 }) {
          count = room - valence + charge
        }
      }
      let metallic = outer - valence - charge
      if metallic >= 0 { count = min(count, metallic) }
      atoms[index].radicals = UInt8(clamping: count)
    }
  }

  /// Counts hydrogens as written where aromatic bonds leave no room to imply them: that of pyrrole's nitrogen.
  mutating func adjustHydrogens() {
    for index in atoms.indices
    where atoms[index].isAromatic && !atoms[index].isBracketed && atoms[index].impliedHydrogens > 0 {
      guard let effective = effectiveNumber(atoms[index]) else { continue }
      let room = max(0, Element.valence[effective] - explicitValence(index))
      let lost = Int(atoms[index].impliedHydrogens) - room
      guard lost > 0 else { continue }
      atoms[index].impliedHydrogens = UInt8(room)
      atoms[index].writtenHydrogens += UInt8(lost)
    }
  }
}
