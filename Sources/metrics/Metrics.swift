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
  @OptionGroup(title: "Evidence") var evidence: EvidenceOptions
  @OptionGroup(title: "Predicted terms") var terms: TermOptions
  @Option(
    help: .init(
      "Read rows of features in place of scores, and compare distances within groups (columns id, group) with all.",
      valueName: "file"), completion: .file())
  var groups: String?
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
    if terms.annotations != nil,
      !evidence.compare.isEmpty || judgement.per != nil || pictures.svg ?? pictures.html != nil
    {
      throw ValidationError("--annotations judges predicted terms: it does not go with --compare, --per and pictures")
    }
    if !evidence.compare.isEmpty, pictures.svg ?? pictures.html != nil {
      throw ValidationError("--compare writes differences and draws nothing")
    }
    if evidence.expect != nil, scores.level == .instance {
      throw ValidationError("--expect is for bags: an instance is no pair of the file")
    }
    if needsLength, judgement.per == nil || scores.level == .bag || !evidence.compare.isEmpty {
      throw ValidationError(
        "cuts of L, the length of a complex, go with --level instance --per bag, not with --compare")
    }
    if pretty, output.outputFormat != nil { throw ValidationError("--pretty and --output-format exclude each other") }
    if pictures.html == nil,
      let option = pictures.log.map({ _ in "--log" }) ?? pictures.attribution.map({ _ in "--attribution" })
    {
      throw ValidationError("\(option) is for the page: name one with --html, or draw a log with --plot-log")
    }
    if pictures.mapBag != nil, pictures.contactMap == nil {
      throw ValidationError("--map-bag is for the map: name its file with --contact-map")
    }
  }

  func run(_ context: ToolContext) throws {
    var outputs: [(name: String, path: String?)] = [("--contact-map", pictures.contactMap)]
    if pictures.contactMap == nil {
      outputs = [
        ("--output", output.output), ("--svg", pictures.svg), ("--html", pictures.html),
        ("--reliability", evidence.reliability),
      ]
    }
    try ToolFailure.refuse(
      outputs: outputs,
      over: files.paths + [groups].compactMap { $0 } + evidence.compare.compactMap(\.path) + terms.paths
        + [pictures.log, pictures.attribution, pictures.plotLog, evidence.expect, evidence.fitOn].compactMap { $0 })
    if let log = pictures.plotLog { return try plot(log) }
    if let groups { return try compareGroups(groups, files.source(context), context) }
    let table = try self.table(files.source(context))
    if let map = pictures.contactMap { return try draw(table, to: map) }
    if terms.annotations != nil { return try judgeTerms(table, context) }
    let kind = try labelKind(table)
    let rule = LabelRule(areNumbers: kind == .number, positiveAbove: scores.positiveAbove)
    let metrics = try self.metrics(of: rule)
    let calibration = try evidence.fitOn.map { try self.calibration($0, rule, kind, context) }
    let collection = try read(
      table, rule, kind, calibration, otherColumns: evidence.compare.compactMap(\.column), context)
    if let pairs = evidence.expect { try ExpectedPairs.check(pairs, in: collection.scoredNames) }
    let settings = JudgementSettings(
      threshold: scores.threshold ?? scores.positiveAbove ?? 0.5, bins: judgement.bins,
      tops: Set((metrics + bounds.map(\.metric)).compactMap(\.top)).sorted { $0.text < $1.text })
    let bootstrap: (replicates: Int, seed: UInt64)? = judgement.bootstrap.map { ($0, judgement.seed) }
    let options = Report.Options(settings: settings, bootstrap: bootstrap, per: judgement.per)
    guard evidence.compare.isEmpty else {
      var options = Comparison.Options(metrics: compared(metrics, rule), settings: settings, per: judgement.per)
      (options.bootstrap, options.drawsPartners) = (bootstrap, evidence.resample == .partners)
      tell(collection, nil, context)
      try compare(collection, kind, options, isEmpty: table.isEmpty, format: table.format, context)
      return try check(collection, Report.Options(settings: settings, per: judgement.per))
    }
    let report = Report(collection, metrics: metrics, options)
    tell(collection, report, context)
    let pictures = try drawn(collection, report)
    let reliability = try evidence.reliability.map { ($0, try ReliabilityTable(collection, bins: judgement.bins)) }
    try write(isEmpty: table.isEmpty, pretty: { report.rows.isEmpty ? "" : report.pretty() }, format: table.format) {
      try report.write(to: $0, format: $1, header: output.header, madeBy: $2)
    }
    for (path, text) in pictures { try save(text, to: path) }
    if let (path, table) = reliability { try save(table.text, to: path) }
    try check(collection, options)
  }

  /// Judges predicted terms in place of scored rows.
  private func judgeTerms(_ table: TableReader, _ context: ToolContext) throws {
    let report = try TermReport(
      table, terms, scoreColumn: scores.scoreColumn, threshold: scores.threshold ?? 0.5)
    for (count, what) in [
      (report.leftOut.proteins, "of proteins without annotations"),
      (report.leftOut.terms, "of obsolete terms or other namespaces"),
    ] { context.note("\(count == 1 ? "row" : "rows") \(what) left out", count: count) }
    try write(isEmpty: table.isEmpty, pretty: report.pretty, format: table.format) {
      try report.write(to: $0, format: $1, header: output.header, madeBy: $2)
    }
  }

  private func table(_ source: BlockSource) throws -> TableReader {
    try TableReader(
      source, format: scores.inputFormat, columns: scores.columns.map(RecordOptions.columnNames), part: scores.part,
      maxLine: scores.maxLine.bytes)
  }

  /// Reads a score stream; throws where no row has both a label and a score.
  private func read(
    _ table: TableReader, _ rule: LabelRule, _ kind: LabelKind?, _ calibration: Calibration?, keepsRows: Bool = false,
    otherColumns: [String] = [], _ context: ToolContext
  ) throws -> ScoreCollection {
    // Without a comparison, figures of all baselines in the stream stand beside those of the score.
    let isReport = evidence.compare.isEmpty && !keepsRows
    let found = isReport ? Report.otherColumns.filter { table.column($0) != nil && $0 != scores.scoreColumn } : []
    var collection = ScoreCollection(
      rule,
      ScoreCollection.Options(
        isGrouped: judgement.per != nil, keepsRows: keepsRows || !evidence.compare.isEmpty || !found.isEmpty,
        keepsNames: evidence.expect != nil, calibration: calibration))
    collection.others = found
    if table.isEmpty { return collection }
    let options = ScoreReader.Options(
      unit: scores.level, scoreColumn: scores.scoreColumn, labelColumn: scores.labelColumn, missing: scores.missing,
      labels: kind, groupColumn: judgement.per, needsPartners: evidence.resample == .partners,
      needsMembers: needsLength,
      otherColumns: otherColumns + found)
    try ScoreReader(table, options, report: context.warn).collect(into: &collection)
    if collection.rows > 0, collection.parts.isEmpty { throw MetricsError.noLabels(rows: collection.rows) }
    return collection
  }

  /// The rule of `--calibrate`, fitted on all rows of a file but those that training saw.
  private func calibration(_ path: String, _ rule: LabelRule, _ kind: LabelKind?, _ context: ToolContext) throws
    -> Calibration
  {
    guard rule.hasClasses else { throw MetricsError.otherLabels(.brier) }
    let fitted = try read(table(Input.open(path)), rule, kind, nil, keepsRows: true, context)
    let rows = fitted.kept.filter { $0.part != PartScores.trained }
    let calibration = Calibration(
      evidence.calibrate ?? .platt, scores: rows.map { $0.score ?? 0 },
      labels: rows.map { rule.isPositive($0.label ?? 0) })
    guard let calibration else { throw MetricsError.oneClass(path) }
    return calibration
  }

  /// The figures of a comparison: those of `--only` and `--top`, else two of each kind of labels.
  private func compared(_ metrics: [Metric], _ rule: LabelRule) -> [Metric] {
    if judgement.only != nil { return metrics.filter { !$0.isCount } }
    let usual = (rule.areNumbers ? [Metric.mse, .concordance] : []) + (rule.hasClasses ? [.auroc, .auprc] : [])
    return usual + metrics.filter { $0.top != nil }
  }

  private func compare(
    _ collection: ScoreCollection, _ kind: LabelKind?, _ options: Comparison.Options,
    isEmpty: Bool, format: OutputFormat, _ context: ToolContext
  ) throws {
    var column = 0
    let rivals = try evidence.compare.map { rival in
      guard let path = rival.path else {
        defer { column += 1 }
        return (name: rival.name, rows: collection.rows(scoredBy: column))
      }
      return (name: rival.name, rows: try read(table(Input.open(path)), collection.rule, kind, nil, context).kept)
    }
    let comparison = try Comparison(collection, with: rivals, options)
    try write(isEmpty: isEmpty, pretty: comparison.pretty, format: format) {
      try comparison.write(to: $0, format: $1, header: output.header, madeBy: $2)
    }
  }

  /// The kind of the labels: that of the option, else of the schema line; nil where nothing says it.
  private func labelKind(_ table: TableReader) throws -> LabelKind? {
    let kind = scores.labels ?? table.labels
    guard scores.positiveAbove != nil else { return kind }
    if kind == .binary { throw MetricsError.classesAlready }
    return .number
  }

  /// Whether a cut is a share of the length of what instances are pairs of.
  private var needsLength: Bool {
    ((judgement.top?.cuts ?? []) + (judgement.only?.metrics ?? []).compactMap(\.top) + bounds.compactMap(\.metric.top))
      .contains { if case .length = $0 { true } else { false } }
  }

  private var bounds: [Condition] { judgement.atLeast + judgement.atMost }

  /// The figures to write; throws where one, or one with a bound, is of other labels.
  private func metrics(of rule: LabelRule) throws -> [Metric] {
    let tops = (judgement.top?.cuts ?? []).flatMap { [Metric.precision(top: $0), .enrichment(top: $0)] }
    let wanted = (judgement.only?.metrics ?? rule.goals.flatMap(Metric.all).filter { !$0.isOnRequest }) + tops
    let named = wanted + bounds.map(\.metric)
    if let other = named.first(where: { !rule.goals.contains($0.goal) }) { throw MetricsError.otherLabels(other) }
    return wanted
  }

  private func tell(_ collection: ScoreCollection, _ report: Report?, _ context: ToolContext) {
    for note in report?.notes ?? [] { context.say(note) }
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

  private func write(
    isEmpty: Bool, pretty text: () -> String, format: OutputFormat,
    _ body: (ByteSink, OutputFormat, _ madeBy: String) throws -> Void
  ) throws {
    let (file, form) = try output.open(default: format)
    if pretty {
      try file.sink.write(isEmpty ? "" : text())
    } else if !isEmpty {
      try body(file.sink, form, "metrics \(millraceVersion)")
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

  private func compareGroups(_ path: String, _ source: BlockSource, _ context: ToolContext) throws {
    let ofScores = [
      ("--svg", pictures.svg != nil), ("--html", pictures.html != nil), ("--only", judgement.only != nil),
      ("--per", judgement.per != nil), ("--bootstrap", judgement.bootstrap != nil), ("--pretty", pretty),
      ("--at-least", !judgement.atLeast.isEmpty), ("--at-most", !judgement.atMost.isEmpty),
      ("--threshold", scores.threshold != nil), ("--positive-above", scores.positiveAbove != nil),
      ("--label-column", scores.labelColumn != nil), ("--labels", scores.labels != nil),
    ]
    if let (name, _) = ofScores.first(where: \.1) {
      throw ToolFailure.usage("\(name) is for scores, and --groups reads rows of features")
    }
    let report = try GroupReport(source, path, scores, seed: judgement.seed, context)
    let (file, format) = try output.open(default: .tsv)
    try report.write(to: file.sink, format: format, header: output.header, madeBy: Self.versionLine)
    try file.commit()
  }

  private func plot(_ path: String) throws {
    let log = try TrainingCurves(Input.open(path))
    try save(log.plot(width: 78, isASCII: pictures.ascii), to: output.output)
  }

  private func draw(_ table: TableReader, to path: String) throws {
    let options = PairMapRun.Options(
      scoreColumn: scores.scoreColumn, labelColumn: scores.labelColumn, bag: pictures.mapBag)
    let map = try PairMapRun(table, options).map()
    try save(PairMapRun.text(map, for: path, isASCII: pictures.ascii), to: path)
  }

  private func save(_ text: String, to path: String) throws {
    let file = try OutputFile.open(path: path)
    try file.sink.write(text)
    try file.commit()
  }

  /// Bounds may be set for figures that are not written.
  private func check(_ collection: ScoreCollection, _ options: Report.Options) throws {
    guard !bounds.isEmpty else { return }
    var options = options
    options.bootstrap = nil
    let report = Report(collection, metrics: Array(Set(bounds.map(\.metric))), options)
    let failures =
      judgement.atLeast.compactMap { $0.failure(in: report, isMinimum: true) }
      + judgement.atMost.compactMap { $0.failure(in: report, isMinimum: false) }
    if !failures.isEmpty { throw ConditionFailed(failures: failures) }
  }
}
