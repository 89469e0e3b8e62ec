/// The letters an encoder reads; it belongs to the encoder and is never guessed.
///
/// A residue is a code: 0 ..< `count` for the letters in alphabetical order, `count` or more for a place that
/// no window may touch.
public enum Alphabet: String, Sendable, CaseIterable {
  case nucleotide, protein

  /// The letters in the order of their codes; U counts as T in nucleotides.
  public var letters: String {
    switch self {
    case .nucleotide: return "ACGT"
    case .protein: return "ACDEFGHIKLMNPQRSTVWY"
    }
  }

  /// The number of letters, 4 or 20.
  public var count: Int { self == .nucleotide ? 4 : 20 }

  /// Letters that may stand in a sequence and name no single residue (IUPAC codes, gaps, stops).
  public var ambiguityCodes: String {
    switch self {
    case .nucleotide: return "RYSWKMBDHVNX*-.?~"
    case .protein: return "BZXJUO*-.?~"
    }
  }

  /// The name of a sequence of this alphabet in messages.
  public var singular: String { self == .nucleotide ? "nucleotide sequence" : "protein" }

  /// The plural of that name in messages.
  public var plural: String { self == .nucleotide ? "nucleotides" : "proteins" }

  /// The code of an upper-case letter, nil where it is none of the alphabet.
  public func code(of letter: Character) -> Int? {
    letters.firstIndex(of: letter).map { letters.distance(from: letters.startIndex, to: $0) }
  }

  /// Codes of the letters of `order`, which must all be letters of the alphabet.
  func codes(_ order: String) -> [Int] {
    order.map { letter in
      guard let code = code(of: letter) else { preconditionFailure("'\(letter)' is not in the alphabet") }
      return code
    }
  }
}

/// Codes of the places that are no residue; all are at least `Alphabet.count` of either alphabet.
public enum ResidueCode {
  /// Aspartic acid or asparagine; like the next two, a row of the BLOSUM62 table.
  public static let b: UInt8 = 20
  /// Glutamic acid or glutamine.
  public static let z: UInt8 = 21
  /// Any residue.
  public static let x: UInt8 = 22
  /// Any other place that names no residue.
  public static let ambiguous: UInt8 = 23
  /// Letters that `AmbiguityRule.map` reads as one residue.
  static let u: UInt8 = 24
  static let o: UInt8 = 25
  static let j: UInt8 = 26
  /// A letter that is neither in the alphabet nor an ambiguity code.
  public static let outside: UInt8 = 0x40
  /// A byte that can't stand in a sequence.
  public static let illegal: UInt8 = 0x80
}
