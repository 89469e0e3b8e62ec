import Arrays
import Models
import Tensors

/// Shares, means and variances of two classes for Gaussian naive Bayes.
///
/// Variances are divided by the weight of the rows of the class, and a share (`smoothing`) of the largest variance of a
/// column over all rows is added to each, as scikit-learn's `GaussianNB` does.
public struct NaiveBayesFitter: TableFitter {
  /// The share of the largest variance that is added to every variance, from 0.
  public var smoothing: Double
  /// The pooling of an example's scores.
  public var mil: MIL

  /// A fitter with this smoothing.
  public init(smoothing: Double = 1e-9, mil: MIL = .witness) { (self.smoothing, self.mil) = (smoothing, mil) }

  /// A model of the rows of `x` with labels 0 and 1; `weights` has one number per row, or is empty where all are 1.
  ///
  /// Throws `TrainingError.oneClass`, and `.table` for numbers that are not finite, and where a variance stays 0.
  public func model(
    _ x: Matrix, labels: [Float], weights: [Float] = [], _ pool: ThreadPool
  ) throws -> NaiveBayesModel {
    let table = try FittingTable(x, targets: labels, weights: weights, areClasses: true)
    let types = [false, true].map { type in table.rows.filter { (labels[Int($0)] > 0.5) == type } }
    let masses = types.map { rows in rows.reduce(0) { $0 + table.weight(Int($1)) } }
    let all = moments(table, table.rows)
    let ridge = smoothing * (all.variance.max() ?? 0)
    let parts = types.map { moments(table, $0) }
    let variances = parts.flatMap { $0.variance.map { $0 + ridge } }
    if let place = variances.firstIndex(where: { $0 < .leastNormalMagnitude }) {
      throw TrainingError.table(.constant(column: place % x.columns, ofClass: place / x.columns))
    }
    return NaiveBayesModel(
      priors: masses.map { $0 / (masses[0] + masses[1]) }, means: parts.flatMap(\.mean), variances: variances, mil: mil)
  }

  func fit(_ x: Matrix, _ labels: [Float], _ weights: [Float], _ pool: ThreadPool) throws -> Fitted {
    let model = try model(x, labels: labels, weights: weights, pool)
    return Fitted(model, notes: ["fit": "means and variances of \(labels.count) rows"])
  }

  /// The weighted mean and variance of each column over some rows, in two passes in Double.
  private func moments(_ table: FittingTable, _ rows: [UInt32]) -> (mean: [Double], variance: [Double]) {
    let columns = table.x.columns
    let mass = rows.reduce(0) { $0 + table.weight(Int($1)) }
    var (mean, variance) = ([Double](repeating: 0, count: columns), [Double](repeating: 0, count: columns))
    table.x.withUnsafeBufferPointer { values in
      for row in rows {
        let (start, weight) = (Int(row) * columns, table.weight(Int(row)))
        for column in 0..<columns { mean[column] += weight * Double(values[start + column]) }
      }
      // Divided at the end: the mean of equal numbers is that number.
      for column in 0..<columns { mean[column] /= mass }
      for row in rows {
        let (start, share) = (Int(row) * columns, table.weight(Int(row)) / mass)
        for column in 0..<columns {
          let distance = Double(values[start + column]) - mean[column]
          variance[column] += share * distance * distance
        }
      }
    }
    return (mean, variance)
  }
}
