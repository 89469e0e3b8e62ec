import Arrays
import Tensors

/// The scale of the columns of a table under a linear model: (x − shift) / scale.
public enum ColumnScaling: Sendable, Equatable {
  /// As they are.
  case none
  /// With mean 0 and standard deviation 1 over the rows with a weight above 0 (each counted once, divided by their
  /// number); a constant column is divided by 1.
  case standard
  /// With these numbers, one per column; a scale is above 0.
  case given(shift: [Double], scale: [Double])
}

/// A fitted linear model.
public struct LinearFit: Sendable, Equatable {
  /// One number per column, for the scaled columns.
  public let coefficients: [Double]
  /// The margin of a row whose scaled values are all 0.
  public let intercept: Double
  /// The number subtracted from each column.
  public let shift: [Double]
  /// The number by which each column was then divided.
  public let scale: [Double]
  /// The value of what was minimised.
  public let objective: Double
  /// The largest partial derivative that is left, for the scaled columns.
  public let slope: Double
  /// The steps that were taken.
  public let steps: Int

  /// The same model for columns that are not scaled: one number per column, and the intercept.
  public var unscaled: (coefficients: [Double], intercept: Double) {
    let plain = zip(coefficients, scale).map { $0 / $1 }
    return (plain, intercept - zip(plain, shift).reduce(0) { $0 + $1.0 * $1.1 })
  }

  /// The margin of each row of a table that is not scaled: of a logistic regression, the log odds of label 1.
  public func margins(_ x: Matrix, _ pool: ThreadPool) -> [Double] {
    precondition(x.columns == coefficients.count, "the columns that the model was fitted to")
    let (weights, offset) = unscaled
    return [Double](unsafeUninitializedCapacity: x.rows) { result, count in
      nonisolated(unsafe) let out = result
      x.withUnsafeBufferPointer { values in
        weights.withUnsafeBufferPointer { weights in
          pool.forEachBlock(x.rows, size: 256) { _, rows, _ in
            for row in rows {
              let one = UnsafeBufferPointer(rebasing: values[row * x.columns..<(row + 1) * x.columns])
              out[row] = offset + RowProduct.dot(one, weights)
            }
          }
        }
      }
      count = x.rows
    }
  }
}
