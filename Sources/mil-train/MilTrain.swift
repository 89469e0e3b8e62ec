import ArgumentParser
import Bytes
import CommandSupport

/// `mil-train`: trains a model on labelled bags.
@main struct MilTrain: Tool {
  static let toolName = "mil-train"
  static let configuration = CommandConfiguration(
    commandName: toolName,
    abstract: "Train a model on labelled bags: gene pairs whose isoform pairs are the instances.",
    usage: """
      mil-train [options] -o MODEL [BAGS …]
      mil-train [options] -o MODEL --pairs PAIRS --members TX2GENE --block NAME=KIND:FILE …
      """, version: versionLine)
  static let example = """
    pairgen --pairs pairs.tsv --members tx2gene.tsv --block ct=concat:ct64.tsv | mil-train -o model.safetensors
    """

  @OptionGroup var bags: BagInputOptions
  @OptionGroup(title: "Model") var method: MethodOptions
  @OptionGroup(title: "Training") var optimisation: OptimisationOptions
  @OptionGroup(title: "Validation") var validation: ValidationOptions
  @OptionGroup(title: "Features and files") var files: TrainFileOptions
  @OptionGroup(title: "Checkpoints") var checkpoints: CheckpointOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  mutating func run(_ context: ToolContext) throws {
    if method.list { return try write(TrainGuide.list) }
    if let name = method.describe { return try write(TrainGuide.description(of: name)) }
    let options = try withPreset()
    try ToolFailure.refuse(outputs: [("--output", files.output), ("--log", files.log)], over: bags.input.input.paths)
    let plan = try TrainPlan(options)
    // What could fail at the end of the run is checked before anything is read.
    if !files.dryRun, let output = files.output { try OutputFile.tryOut(path: output) }
    if !files.dryRun, let log = files.log { try FileRoles.announce(output: log) }
    let folder = files.dryRun ? nil : try checkpoints.open(context)
    let data = try TrainData(options, plan, context)
    if files.dryRun { return try write(try TrainRun(plan, data, context, folder: nil).description()) }
    let run = TrainRun(plan, data, context, folder: folder)
    if let folds = plan.folds { try CrossValidation(run, folds).write() }
    if files.output != nil { try run.run() }
  }

  private func write(_ text: String) throws {
    let output = try OutputFile.open(path: "-")
    try output.sink.write(text)
    try output.commit()
  }
}
