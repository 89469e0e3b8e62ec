import Bytes
import Evaluation
import Figures

/// The pictures of a report: ROC, precision-recall and scores by label.
struct ReportCharts {
  let collection: ScoreCollection
  let report: Report
  private static let resolution = 0.002

  private var samples: [ScoreSample] { collection.heldOut.map(\.scores.classes) }
  private var baselines: [ScoreSample] { collection.heldOut.map(\.baselines.classes) }
  private var hasBaselines: Bool { collection.heldOut.allSatisfy(\.hasBaselines) }

  /// Of classes the ROC and the precision-recall curve, without lines when a class is absent; of numbers the labels by
  /// score.
  var sheet: Sheet {
    Sheet(
      (collection.rule.areNumbers ? [labelsByScore] : []) + (collection.rule.hasClasses ? [roc, precisionRecall] : []))
  }

  /// Whether there is a curve to draw.
  var hasCurves: Bool {
    collection.rule.areNumbers ? !collection.heldOut.isEmpty : !Curve.roc(samples, resolution: 1).isEmpty
  }

  private var roc: LineChart {
    LineChart(
      title: "ROC curve", subtitle: subtitle(.auroc, "AUROC"), xLabel: "false positive rate", yLabel: "recall",
      series: series { Curve.roc($0, resolution: Self.resolution) }, xRange: 0...1, yRange: 0...1,
      guides: [(Point(0, 0), Point(1, 1))])
  }

  private var precisionRecall: LineChart {
    let positives = samples.reduce(0) { $0 + $1.positives }
    let rows = samples.reduce(0) { $0 + $1.count }
    let prevalence = rows > 0 ? Double(positives) / Double(rows) : 0
    return LineChart(
      title: "Precision and recall", subtitle: subtitle(.auprc, "average precision"), xLabel: "recall",
      yLabel: "precision", series: series(shape: .steps) { Curve.precisionRecall($0, resolution: Self.resolution) },
      xRange: 0...1, yRange: 0...1, guides: [(Point(0, prevalence), Point(1, prevalence))])
  }

  private var labelsByScore: LineChart {
    let points = Curve.meanLabels(collection.heldOut.map(\.scores.numbers)).map { Point($0.x, $0.y) }
    var guides: [(Point, Point)] = []
    if let first = points.first?.x, let last = points.last?.x, first < last {
      guides.append((Point(first, first), Point(last, last)))
    }
    return LineChart(
      title: "Labels by score", subtitle: "mean label of each twentieth of the rows; dotted: label = score",
      xLabel: "mean score", yLabel: "mean label", series: [Series("all", points, color: 0)], guides: guides)
  }

  private func subtitle(_ metric: Metric, _ name: String) -> String {
    let judgement = Judgement(samples)
    var text = "\(name) \(Report.text(judgement.value(metric), metric))"
    if hasBaselines { text += ", baseline \(Report.text(Judgement(baselines).value(metric), metric))" }
    return text + "; dotted: chance"
  }

  private func series(shape: Series.Shape = .line, _ trace: ([ScoreSample]) -> [CurvePoint]) -> [Series] {
    func line(_ name: String, _ samples: [ScoreSample], color: Int?, isDashed: Bool = false) -> Series {
      Series(name, trace(samples).map { Point($0.x, $0.y) }, shape: shape, color: color, isDashed: isDashed)
    }
    var lines = [line("all", samples, color: 0)]
    let named = collection.ordered.filter { $0.name != nil }
    if named.count > 1 {
      for (index, part) in named.prefix(4).enumerated() {
        lines.append(line(part.name ?? "", [part.scores.classes], color: index + 1))
      }
    }
    if hasBaselines { lines.append(line("baseline", baselines, color: nil, isDashed: true)) }
    return lines.filter { !$0.points.isEmpty }
  }

  /// The scores of positive and negative rows; nil without a labelled row.
  var histogram: HistogramChart? {
    guard let histogram = ScoreHistogram(samples) else { return nil }
    return HistogramChart(
      title: "Scores by label", subtitle: "each class in shares of its own rows", xLabel: "score",
      limits: histogram.limits,
      groups: [
        .init("negative", counts: histogram.negatives, color: 0),
        .init("positive", counts: histogram.positives, color: 1),
      ], mark: (report.threshold, "threshold " + NumberText.text(report.threshold)),
      size: Size(width: 640, height: 320))
  }
}
