import ArgumentParser
import Bytes
import CommandSupport
import Evaluation
import Records

extension JudgedUnit: ExpressibleByArgument {}
extension MissingScoreRule: ExpressibleByArgument {}

/// The figures to write: `auroc,auprc`.
struct MetricList {
  let metrics: [Metric]

  static func parse(_ text: String) throws -> MetricList {
    MetricList(metrics: try text.split(separator: ",", omittingEmptySubsequences: false).map { try metric($0) })
  }

  static func metric(_ name: Substring) throws -> Metric {
    if let metric = Metric.named(String(name)) { return metric }
    let known = Metric.all.map(\.name).joined(separator: ", ")
    throw ValidationError("there is no figure \(Diagnostic.quoted(name)), the figures are \(known)")
  }
}

/// Cuts of the rows with the highest scores: `100,1%,L/5`.
struct TopList {
  let cuts: [TopCut]

  static func parse(_ text: String) throws -> TopList {
    TopList(
      cuts: try text.split(separator: ",", omittingEmptySubsequences: false).map { cut in
        if let cut = TopCut(cut) { return cut }
        throw ValidationError(
          "\(Diagnostic.quoted(cut)) is neither a number of rows, nor a percentage, nor L, L/5 or L/10")
      })
  }
}

/// The columns and the form of the scores.
struct ScoreOptions: ParsableArguments {
  @Option(
    help: .init(
      "A score at or above this number is called positive; 0.5, or the number of --positive-above, if not given."))
  var threshold: Double?
  @Option(
    help: .init("Labels that are numbers are positive above this one: figures of classes too.", valueName: "number"))
  var positiveAbove: Double?
  @Option(help: "Judge bags by label (instances of a bag are joined by their highest score), or instances.")
  var level = JudgedUnit.bag
  @Option(help: .init("The column of the scores.", valueName: "name"))
  var scoreColumn = "score"
  @Option(
    help: .init("The column of the labels: label at bag level, else instance_label, if not given.", valueName: "name"))
  var labelColumn: String?
  @Option(help: "The kind of the labels: that of the schema line, or else binary, if not given.")
  var labels: LabelKind?
  @Option(help: "What to do with a row that has a label and no score: stop, or leave it out and count it.")
  var missing = MissingScoreRule.error
  @Option(help: "Form of the input; auto decides by its first byte.")
  var inputFormat = InputFormat.auto
  @Option(
    help: .init(
      "Names of the columns of a TSV without header: a,b,c, or @FILE with one name a line.", valueName: "list"))
  var columns: String?
  @Flag(help: "The input is a piece of a stream: expect no end line.")
  var part = false
  @Option(help: .init("The longest line, in bytes; K, M and G are understood.", valueName: "size"))
  var maxLine = ByteSize(1 << 26)
}

/// The figures to compute, their intervals and their bounds.
struct JudgementOptions: ParsableArguments {
  @Option(
    help: .init(
      "Write these figures only: \(Metric.all.map(\.name).joined(separator: ", ")).", valueName: "list"),
    completion: .list(Metric.all.map(\.name)), transform: MetricList.parse)
  var only: MetricList?
  @Option(
    help: .init(
      "Judge each group of rows with one value in this column: median, mean and quartiles over groups.",
      valueName: "column"))
  var per: String?
  @Option(
    help: .init(
      """
      Precision and enrichment of the rows with the highest scores: a number of them, a percentage, or with --per bag \
      a share of the length of a complex, such as L/5.
      """,
      valueName: "n|p%|L,..."), transform: TopList.parse)
  var top: TopList?
  @Option(help: .init("Bins of equal width over 0 to 1 for ece and --reliability.", valueName: "n"))
  var bins = 10
  @Option(help: .init("Intervals of all figures from this many resamples of the rows.", valueName: "n"))
  var bootstrap: Int?
  @Option(help: "The seed of the resamples.")
  var seed: UInt64 = 1
  @Option(
    help: .init(
      "Status 1 if a figure is below: auroc=0.8, or auroc@both-unseen=0.6 for a part.", valueName: "figure=bound"),
    completion: .list(Metric.all.map { $0.name + "=" }), transform: Condition.parse)
  var atLeast: [Condition] = []
  @Option(
    help: .init("Status 1 if a figure is above: brier=0.2.", valueName: "figure=bound"),
    completion: .list(Metric.all.map { $0.name + "=" }), transform: Condition.parse)
  var atMost: [Condition] = []

