import Bytes
import Records

/// Reads a stream once and finds the scaling of its columns.
public struct NormalizerFit {
  private var moments: Moments?
  private var source = SHA256()
  private let exchange: [Int]?
  private var exchanged: [Double] = []

  /// - Parameter exchange: for each column the one that stands there when the two sides of a pair are exchanged. Rows
  ///   then count in both orders, so that both sides are scaled alike and exchange and scaling commute.
  public init(exchange: [Int]? = nil) { self.exchange = exchange }

  /// Fits all records of a stream; `exchange` as in `init`.
  /// - Returns: the normaliser; nil if no record came.
  /// - Throws: `ScalingError` for a stream that is normalised already, and whatever the reader throws.
  public static func fit(
    _ reader: any BagSource, method: ScalingMethod, exchange: [Int]? = nil
  ) throws -> Normalizer? {
    var fit = NormalizerFit(exchange: exchange)
    if let done = reader.schema?.names.first(where: Normalizer.isNormalized) {
      throw ScalingError.alreadyNormalized(done)
    }
    while let record = try reader.next() { try fit.add(record) }
    return try fit.normalizer(method: method, names: reader.schema?.names)
  }

  /// Adds the instances of one record; NaN is a missing value.
  public mutating func add(_ record: BagRecord) throws {
    guard !record.instances.isEmpty else { return }
    let width = record.values.count / record.instances.count
    if moments == nil { moments = Moments(columns: width) }
    guard moments?.counts.count == width else {
      throw ScalingError.otherWidth(found: width, expected: moments?.counts.count ?? 0)
    }
    moments?.add(rows: record.values)
    if let exchange {
      exchanged.removeAll(keepingCapacity: true)
      for start in stride(from: 0, to: record.values.count, by: width) {
        for from in exchange { exchanged.append(record.values[start + from]) }
      }
      moments?.add(rows: exchanged)
    }
    record.values.withUnsafeBytes { source.update($0) }
  }

  /// What has been found; nil if no record came. Its source digest is SHA-256 over the values as read, row by row, as
  /// little-endian Doubles: the same for TSV and NDJSON.
  public func normalizer(method: ScalingMethod, names: [String]?) throws -> Normalizer? {
    guard var moments else { return nil }
    if let exchange { moments.equate(exchange) }
    return try Normalizer(method: method, names: names, moments: moments, source: SHA256.hex(source.finish()))
  }
}
