import Arrays
import Models
import Tensors

/// A logistic regression of few columns whose factors are 0 or above: how much each of several scores counts.
///
/// A column whose factor would be negative gets 0, and the others are fitted anew: scores are to be added, never to be
/// turned round.
public struct StackingFit: Sendable, Equatable {
  /// The constant.
  public let offset: Double
  /// The factor of each column.
  public let factors: [Double]

  /// The fit with the penalty ‖w‖² / 2; nil where there are fewer than `least` rows of either class, or where no column
  /// has a factor above 0.
  public init?(columns: [[Float]], labels: [Float], least: Int, threads: Int = 1) throws {
    let positives = labels.count { $0 > 0.5 }
    guard positives >= least, labels.count - positives >= least else { return nil }
    var used = Array(columns.indices)
    while !used.isEmpty {
      var x = Matrix(rows: labels.count, columns: used.count)
      for (place, column) in used.enumerated() {
        for row in labels.indices { x[row, place] = columns[column][row] }
      }
      let fit = try NewtonLinear().fit(x, labels: labels, ThreadPool(threads: threads))
      if let wrong = fit.coefficients.indices.filter({ fit.coefficients[$0] <= 0 })
        .min(by: { fit.coefficients[$0] < fit.coefficients[$1] })
      {
        used.remove(at: wrong)
        continue
      }
      var factors = [Double](repeating: 0, count: columns.count)
      for (place, column) in used.enumerated() { factors[column] = fit.coefficients[place] }
      (offset, self.factors) = (fit.intercept, factors)
      return
    }
    return nil
  }
}
