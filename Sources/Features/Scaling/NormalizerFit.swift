import Bytes
import Records

/// Reads a stream once and finds the scaling of its columns.
public struct NormalizerFit {
  private var moments: Moments?
  private var source = SHA256()
  private let exchange: [Int]?

  /// - Parameter exchange: as in `Moments`.
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
    if moments == nil { moments = Moments(columns: width, exchange: exchange) }
    guard moments?.columns == width else {
      throw ScalingError.otherWidth(found: width, expected: moments?.columns ?? 0)
    }
    record.values.withUnsafeBufferPointer { values in
      for start in stride(from: 0, to: values.count, by: width) {
        moments?.add(UnsafeBufferPointer(rebasing: values[start..<start + width]))
      }
    }
    record.values.withUnsafeBytes { source.update($0) }
  }

  /// What has been found; nil if no record came. Its source digest is SHA-256 over the values as read, row by row, as
  /// little-endian Doubles: the same for TSV and NDJSON.
  public func normalizer(method: ScalingMethod, names: [String]?) throws -> Normalizer? {
    guard let moments else { return nil }
    return try Normalizer(method: method, names: names, moments: moments, source: SHA256.hex(source.finish()))
  }
}
