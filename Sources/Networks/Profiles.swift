/// A row of numbers for each node, such as the expression of a gene: each row standardised over its columns.
///
/// A missing number is the mean of its row, 0; a node without a row, or with a constant one, has zeros.
public struct Profiles: Sendable {
  /// The number of columns.
  public let columns: Int
  /// The values, nodes × columns, row-major.
  public let values: [Float]
  /// Whether each node has a row that is not constant.
  public let isKnown: [Bool]

  /// Profiles whose rows are standardised already; a row of zeros is that of a node without a profile.
  public init(standardized values: [Float], columns: Int) {
    (self.columns, self.values) = (columns, values)
    isKnown = stride(from: 0, to: values.count, by: max(1, columns)).map { first in
      values[first..<first + columns].contains { $0 != 0 }
    }
  }

  /// Profiles of `count` nodes, from the row of each, NaN where a number is missing; nil for a node without one.
  public init(count: Int, columns: Int, row: (Int) -> [Double]?) {
    var values = [Float](repeating: 0, count: count * columns)
    var isKnown = [Bool](repeating: false, count: count)
    for node in 0..<count {
      guard let row = row(node) else { continue }
      let known = row.filter { !$0.isNaN }
      let mean = known.reduce(0, +) / Double(max(1, known.count))
      let variance = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, known.count))
      // A deviation that is all rounding is that of a constant row.
      let deviation = variance.squareRoot()
      guard deviation > 1e-12 * mean.magnitude, deviation > 0 else { continue }
      isKnown[node] = true
      for (column, value) in row.enumerated() where !value.isNaN {
        values[node * columns + column] = Float((value - mean) / deviation)
      }
    }
    (self.columns, self.values, self.isKnown) = (columns, values, isKnown)
  }
}
