/// The rule for letters that name no single residue.
public enum AmbiguityRule: String, Sendable, CaseIterable {
  /// A window or pair that touches one is not counted; places are kept.
  case skip
  /// They are deleted and their neighbours joined (as iFeature does).
  case strip
  /// They are an error.
  case error
  /// U → C, O → K, J → L, and B and Z count half as D and half as N, half as E and half as Q; the others are skipped.
  case map
}

/// The rules for the letters of a sequence.
public struct LetterRules: Sendable, Equatable {
  /// The rule for letters that name no single residue.
  public var ambiguous = AmbiguityRule.skip
  /// Lower-case letters (soft-masked) are ambiguous.
  public var maskLower = false
  /// Sequences mostly of letters outside the alphabet are read, such letters being ambiguous, and are no error.
  public var acceptsOutsiders = false

  /// Ambiguous letters are skipped, and lower case is another spelling.
  public init() {}

  /// The part of a feature's name that says which rules made its numbers: `-strip`, `-map`, `-masklower`; empty for the
  /// default, and for a rule that changes no number (`error`, and `map` of nucleotides, which have no such letters).
  func mark(_ alphabet: Alphabet) -> String {
    var mark = ""
    switch ambiguous {
    case .strip: mark = "-strip"
    case .map where alphabet == .protein: mark = "-map"
    case .map, .skip, .error: break
    }
    return maskLower ? mark + "-masklower" : mark
  }
}
