/// The sums over the rows of a bin or of a node, and the measure of a split that they give.
///
/// Both criteria choose the split with the largest S_l² / W_l + S_r² / W_r, where W is the weight and S the weighted
/// sum of the targets on each side: the weighted variance of the sides, summed, is that subtracted from Σ w y², which
/// is the same for all splits of a node. Gini's impurity of labels 0 and 1 is 2 p (1 − p), twice their variance.
protocol SplitMeasure: Sendable {
  /// Sums over rows.
  associatedtype Cell: BitwiseCopyable
  static var zero: Cell { get }
  static func sum(_ a: Cell, _ b: Cell) -> Cell
  static func difference(_ a: Cell, _ b: Cell) -> Cell

  /// The number of rows, with those that were drawn twice counted twice.
  func rows(_ cell: Cell) -> Int
  /// The weight, and the weighted sum of the targets.
  func moments(_ cell: Cell) -> (weight: Double, sum: Double)
  /// The cell of a row that was drawn `times` times.
  func cell(_ row: Int, times: UInt32) -> Cell
  /// Whether rows that add up to `total` have one target.
  func isPure(_ total: Cell, _ rows: UnsafeBufferPointer<UInt32>) -> Bool
  /// The mean of the targets.
  func value(_ cell: Cell) -> Double
}

/// Labels 0 and 1 with one weight per class. Cells are exact: the number of rows in the lower half, of those with label
/// 1 in the upper half.
struct ClassCounts: SplitMeasure {
  let isPositive: [Bool]
  let weights: (negative: Double, positive: Double)

  static var zero: UInt64 { 0 }
  @inline(__always) static func sum(_ a: UInt64, _ b: UInt64) -> UInt64 { a &+ b }
  @inline(__always) static func difference(_ a: UInt64, _ b: UInt64) -> UInt64 { a &- b }
  @inline(__always) func rows(_ cell: UInt64) -> Int { Int(truncatingIfNeeded: cell & 0xffff_ffff) }

  @inline(__always) func moments(_ cell: UInt64) -> (weight: Double, sum: Double) {
    let positives = Int(truncatingIfNeeded: cell >> 32)
    let sum = weights.positive * Double(positives)
    return (weights.negative * Double(rows(cell) - positives) + sum, sum)
  }

  func cell(_ row: Int, times: UInt32) -> UInt64 { UInt64(times) | (isPositive[row] ? UInt64(times) << 32 : 0) }

  @inline(__always) func isPure(_ total: UInt64, _ rows: UnsafeBufferPointer<UInt32>) -> Bool {
    total >> 32 == 0 || total >> 32 == total & 0xffff_ffff
  }

  func value(_ cell: UInt64) -> Double {
    let (weight, sum) = moments(cell)
    return sum / weight
  }
}

/// Numbers with one weight per row. Cells are (rows, Σ w, Σ w (y − centre), 0).
struct Moments: SplitMeasure {
  let targets: [Double]
  let weights: [Double]
  /// Near the targets, so that squares of large numbers with small differences keep their digits.
  let centre: Double

  static var zero: SIMD4<Double> { .zero }
  @inline(__always) static func sum(_ a: SIMD4<Double>, _ b: SIMD4<Double>) -> SIMD4<Double> { a + b }
  @inline(__always) static func difference(_ a: SIMD4<Double>, _ b: SIMD4<Double>) -> SIMD4<Double> { a - b }
  @inline(__always) func rows(_ cell: SIMD4<Double>) -> Int { Int(cell[0]) }
  @inline(__always) func moments(_ cell: SIMD4<Double>) -> (weight: Double, sum: Double) { (cell[1], cell[2]) }

  func cell(_ row: Int, times: UInt32) -> SIMD4<Double> {
    let (times, weight) = (Double(times), weights[row])
    return SIMD4(times, times * weight, times * weight * (targets[row] - centre), 0)
  }

  func isPure(_ total: SIMD4<Double>, _ rows: UnsafeBufferPointer<UInt32>) -> Bool {
    guard let first = rows.first else { return true }
    return rows.allSatisfy { targets[Int($0)] == targets[Int(first)] }
  }

  func value(_ cell: SIMD4<Double>) -> Double { centre + cell[2] / cell[1] }
}
