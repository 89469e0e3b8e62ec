import Bytes

/// Watches the first records of a protein encoder: ten in a row that look like nucleotides are an error, and so is an
/// input of fewer records that all look like nucleotides.
public struct AlphabetGuard: Sendable {
  private static let records = 10
  private static let share = 95  // percent
  /// Fewer letters than this may be a peptide of A, C, G, T and N.
  private static let fewestLetters = 20
  /// Records so far, all of which look like nucleotides; empty ones are not counted.
  public private(set) var suspects = 0
  /// The letters in them.
  public private(set) var letters = 0
  private var last: SourceLocation?
  /// No decision yet: rows should wait.
  public private(set) var isWatching: Bool

  /// - Parameter insists: true where the user has said what the sequences are.
  public init(_ alphabet: Alphabet, insists: Bool) { isWatching = alphabet == .protein && !insists }

  /// Looks at one record.
  /// - Throws: `FeatureError.nucleotidesAsProtein` at the tenth.
  public mutating func look(at sequence: UnsafeBufferPointer<UInt8>, place: SourceLocation) throws {
    guard isWatching, !sequence.isEmpty else { return }
    var bases = 0
    for letter in sequence {
      switch letter & 0xDF {
      case UInt8(ascii: "A"), UInt8(ascii: "C"), UInt8(ascii: "G"), UInt8(ascii: "T"), UInt8(ascii: "U"),
        UInt8(ascii: "N"):
        bases += 1
      default: break
      }
    }
    guard bases * 100 >= sequence.count * Self.share else {
      isWatching = false
      return
    }
    suspects += 1
    letters += sequence.count
    last = place
    if suspects == Self.records { throw FeatureError.nucleotidesAsProtein(records: Self.records, place: place) }
  }

  /// Judges an input that ended before there was a decision.
  /// - Throws: `FeatureError.nucleotidesAsProtein` if all records look like nucleotides.
  public func finish() throws {
    guard isWatching, suspects > 0, letters >= Self.fewestLetters, let last else { return }
    throw FeatureError.nucleotidesAsProtein(records: suspects, place: last)
  }
}
