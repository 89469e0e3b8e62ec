import ArgumentParser
import Bytes
import Evaluation

/// A bound on a figure of all rows, `auroc=0.8`, or of one part, `auroc@both-unseen=0.6`.
struct Condition {
  let metric: Metric
  let part: String
  let bound: Double

  /// Reads `FIGURE=BOUND` or `FIGURE@PART=BOUND`; throws a usage error.
  static func parse(_ text: String) throws -> Condition {
    let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let bound = sides.count == 2 ? Array(sides[1].utf8).withUnsafeBufferPointer { NumberText.double($0) } : nil
    guard let bound else {
      throw ValidationError("write a figure and its bound as in auroc=0.8 or auroc@both-unseen=0.6")
    }
    let name = sides[0].split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    return Condition(
      metric: try MetricList.metric(name[0]), part: name.count == 2 ? String(name[1]) : Report.allRows, bound: bound)
  }

  /// A message when the figure violates the bound or is missing; nil when it keeps it.
  func failure(in report: Report, isMinimum: Bool) -> String? {
    let name = metric.name + (part == Report.allRows ? "" : "@" + part)
    guard let row = report.row(metric, part: part) else { return "\(name) is not known: there is no such part" }
    guard let value = row.value else { return "\(name) is NA: \(row.undefinedReason ?? "it is not defined")" }
    if isMinimum ? value >= bound : value <= bound { return nil }
    return "\(name) is \(NumberText.text(value)), \(isMinimum ? "below" : "above") \(NumberText.text(bound))"
  }
}

/// The error of figures that violate bounds that the user set.
struct ConditionFailed: Diagnosable {
  let failures: [String]

  var diagnostic: Diagnostic { Diagnostic(.conditionFailed, failures.joined(separator: "; ")) }
}
