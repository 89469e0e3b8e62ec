import ArgumentParser
import Bags
import Bytes
import Records

/// Where bags come from: a bag stream, or pairs with members and blocks of features, from which they are built.
///
/// All tools that read bags take these options, and the bags are the same whether they come through a pipe from
/// pairgen or are built inside the tool.
public struct BagInputOptions: ParsableArguments {
  /// A bag stream; of its options those about rows hold for a file of pairs too.
  @OptionGroup(title: "Input") public var input: InputOptions
  /// What the bags are built from, in place of a stream.
  @OptionGroup(title: "Pairs and members") public var pairing: PairInputOptions
  /// What the instances of built bags are described by.
  @OptionGroup(title: "Features") public var features: FeatureBlockOptions
  /// Which bags pass; --hold-out is for streams too, --folds and --gene-groups for pairs only.
  @OptionGroup(title: "Splits") public var splits: SplitOptions
  /// What is drawn, thinned or weighted; for pairs only.
  @OptionGroup(title: "Negatives and balance") public var sampling: NegativeOptions

  /// For the parser, which fills the groups.
  public init() {}

  /// Those of the options for streams that say how the rows of a file of pairs are read.
  private var aboutRows: [(isSet: Bool, name: String)] {
    let records = input.records
    return [
      (records.columns != nil, "--columns"), (records.inputFormat != .auto, "--input-format"),
      (records.part, "--part"), (records.badRows != .error, "--bad-rows"),
    ]
  }

  /// What explain takes in place of a file in `--instances`, to say which instances it explains.
  static let instanceWords: Set<String> = ["all", "witness"]

  /// Refuses options that do not go together.
  public func validate() throws {
    if pairing.pairs != nil {
      if let file = input.input.files.first {
        throw ValidationError("--pairs and a bag stream '\(file)': only one of them can be read")
      }
      if pairing.pairs == PairInputOptions.everyPair {
        if sampling.negatives != nil { throw ValidationError("--negatives: with --pairs all no pair is left to draw") }
        if let (_, name) = (pairing.needingFile + aboutRows).first(where: \.isSet) {
          throw ValidationError("\(name) is about a file of pairs, and --pairs all reads none")
        }
        if !input.records.keep.isEmpty { throw ValidationError("--keep: --pairs all has no columns to keep") }
      }
      return
    }
    if splits.geneGroups != nil {
      throw ValidationError("--gene-groups does not apply to a bag stream: give it where the bags are built")
    }
    let tested = pairing.instances.map { !Self.instanceWords.contains($0) } ?? false
    let without =
      [(tested, "--instances")] + pairing.needingPairs + features.needingPairs + splits.needingPairs
      + sampling.needingPairs
    if let (_, name) = without.first(where: \.0) {
      throw ValidationError("\(name) needs --pairs FILE; --pairs - is standard input")
    }
  }
}
