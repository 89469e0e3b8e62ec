import ArgumentParser
import Bags
import Records

extension BagRules.MissingIsoform: ExpressibleByArgument {}
extension BagRules.Undefined: ExpressibleByArgument {}

// The help of each option is its documentation.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
/// Blocks of features, and the rules for missing isoforms and values.
public struct FeatureBlockOptions: ParsableArguments {
  @Option(
    name: .customLong("block"),
    help: ArgumentHelp(
      """
      A block of features of the pairs; repeatable, in the order of the features. kind is concat, a or b (of one \
      side alone), product, absdiff, sum, correlate, spearman or dot. The file is keyed by its first column and may \
      be - or <(seqfeat …), or @FILE: a sheet with the columns sample and file (of salmon, kallisto or RSEM). \
      groups=FILE (columns sample, group) gives one correlation per group of at least min-samples=N columns (4), \
      indicator=yes adds a column that is 1 where it is undefined; column=NAME takes one column. Vectors in \
      .npy (ids=LIST names the rows), .npz and .safetensors are tables too; encode=ENCODER, last, encodes FASTA.
      """, valueName: "name=kind:file[,groups=file][,column=name][,ids=list]"))
  public var blocks: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      An undefined correlation (of an isoform that is not in the table, without variance, or over too few values) is \
      0 and counted, or its instance is dropped, or it is an error. (default: zero)
      """))
  public var undefined: BagRules.Undefined?

  @Option(
    help: """
      Instances of an isoform without features in a block other than a correlation are dropped, get zeros, or are an \
      error. \
      (default: drop)
      """)
  public var missingIsoform: BagRules.MissingIsoform?

  @Flag(name: .customLong("float32"), help: "Keep the tables as 32-bit numbers: half the memory, about seven digits.")
  public var isPacked = false

  public init() {}

  public func validate() throws {
    let kinds = blocks.compactMap { try? BlockSpec(parsing: $0).kind }
    if kinds.isEmpty { return }
    if missingIsoform != nil, kinds.allSatisfy(\.isCorrelation) {
      throw ValidationError(
        "--missing-isoform applies to blocks other than correlations, and there is none: --undefined")
    }
    if undefined != nil, !kinds.contains(where: \.isCorrelation) {
      throw ValidationError("--undefined applies to correlations, and no --block has one")
    }
  }

  /// The options with which all blocks are read.
  func options(_ reader: ReaderOptions) -> PairBlock.Options {
    var options = PairBlock.Options()
    options.table.isPacked = isPacked
    options.table.reader.maxLine = reader.maxLine
    options.table.reader.trustOrder = reader.trustOrder
    switch reader.missing {
    case .error: options.table.gaps = .error
    case .skip: options.table.gaps = .skip
    case .zero: options.table.gaps = .zero
    case .mean: options.table.gaps = .mean
    }
    return options
  }

  /// The options that apply only where bags are built from pairs.
  var needingPairs: [(isSet: Bool, name: String)] {
    [
      (!blocks.isEmpty, "--block"), (isPacked, "--float32"), (missingIsoform != nil, "--missing-isoform"),
      (undefined != nil, "--undefined"),
    ]
  }
}
