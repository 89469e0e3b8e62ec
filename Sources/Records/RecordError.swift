import Bytes

/// What is wrong with the data of an input: the kind of fault, its place, the offending value in the text, and a hint.
public struct RecordError: Diagnosable {
  /// The kind of fault.
  public enum Kind: String, Sendable {
    case archive, limit, syntax, ragged, column, number, text, label, bag, schema, end, missing, format, fasta
  }

  /// What kind it is.
  public let kind: Kind
  /// What is wrong, with the value.
  public let message: String
  /// Where it is.
  public let place: Place?
  /// What to type, where that helps.
  public let hint: String?

  /// Makes an error; `message` names the value in quotes.
  public init(_ kind: Kind, _ message: String, at place: Place?, hint: String? = nil) {
    self.kind = kind
    self.message = message
    self.place = place
    self.hint = hint
  }

  /// The text, place and exit status of this error.
  public var diagnostic: Diagnostic { Diagnostic(.data, message, at: place, hint: hint) }
}
