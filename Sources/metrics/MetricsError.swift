import Bytes

/// What can be wrong with the inputs of `metrics`.
enum MetricsError: Diagnosable {
  case noColumn(String, source: String, hint: String?)
  case badLabel(String, Place?)
  case noLabels(rows: Int)
  case bagReturns(String, Place?)
  case labelChanges(String, Place?)
  case tooManyParts(Int, Place?)
  case badLog(String, Place)
  case emptyLog(String)
  case badFlag(String, Place?)

  var diagnostic: Diagnostic {
    switch self {
    case .noColumn(let name, let source, let hint):
      Diagnostic(.data, "no column \(Diagnostic.quoted(name))", at: Place(source: source), hint: hint)
    case .badLabel(let value, let place):
      Diagnostic(
        .data, "label \(Diagnostic.quoted(value)) is neither 0 nor 1", at: place, hint: "a row without a label has NA")
    case .noLabels(let rows):
      Diagnostic(.data, "none of the \(rows) rows has both a label and a score: there is nothing to judge")
    case .bagReturns(let bag, let place):
      Diagnostic(
        .data, "bag \(Diagnostic.quoted(bag)) comes back: the instances of a bag stand together", at: place,
        hint: "sort the rows by bag, or judge them one by one with --level instance")
    case .labelChanges(let bag, let place):
      Diagnostic(.data, "bag \(Diagnostic.quoted(bag)) has instances with different labels", at: place)
    case .tooManyParts(let limit, let place):
      Diagnostic(.data, "more than \(limit) different values in column 'part'", at: place)
    case .badLog(let message, let place): Diagnostic(.data, message, at: place)
    case .emptyLog(let source):
      Diagnostic(
        .data, "no epoch in the training log", at: Place(source: source), hint: "mil-train writes it with --log FILE")
    case .badFlag(let value, let place):
      Diagnostic(.data, "selected \(Diagnostic.quoted(value)) is neither 0 nor 1", at: place)
    }
  }
}
