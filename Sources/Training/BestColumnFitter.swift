import Arrays
import Bytes
import Models
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The column whose order fits the labels best, for `best-feature`.
struct BestColumnFitter: TableFitter {
  let choice: MethodChoice
  let ports: [PortSpec]

  func fit(_ x: Matrix, _ labels: [Float], _ weights: [Float], _ pool: ThreadPool) throws -> Fitted {
    let table = try FittingTable(x, targets: labels, weights: weights, areClasses: true)
    let rows = table.rows.map(Int.init)
    let mass = rows.map { weights.isEmpty ? 1 : Double(weights[$0]) }
    let labels = rows.map { labels[$0] > 0.5 }
    let areas = Self.areas(x.columns, labels, mass, pool) { column in rows.map { x[$0, column] } }
    let best = Self.best(areas)
    let total = mass.reduce(0, +)
    let positive = zip(labels, mass).reduce(0) { $0 + ($1.0 ? $1.1 : 0) }
    let mean = zip(rows, mass).reduce(0) { $0 + $1.1 * Double(x[$1.0, best]) } / total
    let variance = zip(rows, mass).reduce(0) { sum, row in
      sum + row.1 * (Double(x[row.0, best]) - mean) * (Double(x[row.0, best]) - mean)
    }
    let deviation = (variance / total).squareRoot()
    let factor = deviation > 0 ? (areas[best] < 0.5 ? -1 : 1) / deviation : 0
    var coefficients = [Float](repeating: 0, count: x.columns)
    coefficients[best] = Float(factor)
    var model = try choice.model(ports, seed: 0)
    model.parameters.set("output.weight", to: coefficients)
    model.parameters.set("output.bias", to: [Float(log(positive / (total - positive)) - factor * mean)])
    let name = ports[0].names.isEmpty ? "column \(best + 1)" : ports[0].names[best]
    let area = NumberText.fixed(areas[best], digits: 3)
    return Fitted(model, notes: ["fit": "the best of \(x.columns) features: \(name), AUROC \(area)"])
  }

  /// The areas of some columns of values, each found by `values`.
  fileprivate static func areas(
    _ count: Int, _ labels: [Bool], _ mass: [Double], _ pool: ThreadPool, _ values: @Sendable (Int) -> [Float]
  ) -> [Double] {
    var areas = [Double](repeating: 0.5, count: count)
    areas.withUnsafeMutableBufferPointer { out in
      nonisolated(unsafe) let out = out
      pool.forEachBlock(count, size: 8) { _, columns, _ in
        for column in columns { out[column] = Self.area(values(column), labels, mass) }
      }
    }
    return areas
  }

  /// The first of the areas that are farthest from 1/2.
  fileprivate static func best(_ areas: [Double]) -> Int {
    areas.indices.max { (abs(areas[$0] - 0.5), -$0) < (abs(areas[$1] - 0.5), -$1) } ?? 0
  }

  /// The area under the receiver operating characteristic of weighted values, ties counted by half.
  static func area(_ values: [Float], _ labels: [Bool], _ mass: [Double]) -> Double {
    // Keys that sort as the values do (-0 as 0), each with its place.
    var keys = values.enumerated().map { place, value in
      let bits = (value == 0 ? 0 : value).bitPattern
      return UInt64(bits ^ (bits >> 31 == 0 ? 1 << 31 : .max)) << 32 | UInt64(place)
    }
    keys.sort()
    var (area, below, start) = (0.0, 0.0, 0)
    var positives = 0.0
    while start < keys.count {
      var (tiedPositive, tiedNegative, end) = (0.0, 0.0, start)
      while end < keys.count, keys[end] >> 32 == keys[start] >> 32 {
        let place = Int(keys[end] & 0xffff_ffff)
        if labels[place] { tiedPositive += mass[place] } else { tiedNegative += mass[place] }
        end += 1
      }
      area += tiedPositive * (below + tiedNegative / 2)
      (below, positives, start) = (below + tiedNegative, positives + tiedPositive, end)
    }
    return below > 0 && positives > 0 ? area / (below * positives) : 0.5
  }
}

extension SingleFeature {
  /// The best feature of some rows with labels 0 and 1, the first of several; with `swap` features of both partners
  /// count as their mean. Nil where the labels are all the same.
  ///
  /// Example: `SingleFeature(bestOf: Matrix([[0, 1], [0, 3]]), labels: [1, 0])` is column 1 with the sign -1.
  public init?(bestOf x: Matrix, labels: [Float], swap: ColumnSwap? = nil, threads: Int = 1) {
    let isPositive = labels.map { $0 > 0.5 }
    guard Set(isPositive).count == 2 else { return nil }
    let columns: [[Int]] = (0..<x.columns).compactMap { column in
      let other = swap?.source[column] ?? column
      return other == column ? [column] : other > column ? [column, other] : nil
    }
    let mass = [Double](repeating: 1, count: labels.count)
    let areas = BestColumnFitter.areas(columns.count, isPositive, mass, ThreadPool(threads: threads)) {
      SingleFeature(columns: columns[$0], sign: 1).values(x)
    }
    let best = BestColumnFitter.best(areas)
    self.init(columns: columns[best], sign: areas[best] < 0.5 ? -1 : 1)
  }
}
