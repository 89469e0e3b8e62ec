/// Parses the text of one SMILES into atoms and bonds: OpenSMILES, and RDKit's arrows for dative bonds.
///
/// Atoms in lower case, and the bonds between them, are aromatic as written until they are kekulised.
struct SMILESParser {
  private let text: [UInt8]
  private var at = 0
  private var atoms: [Atom] = []
  private var bonds: [Bond] = []
  /// The ring closures, whose bonds come after those along the text.
  private var closures: [(number: Int, bond: Bond)] = []
  /// The open ring closures.
  private var open: [(number: Int, atom: Int, mark: BondMark, offset: Int)] = []
  /// The atoms to which branches return, and where those began.
  private var branches: [(atom: Int, offset: Int)] = []
  /// The atom that the next one is bound to; -1 at the start of a fragment.
  private var last = -1
  /// The mark of the bond that is being read, and where it is.
  private var mark = BondMark.none
  private var markOffset = 0

  /// The ways in which a bond is marked.
  private enum BondMark: UInt8 {
    case none, single, double, triple, quadruple, aromatic, directed, gives, takes
  }

  init(_ text: [UInt8]) {
    self.text = text
    atoms.reserveCapacity(text.count)
    bonds.reserveCapacity(text.count)
  }

  /// Returns the atoms and bonds of the text.
  /// - Throws: a `SMILESFault` at the first character that doesn't fit.
  mutating func molecule() throws(SMILESFault) -> Molecule {
    if text.isEmpty { throw SMILESFault("the SMILES is empty", at: 0) }
    while at < text.count { try element() }
    if let branch = branches.last { throw SMILESFault("'(' is never closed", at: branch.offset) }
    if mark != .none || last < 0 { throw SMILESFault("the SMILES ends where an atom must follow", at: text.count) }
    if let ring = open.min(by: { $0.offset < $1.offset }) {
      throw SMILESFault("ring \(ring.number) is never closed", at: ring.offset)
    }
    // A stable order by number: rings of one number stay as they were closed.
    let order = closures.indices.sorted { (closures[$0].number, $0) < (closures[$1].number, $1) }
    bonds += order.map { closures[$0].bond }
    return Molecule(atoms: atoms, bonds: bonds)
  }

