import Bytes
import Records

/// A stream as it looks through a normaliser: everything but the features passes unchanged.
public final class NormalizedSource: BagSource {
  /// The names with the normaliser's digest; nil for a stream without names.
  public let schema: Schema?
  public var kind: RecordKind { source.kind }
  private let source: any BagSource
  private let normalizer: Normalizer
  private let fillsMeans: Bool

  /// - Parameters:
  ///   - digest: the digest that the records carry, for a stream that has one and no names.
  ///   - trustOrder: a stream without names and digest is taken by the order of its columns.
  ///   - fillsMeans: a missing value becomes its column's mean.
  /// - Throws: `ScalingError` if the names are others, or show that the stream is normalised already.
  public init(
    _ source: any BagSource, _ normalizer: Normalizer, digest: String? = nil, trustOrder: Bool = false,
    fillsMeans: Bool = false
  ) throws {
    self.source = source
    self.normalizer = normalizer
    self.fillsMeans = fillsMeans
    if let names = source.schema?.names {
      if trustOrder && !normalizer.isNamed {
        schema = try Schema(names: names.map { $0 + normalizer.suffix })
      } else {
        schema = try Schema(names: normalizer.names(for: names))
      }
    } else if let digest {
      guard digest == normalizer.schemaDigest else {
        throw ScalingError.otherSchema("their digest is \(digest), expected \(normalizer.schemaDigest)")
      }
      schema = try Schema(names: normalizer.normalizedNames)
    } else {
      schema = nil
    }
  }

  /// The next record, scaled.
  public func next() throws -> BagRecord? {
    guard var record = try source.next() else { return nil }
    guard !record.instances.isEmpty else { return record }
    let width = record.values.count / record.instances.count
    guard width == normalizer.width else {
      throw ScalingError.otherWidth(found: width, expected: normalizer.width)
    }
    if fillsMeans { normalizer.fillMissingWithMeans(&record.values) }
    normalizer.apply(&record.values)
    return record
  }
}
