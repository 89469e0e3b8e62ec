/// How a column is scaled: (x − center) / scale.
public enum ScalingMethod: String, Sendable, CaseIterable {
  /// center = mean, scale = population standard deviation.
  case zscore
  /// center = minimum, scale = maximum − minimum.
  case minmax
}

/// What is known of one column after a fit.
public struct ColumnStatistics: Sendable, Equatable {
  /// Values that were not missing.
  public var count: Int
  public var mean: Double
  /// Population standard deviation.
  public var deviation: Double
  public var minimum: Double
  public var maximum: Double

  public init(count: Int, mean: Double, deviation: Double, minimum: Double, maximum: Double) {
    self.count = count
    self.mean = mean
    self.deviation = deviation
    self.minimum = minimum
    self.maximum = maximum
  }

  /// No value differed from another: such a column becomes 0.
  public var isConstant: Bool { count == 0 || minimum == maximum || !(deviation > 0) }

  /// What is taken off; a constant column's own value.
  func center(_ method: ScalingMethod) -> Double {
    if minimum == maximum { return minimum }
    return method == .zscore ? mean : minimum
  }

  /// What is divided by; 1 for a constant column.
  func scale(_ method: ScalingMethod) -> Double {
    if isConstant { return 1 }
    return method == .zscore ? deviation : maximum - minimum
  }
}
