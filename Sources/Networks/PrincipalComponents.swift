import Bytes
import Tensors

/// Rows of numbers, row-major, to be shown in a plane.
public struct PointTable: Sendable {
  /// The number of columns.
  public let columns: Int
  /// rows × columns.
  public let values: [Double]
  /// The number of rows.
  public var count: Int { columns == 0 ? 0 : values.count / columns }

  /// A table of these values.
  public init(columns: Int, values: [Double]) { (self.columns, self.values) = (columns, values) }
}

extension PointTable {
  /// The first principal components of the rows (centred, not scaled): rows × `wanted`, with the share of the variance
  /// that each explains. The loading of greatest size is positive.
  public func principalComponents(
    _ wanted: Int, seed: UInt64, _ pool: ThreadPool
  ) -> (points: [Double], shares: [Double]) {
    let (count, columns) = (count, columns)
    let means = (0..<columns).map { column in
      (0..<count).reduce(0.0) { $0 + values[$1 * columns + column] } / Double(max(1, count))
    }
    let centred = values.indices.map { values[$0] - means[$0 % max(1, columns)] }
    let total = centred.reduce(0) { $0 + $1 * $1 }
    var projected = [Double](repeating: 0, count: count)
    let found = Lanczos(
      size: columns, wanted: min(wanted, columns), order: .greatest, seed: seed, pool
    ) { x, y in
      for row in 0..<count {
        projected[row] = (0..<columns).reduce(0.0) { $0 + centred[row * columns + $1] * x[$1] }
      }
      for column in 0..<columns { y[column] = 0 }
      for row in 0..<count {
        for column in 0..<columns { y[column] += projected[row] * centred[row * columns + column] }
      }
    }
    var points = [Double](repeating: 0, count: count * wanted)
    for (axis, vector) in found.vectors.enumerated() {
      for row in 0..<count {
        points[row * wanted + axis] = (0..<columns).reduce(0.0) { $0 + centred[row * columns + $1] * vector[$1] }
      }
    }
    return (points, found.values.map { total > 0 ? max(0, $0) / total : 0 })
  }
}
