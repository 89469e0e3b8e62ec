import Arrays
import Models
import Tensors

/// Grows a forest on a table (Breiman 2001), with splits between at most 256 bins per feature.
///
/// Each tree is grown on a bootstrap sample of the rows, node by node until its leaves are pure, unless options say
/// otherwise. For each node some features are drawn, and the best split by one of them is taken, even where it does not
/// lower the impurity, as scikit-learn does. Splits are looked for between bins: see `BinnedColumns` for how a feature
/// is cut into them. The threshold is the middle between the values on both sides of the split, taken from the limits
/// of the bins; where each distinct value has its own bin, that is scikit-learn's threshold exactly.
///
/// Memory beside the table: one byte per value, and per thread 60 to 140 bytes per row.
public struct ForestFitter: Sendable {
  /// The options of its growth.
  public let options: ForestOptions

  /// A fitter; throws `ModelError.option` for an option out of its range.
  public init(_ options: ForestOptions = ForestOptions()) throws {
    try options.check()
    self.options = options
  }

  /// A forest for the rows of `x` with their targets: labels 0 and 1 with `.gini`, numbers with `.variance`.
  ///
  /// `weights` has one number per row, or is empty where all are 1; rows of weight 0 are left out and never drawn.
  /// The same table, options and seed give the same forest at any number of threads.
  /// Throws `TrainingError.table`, and `.oneClass` where `.gini` gets one label only.
  public func fit(_ x: Matrix, targets: [Float], weights: [Float] = [], _ pool: ThreadPool) throws -> Forest {
    let areClasses = options.criterion == .gini
    let table = try FittingTable(x, targets: targets, weights: weights, areClasses: areClasses)
    let columns = BinnedColumns(x, rows: table.rows, bins: options.bins, pool)
    let numbers = table.rows.map { Double(targets[Int($0)]) }
    let weighed = table.rows.map { table.weight(Int($0)) }
    let byClass = options.isBalanced ? classWeights(numbers, weighed) : (1, 1)
    if areClasses, weights.isEmpty {
      return try grow(x, columns, ClassCounts(isPositive: numbers.map { $0 > 0 }, weights: byClass), pool)
    }
    let effective = zip(numbers, weighed).map { $1 * (areClasses && $0 > 0 ? byClass.1 : byClass.0) }
    let sum = zip(numbers, effective).reduce(0) { $0 + $1.0 * $1.1 }
    let centre = areClasses ? 0 : sum / effective.reduce(0, +)
    return try grow(x, columns, Moments(targets: numbers, weights: effective, centre: centre), pool)
  }

  /// W / (2 W_k) for the classes 0 and 1.
  private func classWeights(_ labels: [Double], _ weights: [Double]) -> (Double, Double) {
    let all = weights.reduce(0, +)
    let positive = zip(labels, weights).reduce(0) { $0 + $1.0 * $1.1 }
    return (all / (2 * (all - positive)), all / (2 * positive))
  }

  private func grow<Measure: SplitMeasure>(
    _ x: Matrix, _ columns: BinnedColumns, _ measure: Measure, _ pool: ThreadPool
  ) throws(TrainingError) -> Forest {
    let grower = TreeGrower(columns: columns, options: options, measure: measure)
    var trees = [[Forest.Node]](repeating: [], count: options.trees)
    trees.withUnsafeMutableBufferPointer { trees in
      nonisolated(unsafe) let trees = trees
      pool.forEachBlock(options.trees, size: 1) { tree, _, _ in trees[tree] = grower.grow(tree) }
    }
    do {
      return try Forest(features: x.columns, trees: trees)
    } catch {
      throw .table(.forest(error.reason))
    }
  }
}
