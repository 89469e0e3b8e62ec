/// A pattern of atoms and bonds without rings, written in SMARTS: what descriptors count.
///
/// Understood are atoms in and out of brackets with `A a * C c #6 D H X v + - $()`, `! & , ;`, branches, and bonds
/// `- = # : ~ @` with `! , ;`. The patterns are part of the program, so that one that does not parse is our bug.
final class Pattern: Sendable {
  /// A property of an atom.
  private enum Property: UInt8 {
    case any, aliphatic, aromatic, number, aliphaticNumber, aromaticNumber
    case degree, hydrogens, connections, valence, charge, like
  }

  /// One property in a list of groups: all of them must hold, of each group one alternative, of that all properties.
  private struct Term {
    var property: Property
    var value: Int16 = 0
    var isNegated = false
    var endsAlternative = false
    var endsGroup = false
  }

  /// An atom of the pattern: its terms, the atom before it, and the kinds of bonds to that one.
  private struct Node {
    var terms: Range<Int>
    var before: Int
    var bonds: UInt16
  }

  private let terms: [Term]
  private let nodes: [Node]
  private let inner: [Pattern]

  private init(_ parser: Parser) { (terms, nodes, inner) = (parser.terms, parser.nodes, parser.inner) }

  /// Whether the pattern begins at an atom.
  func matches(_ target: PatternTarget, at atom: Int) -> Bool {
    guard holds(nodes[0], target, atom) else { return false }
    if nodes.count == 1 { return true }
    return withUnsafeTemporaryAllocation(of: Int.self, capacity: nodes.count) { found in
      found[0] = atom
      return extend(1, target, found)
    }
  }

  /// Whether the pattern of two atoms lies on a bond, from one end or the other.
  func matches(_ target: PatternTarget, on link: Int, from a: Int, to b: Int) -> Bool {
    guard nodes[1].bonds & target.kinds[link] != 0 else { return false }
    return holds(nodes[0], target, a) && holds(nodes[1], target, b)
      || holds(nodes[0], target, b) && holds(nodes[1], target, a)
  }

  /// Whether the first atom of the pattern can be one of this element.
  func canBegin(at number: UInt8) -> Bool {
    var (alternative, group) = (true, false)
    for place in nodes[0].terms {
      let term = terms[place]
      let isThis = Int(term.value) == Int(number)
      switch term.property {
      case .number: if isThis == term.isNegated { alternative = false }
      case .aliphaticNumber, .aromaticNumber: if !isThis && !term.isNegated { alternative = false }
      default: break
      }
      if term.endsAlternative {
        group = group || alternative
        alternative = true
      }
      if term.endsGroup {
        if !group { return false }
        group = false
      }
    }
    return true
  }

  private func extend(_ place: Int, _ target: PatternTarget, _ found: UnsafeMutableBufferPointer<Int>) -> Bool {
    if place == nodes.count { return true }
    let node = nodes[place]
    for link in target.links(of: found[node.before]) where target.kinds[link] & node.bonds != 0 {
      let atom = target.ends[link]
      if found[..<place].contains(atom) || !holds(node, target, atom) { continue }
      found[place] = atom
      if extend(place + 1, target, found) { return true }
    }
    return false
  }

  private func holds(_ node: Node, _ target: PatternTarget, _ atom: Int) -> Bool {
    var (alternative, group) = (true, false)
    for place in node.terms {
      let term = terms[place]
      if alternative { alternative = has(term, target, atom) != term.isNegated }
      if term.endsAlternative {
        group = group || alternative
        alternative = true
      }
      if term.endsGroup {
        if !group { return false }
        group = false
      }
    }
    return true
  }

  private func has(_ term: Term, _ target: PatternTarget, _ atom: Int) -> Bool {
    let node = target.atoms[atom]
    let value = Int(term.value)
    switch term.property {
    case .any: return true
    case .number: return node.number == value
    case .aliphatic: return !node.isAromatic
    case .aromatic: return node.isAromatic
    case .aliphaticNumber: return !node.isAromatic && node.number == value
    case .aromaticNumber: return node.isAromatic && node.number == value
    case .degree: return node.degree == value
    case .hydrogens: return node.hydrogens == value
    case .connections: return node.connections == value
    case .valence: return node.valence == value
    case .charge: return node.charge == value
    case .like: return inner[value].matches(target, at: atom)
    }
  }
}

// MARK: Parsing

extension Pattern {
  convenience init(_ smarts: String) { self.init(Array(smarts.utf8)) }

  private convenience init(_ text: [UInt8]) {
    var parser = Parser(text: text)
    parser.parse()
    self.init(parser)
  }

