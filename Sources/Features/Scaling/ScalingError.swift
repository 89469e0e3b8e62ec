import Bytes

/// What can go wrong with a normaliser.
public enum ScalingError: Diagnosable, Equatable {
  case badState(String, String)
  case alreadyNormalized(String)
  case otherSchema(String)
  case otherWidth(found: Int, expected: Int)
  case namelessState(Int)
  case tooWide(String)

  /// The error as a user reads it.
  public var diagnostic: Diagnostic {
    switch self {
    case .badState(let name, let reason):
      return Diagnostic(.data, "not a usable normaliser: \(reason)", at: Place(source: name, line: 0, column: 0))
    case .alreadyNormalized(let name):
      return Diagnostic(
        .data, "the stream is normalised already: '\(name)' carries the digest of a normaliser",
        hint: "feed the stream as it was before normalize")
    case .otherSchema(let difference):
      return Diagnostic(.data, "the features are not those of the normaliser: \(difference)")
    case .otherWidth(let found, let expected):
      return Diagnostic(.data, "the stream has \(found) features, the normaliser has \(expected)")
    case .tooWide(let name):
      return Diagnostic(.data, "the values of '\(name)' lie too far apart to be scaled")
    case .namelessState(let width):
      return Diagnostic(
        .data, "the normaliser was fitted on \(width) features without names",
        hint: "--trust-order takes them by their order")
    }
  }
}
