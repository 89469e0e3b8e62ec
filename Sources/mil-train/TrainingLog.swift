import Bytes
import Evaluation
import Training

/// The training log: one NDJSON line an epoch, written at once, so that it can be followed while training runs.
final class TrainingLog {
  private let sink: ByteSink
  private let labels: [Bool]

  /// - Parameter labels: of the validation units, in the order of `EpochReport.validationLogits`.
  init(path: String, labels: [Bool]) throws {
    sink = try OutputFile.openLive(path: path)
    self.labels = labels
  }

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
        add("validation_\(metric.rawValue)", judgement.value(metric))
      }
    }
    members.append(("best", .bool(report.isBest)))
    add("seconds", report.seconds)
    var line: [UInt8] = []
    JSON.object(members.map { JSON.Member($0.0, $0.1) }).append(to: &line)
    line.append(UInt8(ascii: "\n"))
    try sink.write(line)
    try sink.flush()
  }

  func close() throws { try sink.close() }
}
