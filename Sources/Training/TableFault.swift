import Bytes

/// Why a table cannot be fitted. Rows and columns count from 0.
public enum TableFault: Sendable, Equatable {
  /// There is no row with a weight above 0, or no column.
  case empty(rows: Int, columns: Int)
  /// A value that is not finite.
  case value(row: Int, column: Int, value: Float)
  /// A target that is not finite, or for classes not 0 or 1.
  case target(row: Int, value: Float, allowed: String)
  /// A weight that is negative or not finite.
  case weight(row: Int, value: Float)
  /// A minimum that was not reached: the steps that were taken, and the largest slope that was left.
  case notConverged(steps: Int, slope: Double)
  /// A column that does not vary in a class, where its variance is divided by.
  case constant(column: Int, ofClass: Int)
  /// A forest that is larger than a model file takes.
  case forest(String)

  /// The fault as a user reads it; status 65.
  public var diagnostic: Diagnostic {
    switch self {
    case .empty(let rows, let columns):
      Diagnostic(.data, "nothing to fit: \(rows) rows with a weight above 0, \(columns) columns")
    case .value(let row, let column, let value):
      Diagnostic(.data, "the value in row \(row), column \(column) is \(value), not a finite number")
    case .target(let row, let value, let allowed):
      Diagnostic(.data, "the label of row \(row) is \(value)", hint: "allowed: \(allowed)")
    case .weight(let row, let value):
      Diagnostic(.data, "the weight of row \(row) is \(value)", hint: "allowed: finite numbers from 0")
    case .notConverged(let steps, let slope):
      Diagnostic(
        .data, "no minimum after \(steps) steps: the largest slope is still \(slope)",
        hint: "normalise the features, or a smaller C")
    case .constant(let column, let type):
      Diagnostic(
        .data, "column \(column) has the variance 0 in the rows of label \(type)",
        hint: "naive-bayes:smoothing=1e-9 adds a share of the largest variance, which must not be 0")
    case .forest(let reason):
      Diagnostic(.data, reason, hint: "fewer trees, a larger minimum leaf, or a smaller maximum depth")
    }
  }
}
