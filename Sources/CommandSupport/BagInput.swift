import ArgumentParser
import Bags
import Bytes
import Records

/// A source of bags, and the properties of the input that a writer needs.
public struct BagInput {
  /// The bags, one at a time.
  public let source: BagSource
  /// The form of the input, which is the default form of the output.
  public let format: OutputFormat
  /// The source where bags are built from pairs; nil for a stream.
  public var pairBags: PairBags? { source as? PairBags }
  /// The groups of `--gene-groups`.
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

  /// The number of missing values of a stream that are passed on to be filled with a mean.
  public var gaps: Int { reader?.gaps ?? 0 }

  /// Whether the input is a compact stream.
  public var isCompact: Bool { reader?.isCompact ?? false }
  /// The columns beside the features.
  public var columns: RecordColumns { read() }
}

extension NoticeCounter {
  /// A counter whose cases are warnings and whose totals are notes of a tool.
  public convenience init(_ context: ToolContext) {
    self.init(named: context.warn, total: { context.note($1, count: $0) })
  }
}

extension BagInputOptions {
  /// Opens the bags of a stream, or builds them. `splitsGenes` says that the tool itself splits by genes, and so uses
  /// `--gene-groups`; `takesEntities` that blocks may hold graphs and sequences; labels
  /// that are numbers become the class 1 where they are above `positiveAbove`, else 0.
  ///
  /// Throws `BagsError` (usage too) and what the readers throw.
  public func bagInput(
    _ context: ToolContext, splitsGenes: Bool = false, takesEntities: Bool = false, positiveAbove: Double? = nil
  ) throws -> BagInput {
    if splits.geneGroups != nil, !splits.isByGene, !splitsGenes {
      throw ToolFailure.usage(
        "--gene-groups: nothing here is split by genes",
        hint: "--hold-out genes:SHARE, --folds genes:N, or in mil-train --validation genes:SHARE")
    }
    if let pairs = pairing.pairs { return try built(pairs, context, takesEntities, positiveAbove: positiveAbove) }
    if pairing.instances != nil {
      throw ToolFailure.usage("--instances needs --pairs FILE; --pairs - is standard input")
    }
    let options = try input.readerOptions()
    let reader = try RecordReader(input.source(context), options: options, report: context.warn)
    guard let split = try splits.split(nil) else {
      return BagInput(reader, format: reader.format, reader: reader, columns: reader.columns)
    }
    let parts = HeldOutBags(
      reader, split, parts: try splits.wantedParts(), isPiece: options.part, tally: NoticeCounter(context))
    return BagInput(parts, format: reader.format, reader: reader, columns: reader.columns)
  }
}
