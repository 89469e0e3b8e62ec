import ArgumentParser
import Bytes
import CommandSupport
import Models

enum Level: String, CaseIterable, ExpressibleByArgument { case bag, instance }

/// `mil-score`: a model and bags in, scores out.
@main struct MilScore: Tool {
  static let toolName = "mil-score"
  static let configuration = CommandConfiguration(
    commandName: toolName,
    abstract: "Score bags, or each of their instances, with a trained model.",
    usage: """
      mil-score --model MODEL [options] [BAGS …]
      mil-score --model MODEL [options] --pairs PAIRS --members TX2GENE --block NAME=KIND:FILE …
      mil-score --model MODEL --describe
      """, version: versionLine)
  static let example = """
    pairgen --pairs pairs.tsv --members tx2gene.tsv --block ct=concat:ct64.tsv | mil-score --model model.safetensors
    """

  @OptionGroup(title: "Bags") var bags: BagInputOptions

  @Option(name: [.customShort("m"), .long], help: ArgumentHelp("The model that mil-train wrote.", valueName: "file"))
  var model: String

  @Option(help: "One line a bag (its best instance and which one that is), or one an instance.")
  var level: Level = .bag

  @Option(help: ArgumentHelp("Threads; 0 is one a processor. The scores are the same for any number.", valueName: "n"))
  var threads = 1

  @Flag(help: "Print the model's card and end.")
  var describe = false

  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  mutating func validate() throws {
    if !(0...1024).contains(threads) { throw ValidationError("--threads \(threads): 0 to 1024") }
  }

  mutating func run(_ context: ToolContext) throws {
    let file = try ModelFile.read(model)
    if describe { return try Description(file: file).write(output) }
    try ScoreFilter(self, file, context).run()
  }
}
