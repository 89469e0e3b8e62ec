import ArgumentParser
import Bytes
import Evaluation

/// A bound that a figure must keep: `auroc=0.8`, or `auroc@both-unseen=0.6` for one part.
struct Condition: ExpressibleByArgument {
  let metric: Metric
  let part: String
  let bound: Double

  init?(argument: String) {
    let sides = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard sides.count == 2 else { return nil }
    let name = sides[0].split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = name.first, let metric = Metric(rawValue: String(first)) else { return nil }
    let bound = Array(sides[1].utf8).withUnsafeBufferPointer { NumberText.double($0) }
    guard let bound else { return nil }
    self.metric = metric
    self.bound = bound
    part = name.count == 2 ? String(name[1]) : Report.allRows
  }

  /// What fails, or nil when the figure keeps the bound; a missing figure keeps none.
  func failure(in report: Report, isMinimum: Bool) -> String? {
    let name = metric.rawValue + (part == Report.allRows ? "" : "@" + part)
    guard let row = report.row(metric, part: part) else { return "\(name) is not known: there is no such part" }
    guard let value = row.value else { return "\(name) is NA: \(row.undefinedReason ?? "it is not defined")" }
    if isMinimum ? value >= bound : value <= bound { return nil }
    return "\(name) is \(NumberText.text(value)), \(isMinimum ? "below" : "above") \(NumberText.text(bound))"
  }
}

/// The figures did not keep a bound that the user set.
struct ConditionFailed: Diagnosable {
  let failures: [String]

  var diagnostic: Diagnostic { Diagnostic(.conditionFailed, failures.joined(separator: "; ")) }
}
