import Bytes
import Evaluation
import Figures

/// The HTML page of a report: figures and curves of the scores, the training curves, and attributions.
struct ReportPage {
  let title: String
  let unit: JudgedUnit
  let collection: ScoreCollection
  let report: Report
  var log: TrainingCurves?
  var attributions: [InstanceAttribution] = []

  func html() -> String {
    var blocks = figuresOfMerit + curves
    if !collection.best.isEmpty { blocks += [.heading("Best scores"), .table(bestTable)] }
    if !attributions.isEmpty {
      blocks += [.heading("What moved the score"), .paragraph(Self.attributionText)]
      blocks += attributions.map { .figures(Sheet([$0.chart])) }
    }
    if let log {
      blocks += [.heading("Training"), .figures(log.charts)]
      blocks.append(.note("The model of the epoch marked is the one that was kept: the best on the validation bags."))
    }
    return Page(title: title, lead: lead, blocks: blocks).html()
  }

  private var units: String { unit == .bag ? "bags" : "instances" }

  private var lead: String {
    let all = report.rows.first
    var text = "\(all?.count ?? 0) labelled \(units)"
    if collection.rule.hasClasses { text += ", \(all?.positives ?? 0) of them positive" }
    if collection.unlabelled > 0 { text += "; \(collection.unlabelled) without a label are left out" }
    if collection.trainedRows > 0 {
      text += "; \(collection.trainedRows) that training saw are not among them, but in the column trained"
    }
    guard collection.rule.hasClasses else { return text + "." }
    return text + ". A score of \(NumberText.text(report.threshold)) or more is called positive."
  }

  private static let attributionText = """
    The length says how much a feature moves the score of this instance. Where there are signs, they say whether it \
    raises or lowers it (of plain saliency there are none: explain --signed keeps them). Attribution describes the \
    model, not the biology.
    """

  private var figuresOfMerit: [Page.Block] {
    let hasBaselines = report.rows.contains { $0.baseline != nil }
    let columns = ["figure"] + report.parts.map { $0 == Report.allRows ? "all rows" : $0 }
    let firsts = report.parts.map { part in report.rows.first { $0.part == part } }
    var rows = [[Table.Cell("rows")] + firsts.map { .init("\($0?.count ?? 0)") }]
    if collection.rule.hasClasses {
      rows.append([Table.Cell("positive")] + firsts.map { .init("\($0?.positives ?? 0)") })
    }
    for metric in report.metrics where !metric.isCount {
      rows.append([.init(metric.title)] + report.parts.map { cell(report.row(metric, part: $0), metric) })
    }
    var blocks: [Page.Block] = [
      .heading("Figures of merit"),
      .table(Table(caption: caption, columns: columns, rows: rows)),
    ]
    if hasBaselines {
      blocks.append(
        .note(
          "baseline: the same figure of what the training labels of the two partners say without a feature; at a "
            + "threshold it calls as many rows positive as the model does. seen, one-unseen, both-unseen: how many of "
            + "the two genes the training did not contain"
            + (collection.trainedRows > 0 ? "; trained: pairs that were themselves in training" : "")
            + ". A score that does not beat the baseline on unseen genes has "
            + "learnt little that carries over."))
    }
    return blocks
  }

  private var caption: String {
    report.per.map { "Medians over the groups of \($0), with quartiles and mean" }
      ?? "With 95 % intervals where one is known"
  }

  private func cell(_ row: MetricRow?, _ metric: Metric) -> Table.Cell {
    guard let row else { return .init("") }
    var minor: [String] = []
    if let interval = row.interval {
      minor.append("\(Report.text(interval.lower, metric)) to \(Report.text(interval.upper, metric))")
    }
    if let spread = row.spread {
      let quartiles = [spread.lowerQuartile, spread.upperQuartile].map { Report.text($0, metric) }
      minor.append("\(quartiles[0]) to \(quartiles[1]), mean \(Report.text(spread.mean, metric))")
    }
    if let baseline = row.baseline { minor.append("baseline \(Report.text(baseline, metric))") }
    return .init(Report.text(row.value, metric), minor: minor)
  }

  private var curves: [Page.Block] {
    let charts = ReportCharts(collection: collection, report: report)
    var blocks: [Page.Block] = [.heading("Curves")]
    if charts.hasCurves { blocks.append(.figures(charts.sheet)) }
    if let histogram = charts.histogram { blocks.append(.figures(Sheet([histogram]))) }
    return blocks.count > 1 ? blocks : []
  }

  private var bestTable: Table {
    let hasWitness = collection.best.contains { $0.witness != nil }
    let hasPart = collection.best.contains { $0.part != nil }
    let hasBaseline = collection.best.contains { $0.baseline != nil }
    var columns = [unit.rawValue]
    if hasWitness { columns.append("witness") }
    if hasPart { columns.append("part") }
    let firstNumber = columns.count
    columns += ["score", "label"]
    if hasBaseline { columns.append("baseline") }
    let rows = collection.best.map { row -> [Table.Cell] in
      var cells = [Table.Cell(row.name)]
      if hasWitness { cells.append(.init(row.witness ?? "NA")) }
      if hasPart { cells.append(.init(row.part ?? "NA")) }
      cells.append(.init(row.score.map { NumberText.fixed($0, digits: 4) } ?? "NA"))
      cells.append(.init(row.label.map { NumberText.text($0) } ?? "NA"))
      if hasBaseline { cells.append(.init(row.baseline.map { NumberText.fixed($0, digits: 4) } ?? "NA")) }
      return cells
    }
    return Table(
      caption: "The \(rows.count) \(units) with the highest scores", columns: columns, rows: rows,
      firstNumber: firstNumber)
  }
}
