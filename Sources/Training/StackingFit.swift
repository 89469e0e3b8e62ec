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

  /// The fit with the penalty ‖w‖² / 2 on the factors of columns of deviation 1, which favours no scale of scores; nil
  /// where there are fewer than `least` rows of either class, or where no column has a factor above 0.
  public init?(columns: [[Float]], labels: [Float], least: Int, threads: Int = 1) throws {
    let positives = labels.count { $0 > 0.5 }
    guard positives >= least, labels.count - positives >= least else { return nil }
    let deviations = columns.map(Self.deviation)
    var used = columns.indices.filter { deviations[$0] > 0 }
    while !used.isEmpty {
      var x = Matrix(rows: labels.count, columns: used.count)
      for (place, column) in used.enumerated() {
        for row in labels.indices { x[row, place] = Float(Double(columns[column][row]) / deviations[column]) }
      }
      let fit = try NewtonLinear().fit(x, labels: labels, ThreadPool(threads: threads))
      if let wrong = fit.coefficients.indices.filter({ fit.coefficients[$0] <= 0 })
        .min(by: { fit.coefficients[$0] < fit.coefficients[$1] })
      {
        used.remove(at: wrong)
        continue
      }
      var factors = [Double](repeating: 0, count: columns.count)
      for (place, column) in used.enumerated() { factors[column] = fit.coefficients[place] / deviations[column] }
      (offset, self.factors) = (fit.intercept, factors)
      return
    }
    return nil
  }

  /// The standard deviation of some scores; 0 for none.
  public static func deviation(_ scores: [Float]) -> Double {
    let count = Double(max(1, scores.count))
    let mean = scores.reduce(0) { $0 + Double($1) } / count
    return (scores.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count).squareRoot()
  }
}
