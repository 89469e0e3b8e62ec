import Bytes
import Records

/// The errors of fitting, reading and applying a normaliser.
public enum ScalingError: Diagnosable, Equatable {
  case badState(String, String)
  case stateOfSamples(String)
  case alreadyNormalized(String)
  case notByThisState(String, suffix: String)
  case otherSchema(String)
  case otherWidth(found: Int, expected: Int)
  case namelessState(Int)
  case tooWide(String)
  case constant(String, count: Int)
  case badChain(String, String)
  case badGroup(String, String)
  case inTwoGroups(String, String, String)
  case inNoGroup(String)
  case emptyGroup(String, first: String?)
  case sidesInOtherGroups(String, String)
  case belowLogarithm(String, Double, row: Int, of: String?, at: SourceLocation?)
  case tooFewValues(String, Int)
  case bagsAsSamples
  case tableTooLarge(limit: Int)

  /// The same with the record in which it came to light.
  public func at(_ record: StreamRecord, row: Int? = nil) -> ScalingError {
    guard case .belowLogarithm(let name, let value, row: let inner, of: nil, at: nil) = self else { return self }
    return .belowLogarithm(name, value, row: 0, of: record.instances[row ?? inner].id, at: record.place)
  }

  /// The error as a user reads it.
  public var diagnostic: Diagnostic {
    switch self {
    case .badChain(let text, let reason): return Diagnostic(.usage, "the method '\(text)': \(reason)")
    case .badGroup(let text, let reason): return Diagnostic(.usage, "the group '\(text)': \(reason)")
    case .inTwoGroups, .inNoGroup, .emptyGroup, .sidesInOtherGroups: return groupDiagnostic
    case .badState, .stateOfSamples, .alreadyNormalized, .notByThisState, .otherSchema, .otherWidth, .namelessState:
      return stateDiagnostic
    default: return valueDiagnostic
    }
  }

  private var stateDiagnostic: Diagnostic {
    switch self {
    case .badState(let name, let reason):
      return Diagnostic(.data, "not a usable normaliser: \(reason)", at: SourceLocation(source: name))
    case .stateOfSamples(let name):
      return Diagnostic(
        .data, "a state of quantile scales the samples of a table, not the features of instances",
        at: SourceLocation(source: name), hint: "normalize --apply to the table first, then make features of it")
    case .alreadyNormalized(let name):
      return Diagnostic(
        .data, "the stream is normalised already: '\(name)' carries the digest of a normaliser",
        hint: "feed the stream as it was before normalize")
    case .notByThisState(let name, let suffix):
      let other = Normalizer.isNormalized(name) ? "by another state" : "not at all"
      return Diagnostic(
        .data, "the stream was not normalised by this state: '\(name)' \(other), the state's names end in '\(suffix)'")
    case .otherSchema(let difference):
      return Diagnostic(.data, "the features are not those of the normaliser: \(difference)")
    case .otherWidth(let found, let expected):
      return Diagnostic(.data, "the stream has \(found) features, the normaliser has \(expected)")
    case .namelessState(let width):
      return Diagnostic(
        .data, "the normaliser was fitted on \(width) features without names",
        hint: "--trust-order takes them by their order")
    default: return valueDiagnostic
    }
  }

  private var groupDiagnostic: Diagnostic {
    switch self {
    case .inTwoGroups(let name, let first, let second):
      return Diagnostic(.usage, "the feature '\(name)' falls in two groups, '\(first)' and '\(second)'")
    case .inNoGroup(let name):
      return Diagnostic(
        .usage, "the feature '\(name)' falls in no group", hint: "--method none leaves what is in no group as it is")
    case .emptyGroup(let pattern, let first):
      return Diagnostic(
        .usage, "the group '\(pattern)' matches no feature",
        hint: first.map { "the first feature is '\(Diagnostic.escaped($0))'" })
    case .sidesInOtherGroups(let name, let partner):
      return Diagnostic(
        .usage, "the groups of '\(name)' and of '\(partner)' on the other side do not correspond",
        hint: "write patterns that fit both sides, such as 'ct.?.*', or give --sides separate")
    default: return valueDiagnostic
    }
  }

  private var valueDiagnostic: Diagnostic {
    switch self {
    case .tooWide(let name):
      return Diagnostic(.data, "the values of '\(name)' lie too far apart to be scaled")
    case .constant(let name, let count):
      return Diagnostic(
        .data, "'\(name)' has no spread to divide by\(count > 1 ? ", nor have \(count - 1) more" : "")",
        hint: "--constant zero or keep goes on")
    case .belowLogarithm(let name, let value, _, let id, let place):
      let owner = id.map { " of \(Diagnostic.quoted($0))" } ?? ""
      return Diagnostic(
        .data, "'\(name)'\(owner) is \(NumberText.text(value)): log1p needs a value above -1", at: place)
    case .tooFewValues(let name, let count):
      return Diagnostic(.data, "the sample '\(name)' has \(count) values, quantile needs at least 2")
    case .bagsAsSamples:
      return Diagnostic(
        .data, "quantile works on a table whose columns are samples, and these are bags",
        hint: "normalise the table of expression, then give it to pairgen")
    case .tableTooLarge(let limit):
      return Diagnostic(
        .data, "quantile holds the whole table, and it takes more than \(limit >> 20) MiB",
        hint: "raise the limit with --memory")
    default: return Diagnostic(.software, "no text for \(self)")
    }
  }
}
