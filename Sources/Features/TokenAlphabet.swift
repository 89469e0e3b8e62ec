/// The numbering of letters for methods that read text as tokens; 0 is padding, the first letter is 1.
///
///     TokenAlphabet.named("graphdta")?.tokens(of: Array("MKV".utf8), length: 5).tokens   // 12, 10, 21, 0, 0
///
/// The order of the letters belongs to a trained model: the same text in another alphabet is another input.
public struct TokenAlphabet: Sendable, Equatable {
  /// The name that methods ask for.
  public let name: String
  /// The letters from 1 on, in order; ASCII.
  public let letters: String
  private let codes: [Int32]

  /// An alphabet of these letters; `foldsCase` reads a lower-case letter as its capital.
  init(_ name: String, _ letters: String, foldsCase: Bool) {
    (self.name, self.letters) = (name, letters)
    var codes = [Int32](repeating: 0, count: 256)
    for (place, letter) in letters.utf8.enumerated() {
      codes[Int(letter)] = Int32(place) + 1
      if foldsCase { codes[Int(letter) | 0x20] = Int32(place) + 1 }
    }
    self.codes = codes
  }

  /// The number of different tokens, padding among them.
  public var symbols: Int { letters.utf8.count + 1 }

  /// Amino acids as GraphDTA numbers them (Nguyen 2021; thinng/GraphDTA): the alphabet without J; B, O, U, X and Z are
  /// letters like any other.
  public static let graphDTA = TokenAlphabet("graphdta", "ABCDEFGHIKLMNOPQRSTUVWXYZ", foldsCase: true)
  /// Amino acids as DeepDTA numbers them (Öztürk 2018; hkmztrk/DeepDTA): the same letters in another order.
  public static let deepDTA = TokenAlphabet("deepdta", "ACBEDGFIHKMLONQPSRUTWVYXZ", foldsCase: true)
  /// The 64 characters of SMILES as DeepDTA numbers them, isomeric ones among them.
  public static let deepDTASmiles = TokenAlphabet(
    "deepdta-smiles", #"(.02468@BDFHLNPRTVZ\bdfhlnrt#%)+-/13579=ACEGIKMOSUWY[]acegimosuy"#, foldsCase: false)

  /// All alphabets.
  public static let all = [graphDTA, deepDTA, deepDTASmiles]

  /// The alphabet of a name; nil when there is none.
  public static func named(_ name: String) -> TokenAlphabet? { all.first { $0.name == name } }

  /// The token of a letter; nil where it is none of the alphabet.
  public func token(of letter: UInt8) -> Int32? { codes[Int(letter)] == 0 ? nil : codes[Int(letter)] }

  /// A text as tokens.
  public struct Coding: Sendable, Equatable {
    /// `length` tokens: those of the first letters, then padding. An unknown letter is 0.
    public var tokens: [Int32]
    /// The number of letters behind the length, which are not in the tokens.
    public var cut: Int
    /// The positions, from 0, of letters of the tokens that are not in the alphabet.
    public var unknown: [Int]
  }

  /// The first `length` letters of a text as tokens, padded at the end, with what was cut and what is unknown.
  public func tokens(of text: some Collection<UInt8>, length: Int) -> Coding {
    var result = Coding(tokens: [], cut: max(0, text.count - length), unknown: [])
    result.tokens.reserveCapacity(length)
    for (position, letter) in text.prefix(length).enumerated() {
      let token = codes[Int(letter)]
      if token == 0 { result.unknown.append(position) }
      result.tokens.append(token)
    }
    result.tokens += repeatElement(0, count: length - result.tokens.count)
    return result
  }
}
