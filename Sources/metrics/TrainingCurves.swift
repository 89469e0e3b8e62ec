import Bytes
import Figures
import Records

/// The curves of a training log of mil-train, which holds a JSON object for each epoch and, when the run is over, one
/// that names the attempt and the epoch that the model keeps.
///
/// Of several attempts the kept one is drawn; while the run is not over, the one with the lowest validation loss so
/// far.
struct TrainingCurves {
  /// One run from fresh weights.
  private struct Attempt {
    let number: Int
    /// The numbers of each epoch, by the name of their member.
    var columns: [String: [Point]] = [:]
    /// The last epoch that was the best so far.
    var bestEpoch: Double?
    var lowestLoss: Double { columns["validation_loss"]?.map(\.y).min() ?? .infinity }
  }
  private var attempts: [Attempt] = []
  /// The attempt and epoch of the log's last record.
  private var kept: (attempt: Int, epoch: Double)?
  private var drawn: Attempt { attempts[drawnIndex] }
  private var drawnIndex = 0

  /// Reads NDJSON; a line without `epoch` and without `kept_epoch` is passed over.
  /// - Throws: a `MetricsError` for text that is not JSON and for a log without an epoch; an `IOFailure`.
  init(_ source: BlockSource) throws {
    let lines = LineReader(source)
    while let line = try lines.next(skipping: .whitespace) {
      let place = SourceLocation(source: source.name, line: lines.line)
      let object = try parsed(line, at: place)
      if let epoch = object["epoch"]?.double {
        append(object, epoch: epoch)
      } else if let epoch = object["kept_epoch"]?.double {
        kept = (object["kept_attempt"]?.int ?? 1, epoch)
      }
    }
    guard !attempts.isEmpty else { throw MetricsError.emptyLog(source.name) }
    choose()
  }

  private mutating func append(_ object: JSON, epoch: Double) {
    let number = object["attempt"]?.int ?? attempts.last?.number ?? 1
    // A resumed run goes on, a new one in the same file begins again.
    kept = nil
    if attempts.last?.number != number { attempts.append(Attempt(number: number)) }
    for (name, value) in object.members ?? [] {
      guard let number = value.double else { continue }
      attempts[attempts.count - 1].columns[name, default: []].append(Point(epoch, number))
    }
    if object["best"]?.bool == true { attempts[attempts.count - 1].bestEpoch = epoch }
  }

  /// Chooses the attempt to draw: the kept one, else that of the lowest validation loss, and of those without any the
  /// last.
  private mutating func choose() {
    if let kept, let index = attempts.lastIndex(where: { $0.number == kept.attempt }) {
      drawnIndex = index
    } else {
      let lowest = attempts.map(\.lowestLoss).min() ?? .infinity
      drawnIndex = (lowest.isFinite ? attempts.firstIndex { $0.lowestLoss == lowest } : nil) ?? attempts.count - 1
    }
  }

  /// Whether the log has the kept epoch: a log that a resumed run began anew may lack it.
  private var hasKept: Bool {
    guard let kept, drawn.number == kept.attempt else { return false }
    return columns["epoch"]?.contains { $0.x == kept.epoch } == true
  }

  private var columns: [String: [Point]] { drawn.columns }

  private var title: String {
    let count = attempts.map(\.number).max() ?? 1
    var text = count > 1 ? "Loss by epoch, attempt \(drawn.number) of \(count)" : "Loss by epoch"
    if let kept, !hasKept {
      text += " (kept: epoch \(NumberText.text(kept.epoch)) of attempt \(kept.attempt), not in this log)"
    }
    return text
  }

  private func parsed(_ line: UnsafeBufferPointer<UInt8>, at place: SourceLocation) throws -> JSON {
    do {
      return try JSON.parse(line)
    } catch let failure as JSONFailure {
      throw MetricsError.badLog(
        "not valid JSON: \(failure.message)",
        SourceLocation(source: place.source, line: place.line, column: failure.column))
    }
  }

  private static let figures = [
    ("validation_auroc", "AUROC"), ("validation_auprc", "AUPRC"), ("validation_f1", "F1"),
    ("validation_gmean", "G-mean"),
  ]

  private var mark: (x: Double, name: String)? {
    if let kept { return hasKept ? (kept.epoch, "kept: epoch \(NumberText.text(kept.epoch))") : nil }
    // Without a validation loss no epoch is better than another.
    guard drawn.lowestLoss.isFinite else { return nil }
    return drawn.bestEpoch.map { ($0, "best so far: epoch \(NumberText.text($0))") }
  }

  /// Loss, and the figures on the validation part, by epoch.
  var charts: Sheet {
    let losses = [("train_loss", "training", 0), ("validation_loss", "validation", 1)]
    let loss = LineChart(
      title: title, xLabel: "epoch", yLabel: "loss",
      series: losses.compactMap { name, title, color in columns[name].map { Series(title, $0, color: color) } },
      mark: mark, size: Size(width: 440, height: 340))
    let figures = Self.figures.enumerated().compactMap { index, figure in
      columns[figure.0].map { Series(figure.1, $0, color: index + 2) }
    }
    guard !figures.isEmpty else { return Sheet([loss]) }
    let quality = LineChart(
      title: "Validation bags by epoch", xLabel: "epoch", yLabel: "figure", series: figures, yRange: 0...1, mark: mark,
      size: Size(width: 440, height: 340))
    return Sheet([loss, quality])
  }

  /// The losses drawn with characters.
  func plot(width: Int, isASCII: Bool) -> String {
    var lines: [TerminalPlot.Line] = []
    if let loss = columns["validation_loss"] { lines.append(.init("validation", glyph: "x", loss)) }
    if let loss = columns["train_loss"] { lines.append(.init("training", glyph: "o", loss)) }
    return TerminalPlot(
      title: title, xLabel: "epoch", lines: lines, mark: mark, width: width, isASCII: isASCII
    )
    .text()
  }
}
