/// A rule for which features of an explanation are marked. A feature whose attribution is 0 never is.
public enum Selection: Sendable, Equatable {
  /// The features whose attribution is above mean + 1 standard deviation (population) of the instance's features.
  case meanPlusDeviation
  /// The K features with the largest attributions; ties go to the earlier feature.
  case top(Int)
  /// No feature.
  case none

  /// Reads `mean+std`, `top:K` (K at least 1) or `none`; nil for anything else.
  public init?(_ text: String) {
    switch text {
    case "mean+std": self = .meanPlusDeviation
    case "none": self = .none
    default:
      guard text.hasPrefix("top:"), let count = Int(text.dropFirst(4)), count >= 1, text == "top:\(count)" else {
        return nil
      }
      self = .top(count)
    }
  }

  /// Returns for each feature whether it is marked.
  public func marks(_ attribution: [Float]) -> [Bool] {
    switch self {
    case .none: return attribution.map { _ in false }
    case .meanPlusDeviation:
      let count = Double(max(attribution.count, 1))
      let mean = attribution.reduce(0) { $0 + Double($1) } / count
      let variance = attribution.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
      let bar = mean + variance.squareRoot()
      return attribution.map { $0 != 0 && Double($0) > bar }
    case .top(let count):
      let order = attribution.indices.filter { attribution[$0] != 0 }
        .sorted { (attribution[$1], $0) < (attribution[$0], $1) }
      let chosen = Set(order.prefix(count))
      return attribution.indices.map { chosen.contains($0) }
    }
  }
}
