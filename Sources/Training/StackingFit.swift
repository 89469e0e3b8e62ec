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

  /// How far apart the factors of columns that are `alike` are expected, and how large their mean may be: the
  /// deviations of the normal distributions that the penalty amounts to.
  private static let (apart, common) = (0.1, 10.0)

  /// The fit with the penalty ‖w‖² / 2 on the factors w of columns of deviation 1, which favours no scale of scores.
  /// With `alike`, several columns are taken to count the same until the rows say otherwise: w = m + d, with the
  /// penalty m² / (2 · 10²) + ‖d‖² / (2 · 0.1²). Nil where there are fewer than `least` rows of either class, or where
  /// no column has a factor above 0.
  public init?(columns: [[Float]], labels: [Float], least: Int, alike: Bool = false, threads: Int = 1) throws {
    let positives = labels.count { $0 > 0.5 }
    guard positives >= least, labels.count - positives >= least else { return nil }
    let deviations = columns.map(Self.deviation)
    var used = columns.indices.filter { deviations[$0] > 0 }
    while !used.isEmpty {
      let isShared = alike && used.count > 1
      // Columns for d, and one for m, in units of their deviations: the fit's own penalty is ‖w‖² / 2.
      var x = Matrix(rows: labels.count, columns: used.count + (isShared ? 1 : 0))
      for (place, column) in used.enumerated() {
        for row in labels.indices {
          let value = Double(columns[column][row]) / deviations[column]
          x[row, place] = Float(isShared ? Self.apart * value : value)
          if isShared { x[row, used.count] += Float(Self.common * value) }
        }
      }
      let fit = try NewtonLinear().fit(x, labels: labels, ThreadPool(threads: threads))
      let found = used.indices.map {
        isShared
          ? Self.apart * fit.coefficients[$0] + Self.common * fit.coefficients[used.count] : fit.coefficients[$0]
      }
      if let wrong = found.indices.filter({ found[$0] <= 0 }).min(by: { found[$0] < found[$1] }) {
        used.remove(at: wrong)
        continue
      }
      var factors = [Double](repeating: 0, count: columns.count)
      for (place, column) in used.enumerated() { factors[column] = found[place] / deviations[column] }
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
