import Bytes
import Records

/// The bags of a stream that belong to a part of a split; bags without genes belong to no part and are an error.
public final class HeldOutBags: BagSource {
  private let source: BagSource
  private let holdOut: HoldOut
  private let parts: Set<HoldOut.Part>

  /// Lets the bags of `parts` of the split pass.
  public init(_ source: BagSource, _ holdOut: HoldOut, parts: Set<HoldOut.Part>) {
    self.source = source
    self.holdOut = holdOut
    self.parts = parts
  }

  /// The feature names of the source.
  public var schema: Schema? { source.schema }
  /// The digest of the source's feature names.
  public var digest: String? { source.digest }
  /// The kind of the source.
  public var kind: RecordKind { source.kind }

  /// The next bag of the parts; throws `BagsError` for a bag without genes, and what the source throws.
  public func next() throws -> BagRecord? {
    while let record = try source.next() {
      guard let a = record.geneA, let b = record.geneB else { throw BagsError(.noGenes(record.name), at: record.place) }
      if holdOut.keeps(a, b, parts: parts) { return record }
    }
    return nil
  }
}
