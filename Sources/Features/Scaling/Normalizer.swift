import Bytes
import Records

/// A fitted scaling of named columns: what `normalize --fit` writes and what a model can embed.
///
/// `let normalizer = try Normalizer.load(from: text); let names = try normalizer.names(for: schema.names);
/// normalizer.apply(&record.values)`
public struct Normalizer: Sendable, Equatable {
  /// How columns are scaled.
  public let method: ScalingMethod
  /// Names of the columns, in order.
  public let names: [String]
  /// False where the stream it was fitted on had no names; then only the order counts.
  public let isNamed: Bool
  /// What was seen of each column.
  public let statistics: [ColumnStatistics]
  /// Rows (instances) it was fitted on.
  public let rows: Int
  /// SHA-256 of the (decompressed) bytes it was fitted on, in hexadecimal.
  public let source: String
  /// SHA-256 of method, names, centers and scales, in hexadecimal.
  public let digest: String
  /// What is taken off each column.
  public let centers: [Double]
  /// What each column is then divided by.
  public let scales: [Double]

  /// - Parameter names: nil for a stream without names.
  public init(
    method: ScalingMethod, names: [String]?, statistics: [ColumnStatistics], rows: Int, source: String
  ) {
    self.method = method
    self.names = names ?? statistics.indices.map { "x\($0 + 1)" }
    isNamed = names != nil
    self.statistics = statistics
    self.rows = rows
    self.source = source
    centers = statistics.map { $0.center(method) }
    scales = statistics.map { $0.scale(method) }
    precondition(self.names.count == statistics.count, "a name for each column")
    digest = Self.digest(method, self.names, centers, scales)
  }

  /// What a fit has found.
  /// - Throws: `ScalingError.tooWide` for a column whose spread is beyond a Double.
  public init(method: ScalingMethod, names: [String]?, moments: Moments, source: String) throws {
    let statistics = (0..<moments.columns).map { moments.statistics($0) }
    self.init(method: method, names: names, statistics: statistics, rows: moments.rows, source: source)
    for column in statistics.indices where !(statistics[column].mean.isFinite && scales[column].isFinite) {
      throw ScalingError.tooWide(self.names[column])
    }
  }

  /// Number of columns.
  public var width: Int { names.count }

  /// What each feature's name ends in after `apply`: `~` and six digits of the digest.
  public var suffix: String { "~" + digest.prefix(6) }

  /// Digest of the names it was fitted on, as records carry it.
  public var schemaDigest: String { SHA256.digest12(of: names) }

  /// Names of the columns that had one value only; they become 0.
  public var constantNames: [String] { names.indices.filter { statistics[$0].isConstant }.map { names[$0] } }

  /// The names after `apply`.
  public var normalizedNames: [String] { names.map { $0 + suffix } }

  /// The names that features of these names have after `apply`.
  /// - Throws: `ScalingError` if the stream is normalised already or its names are others, naming the first difference.
  public func names(for features: [String]) throws -> [String] {
    if let done = features.first(where: Self.isNormalized) { throw ScalingError.alreadyNormalized(done) }
    guard isNamed else { throw ScalingError.namelessState(width) }
    if features != names {
      let difference = try Schema(names: features).firstDifference(from: Schema(names: names))
      throw ScalingError.otherSchema(difference ?? "the number of features")
    }
    return normalizedNames
  }

  /// Scales whole rows in place; a missing value (NaN) stays missing.
  /// - Parameter values: a multiple of `width`.
  public func apply(_ values: inout [Double]) {
    values.withUnsafeMutableBufferPointer { apply($0) }
  }

  /// Scales whole rows in place; a missing value (NaN) stays missing.
  public func apply(_ values: UnsafeMutableBufferPointer<Double>) {
    let width = width
    guard width > 0 else { return }
    precondition(values.count % width == 0, "whole rows")
    centers.withUnsafeBufferPointer { centers in
      scales.withUnsafeBufferPointer { scales in
        for start in stride(from: 0, to: values.count, by: width) {
          for column in 0..<width {
            values[start &+ column] = (values[start &+ column] - centers[column]) / scales[column]
          }
        }
      }
    }
  }

  /// Puts the column's mean where a value is missing; before `apply`.
  public func fillMissingWithMeans(_ values: inout [Double]) {
    values.withUnsafeMutableBufferPointer { fillMissingWithMeans($0) }
  }

  /// The same on whole rows in a buffer.
  public func fillMissingWithMeans(_ values: UnsafeMutableBufferPointer<Double>) {
    for index in values.indices where values[index].isNaN { values[index] = statistics[index % width].mean }
  }

  /// Whether a feature's name says that it is normalised.
  public static func isNormalized(_ name: String) -> Bool {
    let tail = Array(name.utf8.suffix(7))
    return tail.count == 7 && tail[0] == UInt8(ascii: "~")
      && tail.dropFirst().allSatisfy {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
      }
  }

  private static func digest(
    _ method: ScalingMethod, _ names: [String], _ centers: [Double], _ scales: [Double]
  ) -> String {
    var hash = SHA256()
    hash.update("millrace-normalizer 1\n\(method.rawValue)\n")
    for column in names.indices {
      hash.update("\(names[column])\t\(NumberText.text(centers[column]))\t\(NumberText.text(scales[column]))\n")
    }
    return SHA256.hex(hash.finish())
  }
}
