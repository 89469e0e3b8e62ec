import Bytes

/// A fault in the data of an input: its kind, its location, a message with the offending value, and a hint.
public struct RecordError: Diagnosable {
  /// The kind of fault.
  public enum Kind: String, Sendable {
    case archive, limit, syntax, ragged, column, number, text, label, bag, schema, end, missing, format, fasta
  }

  /// The kind of the fault.
  public let kind: Kind
  /// The fault, with the offending value.
  public let message: String
  /// The location of the fault, if it has one.
  public let place: SourceLocation?
  /// The text to type against the fault, where one helps.
  public let hint: String?

  /// Makes an error; `message` names the value in quotes.
  public init(_ kind: Kind, _ message: String, at place: SourceLocation?, hint: String? = nil) {
    self.kind = kind
    self.message = message
    self.place = place
    self.hint = hint
  }

  /// The text, place and exit status of this error.
  public var diagnostic: Diagnostic { Diagnostic(.data, message, at: place, hint: hint) }
}
