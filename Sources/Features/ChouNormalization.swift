/// The last step of PAAC, APAAC, QSO, PseDNC and PseKNC: composition and order terms over one divisor.
enum ChouNormalization {
  /// A divisor below this is reported: the features then say little.
  private static let steadyDivisor = 0.1

  /// From counts in the first `leading` features and order terms t in the rest: f / D and w t / D, where
  /// D = 1 + w Σ t and f are the frequencies, or the counts.
  static func apply(
    _ features: UnsafeMutableBufferPointer<Double>, leading: Int, weight: Double, frequencies: Bool
  ) -> EncodingOutcome {
    var total = 0.0
    for column in 0..<leading { total += features[column] }
    guard total > 0 else { return .short }
    var terms = 0.0
    for column in leading..<features.count { terms += features[column] }
    let divisor = 1 + weight * terms
    guard divisor != 0 else { return .short }
    for column in 0..<leading { features[column] /= frequencies ? total * divisor : divisor }
    for column in leading..<features.count { features[column] *= weight / divisor }
    return divisor < steadyDivisor ? .unsteady : .complete
  }
}
