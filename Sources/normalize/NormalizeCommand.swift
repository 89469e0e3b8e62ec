import ArgumentParser
import Arrays
import Bytes
import CommandSupport
import Features
import Records

extension Normalizer.Sides: ExpressibleByArgument, CaseIterable {
  /// The words of --sides, as the help lists them; the default first.
  public static let allCases: [Normalizer.Sides] = [.alike, .separate]
}
extension ConstantRule: ExpressibleByArgument {}

@main struct NormalizeCommand: Tool {
  static let toolName = "normalize"
  static let example = """
    normalize --fit scale.json --method zscore train.tsv
    normalize --apply scale.json test.tsv > test.scaled.tsv
    """

  static let configuration = CommandConfiguration(
    commandName: "normalize",
    abstract: "Scale the features of a feature or bag stream: fit a state, apply it, undo it.",
    discussion: """
      --fit reads a stream once and writes a state file; standard output stays empty. --apply scales a stream by a \
      state and adds ~ and six digits of the state's digest to each feature's name, so that nothing is scaled twice, \
      or by another state, unseen. --inverse undoes that. Everything but the features passes unchanged.
      """,
    version: versionLine)

  @Option(
    help: ArgumentHelp("Fit the input and write the state to this file.", valueName: "state"), completion: .file())
  var fit: String?

  @Option(help: ArgumentHelp("Scale the input by the state in this file.", valueName: "state"), completion: .file())
  var apply: String?

  @Option(
    help: ArgumentHelp("Undo the scaling by the state in this file.", valueName: "state"), completion: .file())
  var inverse: String?

  @Option(
    help: ArgumentHelp(
      """
      How to scale: zscore, minmax, robust, quantile (samples of a table), log1p, unit, unit-l1, unit-max (rows) or \
      none; several separated by commas work one after the other, at most one of the first four. (default: zscore; \
      with --group there is no default, and a feature in no group is an error)
      """, valueName: "methods"), completion: .list(ScalingChain.words))
  var method: String?

  @Option(
    help: ArgumentHelp(
      """
      Scale the features that a pattern (* any characters, ? one) matches in their own way, such as \
      'rna.*=log1p,zscore'; repeatable. --method is for all others.
      """, valueName: "pattern=methods"))
  var group: [String] = []

  @Option(
    help: """
      With --fit, the columns BLOCK.a.… and BLOCK.b.… of a pair: alike gives both one scale, as a model needs that \
      scores both orders; separate fits each column by itself. (default: alike)
      """)
  var sides: Normalizer.Sides?

  @Option(
    help: """
      With --fit, a column without a spread to divide by: zero takes its value off, keep leaves it as it is, error \
      stops. (default: zero)
      """)
  var constant: ConstantRule?

  @Option(
    help: ArgumentHelp(
      """
      The most memory for the values that robust and quantile hold; beyond it quartiles come from sketches, and \
      quantile stops. K, M and G are understood.
      """, valueName: "size"))
  var memory = ByteSize(1 << 30)

  @OptionGroup var input: InputOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var zeros: SparseOptions
  @OptionGroup var common: CommonOptions

  mutating func run(_ context: ToolContext) throws {
    try ToolFailure.refuse(
      outputs: [("--output", fit == nil ? output.output : nil)], over: [apply, inverse].compactMap { $0 })
    let filter = NormalizeFilter(command: self, context: context)
    switch try NormalizePlan(self) {
    case .fit(let path, let plan): try filter.fit(plan, to: path)
    case .fitSamples(let path, let chain): try filter.fitSamples(chain, to: path)
    case .columns(let normalizer, let direction): try filter.pass(normalizer, direction)
    case .samples(let quantiles): try filter.pass(quantiles)
    }
  }
}
