import Bytes
import Records

/// A stream as it looks through a normaliser, or as it looked before: everything but the features passes unchanged.
public final class NormalizedSource: BagSource {
  /// The direction of the scaling.
  public enum Direction: Sendable { case apply, restore }

  /// The names with the normaliser's digest, or without; nil for a stream without names.
  public let schema: Schema?
  /// The kind of the stream behind it.
  public var kind: RecordKind { source.kind }
  /// The kind of the labels of that stream.
  public var labels: LabelKind? { source.labels }
  /// The edges that the features of that stream have seen.
  public var seenEdges: [JSON] { source.seenEdges }
  private let source: any BagSource
  private let normalizer: Normalizer
  private let direction: Direction
  private let fillsMeans: Bool
  /// The scaled values: the source keeps the buffer of all but large records, and changing that in place would copy it.
  private var scaled: [Double] = []

  /// - Parameters:
  ///   - direction: restoring needs a state without an `obstacle`.
  ///   - digest: the digest that the records carry, for a stream that has one and no names.
  ///   - trustOrder: a stream without names and digest is taken by the order of its columns.
  ///   - fillsMeans: a missing value becomes its column's mean.
  /// - Throws: `ScalingError` if a name is missing or not expected, or the stream is normalised already, or not by this
  ///   state. The order of the names does not matter: what goes out has the state's.
  public init(
    _ source: any BagSource, _ normalizer: Normalizer, _ direction: Direction = .apply, digest: String? = nil,
    trustOrder: Bool = false, fillsMeans: Bool = false
  ) throws {
    self.normalizer = normalizer
    self.direction = direction
    self.fillsMeans = fillsMeans
    let isApplied = direction == .apply
    if let names = source.schema?.names {
      if trustOrder && !normalizer.isNamed {
        schema = try Schema(names: isApplied ? names.map { $0 + normalizer.suffix } : names.map(Normalizer.bareName))
        self.source = source
      } else {
        let order = try isApplied ? normalizer.order(of: names) : normalizer.order(restoring: names)
        let schema = try Schema(names: isApplied ? normalizer.normalizedNames : normalizer.names)
        self.schema = schema
        self.source = order.map { ReorderedSource(source, $0, schema: schema) } ?? source
      }
      return
    }
    self.source = source
    if let digest {
      let expected = isApplied ? normalizer.schemaDigest : SHA256.digest12(of: normalizer.normalizedNames)
      guard digest == expected else {
        throw ScalingError.otherSchema("their digest is \(digest), expected \(expected)")
      }
      schema = try Schema(names: isApplied ? normalizer.normalizedNames : normalizer.names)
    } else {
      schema = nil
    }
  }

  /// The next record, scaled; throws `ScalingError` for another width or a value that `log1p` can't take.
  public func next() throws -> StreamRecord? {
    guard var record = try source.next() else { return nil }
    guard !record.instances.isEmpty else { return record }
    let width = record.values.count / record.instances.count
    guard width == normalizer.width else {
      throw ScalingError.otherWidth(found: width, expected: normalizer.width)
    }
    let isGreat = record.values.count > RecordReader.mostReused
    if isGreat {
      swap(&scaled, &record.values)
    } else {
      scaled.removeAll(keepingCapacity: true)
      scaled.append(contentsOf: record.values)
    }
    switch direction {
    case .apply:
      do { try normalizer.apply(&scaled, fillsMeans: fillsMeans) } catch let error as ScalingError {
        throw error.at(record)
      }
    case .restore: normalizer.restore(&scaled, fillsMeans: fillsMeans)
    }
    record.values = scaled
    if isGreat { scaled = [] }
    return record
  }
}
