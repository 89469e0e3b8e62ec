/// The statistics of one column after a fit.
public struct ColumnStatistics: Sendable, Equatable {
  /// The quartiles: the median and the values a quarter of the data lie below and above.
  public struct Quartiles: Sendable, Equatable {
    /// The first quartile: a quarter of the values lies below it.
    public var lower: Double
    /// The median: half of the values lies below it.
    public var median: Double
    /// The third quartile: three quarters of the values lie below it.
    public var upper: Double

    /// Three values in rising order.
    public init(lower: Double, median: Double, upper: Double) {
      (self.lower, self.median, self.upper) = (lower, median, upper)
    }
  }

  /// The number of values that were not missing.
  public var count: Int
  /// The mean, 0 where nothing was seen.
  public var mean: Double
  /// The population standard deviation.
  public var deviation: Double
  /// The smallest value.
  public var minimum: Double
  /// The largest value.
  public var maximum: Double
  /// Where `robust` asked for them.
  public var quartiles: Quartiles?

  /// Figures of a column, by hand or from a state.
  public init(
    count: Int, mean: Double, deviation: Double, minimum: Double, maximum: Double, quartiles: Quartiles? = nil
  ) {
    self.count = count
    self.mean = mean
    self.deviation = deviation
    self.minimum = minimum
    self.maximum = maximum
    self.quartiles = quartiles
  }

  /// Whether all values are equal.
  public var isConstant: Bool { count == 0 || minimum == maximum || !(deviation > 0) }

  /// Whether every figure is a number.
  var isFinite: Bool {
    [mean, deviation, minimum, maximum, quartiles?.lower, quartiles?.median, quartiles?.upper]
      .allSatisfy { $0?.isFinite ?? true }
  }

  /// The divisor of the method; 0 for a column without a spread.
  func spread(_ method: ScalingMethod) -> Double {
    if isConstant { return 0 }
    switch method {
    case .minmax: return maximum - minimum
    case .robust: return quartiles.map { $0.upper - $0.lower } ?? 0
    default: return deviation
    }
  }

  /// The center and scale of (x − center) / scale; 0 and 1 without a fitted method.
  func parameters(_ method: ScalingMethod?, _ rule: ConstantRule) -> (center: Double, scale: Double) {
    guard let method else { return (0, 1) }
    let spread = spread(method)
    if spread == 0 && rule == .keep { return (0, 1) }
    var center = mean
    if minimum == maximum || method == .minmax { center = minimum }
    if method == .robust, let quartiles, minimum != maximum { center = quartiles.median }
    return (center, spread == 0 ? 1 : spread)
  }
}
