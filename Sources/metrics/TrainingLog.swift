import Bytes
import Figures
import Records

/// The training log that mil-train writes: one JSON object an epoch. Of a training that began again, the last attempt.
struct TrainingLog {
  private(set) var columns: [String: [Point]] = [:]
  private(set) var bestEpoch: Double?
  private(set) var epochs = 0
  private var attempt = 1

  /// Reads NDJSON; a line without `epoch` tells something else and is passed over. Throws on text that is not JSON.
  init(_ source: BlockSource) throws {
    let lines = LineReader(source)
    while let line = try lines.next() {
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
      let object = try parsed(line, at: Place(source: source.name, line: lines.line))
      guard let epoch = object["epoch"]?.double else { continue }
      epochs += 1
      begin(attempt: object["attempt"]?.int ?? attempt)
      for (name, value) in object.members ?? [] {
        if let number = value.double { columns[name, default: []].append(Point(epoch, number)) }
      }
      if object["best"]?.bool == true { bestEpoch = epoch }
    }
    if epochs == 0 { throw MetricsError.emptyLog(source.name) }
  }

  private mutating func begin(attempt next: Int) {
    guard next != attempt else { return }
    attempt = next
    columns = [:]
    bestEpoch = nil
  }

  private var title: String { attempt > 1 ? "Loss by epoch, attempt \(attempt)" : "Loss by epoch" }

  private func parsed(_ line: UnsafeBufferPointer<UInt8>, at place: Place) throws -> JSON {
    do {
      return try JSON.parse(line)
    } catch let failure as JSONFailure {
      throw MetricsError.badLog(
        "not valid JSON: \(failure.message)", Place(source: place.source, line: place.line, column: failure.column))
    }
  }

  private static let figures = [
    ("validation_auroc", "AUROC"), ("validation_auprc", "AUPRC"), ("validation_f1", "F1"),
    ("validation_gmean", "G-mean"),
  ]

  private var mark: (x: Double, name: String)? {
    bestEpoch.map { ($0, "kept: epoch \(NumberText.text($0))") }
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
