import Arrays
import Bytes
import Evaluation
import Models
import Training

/// The training log: one NDJSON line per epoch, written at once, so that it can be followed while training runs.
final class EpochLog {
  private let file: LiveFile
  private var targets: Targets
  /// The number of the member of an ensemble, from 0; nil for a single model.
  private var member: Int?
  private let goal: Goal
  /// Whether the log covers the run from its first epoch.
  let isWhole: Bool

  /// Continues the log behind `mark`, or begins a new one if the file does not begin as `mark` says.
  ///
  /// - Parameters:
  ///   - targets: the labels of the validation bags, in the order of `EpochReport.validationOutputs`.
  ///   - goal: the kind of the labels.
  init(path: String, after mark: LiveFile.Mark?, isResumed: Bool, targets: Targets, goal: Goal) throws {
    let continued = try mark.flatMap { try LiveFile(path: path, after: $0) }
    file = try continued ?? LiveFile(path: path)
    isWhole = continued != nil || !isResumed
    (self.targets, self.goal) = (targets, goal)
  }

  /// The length and digest of the log so far.
  var mark: LiveFile.Mark { file.mark }

  /// Begins the lines of a member of an ensemble, whose epochs these labels choose.
  func begin(_ targets: Targets, member: Int) { (self.targets, self.member) = (targets, member) }

  func write(_ report: EpochReport) throws {
    var members: [(String, JSON)] = member.map { [("member", .integer($0))] } ?? []
    members += [("epoch", .integer(report.epoch)), ("attempt", .integer(report.attempt))]
    func add(_ name: String, _ value: Double?) {
      members.append((name, value.map { .number($0, text: NumberText.text($0)) } ?? .null))
    }
    add("train_loss", report.trainLoss)
    add("validation_loss", report.validationLoss)
    if goal == .binary, !report.validationOutputs.isEmpty {
      let rows = report.validationOutputs.indices.filter { targets.weight[$0] > 0 }
      let judgement = Judgement(
        scores: rows.map { Double(report.validationOutputs[$0]) }, labels: rows.map { targets.label[$0] > 0.5 },
        threshold: 0)
      for metric in [Metric.auroc, .auprc, .f1, .gmean, .recall, .specificity] {
        add("validation_\(metric.name)", judgement.value(metric))
      }
    }
    members.append(("best", .bool(report.isBest)))
    add("seconds", report.seconds)
    try write(members)
  }

  /// Writes the last line, `{"kept_attempt":A,"kept_epoch":E}`: the epoch whose model is written.
  func write(kept outcome: TrainingOutcome) throws {
    try write([("kept_attempt", .integer(outcome.keptAttempt)), ("kept_epoch", .integer(outcome.bestEpoch))])
  }

  /// Writes the result of a point of `--grid`: `{"grid":"kernel=3","cost":0.41}`; the less the cost the better.
  func write(point: String, cost: Double) throws {
    try write([("grid", .string(point)), ("cost", cost.isFinite ? .number(cost, text: NumberText.text(cost)) : .null)])
  }

  private func write(_ members: [(String, JSON)]) throws {
    var line: [UInt8] = []
    JSON.object(members.map { JSON.Member($0.0, $0.1) }).append(to: &line)
    line.append(UInt8(ascii: "\n"))
    try file.write(line)
  }

  func close() throws { try file.close() }
}
