import ArgumentParser
import Bytes
import CommandSupport
import ModelSupport
import Models

/// A line per bag, or a line per instance.
enum ScoreLevel: String, CaseIterable, ExpressibleByArgument { case bag, instance }

/// `mil-score`: a model and bags in, scores out.
@main struct MilScore: Tool {
  static let toolName = "mil-score"
  static let configuration = CommandConfiguration(
    commandName: toolName,
    abstract: "Score bags, or each of their instances, with a trained model.",
    usage: """
      mil-score --model MODEL [options] [BAGS …]
      mil-score --model MODEL [options] --pairs PAIRS|all --members TX2GENE --block NAME=KIND:FILE …
      mil-score --model MODEL --describe
      """, version: versionLine)
  static let example = """
    pairgen --pairs pairs.tsv --members tx2gene.tsv --block ct=concat:ct64.tsv | mil-score --model model.safetensors
    """

  @OptionGroup var bags: BagInputOptions

  @Option(name: [.customShort("m"), .long], help: ArgumentHelp("The model that mil-train wrote.", valueName: "file"))
  var model: String

  @OptionGroup var sequences: SequenceOptions

  @Option(help: "Write one line per bag (its best instance, and which one that is), or one per instance.")
  var level: ScoreLevel = .bag

  @Option(
    help: ArgumentHelp(
      """
      Write one line per residue of either side: its best partner and their score. (Of other instances than pairs of \
      residues: per member of either side.)
      """, valueName: "residue"))
  var by: ScoreGrouping?

  @Option(help: ArgumentHelp("Write only lines with at least this score, from 0 to 1.", valueName: "x"))
  var minScore: Double?

  @Option(help: ArgumentHelp("Write only the K lines with the highest scores, best first.", valueName: "k"))
  var top: Int?

  @Flag(
    help: """
      Write what knows less than the model too: the columns baseline_a and baseline_b (what the training labels of one \
      partner alone say), best_feature (the one feature that fits the training labels best), and where the sequences \
      are FASTA longer_first and total_length (the length of the longer partner, and of both).
      """)
  var baselines = false

  @Option(
    help: ArgumentHelp(
      """
      Memory for values that depend on one isoform or graph, computed once for all its pairs (with --pairs). 0: every \
      pair is computed whole. The scores are the same.
      """, valueName: "size"))
  var reuse = ByteSize(1 << 30)

  @OptionGroup var work: ThreadOptions

  @Flag(help: "Print the model's card and end.")
  var describe = false

  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  mutating func validate() throws {
    if let minScore, !(0...1).contains(minScore) { throw ValidationError("--min-score must be from 0 to 1") }
    if by != nil, baselines { throw ValidationError("--baselines does not apply to --by") }
    if let top, top < 1 { throw ValidationError("--top must be at least 1") }
  }

  mutating func run(_ context: ToolContext) throws {
    try ToolFailure.refuse(outputs: [("--output", output.output)], over: bags.input.input.paths + [model])
    let file = try ModelFile.read(model)
    if describe {
      _ = try file.normalizer(path: model)
      return try Description(file: file).write(output)
    }
    try ScoreFilter(self, file, context).run()
  }
}
