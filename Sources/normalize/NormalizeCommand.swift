import ArgumentParser
import Arrays
import Bytes
import CommandSupport
import Features
import Records

extension ScalingMethod: ExpressibleByArgument {}

enum Sides: String, CaseIterable, ExpressibleByArgument { case alike, separate }

@main struct NormalizeCommand: Tool {
  static let toolName = "normalize"
  static let example = """
    normalize --fit scale.json --method zscore train.tsv
    normalize --apply scale.json test.tsv > test.scaled.tsv
    """

  static let configuration = CommandConfiguration(
    commandName: "normalize",
    abstract: "Scale the features of a feature or bag stream: fit a state, apply it.",
    discussion: """
      --fit reads a stream once and writes a state file; standard output stays empty. --apply scales a stream by a \
      state and adds ~ and six digits of the state's digest to each feature's name, so that nothing is scaled twice, \
      or by another state, unseen. Everything but the features passes unchanged.
      """,
    version: versionLine)

  @Option(
    help: ArgumentHelp("Fit the input and write the state to this file.", valueName: "state"), completion: .file())
  var fit: String?

  @Option(help: ArgumentHelp("Scale the input by the state in this file.", valueName: "state"), completion: .file())
  var apply: String?

  @Option(
    help: """
      zscore: less the mean, over the standard deviation of the population; minmax: less the minimum, over the range. \
      (default: zscore)
      """)
  var method: ScalingMethod?

  @Option(
    help: """
      With --fit, the columns BLOCK.a.… and BLOCK.b.… of a pair: alike gives both one scale, as a model needs that \
      scores both orders; separate fits each column by itself.
      """)
  var sides = Sides.alike

  @OptionGroup var input: InputOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var common: CommonOptions

  mutating func run(_ context: ToolContext) throws {
    switch try NormalizePlan(self) {
    case .fit(let path, let method): try fitState(path, method, context)
    case .apply(let normalizer): try applyState(normalizer, context)
    }
  }

  private func fitState(_ path: String, _ method: ScalingMethod, _ context: ToolContext) throws {
    let reader = try input.reader(context)
    let swap = sides == .alike ? reader.schema.flatMap { ColumnSwap(names: $0.names) } : nil
    let exchange = swap?.effective?.source
    guard let normalizer = try NormalizerFit.fit(reader, method: method, exchange: exchange) else {
      throw ToolFailure(Diagnostic(.data, "there is nothing to fit: the input has no records"))
    }
    let constant = normalizer.constantNames
    if !constant.isEmpty {
      let named =
        constant.prefix(5).joined(separator: ", ") + (constant.count > 5 ? " and \(constant.count - 5) more" : "")
      context.warn(
        Diagnostic(.data, "\(constant.count) of \(normalizer.width) features are constant and become 0: \(named)"))
    }
    let file = try OutputFile.open(path: path)
    do {
      try file.sink.write(normalizer.json)
      try file.commit()
    } catch {
      file.discard()
      throw error
    }
  }

  private func applyState(_ normalizer: Normalizer, _ context: ToolContext) throws {
    let reader = try input.reader(context)
    if reader.isEmpty { return }
    let source = try NormalizedSource(
      reader, normalizer, digest: reader.digest, trustOrder: input.records.trustOrder,
      fillsMeans: input.records.missing == .mean)
    let (file, format) = try output.open(default: reader.format)
    do {
      let writer = RecordWriter(
        file.sink, format: format, kind: reader.kind, schema: source.schema, columns: reader.columns,
        header: output.header, madeBy: Self.versionLine)
      while let record = try source.next() { try writer.write(record) }
      try writer.finish()
      try file.commit()
    } catch {
      file.discard()
      throw error
    }
  }
}
