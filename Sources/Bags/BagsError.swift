import Bytes

/// A fault of one stage on the way from pairs, members and tables to bags: its text, its hint and its exit status.
public protocol BagsFault: Sendable, Equatable {
  /// The description of the fault, with the offending value.
  var message: String { get }
  /// The hint: an option or value that helps; nil where there is none.
  var hint: String? { get }
  /// The exit status.
  var code: ExitCode { get }
}

extension BagsFault {
  /// Bad data, unless the stage says otherwise.
  public var code: ExitCode { .data }

  func quoted(_ text: String) -> String { Diagnostic.quoted(text) }

  /// The first six names in quotes, and the number of the others.
  func list(_ names: [String]) -> String {
    let shown = names.prefix(6).map { quoted($0) }.joined(separator: ", ")
    return names.isEmpty ? "none" : names.count > 6 ? shown + " and \(names.count - 6) more" : shown
  }
}

/// An error on the way from pairs, members and tables to bags, with its location.
public struct BagsError: Diagnosable, Equatable {
  /// The fault, by stage.
  public enum Kind: Sendable, Equatable {
    case table(TableFault)
    case members(MembersFault)
    case pairs(PairsFault)
    case split(SplitFault)
    case bag(BagFault)
  }

  /// The fault, by stage.
  public let kind: Kind
  /// The location in the input.
  public let place: SourceLocation?

  /// Makes an error.
  public init(_ kind: Kind, at place: SourceLocation? = nil) {
    self.kind = kind
    self.place = place
  }

  /// Makes an error of this stage.
  public init(_ fault: TableFault, at place: SourceLocation? = nil) { self.init(.table(fault), at: place) }

  /// Makes an error of this stage.
  public init(_ fault: MembersFault, at place: SourceLocation? = nil) { self.init(.members(fault), at: place) }

  /// Makes an error of this stage.
  public init(_ fault: PairsFault, at place: SourceLocation? = nil) { self.init(.pairs(fault), at: place) }

  /// Makes an error of this stage.
  public init(_ fault: SplitFault, at place: SourceLocation? = nil) { self.init(.split(fault), at: place) }

  /// Makes an error of this stage.
  public init(_ fault: BagFault, at place: SourceLocation? = nil) { self.init(.bag(fault), at: place) }

  /// The text, place and exit status of this error.
  public var diagnostic: Diagnostic { Diagnostic(fault.code, fault.message, at: place, hint: fault.hint) }

  /// The same without a hint, for a case that is counted and passed over.
  var warning: Diagnostic { Diagnostic(fault.code, fault.message, at: place) }

  private var fault: any BagsFault {
    switch kind {
    case .table(let fault): fault
    case .members(let fault): fault
    case .pairs(let fault): fault
    case .split(let fault): fault
    case .bag(let fault): fault
    }
  }
}
