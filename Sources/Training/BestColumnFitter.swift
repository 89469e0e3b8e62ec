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
    var areas = [Double](repeating: 0.5, count: x.columns)
    areas.withUnsafeMutableBufferPointer { out in
      nonisolated(unsafe) let out = out
      pool.forEachBlock(x.columns, size: 8) { _, columns, _ in
        for column in columns {
          out[column] = Self.area(rows.map { x[$0, column] }, rows.map { labels[$0] > 0.5 }, mass)
        }
      }
    }
    let best = areas.indices.max { (abs(areas[$0] - 0.5), -$0) < (abs(areas[$1] - 0.5), -$1) } ?? 0
    let total = mass.reduce(0, +)
    let positive = zip(rows, mass).reduce(0) { $0 + (labels[$1.0] > 0.5 ? $1.1 : 0) }
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

  /// The area under the receiver operating characteristic of weighted values, ties counted by half.
  static func area(_ values: [Float], _ labels: [Bool], _ mass: [Double]) -> Double {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var (area, below, start) = (0.0, 0.0, 0)
    var positives = 0.0
    while start < order.count {
      var (tiedPositive, tiedNegative, end) = (0.0, 0.0, start)
      while end < order.count, values[order[end]] == values[order[start]] {
        if labels[order[end]] { tiedPositive += mass[order[end]] } else { tiedNegative += mass[order[end]] }
        end += 1
      }
      area += tiedPositive * (below + tiedNegative / 2)
      (below, positives, start) = (below + tiedNegative, positives + tiedPositive, end)
    }
    return below > 0 && positives > 0 ? area / (below * positives) : 0.5
  }
}
