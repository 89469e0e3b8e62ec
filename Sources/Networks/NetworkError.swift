import Bytes

/// An error of a network, its methods or its measures, with its location where there is one.
public struct NetworkError: Diagnosable, Equatable {
  /// The kinds of error.
  public enum Kind: Equatable, Sendable {
    /// An edge has a weight that is negative or not a number.
    case weight(Double)
    /// The weight of an edge is missing, or is no number.
    case weightText(String, column: String)
    /// A row with labels has none, or one that is neither 0 nor 1.
    case label(Double?)
    /// No edge is left.
    case noEdges
    /// More nodes or edges than the numbers of this module reach.
    case tooLarge(nodes: Int, edges: Int)
    /// The method is not known.
    case method(String, known: [String])
    /// The method cannot work with what it was given: a setting, and why.
    case unusable(method: String, reason: String, hint: String?)
    /// A measure of links is not known, or is named twice.
    case measure(String, known: [String])
    /// An id of a file does not fit the network.
    case unknownNode(String, hint: String?)
    /// The validation pairs are not of both kinds.
    case validation(edges: Int, others: Int)
    /// The state of a run is not usable.
    case state(reason: String)
    /// A node has a number that is not finite.
    case notFinite(method: String, epoch: Int)
  }
  /// The fault.
  public let kind: Kind
  /// The location in the input.
  public let place: SourceLocation?

  /// An error of this kind.
  public init(_ kind: Kind, at place: SourceLocation? = nil) { (self.kind, self.place) = (kind, place) }

  /// The text, place and exit status of this error.
  public var diagnostic: Diagnostic {
    switch kind {
    case .weight(let value):
      Diagnostic(
        .data, "the weight \(NumberText.text(value)) of an edge is not a number from 0 up", at: place,
        hint: "--where 'weight>0' leaves rows out")
    case .weightText(let text, let column):
      Diagnostic(
        .data, "the weight \(Diagnostic.quoted(text)) in column \(Diagnostic.quoted(column)) is not a number", at: place
      )
    case .label(let value):
      Diagnostic(
        .data, "the label of a pair is \(value.map { NumberText.text($0) } ?? "missing"), not 0 or 1", at: place,
        hint: "--where label=1 keeps the edges; --pair-columns A,B reads a table without labels")
    case .noEdges: Diagnostic(.data, "the network has no edge", at: place)
    case .tooLarge(let nodes, let edges):
      Diagnostic(.data, "\(nodes) nodes and \(edges) edges are more than 2147483647", at: place)
    case .method(let name, let known):
      Diagnostic(
        .usage, "no method \(Diagnostic.quoted(name)): there are \(known.joined(separator: ", "))",
        hint: "netfeat --list")
    case .unusable(let method, let reason, let hint): Diagnostic(.data, "\(method): \(reason)", at: place, hint: hint)
    case .measure(let name, let known):
      Diagnostic(
        .usage, "\(Diagnostic.quoted(name)) is not a measure of links, or is named twice",
        hint: known.joined(separator: "+"))
    case .unknownNode(let id, let hint):
      Diagnostic(.data, "the network has no node \(Diagnostic.quoted(id))", at: place, hint: hint)
    case .validation(let edges, let others):
      Diagnostic(
        .data, "\(edges) edges and \(others) other pairs: an AUROC needs both", at: place,
        hint: "a table with a column label of 1 and 0")
    case .state(let reason): Diagnostic(.data, "the checkpoint is not usable: \(reason)", at: place)
    case .notFinite(let method, let epoch):
      Diagnostic(
        .data, "\(method): the embedding is no longer finite in epoch \(epoch)", at: place,
        hint: "a smaller learning rate")
    }
  }
}
