import Bytes
import Evaluation

/// The faults of the inputs of `metrics`.
enum MetricsError: Diagnosable {
  case noLabels(rows: Int)
  case noScore(String, column: String, SourceLocation?)
  case reservedPart(SourceLocation?)
  case labelChanges(String, SourceLocation?)
  case groupChanges(String, column: String, SourceLocation?)
  /// A figure of other labels than those of the rows.
  case otherLabels(Metric)
  case classesAlready
  case tooManyParts(Int, SourceLocation?)
  case badLog(String, SourceLocation)
  case emptyLog(String)
  case badFlag(String, SourceLocation?)
  /// A row that the score has and a rival has not, or the other way round.
  case unpaired(String, in: String)
  case unpairedRival(String, in: String)
  case otherLabel(String, in: String)
  /// Pairs that are expected and have no score.
  case withoutScore([String], count: Int, of: Int, file: String)
  case nothingExpected(String)
  case oneClass(String)
  case repeatedTerm(String, String, SourceLocation?)
  case noProbabilities
  /// A second bag in a stream that is to be drawn as one map.
  case severalMaps(String, String, SourceLocation?)
  /// No row of the bag that is to be drawn, and some others that there are; or no row at all.
  case emptyMap(String?, others: [String])
  case largeMap(Int, SourceLocation?)
  /// Bags where rows of features are expected.
  case bagsInGroups(SourceLocation?)
  /// No group has two of the rows.
  case noGroups(String, rows: Int)

  var diagnostic: Diagnostic {
    switch self {
    case .bagsInGroups(let place):
      Diagnostic(.data, "bags are no rows of features, whose distances --groups compares", at: place)
    case .noGroups(let path, let rows):
      Diagnostic(
        .data, "no group has two of the \(rows) rows", at: SourceLocation(source: path),
        hint: "a line has an id of the rows, a tab and its group")
    case .noLabels(let rows):
      Diagnostic(.data, "none of the \(rows) rows has both a label and a score: there is nothing to judge")
    case .noScore(let name, let column, let place):
      Diagnostic(
        .data, "\(Diagnostic.quoted(name)) has a label and no \(Diagnostic.escaped(column))", at: place,
        hint: "leave such rows out, and count them, with --missing skip")
    case .reservedPart(let place):
      Diagnostic(
        .data, "the part \(Diagnostic.quoted(Report.allRows)) would be taken for all rows together", at: place,
        hint: "give the part another name")
    case .labelChanges(let bag, let place):
      Diagnostic(.data, "bag \(Diagnostic.quoted(bag)) has instances with different labels", at: place)
    case .groupChanges(let bag, let column, let place):
      Diagnostic(
        .data, "bag \(Diagnostic.quoted(bag)) has instances with different \(Diagnostic.escaped(column))", at: place,
        hint: "judge the rows one by one with --level instance")
    case .otherLabels(let metric) where metric.goal == .classes:
      Diagnostic(
        .usage, "\(metric.name) is a figure of classes, and labels are numbers",
        hint: "--positive-above NUMBER makes classes of them")
    case .otherLabels(let metric):
      Diagnostic(
        .usage, "\(metric.name) is a figure of numbers, and labels are classes",
        hint: "--labels number takes 0 and 1 for numbers")
    case .classesAlready:
      Diagnostic(.usage, "--positive-above makes classes of numbers, and labels are binary")
    case .tooManyParts(let limit, let place):
      Diagnostic(.data, "more than \(limit) different values in column 'part'", at: place)
    case .badLog(let message, let place): Diagnostic(.data, message, at: place)
    case .emptyLog(let source):
      Diagnostic(
        .data, "no epoch in the training log", at: SourceLocation(source: source),
        hint: "mil-train writes it with --log FILE")
    case .unpaired(let row, let rival):
      Diagnostic(
        .data, "\(Diagnostic.quoted(row)) has a score and a label here, and none in \(Diagnostic.escaped(rival))",
        hint: "a paired comparison needs the same rows in all files")
    case .unpairedRival(let row, let rival):
      Diagnostic(
        .data, "\(Diagnostic.quoted(row)) has a score and a label in \(Diagnostic.escaped(rival)), and none here",
        hint: "a paired comparison needs the same rows in all files")
    case .otherLabel(let row, let rival):
      Diagnostic(.data, "\(Diagnostic.quoted(row)) has another label in \(Diagnostic.escaped(rival))")
    case .withoutScore(let examples, let count, let all, let file):
      Diagnostic(
        .data,
        "\(count) of the \(all) pairs have no score: " + examples.map { Diagnostic.quoted($0) }.joined(separator: ", ")
          + (count > examples.count ? " and others" : ""), at: SourceLocation(source: file),
        hint: "a scored pair is known by its column bag, as in A:B")
    case .nothingExpected(let file):
      Diagnostic(.data, "no pair is expected", at: SourceLocation(source: file))
    case .oneClass(let file):
      Diagnostic(
        .data, "the rows are of one class: there is nothing to calibrate by", at: SourceLocation(source: file))
    case .repeatedTerm(let protein, let term, let place):
      Diagnostic(
        .data, "\(Diagnostic.quoted(protein)) has a second score of \(Diagnostic.quoted(term))", at: place)
    case .noProbabilities:
      Diagnostic(
        .data, "a score lies outside 0 to 1: there are no bins for it",
        hint: "--calibrate turns scores into probabilities")
    case .badFlag(let value, let place):
      Diagnostic(.data, "selected \(Diagnostic.quoted(value)) is neither 0 nor 1", at: place)
    case .severalMaps(let bag, let other, let place):
      Diagnostic(
        .data, "a map is of one bag, and after \(Diagnostic.quoted(bag)) comes \(Diagnostic.quoted(other))", at: place,
        hint: "--map-bag \(Diagnostic.escaped(bag)) draws that one")
    case .emptyMap(let bag?, let others) where !others.isEmpty:
      Diagnostic(
        .data,
        "there is no bag \(Diagnostic.quoted(bag)); the first are "
          + others.map { Diagnostic.quoted($0) }.joined(separator: ", "))
    case .emptyMap:
      Diagnostic(.data, "no row has a score and both members (isoform_a, isoform_b): there is nothing to draw")
    case .largeMap(let limit, let place):
      Diagnostic(.data, "a map has at most \(limit) pairs", at: place, hint: "draw some of the chains only")
    }
  }
}
