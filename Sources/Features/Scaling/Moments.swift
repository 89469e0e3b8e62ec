/// Count, mean, variance, minimum and maximum of each column, in one pass (Welford 1962, Technometrics 4:419).
///
/// NaN is a missing value and counts for nothing.
public struct Moments: Sendable {
  /// The number of rows seen.
  public private(set) var rows = 0
  /// For each column the one that keeps its figures.
  private let keepers: [Int]
  private var counts: [Int]
  private var means: [Double]
  private var squares: [Double]
  private var minima: [Double]
  private var maxima: [Double]

  /// - Parameter exchange: for each column the one that stands there when the two sides of a pair are exchanged. Both
  ///   then have the very same figures, of the values of both, so that exchange and scaling commute.
  public init(columns: Int, exchange: [Int]? = nil) {
    keepers = exchange.map { exchange in exchange.indices.map { min($0, exchange[$0]) } } ?? Array(0..<columns)
    precondition(keepers.count == columns, "the exchange is of these columns")
    counts = [Int](repeating: 0, count: columns)
    means = [Double](repeating: 0, count: columns)
    squares = [Double](repeating: 0, count: columns)
    minima = [Double](repeating: .infinity, count: columns)
    maxima = [Double](repeating: -.infinity, count: columns)
  }

  /// The number of columns.
  public var columns: Int { keepers.count }

  /// Adds one row.
  public mutating func add(_ row: UnsafeBufferPointer<Double>) {
    rows += 1
    for column in keepers.indices {
      let value = row[column]
      if value.isNaN { continue }
      let keeper = keepers[column]
      counts[keeper] += 1
      let before = value - means[keeper]
      means[keeper] += before / Double(counts[keeper])
      squares[keeper] += before * (value - means[keeper])
      minima[keeper] = min(minima[keeper], value)
      maxima[keeper] = max(maxima[keeper], value)
    }
  }

  /// The statistics of a column, all 0 for a column without values; the deviation is that of the population (divisor n,
  /// as
  /// scikit-learn's StandardScaler has it).
  public func statistics(_ column: Int) -> ColumnStatistics {
    let keeper = keepers[column]
    guard counts[keeper] > 0 else {
      return ColumnStatistics(count: 0, mean: 0, deviation: 0, minimum: 0, maximum: 0)
    }
    return ColumnStatistics(
      count: counts[keeper], mean: means[keeper],
      deviation: (max(0, squares[keeper]) / Double(counts[keeper])).squareRoot(), minimum: minima[keeper],
      maximum: maxima[keeper])
  }
}