  func validate() throws {
    if let bootstrap, bootstrap < 20 || bootstrap > 1_000_000 {
      throw ValidationError("--bootstrap must be between 20 and 1000000")
    }
    if bins < 1 || bins > 10_000 { throw ValidationError("--bins must be between 1 and 10000") }
    if bootstrap != nil, per != nil { throw ValidationError("--bootstrap and --per exclude each other") }
  }
}

/// Pictures and pages.
struct PictureOptions: ParsableArguments {
  @Option(help: .init("Draw ROC and precision-recall curves into this file.", valueName: "file"), completion: .file())
  var svg: String?
  @Option(
    help: .init("Write one self-contained page with figures, curves and tables into this file.", valueName: "file"),
    completion: .file())
  var html: String?
  @Option(help: .init("The title of the page.", valueName: "text"))
  var title = "How good are the scores?"
  @Option(help: .init("A training log of mil-train, for the page.", valueName: "file"), completion: .file())
  var log: String?
  @Option(help: .init("An attribution stream of explain, for the page.", valueName: "file"), completion: .file())
  var attribution: String?
  @Option(
    help: .init("Draw this training log of mil-train with characters, and do nothing else.", valueName: "file"),
    completion: .file())
  var plotLog: String?
  @Option(
    help: .init(
      "Draw the scores of one bag's instances as a map, contacts outlined, and do nothing else: FILE.svg, FILE.html, "
        + "or characters.", valueName: "file"), completion: .file())
  var contactMap: String?
  @Option(help: .init("The bag to draw, where the scores are of several.", valueName: "name"))
  var mapBag: String?
  @Flag(help: "Draw with ASCII characters only.")
  var ascii = false
}

/// Another score of the same rows: `mlp=mlp.tsv`.
struct Rival {
  let name: String
  let source: Source

  /// Another file, or a column of the input.
  enum Source {
    case file(String)
    case column(String)
  }

  /// The path of the file; nil of a column.
  var path: String? { if case .file(let path) = source { path } else { nil } }
  /// The name of the column; nil of a file.
  var column: String? { if case .column(let name) = source { name } else { nil } }

  static func parse(_ text: String) throws -> Rival {
    let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard sides.count == 2, !sides[0].isEmpty, !sides[1].isEmpty else {
      throw ValidationError("write a name and a file as in mlp=mlp.tsv, or a column as in rates=column:baseline")
    }
    let prefix = "column:"
    return Rival(
      name: sides[0],
      source: sides[1].hasPrefix(prefix) ? .column(String(sides[1].dropFirst(prefix.count))) : .file(sides[1]))
  }
}

/// The unit of a paired resample.
enum ResampledUnit: String, CaseIterable, ExpressibleByArgument {
  case rows, partners
}

extension Calibration.Method: ExpressibleByArgument {}

/// Comparisons, completeness and calibration.
struct EvidenceOptions: ParsableArguments {
  @Option(
    help: .init(
      """
      Compare with another score of the same rows, paired, in place of figures: that of a file, or of a column of the \
      input (rates=column:baseline); may be given several times.
      """, valueName: "name=file"), completion: .file(), transform: Rival.parse)
  var compare: [Rival] = []
  @Option(help: "What --bootstrap draws for a comparison: rows, or whole partners with all their rows.")
  var resample = ResampledUnit.rows
  @Option(
    help: .init("Status 65 if one of these pairs has no score, in either order.", valueName: "file"),
    completion: .file())
  var expect: String?
  @Option(help: "Turn scores into probabilities by a rule that is fitted on the rows of --fit-on.")
  var calibrate: Calibration.Method?
  @Option(
    help: .init("The labelled scores on which --calibrate is fitted, which training did not see.", valueName: "file"),
    completion: .file())
  var fitOn: String?
  @Option(
    help: .init("Write a table of bins of scores with the share of positive rows into this file.", valueName: "file"),
    completion: .file())
  var reliability: String?

  func validate() throws {
    if (calibrate == nil) != (fitOn == nil) { throw ValidationError("--calibrate and --fit-on need each other") }
    if resample == .partners, compare.isEmpty { throw ValidationError("--resample is for --compare") }
    if Set(compare.map(\.name)).count < compare.count { throw ValidationError("--compare has one name twice") }
    if reliability != nil, !compare.isEmpty { throw ValidationError("--reliability and --compare exclude each other") }
  }
}
