/// A pattern of residues in a small part of the language of regular expressions: letters, classes (`[ST]`, `[^P]`), any
/// letter (`.`), repeats (`{4}`, `{2,4}` of any letter only) and alternatives (`|`).
///
/// The letter X stands for an unknown residue.
public struct Motif: Sendable {
  /// A class of letters, and how many letters may lie between it and the next class.
  struct Element: Sendable {
    var members: UInt32
    var gap: ClosedRange<Int> = 0...0
  }

  /// The number of kinds of letters: the twenty residues, X, and all else.
  static let kinds = 22
  private static let any: UInt32 = 1 << UInt32(kinds) - 1
  let alternatives: [[Element]]

  /// Reads a pattern of this program; any other is our bug.
  public init(_ pattern: String) {
    alternatives = pattern.split(separator: "|").map { Self.parse(Array($0)) }
  }

  /// The number of letters of the shortest sequence that it fits.
  var shortest: Int {
    alternatives.map { elements in elements.reduce(0) { $0 + 1 + $1.gap.lowerBound } }.min() ?? 0
  }

  /// The kind of a code: the residue, X, or any other.
  static func kind(_ code: UInt8) -> Int { code < 20 ? Int(code) : code == ResidueCode.x ? 20 : 21 }

  private static func parse(_ text: [Character]) -> [Element] {
    var elements: [Element] = []
    var gap = 0...0
    var rest = text[...]
    while let first = rest.popFirst() {
      guard let members = members(first, &rest) else {
        let letters = repeats(&rest)
        gap = gap.lowerBound + letters.lowerBound...gap.upperBound + letters.upperBound
        continue
      }
      if !elements.isEmpty { elements[elements.count - 1].gap = gap }
      gap = 0...0
      elements += [Element](repeating: Element(members: members), count: repeats(&rest).lowerBound)
    }
    if gap.upperBound > 0 {
      elements[elements.count - 1].gap = gap.lowerBound - 1...gap.upperBound - 1
      elements.append(Element(members: any))
    }
    return elements
  }

  /// The members of a letter or class; nil of any letter.
  private static func members(_ first: Character, _ rest: inout ArraySlice<Character>) -> UInt32? {
    if first == "." { return nil }
    guard first == "[" else { return bit(first) }
    let isComplement = rest.first == "^"
    if isComplement { rest.removeFirst() }
    var members: UInt32 = 0
    while let letter = rest.popFirst(), letter != "]" { members |= bit(letter) }
    return isComplement ? any & ~members : members
  }

  private static func bit(_ letter: Character) -> UInt32 {
    letter == "X" ? 1 << 20 : Alphabet.protein.codes(String(letter)).reduce(0) { $0 | 1 << UInt32($1) }
  }

  /// The repeats behind a letter: `{n}` or `{n,m}`, else once.
  private static func repeats(_ rest: inout ArraySlice<Character>) -> ClosedRange<Int> {
    guard rest.first == "{", let end = rest.firstIndex(of: "}") else { return 1...1 }
    let bounds = String(rest[(rest.startIndex + 1)..<end]).split(separator: ",").compactMap { Int($0) }
    rest = rest[(end + 1)...]
    return bounds[0]...bounds[bounds.count - 1]
  }

  /// The positions of its classes where it fits from `start` on, with the shortest gaps that fit; nil where it does
  /// not.
  ///
  /// The plain twin of `MotifScan`.
  public func match(_ residues: UnsafeBufferPointer<UInt8>, at start: Int) -> [Int]? {
    for elements in alternatives {
      if let places = Self.places(of: elements[...], residues, at: start) { return places }
    }
    return nil
  }

  private static func places(
    of elements: ArraySlice<Element>, _ residues: UnsafeBufferPointer<UInt8>, at start: Int
  ) -> [Int]? {
    guard let first = elements.first else { return [] }
    guard start < residues.count, first.members >> UInt32(kind(residues[start])) & 1 == 1 else { return nil }
    for gap in elements.count == 1 ? 0...0 : first.gap {
      if let rest = places(of: elements.dropFirst(), residues, at: start + 1 + gap) { return [start] + rest }
    }
    return nil
  }
}

