import Arrays
import Tensors

/// The rows of a table with a target and a weight each, once they are checked.
struct FittingTable {
  let x: Matrix
  let targets: [Float]
  /// One for each row; empty where all are 1.
  let weights: [Float]
  /// The rows with a weight above 0, in order.
  let rows: [UInt32]

  /// Throws `TrainingError.table` for numbers that nothing can be fitted to, and with classes `TrainingError.oneClass`
  /// where all rows have one label. Only rows with a weight above 0 are looked at.
  init(_ x: Matrix, targets: [Float], weights: [Float], areClasses: Bool) throws {
    precondition(targets.count == x.rows && x.rows < 1 << 32, "a target for each row")
    precondition(weights.isEmpty || weights.count == x.rows, "a weight for each row")
    (self.x, self.targets, self.weights) = (x, targets, weights)
    for (row, weight) in weights.enumerated() where !(weight >= 0 && weight.isFinite) {
      throw TrainingError.table(.weight(row: row, value: weight))
    }
    rows = (0..<x.rows).filter { weights.isEmpty || weights[$0] > 0 }.map { UInt32($0) }
    if rows.isEmpty || x.columns == 0 { throw TrainingError.table(.empty(rows: rows.count, columns: x.columns)) }
    var positives = 0
    for row in rows {
      let target = targets[Int(row)]
      guard target.isFinite, !areClasses || target == 0 || target == 1 else {
        let allowed = areClasses ? "0 and 1" : "finite numbers"
        throw TrainingError.table(.target(row: Int(row), value: target, allowed: allowed))
      }
      if target > 0 { positives += 1 }
    }
    if areClasses, positives == 0 || positives == rows.count {
      throw TrainingError.oneClass(
        LabelCounts(positives: positives, weighted: rows.count, all: x.rows), validation: 0)
    }
    try checkValues()
  }

  private func checkValues() throws(TrainingError) {
    try x.withUnsafeBufferPointer { (values) throws(TrainingError) in
      for row in rows {
        let start = Int(row) * x.columns
        // The exponent of all ones, which infinities and NaN alone have, carries into the highest bit.
        var carries: UInt32 = 0
        for place in start..<start + x.columns {
          carries |= (values[place].bitPattern & 0x7f80_0000) &+ 0x0080_0000
        }
        if carries < 0x8000_0000 { continue }
        for column in 0..<x.columns where !values[start + column].isFinite {
          throw .table(.value(row: Int(row), column: column, value: values[start + column]))
        }
      }
    }
  }

  /// The weight of a row.
  func weight(_ row: Int) -> Double { weights.isEmpty ? 1 : Double(weights[row]) }
}

extension FittingTable {
  /// The mean of each column and its standard deviation, divided by the number of rows, 1 for a constant column; both
  /// over the rows with a weight above 0, each counted once. Two passes, in double precision.
  func columnStatistics(_ pool: ThreadPool) -> (mean: [Double], deviation: [Double]) {
    let count = Double(rows.count)
    var mean = sums(pool) { row, sum in RowProduct.add(1, row, to: sum) }.map { $0 / count }
    let squares = sums(pool) { row, sum in mean.withUnsafeBufferPointer { RowProduct.addSquares(row, $0, to: sum) } }
    var deviation = squares.map { ($0 / count).squareRoot() }
    for column in 0..<x.columns where deviation[column] <= 1e-6 * abs(mean[column]) {
      // The mean of equal numbers can be off by its rounding, and then their deviation is not 0.
      let first = x[Int(rows[0]), column]
      guard rows.allSatisfy({ x[Int($0), column] == first }) else { continue }
      (mean[column], deviation[column]) = (Double(first), 1)
    }
    return (mean, deviation.map { $0 > 0 ? $0 : 1 })
  }

  /// The sum over all rows of the values of `add`, in blocks of rows that depend on the table alone.
  private func sums(
    _ pool: ThreadPool, _ add: (UnsafeBufferPointer<Float>, UnsafeMutablePointer<Double>) -> Void
  ) -> [Double] {
    let (columns, block) = (x.columns, max(256, (rows.count + 63) / 64))
    let blocks = ThreadPool.blocks(rows.count, size: block)
    var sums = [Double](repeating: 0, count: blocks * columns)
    sums.withUnsafeMutableBufferPointer { sums in
      guard let start = sums.baseAddress else { return }
      nonisolated(unsafe) let first = start
      x.withUnsafeBufferPointer { values in
        pool.forEachBlock(rows.count, size: block) { number, range, _ in
          for place in range {
            let start = Int(rows[place]) * columns
            add(UnsafeBufferPointer(rebasing: values[start..<start + columns]), first + number * columns)
          }
        }
      }
    }
    return (0..<columns).map { column in (0..<blocks).reduce(0) { $0 + sums[$1 * columns + column] } }
  }
}
