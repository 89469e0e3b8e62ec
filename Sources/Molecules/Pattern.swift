/// Patterns of atoms and bonds without rings, written in SMARTS: what descriptors count.
///
/// Understood are atoms in and out of brackets with `A a * C c #6 D H X v + - $()`, `! & , ;`, branches, and bonds
/// `- = # : ~ @` with `! , ;`. The patterns are part of the program, so that one that does not parse is our bug.
final class Patterns: Sendable {
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

  /// An atom of a pattern: its terms, the place of the atom before it, and the kinds of bonds to that one.
  private struct Node {
    var terms: Range<Int>
    var before: Int
    var bonds: UInt16
  }

  // All patterns lie in the same arrays, so that matching counts no references.
  private let terms: [Term]
  private let nodes: [Node]
  /// The nodes of each pattern: those that were given, in their order, then those inside them.
  private let ranges: [Range<Int>]

  init(_ smarts: [String]) {
    var builder = Builder(ranges: [Range<Int>](repeating: 0..<0, count: smarts.count))
    for (number, text) in smarts.enumerated() {
      builder.ranges[number] = builder.parse(Array(text.utf8))
    }
    (terms, nodes, ranges) = (builder.terms, builder.nodes, builder.ranges)
  }

  /// Whether a pattern begins at an atom.
  func matches(_ pattern: Int, _ target: PatternTarget, at atom: Int) -> Bool {
    let range = ranges[pattern]
    guard holds(range.lowerBound, target, atom) else { return false }
    if range.count == 1 { return true }
    return withUnsafeTemporaryAllocation(of: Int.self, capacity: range.count) { found in
      found[0] = atom
      return extend(range, 1, target, found)
    }
  }

  /// Whether the pattern of two atoms lies on a bond, from one end or the other.
  func matches(_ pattern: Int, _ target: PatternTarget, on link: Int, from a: Int, to b: Int)
    -> Bool
  {
    let first = ranges[pattern].lowerBound
    guard nodes[first + 1].bonds & target.kinds[link] != 0 else { return false }
    return holds(first, target, a) && holds(first + 1, target, b)
      || holds(first, target, b) && holds(first + 1, target, a)
  }

  /// Whether the first atom of a pattern can be one of this element.
  func canBegin(_ pattern: Int, at number: Int) -> Bool {
    all(ranges[pattern].lowerBound) { term in
      let isThis = Int(term.value) == number
      switch term.property {
      case .number: return isThis != term.isNegated
      case .aliphaticNumber, .aromaticNumber: return isThis || term.isNegated
      default: return true
      }
    }
  }

  private func extend(
    _ range: Range<Int>, _ place: Int, _ target: PatternTarget,
    _ found: UnsafeMutableBufferPointer<Int>
  ) -> Bool {
    if place == range.count { return true }
    let node = nodes[range.lowerBound + place]
    for link in target.links(of: found[node.before]) where target.kinds[link] & node.bonds != 0 {
      let atom = target.ends[link]
      if found[..<place].contains(atom) || !holds(range.lowerBound + place, target, atom) {
        continue
      }
      found[place] = atom
      if extend(range, place + 1, target, found) { return true }
    }
    return false
  }

  private func holds(_ node: Int, _ target: PatternTarget, _ atom: Int) -> Bool {
    all(node) { has($0, target, atom) != $0.isNegated }
  }

  /// Whether each group of a node's terms has an alternative of which all terms are so.
  @inline(__always)
  private func all(_ node: Int, _ isSo: (Term) -> Bool) -> Bool {
    var (alternative, group) = (true, false)
    for place in nodes[node].terms {
      let term = terms[place]
      if alternative { alternative = isSo(term) }
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
    let value = Int(term.value)
    switch term.property {
    case .any: return true
    case .number: return target.atoms[atom].number == value
    case .aliphatic: return !target.atoms[atom].isAromatic
    case .aromatic: return target.atoms[atom].isAromatic
    case .aliphaticNumber:
      return target.atoms[atom].number == value && !target.atoms[atom].isAromatic
    case .aromaticNumber: return target.atoms[atom].number == value && target.atoms[atom].isAromatic
    case .degree: return target.atoms[atom].degree == value
    case .hydrogens: return target.atoms[atom].hydrogens == value
    case .connections: return target.atoms[atom].connections == value
    case .valence: return target.atoms[atom].valence == value
    case .charge: return target.atoms[atom].charge == value
    case .like: return matches(value, target, at: atom)
    }
  }
}

// MARK: Parsing

extension Patterns {
  private struct Builder {
    var terms: [Term] = []
    var nodes: [Node] = []
    var ranges: [Range<Int>]

    /// Adds the nodes of a pattern, after those of the patterns inside it, and returns where they are.
    mutating func parse(_ text: [UInt8]) -> Range<Int> {
      var parser = Parser(text: text)
      while parser.at < text.count { parser.step(&self) }
      let first = nodes.count
      nodes += parser.nodes
      return first..<nodes.count
    }
  }

  private struct Parser {
    let text: [UInt8]
    var at = 0
    var nodes: [Node] = []
    /// The terms of the atom that is being read.
    private var terms: [Term] = []
    private var last = -1
    private var branches: [Int] = []
    private var bonds = PatternTarget.singleOrAromatic

    private static let bondLetters = Array("-=#:~@!".utf8)

    init(text: [UInt8]) { self.text = text }

    mutating func step(_ builder: inout Builder) {
      switch text[at] {
      case UInt8(ascii: "("):
        branches.append(last)
        at += 1
      case UInt8(ascii: ")"):
        last = branches.removeLast()
        at += 1
      case _ where Self.bondLetters.contains(text[at]): bonds = bond()
      default:
        terms = []
        atom(&builder)
        let first = builder.terms.count
        builder.terms += terms
        nodes.append(Node(terms: first..<builder.terms.count, before: last, bonds: bonds))
        last = nodes.count - 1
        bonds = PatternTarget.singleOrAromatic
      }
    }

    /// The kinds of bonds that an expression such as `-,:;!@` allows.
    private mutating func bond() -> UInt16 {
      var (all, group, one) = (UInt16.max, UInt16(0), UInt16.max)
      let letters = Self.bondLetters + Array(",;".utf8)
      while at < text.count, letters.contains(text[at]) {
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

    private mutating func atom(_ builder: inout Builder) {
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
          default: term(&builder)
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

    private mutating func term(_ builder: inout Builder) {
      let isNegated = text[at] == UInt8(ascii: "!")
      if isNegated { at += 1 }
      switch text[at] {
      case UInt8(ascii: "$"): inner(&builder)
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

    private mutating func inner(_ builder: inout Builder) {
      let start = at + 2
      var depth = 0
      repeat {
        at += 1
        if text[at] == UInt8(ascii: "(") { depth += 1 }
        if text[at] == UInt8(ascii: ")") { depth -= 1 }
      } while depth > 0
      let range = builder.parse(Array(text[start..<at]))
      at += 1
      terms.append(Term(property: .like, value: Int16(builder.ranges.count)))
      builder.ranges.append(range)
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
      if at < text.count,
        ["Cl", "Br"].contains(String(decoding: [letter, text[at]], as: UTF8.self))
      {
        symbol.append(text[at])
        at += 1
      }
      guard let number = Element.numbers[String(decoding: symbol, as: UTF8.self)] else {
        preconditionFailure("a pattern has an unknown atom")
      }
      let isLower = letter >= UInt8(ascii: "a")
      terms.append(
        Term(property: isLower ? .aromaticNumber : .aliphaticNumber, value: Int16(number)))
    }
  }
}
