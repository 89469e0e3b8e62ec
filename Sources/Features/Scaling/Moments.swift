/// Count, mean, variance, least and greatest value of each column, in one pass (Welford 1962, Technometrics 4:419).
///
/// NaN is a missing value and counts for nothing.
public struct Moments: Sendable {
  /// Values seen, by column.
  public private(set) var counts: [Int]
  /// Mean by column; 0 where nothing was seen.
  public private(set) var means: [Double]
  /// Least value by column; +infinity where nothing was seen.
  public private(set) var minima: [Double]
  /// Greatest value by column; -infinity where nothing was seen.
  public private(set) var maxima: [Double]
  private var squares: [Double]
  /// Rows seen.
  public private(set) var rows = 0

  public init(columns: Int) {
    counts = [Int](repeating: 0, count: columns)
    means = [Double](repeating: 0, count: columns)
    minima = [Double](repeating: .infinity, count: columns)
    maxima = [Double](repeating: -.infinity, count: columns)
    squares = [Double](repeating: 0, count: columns)
  }

  /// Adds rows that stand one behind the other.
  /// - Parameter values: a multiple of the number of columns.
  public mutating func add(rows values: [Double]) {
    let columns = counts.count
    guard columns > 0 else { return }
    precondition(values.count % columns == 0, "whole rows")
    values.withUnsafeBufferPointer { values in
      for start in stride(from: 0, to: values.count, by: columns) {
        add(UnsafeBufferPointer(rebasing: values[start..<start + columns]))
      }
    }
  }

  /// Adds one row.
  public mutating func add(_ row: UnsafeBufferPointer<Double>) {
    rows += 1
    for column in 0..<counts.count {
      let value = row[column]
      if value.isNaN { continue }
      counts[column] += 1
      let before = value - means[column]
      means[column] += before / Double(counts[column])
      squares[column] += before * (value - means[column])
      minima[column] = min(minima[column], value)
      maxima[column] = max(maxima[column], value)
    }
  }

  /// Gives both columns of a pair the very same moments: of the column that comes first.
  ///
  /// Columns that were fed the same values in another order differ in their last bits.
  /// - Parameter exchange: for each column the one that stands there when the two sides of a pair are exchanged.
  public mutating func equate(_ exchange: [Int]) {
    for (column, first) in exchange.enumerated() where first < column {
      counts[column] = counts[first]
      means[column] = means[first]
      squares[column] = squares[first]
      minima[column] = minima[first]
      maxima[column] = maxima[first]
    }
  }

  /// Population standard deviation (divisor n, as scikit-learn's StandardScaler); 0 where nothing was seen.
  public func deviation(_ column: Int) -> Double {
    counts[column] == 0 ? 0 : (max(0, squares[column]) / Double(counts[column])).squareRoot()
  }
}
