/// The distribution of a figure over groups of rows: its mean and quartiles over the groups that define it, nil where
/// none does.
public struct Spread: Sendable, Equatable {
  /// The mean.
  public let mean: Double?
  /// The 25 % quantile.
  public let lowerQuartile: Double?
  /// The 50 % quantile.
  public let median: Double?
  /// The 75 % quantile.
  public let upperQuartile: Double?
  /// The number of groups that define the figure.
  public let groups: Int
  /// The number of groups that do not.
  public let undefined: Int

  /// The distribution of these values, nil for a group that does not define the figure.
  public init(_ values: [Double?]) {
    let sorted = values.compactMap { $0 }.sorted()
    mean = sorted.isEmpty ? nil : sorted.reduce(0, +) / Double(sorted.count)
    let quartiles = [0.25, 0.5, 0.75].map { sorted.isEmpty ? nil : Self.quantile($0, of: sorted) }
    (lowerQuartile, median, upperQuartile) = (quartiles[0], quartiles[1], quartiles[2])
    (groups, undefined) = (sorted.count, values.count - sorted.count)
  }

  /// A quantile of ascending values, linear between two of them (type 7 of Hyndman and Fan 1996, American Statistician
  /// 50:361).
  static func quantile(_ share: Double, of values: [Double]) -> Double {
    let place = share * Double(values.count - 1)
    let index = max(0, min(values.count - 2, Int(place)))
    guard index + 1 < values.count else { return values[index] }
    return values[index] + (place - Double(index)) * (values[index + 1] - values[index])
  }
}
