import Bytes

/// A fault of a structure, a profile or a pair of structures: its message with the offending value, its location, and
/// what to type against it.
public struct StructureError: Diagnosable, Equatable {
  /// The kinds of fault.
  public enum Kind: String, Sendable {
    /// A line, a token or a file that is cut or not of its format.
    case syntax
    /// A number that is none, is not finite or out of bounds.
    case number
    /// Residues or atoms that contradict each other.
    case residue
    /// More than a structure can have.
    case limit
    /// A chain, a model, a profile or residues that are not there.
    case absent
    /// Options that don't fit.
    case usage
  }

  /// The kind of the fault.
  public let kind: Kind
  /// The fault, with the offending value.
  public let message: String
  /// The location of the fault, if it has one.
  public let place: SourceLocation?
  /// The hint: something to type against the fault, where there is any.
  public let hint: String?

  /// Makes an error.
  public init(_ kind: Kind, _ message: String, at place: SourceLocation? = nil, hint: String? = nil) {
    (self.kind, self.message, self.place, self.hint) = (kind, message, place, hint)
  }

  /// The text, place and exit status of this error.
  public var diagnostic: Diagnostic { Diagnostic(kind == .usage ? .usage : .data, message, at: place, hint: hint) }
}