/// The number of positions where each of several motifs begins, by sets of positions: bit p of a set stands for
/// letter p.
///
/// A motif holds at p where its first class holds at p and the rest of it behind the gap: from its last class to its
/// first, the set of what fits is moved by each gap and cut with the class. 64 letters at a time.
public struct MotifScan: Sendable {
  /// The distinct classes of all motifs.
  private let classes: [UInt32]
  /// The alternatives of each motif, each class as its index.
  private let motifs: [[[(index: Int, gap: ClosedRange<Int>)]]]

  /// Prepares the classes of some motifs.
  public init(_ motifs: [Motif]) {
    let classes = Array(Set(motifs.flatMap(\.alternatives).joined().map(\.members))).sorted()
    self.classes = classes
    self.motifs = motifs.map { motif in
      motif.alternatives.map { elements in
        elements.map { (classes.firstIndex(of: $0.members) ?? 0, $0.gap) }
      }
    }
  }

  /// Calls `visit` with each motif and the number of positions where it begins.
  public func count(_ residues: UnsafeBufferPointer<UInt8>, _ visit: (_ motif: Int, _ count: Int) -> Void) {
    // A word behind the last, without a letter, is what a gap brings in.
    let words = residues.count / 64 + 2
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: words * (Motif.kinds + classes.count + 2)) { memory in
      memory.initialize(repeating: 0)
      func set(_ index: Int) -> UnsafeMutableBufferPointer<UInt64> {
        UnsafeMutableBufferPointer(rebasing: memory[index * words..<(index + 1) * words])
      }
      fillClasses(residues, words, memory)
      let (fitting, found) = (set(Motif.kinds + classes.count), set(Motif.kinds + classes.count + 1))
      for (motif, alternatives) in motifs.enumerated() {
        found.update(repeating: 0)
        for elements in alternatives {
          _ = fitting.update(fromContentsOf: set(Motif.kinds + elements[elements.count - 1].index))
          for element in elements.dropLast().reversed() {
            Self.move(fitting, by: element.gap, within: set(Motif.kinds + element.index))
          }
          for word in 0..<words { found[word] |= fitting[word] }
        }
        visit(motif, found.reduce(0) { $0 + $1.nonzeroBitCount })
      }
    }
  }

  /// The positions of each kind of letter, then those of each class.
  private func fillClasses(
    _ residues: UnsafeBufferPointer<UInt8>, _ words: Int, _ memory: UnsafeMutableBufferPointer<UInt64>
  ) {
    for place in residues.indices {
      memory[Motif.kind(residues[place]) * words + place / 64] |= 1 << UInt64(place % 64)
    }
    for (index, members) in classes.enumerated() {
      let first = (Motif.kinds + index) * words
      for kind in 0..<Motif.kinds where members >> UInt32(kind) & 1 == 1 {
        for word in 0..<words { memory[first + word] |= memory[kind * words + word] }
      }
    }
  }

  /// Turns the positions of what follows into those from which it follows behind one of the gaps, and at which the
  /// class holds.
  private static func move(
    _ fitting: UnsafeMutableBufferPointer<UInt64>, by gap: ClosedRange<Int>,
    within members: UnsafeMutableBufferPointer<UInt64>
  ) {
    precondition(gap.upperBound < 63, "a gap within two words")
    for word in 0..<fitting.count - 1 {
      var moved: UInt64 = 0
      for letters in gap {
        let shift = UInt64(letters + 1)
        moved |= fitting[word] &>> shift | fitting[word + 1] &<< (64 - shift)
      }
      fitting[word] = moved & members[word]
    }
    fitting[fitting.count - 1] = 0
  }
}
