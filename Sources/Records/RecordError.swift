import Bytes

/// What is wrong with the data of an input: the kind of fault, its place, the offending value in the text, and a hint.
public struct RecordError: Diagnosable {
  /// The kind of fault.
  public enum Kind: String, Sendable {
    case archive, limit, syntax, ragged, column, number, text, label, bag, schema, end, missing, format, fasta
  }

  public let kind: Kind
  public let message: String
  public let place: Place?
  public let hint: String?

  /// Makes an error; `message` names the value in quotes.
  public init(_ kind: Kind, _ message: String, at place: Place?, hint: String? = nil) {
    self.kind = kind
    self.message = message
    self.place = place
    self.hint = hint
  }

  public var diagnostic: Diagnostic { Diagnostic(.data, message, at: place, hint: hint) }
}
