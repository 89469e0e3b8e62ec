import ArgumentParser
import Bytes
import CommandSupport
import Evaluation
import Records

@main struct Metrics: Tool {
  static let toolName = "metrics"
  static let example = "mil-score --model model.safetensors bags.ndjson | metrics --pretty"
  static let configuration = CommandConfiguration(
    commandName: toolName,
    abstract: "Judge scores against labels: figures of merit, curves, one page.",
    discussion: "Reads scores as mil-score writes them, or any table with the columns label and score.",
    version: versionLine)

  @OptionGroup var files: FileArguments
  @OptionGroup(title: "Scores") var scores: ScoreOptions
  @OptionGroup(title: "Figures of merit") var judgement: JudgementOptions
  @OptionGroup(title: "Pictures") var pictures: PictureOptions
  @Flag(help: "Write an aligned table for a reader instead of TSV or NDJSON.")
  var pretty = false
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let threshold = scores.threshold, !threshold.isFinite {
      throw ValidationError("--threshold must be a finite number")
    }
    if let limit = scores.positiveAbove, !limit.isFinite {
      throw ValidationError("--positive-above must be a finite number")
    }
    if pretty, output.outputFormat != nil { throw ValidationError("--pretty and --output-format exclude each other") }
    if pictures.html == nil,
      let option = pictures.log.map({ _ in "--log" }) ?? pictures.attribution.map({ _ in "--attribution" })
    {
      throw ValidationError("\(option) is for the page: name one with --html, or draw a log with --plot-log")
    }
  }

  func run(_ context: ToolContext) throws {
    try ToolFailure.refuse(
      outputs: [("--output", output.output), ("--svg", pictures.svg), ("--html", pictures.html)],
      over: files.paths + [pictures.log, pictures.attribution, pictures.plotLog].compactMap { $0 })
    if let log = pictures.plotLog { return try plot(log) }
    let source = try files.source(context)
    let columns = try scores.columns.map(RecordOptions.columnNames)
    let table = try TableReader(
      source, format: scores.inputFormat, columns: columns, part: scores.part, maxLine: scores.maxLine.bytes)
    let kind = try labelKind(table)
    let rule = LabelRule(areNumbers: kind == .number, positiveAbove: scores.positiveAbove)
    let metrics = try self.metrics(of: rule)
    var collection = ScoreCollection(rule, isGrouped: judgement.per != nil)
    if !table.isEmpty {
      let options = ScoreReader.Options(
        unit: scores.level, scoreColumn: scores.scoreColumn, labelColumn: scores.labelColumn, missing: scores.missing,
        labels: kind, groupColumn: judgement.per)
      try ScoreReader(table, options, report: context.warn).collect(into: &collection)
      if collection.rows > 0, collection.parts.isEmpty { throw MetricsError.noLabels(rows: collection.rows) }
    }
    let options = Report.Options(
      threshold: scores.threshold ?? scores.positiveAbove ?? 0.5,
      bootstrap: judgement.bootstrap.map { ($0, judgement.seed) }, per: judgement.per)
    let report = Report(collection, metrics: metrics, options)
    tell(collection, report, context)
    let pictures = try drawn(collection, report)
    try write(report, isEmpty: table.isEmpty, format: table.format)
    for (path, text) in pictures { try save(text, to: path) }
    try check(collection, options)
  }

  /// The kind of the labels: that of the option, else of the schema line; nil where nothing says it.
  private func labelKind(_ table: TableReader) throws -> LabelKind? {
    let kind = scores.labels ?? table.labels
    guard scores.positiveAbove != nil else { return kind }
    if kind == .binary { throw MetricsError.classesAlready }
    return .number
  }

  /// The figures to write; throws where one, or one with a bound, is of other labels.
  private func metrics(of rule: LabelRule) throws -> [Metric] {
    let wanted = judgement.only?.metrics ?? rule.goals.flatMap(Metric.all)
    let named = wanted + (judgement.atLeast + judgement.atMost).map(\.metric)
    if let other = named.first(where: { !rule.goals.contains($0.goal) }) { throw MetricsError.otherLabels(other) }
    return wanted
  }

  private func tell(_ collection: ScoreCollection, _ report: Report, _ context: ToolContext) {
    for note in report.notes { context.say(note) }
    if collection.trainedRows > 0 {
      let rows = collection.trainedRows == 1 ? "row is of a pair" : "rows are of pairs"
      context.say(
        "\(collection.trainedRows) \(rows) that training saw: part \(PartScores.trained), not counted among all rows")
    }
    let left = [
      (collection.unscored, "row", "score"), (collection.unscoredInstances, "instance", "score"),
      (collection.unlabelled, "row", "label"), (collection.ungrouped, "row", judgement.per ?? ""),
    ]
    for (count, unit, what) in left {
      context.note("\(count == 1 ? unit : unit + "s") without a \(what) left out", count: count)
    }
  }

  private func write(_ report: Report, isEmpty: Bool, format: OutputFormat) throws {
    let (file, form) = try output.open(default: format)
    if pretty {
      if !report.rows.isEmpty { try file.sink.write(report.pretty()) }
    } else if !isEmpty {
      try report.write(to: file.sink, format: form, header: output.header, madeBy: "metrics \(millraceVersion)")
    }
    try file.commit()
  }

  /// The texts of the pictures and where they go; all inputs are read before anything is written.
  private func drawn(_ collection: ScoreCollection, _ report: Report) throws -> [(path: String, text: String)] {
    var texts: [(path: String, text: String)] = []
    if let svg = pictures.svg { texts.append((svg, ReportCharts(collection: collection, report: report).sheet.svg())) }
    guard let html = pictures.html else { return texts }
    var page = ReportPage(title: pictures.title, unit: scores.level, collection: collection, report: report)
    page.log = try pictures.log.map { try TrainingCurves(Input.open($0)) }
    if let attribution = pictures.attribution {
      page.attributions = try InstanceAttribution.read(
        TableReader(Input.open(attribution), maxLine: scores.maxLine.bytes), limit: 4)
    }
    return texts + [(html, page.html())]
  }

  private func plot(_ path: String) throws {
    let log = try TrainingCurves(Input.open(path))
    try save(log.plot(width: 78, isASCII: pictures.ascii), to: output.output)
  }

  private func save(_ text: String, to path: String) throws {
    let file = try OutputFile.open(path: path)
    try file.sink.write(text)
    try file.commit()
  }

  /// Bounds may be set for figures that are not written.
  private func check(_ collection: ScoreCollection, _ options: Report.Options) throws {
    guard !judgement.atLeast.isEmpty || !judgement.atMost.isEmpty else { return }
    var options = options
    options.bootstrap = nil
    let bounded = (judgement.atLeast + judgement.atMost).map(\.metric)
    let report = Report(collection, metrics: Metric.all.filter(bounded.contains), options)
    let failures =
      judgement.atLeast.compactMap { $0.failure(in: report, isMinimum: true) }
      + judgement.atMost.compactMap { $0.failure(in: report, isMinimum: false) }
    if !failures.isEmpty { throw ConditionFailed(failures: failures) }
  }
}
