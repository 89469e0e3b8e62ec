import ArgumentParser
import Bags

extension BagRules.MissingIsoform: ExpressibleByArgument {}
extension BagRules.Undefined: ExpressibleByArgument {}

/// Blocks of features, and what becomes of what they lack.
public struct FeatureBlockOptions: ParsableArguments {
  @Option(
    name: .customLong("block"),
    help: ArgumentHelp(
      """
      Features of the pairs, repeatable, in this order; kind is concat, product, absdiff, sum, correlate, spearman \
      or dot. The file is keyed by its first column and may be - or <(seqfeat …), or @FILE: a sheet with the columns \
      sample and file (of salmon, kallisto or RSEM). groups=FILE (columns sample, group) gives one correlation a \
      group, column=NAME takes one column.
      """, valueName: "name=kind:file[,groups=file][,column=name]"))
  public var blocks: [String] = []

  @Option(help: ArgumentHelp("The fewest values that are correlated; smaller groups are left out.", valueName: "n"))
  public var minSamples = Self.usualSamples

  @Flag(help: "After each correlation a column that is 1 where it is undefined.")
  public var indicator = false

  @Option(
    help: ArgumentHelp(
      """
      An undefined correlation (an isoform that its table does not have, or without variance, or too few values) is \
      0 and counted, or its instance is dropped, or it is an error.
      """))
  public var undefined = BagRules.Undefined.zero

  @Option(
    help: "Instances of an isoform without a row in another kind of block are dropped, get zeros, or are an error.")
  public var missingIsoform = BagRules.MissingIsoform.drop

  @Flag(name: .customLong("float32"), help: "Keep the tables as 32-bit numbers: half the memory, about seven digits.")
  public var isPacked = false

  private static let usualSamples = PairBlock.Options().minSamples

  public init() {}

  public func validate() throws {
    if minSamples < 2 { throw ValidationError("--min-samples must be at least 2") }
    let kinds = blocks.compactMap { try? BlockSpec(parsing: $0).kind }
    if kinds.isEmpty || kinds.contains(where: \.isCorrelation) { return }
    for (isSet, name) in [(indicator, "--indicator"), (minSamples != Self.usualSamples, "--min-samples")] where isSet {
      throw ValidationError("\(name) is about correlations, and no --block here has any")
    }
  }

  /// Those of these options that mean nothing without pairs.
  var needingPairs: [(isSet: Bool, name: String)] {
    [(!blocks.isEmpty, "--block"), (indicator, "--indicator"), (isPacked, "--float32")]
  }
}