  private struct Parser {
    let text: [UInt8]
    var at = 0
    var terms: [Term] = []
    var nodes: [Node] = []
    var inner: [Pattern] = []

    mutating func parse() {
      var (last, branches) = (-1, [Int]())
      var bonds = PatternTarget.singleOrAromatic
      while at < text.count {
        switch text[at] {
        case UInt8(ascii: "("):
          branches.append(last)
          at += 1
        case UInt8(ascii: ")"):
          last = branches.removeLast()
          at += 1
        case _ where Self.bondLetters.contains(text[at]): bonds = bond()
        default:
          let first = terms.count
          atom()
          nodes.append(Node(terms: first..<terms.count, before: last, bonds: bonds))
          last = nodes.count - 1
          bonds = PatternTarget.singleOrAromatic
        }
      }
    }

    private static let bondLetters = Array("-=#:~@!".utf8)

    /// The kinds of bonds that an expression such as `-,:;!@` allows.
    private mutating func bond() -> UInt16 {
      var (all, group, one) = (UInt16.max, UInt16(0), UInt16.max)
      while at < text.count,
        Self.bondLetters.contains(text[at]) || [UInt8(ascii: ","), UInt8(ascii: ";")].contains(text[at])
      {
        switch text[at] {
        case UInt8(ascii: ","): (group, one) = (group | one, .max)
        case UInt8(ascii: ";"): (all, group, one) = (all & (group | one), 0, .max)
        default:
          let isNegated = text[at] == UInt8(ascii: "!")
          if isNegated { at += 1 }
          let kinds = PatternTarget.kinds(of: text[at])
          one &= isNegated ? ~kinds : kinds
        }
        at += 1
      }
      return all & (group | one)
    }

    private mutating func atom() {
      if text[at] != UInt8(ascii: "[") {
        element()
      } else {
        at += 1
        while text[at] != UInt8(ascii: "]") {
          switch text[at] {
          case UInt8(ascii: ","):
            terms[terms.count - 1].endsAlternative = true
            at += 1
          case UInt8(ascii: ";"):
            close()
            at += 1
          case UInt8(ascii: "&"): at += 1
          default: term()
          }
        }
        at += 1
      }
      close()
    }

    private mutating func close() {
      terms[terms.count - 1].endsAlternative = true
      terms[terms.count - 1].endsGroup = true
    }

    private mutating func term() {
      let isNegated = text[at] == UInt8(ascii: "!")
      if isNegated { at += 1 }
      switch text[at] {
      case UInt8(ascii: "$"): recursive()
      case UInt8(ascii: "#"): counted(.number)
      case UInt8(ascii: "D"): counted(.degree)
      case UInt8(ascii: "H"): counted(.hydrogens)
      case UInt8(ascii: "X"): counted(.connections)
      case UInt8(ascii: "v"): counted(.valence)
      case UInt8(ascii: "+"): counted(.charge)
      case UInt8(ascii: "-"): counted(.charge, sign: -1)
      default: element()
      }
      terms[terms.count - 1].isNegated = isNegated
    }

    private mutating func counted(_ property: Property, sign: Int = 1) {
      at += 1
      let digits = text[at...].prefix { (0x30...0x39).contains($0) }
      at += digits.count
      let value = Int(String(decoding: digits, as: UTF8.self)) ?? 1
      terms.append(Term(property: property, value: Int16(sign * value)))
    }

    private mutating func recursive() {
      let start = at + 2
      var depth = 0
      repeat {
        at += 1
        if text[at] == UInt8(ascii: "(") { depth += 1 }
        if text[at] == UInt8(ascii: ")") { depth -= 1 }
      } while depth > 0
      terms.append(Term(property: .like, value: Int16(inner.count)))
      inner.append(Pattern(Array(text[start..<at])))
      at += 1
    }

    private mutating func element() {
      let letter = text[at]
      at += 1
      switch letter {
      case UInt8(ascii: "*"): return terms.append(Term(property: .any))
      case UInt8(ascii: "A"): return terms.append(Term(property: .aliphatic))
      case UInt8(ascii: "a"): return terms.append(Term(property: .aromatic))
      default: break
      }
      var symbol = [letter & 0xDF]
      if at < text.count, ["Cl", "Br"].contains(String(decoding: [letter, text[at]], as: UTF8.self)) {
        symbol.append(text[at])
        at += 1
      }
      guard let number = Element.numbers[String(decoding: symbol, as: UTF8.self)] else {
        preconditionFailure("a pattern has an unknown atom")
      }
      let isLower = letter >= UInt8(ascii: "a")
      terms.append(Term(property: isLower ? .aromaticNumber : .aliphaticNumber, value: Int16(number)))
    }
  }

}
