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
  @Flag(help: "Draw with ASCII characters only.")
  var ascii = false
}
