import Bytes
import Evaluation
import Training

/// The training log: one NDJSON line per epoch, written at once, so that it can be followed while training runs.
final class EpochLog {
  private let file: LiveFile
  private let labels: [Bool]
  /// Whether the log covers the run from its first epoch.
  let isWhole: Bool

  /// Continues the log behind `mark`, or begins a new one if the file does not begin as `mark` says.
  ///
  /// - Parameter labels: the labels of the validation units, in the order of `EpochReport.validationLogits`.
  init(path: String, after mark: LiveFile.Mark?, isResumed: Bool, labels: [Bool]) throws {
    let continued = try mark.flatMap { try LiveFile(path: path, after: $0) }
    file = try continued ?? LiveFile(path: path)
    isWhole = continued != nil || !isResumed
    self.labels = labels
  }

  /// The length and digest of the log so far.
  var mark: LiveFile.Mark { file.mark }

  func write(_ report: EpochReport) throws {
    var members: [(String, JSON)] = [("epoch", .integer(report.epoch)), ("attempt", .integer(report.attempt))]
    func add(_ name: String, _ value: Double?) {
      members.append((name, value.map { .number($0, text: NumberText.text($0)) } ?? .null))
    }
    add("train_loss", report.trainLoss)
    add("validation_loss", report.validationLoss)
    if !report.validationLogits.isEmpty {
      let judgement = Judgement(scores: report.validationLogits.map(Double.init), labels: labels, threshold: 0)
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

  private func write(_ members: [(String, JSON)]) throws {
    var line: [UInt8] = []
    JSON.object(members.map { JSON.Member($0.0, $0.1) }).append(to: &line)
    line.append(UInt8(ascii: "\n"))
    try file.write(line)
  }

  func close() throws { try file.close() }
}
