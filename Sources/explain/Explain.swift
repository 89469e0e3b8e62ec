import ArgumentParser
import Attribution
import Bytes
import CommandSupport
import Models

/// `explain`: a model and bags in, the attribution of every feature out.
@main struct Explain: Tool {
  static let toolName = "explain"
  static let configuration = CommandConfiguration(
    commandName: toolName,
    abstract: "Attribute the logit of a bag's witness, or of each of its instances, to the features.",
    usage: """
      explain --model MODEL [options] [BAGS …]
      explain --model MODEL [options] --pairs PAIRS --members TX2GENE --block NAME=KIND:FILE …
      """,
    discussion: """
      The logit is explained. Where the model holds a normaliser, derivatives are with respect to the normalised \
      features, and gradient-x-input multiplies by those; column value has the features as read. For a model without \
      an order of partners the mean of both orders is explained, in the order given.
      """, version: versionLine)
  static let example = """
    explain --model model.safetensors --method guided-backprop --select top:10 bags.ndjson
    """

  @OptionGroup var bags: BagInputOptions

  @Option(name: [.customShort("m"), .long], help: ArgumentHelp("The model that mil-train wrote.", valueName: "file"))
  var model: String

  @OptionGroup var sequences: SequenceOptions

  @Option(
    help: """
      The attribution method: a derivative, lrp (relevance, layer by layer), occlusion (occlusion:by=block leaves \
      out a block at a time), or path, the contributions of trees.
      """)
  var method = MethodName("saliency")

  @Option(
    help: ArgumentHelp(
      """
      Select the features whose attribution is above mean + 1 standard deviation of the instance (mean+std), the K \
      largest (top:K), or none. An attribution of 0 is never selected.
      """, valueName: "rule"), completion: .list(["mean+std", "top:", "none"]))
  var select = SelectionRule(rule: .meanPlusDeviation, text: "mean+std")

  @Option(
    help: """
      Explain the witness of each bag, the instance that has its score (bag), or every instance (instance). \
      --instances all is another spelling of the second, --instances witness of the first.
      """)
  var level = ExplainedUnits.bag

  @Flag(help: "Keep the sign in the values of saliency.")
  var signed = false

  @Flag(help: "Write the selected features only.")
  var selectedOnly = false

  @Option(
    help: ArgumentHelp(
      """
      Of a model of node pairs, whose best pair is explained: a line per node that counted, such as a residue and its \
      neighbours (residue), or per feature of the nodes of a side (column). (default: residue)
      """, valueName: "residue|column"))
  var by = NodeExplanations.Unit.residue

  @Flag(help: "Further columns with each instance's score, logit and attention, and whether it is the witness.")
  var scores = false

  @Flag(
    help: """
      Of a model of graphs and sequences: count how many predicted classes change where the selected nodes or \
      letters of a side are taken out, beside as many at random. Labelled pairs count where the class is right.
      """)
  var ablate = false

  @Option(help: ArgumentHelp("With --ablate: predicted numbers above x are the positive class.", valueName: "x"))
  var positiveAbove: Double?

  @OptionGroup var work: ThreadOptions

  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  func validate() throws {
    if positiveAbove != nil, !ablate { throw ValidationError("--positive-above applies only to --ablate") }
    if ablate, scores || selectedOnly {
      throw ValidationError("\(scores ? "--scores" : "--selected-only") does not apply to --ablate, which counts")
    }
  }

  mutating func run(_ context: ToolContext) throws {
    try ToolFailure.refuse(outputs: [("--output", output.output)], over: bags.input.input.paths + [model])
    if let word = bags.pairing.instances, let meant = ExplainedUnits(instances: word) {
      level = meant
      bags.pairing.instances = nil
    }
    try ExplainFilter(self, ModelFile.read(model), context).run()
  }
}

/// The instances of a bag that are explained: its witness (`bag`), or all of them (`instance`).
enum ExplainedUnits: String, CaseIterable, ExpressibleByArgument {
  case bag, instance

  /// Reads the words of `--instances`; nil for anything else, such as the name of a file.
  init?(instances word: String) {
    switch word {
    case "witness": self = .bag
    case "all": self = .instance
    default: return nil
    }
  }
}

/// One of the methods that `Attribution` knows, with its settings.
struct MethodName: ExpressibleByArgument {
  let text: String
  init(_ text: String) { self.text = text }
  init?(argument: String) {
    guard AttributionMethod.named(SettingText(argument).name) != nil else { return nil }
    text = argument
  }
  var defaultValueDescription: String { text }
  static var allValueStrings: [String] { AttributionMethod.all.map(\.name) }
}

/// `mean+std`, `top:K` or `none`.
struct SelectionRule: ExpressibleByArgument {
  let rule: Selection
  let text: String
  init(rule: Selection, text: String) { (self.rule, self.text) = (rule, text) }
  init?(argument: String) {
    guard let rule = Selection(argument) else { return nil }
    self.init(rule: rule, text: argument)
  }
  var defaultValueDescription: String { text }
}
