import ArgumentParser
import Bags
import Bytes
import Records

/// The options of the bags: a bag stream, or pairs with members and blocks of features from which bags are built.
///
/// All tools that read bags have these options; bags from a pipe of pairgen and bags built in the tool are the same.
public struct BagInputOptions: ParsableArguments {
  /// The bag stream; its options about rows apply to a file of pairs too.
  @OptionGroup(title: "Input") public var input: InputOptions
  /// The pairs and members from which bags are built.
  @OptionGroup(title: "Pairs and members") public var pairing: PairInputOptions
  /// The blocks of features of built bags.
  @OptionGroup(title: "Features") public var features: FeatureBlockOptions
  /// Splits and folds; --hold-out applies to streams too, --folds and --gene-groups to pairs only.
  @OptionGroup(title: "Splits") public var splits: SplitOptions
  /// Negatives and the balance of the classes, for pairs only.
  @OptionGroup(title: "Negatives and balance") public var sampling: NegativeOptions

  /// For the argument parser, which sets the groups.
  public init() {}

  /// The options of streams that also say how the rows of a file of pairs are read.
  private var aboutRows: [(isSet: Bool, name: String)] {
    let records = input.records
    return [
      (records.columns != nil, "--columns"), (records.inputFormat != .auto, "--input-format"),
      (records.part, "--part"), (records.badRows != .error, "--bad-rows"), (records.labels != nil, "--labels"),
    ]
  }

  /// The words that `explain --instances` takes in place of a file.
  static let instanceWords: Set<String> = ["all", "witness"]

  /// Throws a usage error for options that exclude each other.
  public func validate() throws {
    if pairing.pairs != nil {
      if let file = input.input.files.first {
        throw ValidationError("--pairs and a bag stream '\(file)': only one of them can be read")
      }
      if pairing.pairs == PairInputOptions.everyPair {
        if sampling.negatives != nil { throw ValidationError("--negatives: --pairs all leaves no pair to draw") }
        if let (_, name) = (pairing.needingFile + aboutRows).first(where: \.isSet) {
          throw ValidationError("\(name) applies to a file of pairs, and --pairs all reads none")
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