  /// Reads an atom, or what is between atoms.
  private mutating func element() throws(SMILESFault) {
    let byte = text[at]
    switch byte {
    case UInt8(ascii: "["): try add(bracketAtom())
    case UInt8(ascii: "("):
      guard last >= 0, mark == .none, !isBranchBegun else { throw unexpected("an atom must come first") }
      branches.append((last, at))
      at += 1
      if at < text.count, text[at] == UInt8(ascii: ")") { throw unexpected("a branch must not be empty") }
    case UInt8(ascii: ")"):
      guard mark == .none else { throw unexpected("an atom must follow a bond") }
      guard last >= 0 else { throw unexpected("an atom must follow '.'") }
      guard let branch = branches.popLast() else { throw unexpected("no branch is open") }
      last = branch.atom
      at += 1
    case UInt8(ascii: "."):
      guard last >= 0, mark == .none, !isBranchBegun else { throw unexpected("an atom must come first") }
      last = -1
      at += 1
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "%"): try closure()
    default:
      if try bond(byte) { return }
      try add(plainAtom(byte))
    }
  }

  /// Whether the byte before is the `(` of a branch, in which an atom must come first.
  private var isBranchBegun: Bool { at > 0 && text[at - 1] == UInt8(ascii: "(") }

  private func unexpected(_ why: String) -> SMILESFault {
    SMILESFault("\(shown(at)) must not be here: \(why)", at: at)
  }

  /// The character at an offset in quotes.
  private func shown(_ offset: Int) -> String {
    guard offset < text.count else { return "the end" }
    let byte = text[offset]
    return byte > 0x20 && byte < 0x7F ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)"
  }

  // MARK: Bonds

  /// Reads a mark of a bond; false if there is none.
  private mutating func bond(_ byte: UInt8) throws(SMILESFault) -> Bool {
    var found = BondMark.none
    var length = 1
    let next = at + 1 < text.count ? text[at + 1] : 0
    switch byte {
    case UInt8(ascii: "-"):
      found = next == UInt8(ascii: ">") ? .gives : .single
      length = found == .gives ? 2 : 1
    case UInt8(ascii: "<") where next == UInt8(ascii: "-"): (found, length) = (.takes, 2)
    case UInt8(ascii: "="): found = .double
    case UInt8(ascii: "#"): found = .triple
    case UInt8(ascii: "$"): found = .quadruple
    case UInt8(ascii: ":"): found = .aromatic
    case UInt8(ascii: "/"): found = .directed
    case UInt8(ascii: "\\"):
      found = .directed
      if next == UInt8(ascii: "\\") { length = 2 }
    case UInt8(ascii: "~"), UInt8(ascii: "!"), UInt8(ascii: "@"), UInt8(ascii: "&"):
      throw unexpected("it belongs to SMARTS, the language of patterns")
    default: return false
    }
    guard last >= 0 else { throw unexpected("a bond needs an atom before it") }
    guard mark == .none else { throw unexpected("a bond was given already") }
    (mark, markOffset) = (found, at)
    at += length
    return true
  }

  /// The bond of a mark from one atom to another.
  private func bond(_ mark: BondMark, from begin: Int, to end: Int, at offset: Int) throws(SMILESFault) -> Bond {
    var bond = Bond(begin: Int32(begin), end: Int32(end))
    switch mark {
    case .none: bond.isAromatic = atoms[begin].isAromatic && atoms[end].isAromatic
    case .single: break
    case .directed: bond.isDirected = true
    case .double: bond.order = 2
    case .triple: bond.order = 3
    case .quadruple: bond.order = 4
    case .aromatic:
      bond.isAromatic = true
      // The atom behind a ':' is in lower case too, or one of any element.
      for atom in [begin, end] where !atoms[atom].isAromatic && atoms[atom].number != 0 {
        throw SMILESFault("':' joins aromatic atoms, in lower case", at: offset)
      }
    case .gives: bond.isDative = true
    case .takes:
      bond.isDative = true
      (bond.begin, bond.end) = (bond.end, bond.begin)
    }
    return bond
  }

  /// Binds an atom to the last one.
  private mutating func add(_ atom: Atom) throws(SMILESFault) {
    if atoms.count == Molecule.mostAtoms {
      throw SMILESFault("the molecule has more than \(Molecule.mostAtoms) atoms", at: Int(atom.offset))
    }
    atoms.append(atom)
    if last >= 0 { bonds.append(try bond(mark, from: last, to: atoms.count - 1, at: markOffset)) }
    mark = .none
    last = atoms.count - 1
  }

  /// Opens or closes a ring: a digit, `%` with two digits, or `%(…)` with up to five.
  private mutating func closure() throws(SMILESFault) {
    guard last >= 0, !isBranchBegun else { throw unexpected("a ring needs an atom before its number") }
    let offset = at
    let number = try closureNumber()
    defer { mark = .none }
    guard let place = open.firstIndex(where: { $0.number == number }) else {
      open.append((number, last, mark, offset))
      return
    }
    let begun = open.remove(at: place)
    if begun.atom == last { throw SMILESFault("ring \(number) binds an atom to itself", at: offset) }
    if links(last, begun.atom) {
      throw SMILESFault("ring \(number) binds two atoms that are bound already", at: offset)
    }
    let isDirection = [begun.mark, mark].allSatisfy { $0 == .directed || $0 == .single }
    guard begun.mark == mark || begun.mark == .none || mark == .none || isDirection else {
      throw SMILESFault("ring \(number) is closed with another bond than it was opened with", at: offset)
    }
    // The bond begins at the atom that has its mark; without one at the second atom.
    let isMarked = begun.mark != .none && begun.mark != .directed
    let (begin, end) = isMarked ? (begun.atom, last) : (last, begun.atom)
    let own = begun.mark == .none ? mark : begun.mark
    closures.append((number, try bond(own, from: begin, to: end, at: offset)))
  }

  /// Whether two atoms are bound already, along the text or by a ring.
  private func links(_ a: Int, _ b: Int) -> Bool {
    func joins(_ bond: Bond) -> Bool {
      Int(bond.begin) == a && Int(bond.end) == b || Int(bond.begin) == b && Int(bond.end) == a
    }
    // Bonds along the text end at their atom, so that few need to be seen.
    for bond in bonds.reversed() {
      if joins(bond) { return true }
      if Int(max(bond.begin, bond.end)) < max(a, b) { break }
    }
    return closures.contains { joins($0.bond) }
  }

  private mutating func closureNumber() throws(SMILESFault) -> Int {
    if text[at] != UInt8(ascii: "%") {
      at += 1
      return Int(text[at - 1] - UInt8(ascii: "0"))
    }
    at += 1
    let isLong = at < text.count && text[at] == UInt8(ascii: "(")
    if isLong { at += 1 }
    let start = at
    var number = 0
    while at < text.count, isDigit(text[at]), at - start < (isLong ? 5 : 2) {
      number = number * 10 + Int(text[at] - UInt8(ascii: "0"))
      at += 1
    }
    if isLong {
      guard at > start, at < text.count, text[at] == UInt8(ascii: ")") else {
        throw unexpected("'%(' takes a number of up to five digits and ')'")
      }
      at += 1
    } else if at - start != 2 {
      throw unexpected("'%' takes two digits")
    }
    return number
  }

  // MARK: Atoms

  private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  /// Reads an atom of the organic subset.
  private mutating func plainAtom(_ byte: UInt8) throws(SMILESFault) -> Atom {
    let next = at + 1 < text.count ? text[at + 1] : 0
    var number: UInt8
    var length = 1
    switch byte {
    case UInt8(ascii: "C") where next == UInt8(ascii: "l"): (number, length) = (17, 2)
    case UInt8(ascii: "B") where next == UInt8(ascii: "r"): (number, length) = (35, 2)
    case UInt8(ascii: "C"), UInt8(ascii: "c"): number = 6
    case UInt8(ascii: "N"), UInt8(ascii: "n"): number = 7
    case UInt8(ascii: "O"), UInt8(ascii: "o"): number = 8
    case UInt8(ascii: "S"), UInt8(ascii: "s"): number = 16
    case UInt8(ascii: "P"), UInt8(ascii: "p"): number = 15
    case UInt8(ascii: "B"), UInt8(ascii: "b"): number = 5
    case UInt8(ascii: "F"): number = 9
    case UInt8(ascii: "I"): number = 53
    case UInt8(ascii: "*"): number = 0
    default: throw notAnAtom(byte, next)
    }
    var atom = Atom(number: number)
    atom.offset = Int32(at)
    atom.isAromatic = byte >= UInt8(ascii: "a")
    atom.isBracketed = number == 0
    at += length
    return atom
  }

  private func notAnAtom(_ byte: UInt8, _ next: UInt8) -> SMILESFault {
    if byte == UInt8(ascii: "H") { return unexpected("a hydrogen is written [H]") }
    let pair = [byte, next].filter { $0 > 0x20 && $0 < 0x7F }
    for name in [String(decoding: pair, as: UTF8.self), String(decoding: [byte], as: UTF8.self)]
    where Element.numbers[name] != nil {
      return unexpected("the element \(name) is written in brackets, [\(name)]")
    }
    return unexpected("it is no atom, bond, branch or ring")
  }

  /// Reads an atom in brackets: isotope, symbol, chirality, hydrogens, charge, class.
  private mutating func bracketAtom() throws(SMILESFault) -> Atom {
    let start = at
    at += 1
    let isotope = number(most: 999)
    var atom = try bracketSymbol(start)
    atom.offset = Int32(start)
    atom.isBracketed = true
    if let isotope { atom.isotope = UInt16(isotope) }
    skipChirality()
    if take("H") { atom.writtenHydrogens = UInt8(number(most: 99) ?? 1) }
    let sign: Unicode.Scalar = at < text.count && text[at] == UInt8(ascii: "-") ? "-" : "+"
    if take(sign) {
      var charge = 1
      if let given = number(most: 99) {
        charge = given
      } else {
        while take(sign) { charge = min(charge + 1, 99) }
      }
      atom.charge = Int8(sign == "-" ? -charge : charge)
    }
    if take(":"), number(most: 9_999_999) == nil { throw unexpected("an atom's class is a number") }
    guard take("]") else {
      if at >= text.count { throw SMILESFault("'[' is never closed", at: start) }
      throw unexpected("brackets hold isotope, symbol, chirality, H, charge and class, in this order")
    }
    return atom
  }

  private mutating func bracketSymbol(_ start: Int) throws(SMILESFault) -> Atom {
    guard at < text.count else { throw SMILESFault("'[' is never closed", at: start) }
    if take("#") {
      guard let given = number(most: 999), given > 0, given < Element.count else {
        throw unexpected("'#' takes the number of an element")
      }
      return Atom(number: UInt8(given))
    }
    for length in [2, 1] where at + length <= text.count {
      let symbol = Array(text[at..<at + length])
      let isLower = symbol[0] >= UInt8(ascii: "a")
      var name = symbol
      if isLower,
        ["b", "c", "n", "o", "p", "s", "as", "se", "te", "si"].contains(String(decoding: symbol, as: UTF8.self))
      {
        name[0] -= 0x20
      }
      guard let number = Element.numbers[String(decoding: name, as: UTF8.self)] else { continue }
      at += length
      var atom = Atom(number: number)
      atom.isAromatic = isLower
      return atom
    }
    throw unexpected("it begins no element's symbol")
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard at < text.count, text[at] == UInt8(ascii: character) else { return false }
    at += 1
    return true
  }

  /// Reads digits; nil where there are none.
  private mutating func number(most: Int) -> Int? {
    var value: Int?
    while at < text.count, isDigit(text[at]), let next = .some((value ?? 0) * 10 + Int(text[at]) - 0x30), next <= most {
      value = next
      at += 1
    }
    return value
  }

  /// Passes over `@`, `@@`, `@TH1`, `@SP2`, `@TB10`, `@OH30` and `@AL1`.
  private mutating func skipChirality() {
    guard take("@") else { return }
    if take("@") { return }
    let classes = ["TH", "AL", "SP", "TB", "OH"]
    guard at + 2 < text.count, isDigit(text[at + 2]),
      classes.contains(String(decoding: text[at..<at + 2], as: UTF8.self))
    else { return }
    at += 2
    _ = number(most: 99)
  }
}
