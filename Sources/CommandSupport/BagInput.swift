import ArgumentParser
import Bags
import Bytes
import Records

/// Bags as they come, and what a writer of them needs to know.
public struct BagInput {
  /// The bags, one at a time.
  public let source: BagSource
  /// The form of the input: what an output takes if nothing else is said.
  public let format: OutputFormat
  /// The source, where the bags are built here from pairs.
  public var pairBags: PairBags? { source as? PairBags }
  /// The genes that stay together, where `--gene-groups` names them.
  public let groups: GeneGroups?
  private let read: () -> RecordColumns
  private let reader: RecordReader?

  init(
    _ source: BagSource, format: OutputFormat, reader: RecordReader? = nil, groups: GeneGroups? = nil,
    columns: @autoclosure @escaping () -> RecordColumns
  ) {
    self.source = source
    self.format = format
    self.reader = reader
    self.groups = groups
    read = columns
  }

  /// Missing values of a stream that were passed on to take a mean.
  public var gaps: Int { reader?.gaps ?? 0 }

  /// The columns beside the features.
  public var columns: RecordColumns { read() }
}

extension Tally {
  /// A tally whose cases are warnings and whose totals are notes of a tool.
  public convenience init(_ context: ToolContext) {
    self.init(named: context.warn, total: { context.note($1, count: $0) })
  }
}

extension BagInputOptions {
  /// The bags, from a stream or built here; `splitsGenes` says that the tool itself keeps groups of genes together.
  ///
  /// Throws `BagsError` (usage too) and what the readers throw.
  public func bagInput(_ context: ToolContext, splitsGenes: Bool = false) throws -> BagInput {
    if splits.geneGroups != nil, !splits.isByGene, !splitsGenes {
      throw ToolFailure.usage(
        "--gene-groups: nothing here goes by genes",
        hint: "--hold-out genes:SHARE, --folds N by gene, or in mil-train --validation-by gene")
    }
    if let pairs = pairing.pairs { return try built(pairs, context) }
    if pairing.instances != nil {
      throw ToolFailure.usage("--instances needs --pairs FILE; --pairs - is standard input")
    }
    let options = try input.readerOptions()
    let reader = try RecordReader(input.source(context), options: options, report: context.warn)
    guard let split = try splits.split(nil) else {
      return BagInput(reader, format: reader.format, reader: reader, columns: reader.columns)
    }
    let parts = HeldOutBags(
      reader, split, parts: try splits.wantedParts(), isPiece: options.part, tally: Tally(context))
    return BagInput(parts, format: reader.format, reader: reader, columns: reader.columns)
  }
}
