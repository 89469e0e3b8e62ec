/// The outcome of an encoding.
public enum EncodingOutcome: Sendable, Equatable {
  case complete
  /// The sequence is too short or has no valid window: the features are missing.
  case short
  /// The features are there, but a divisor came near 0 or below it (APAAC, QSO): to be reported, never clipped.
  case unsteady
}

/// Sequence → features: one fixed-length vector of Doubles, with a name for each.
///
/// An encoding has two steps, so that B and Z can count half as either of two residues: `tally` adds statistics that
/// are linear in the counts, `finish` turns them into features.
public protocol Encoder: Sendable {
  /// The letters it reads.
  var alphabet: Alphabet { get }
  /// The shortest sequence (in letters, ambiguous ones included) that can have features.
  var minimumLength: Int { get }
  /// Names of the features, in order, with encoder, parameters off their default and variant in front.
  var names: [String] { get }
  /// Number of features.
  var width: Int { get }
  /// Adds the statistics of `residues` (codes of the alphabet), each times `weight`, to `features`; false if some
  /// feature has no valid window.
  func tally(
    _ residues: UnsafeBufferPointer<UInt8>, weight: Double, into features: UnsafeMutableBufferPointer<Double>
  ) -> Bool
  /// Encodes one record; after `.short` the features are not to be used.
  /// - Parameter features: one value per name.
  func encode(_ residues: Residues, into features: UnsafeMutableBufferPointer<Double>) -> EncodingOutcome
  /// Turns statistics into features, in place.
  func finish(_ features: UnsafeMutableBufferPointer<Double>) -> EncodingOutcome
  /// The transpose's pattern: calls `visit` for each place that a feature counts.
  func occurrences(in residues: UnsafeBufferPointer<UInt8>, _ visit: (Occurrence) -> Void)
}

/// An occurrence of a feature: `count` letters from `first`, `step` apart.
public struct Occurrence: Sendable, Equatable {
  /// The column of the feature, from 0.
  public var feature: Int
  /// The position of the first letter, from 0.
  public var first: Int
  /// The number of positions from one letter to the next.
  public var step: Int
  /// The number of letters in the occurrence.
  public var count: Int

  /// Letters side by side, unless a step is given.
  public init(feature: Int, first: Int, step: Int = 1, count: Int) {
    self.feature = feature
    self.first = first
    self.step = step
    self.count = count
  }
}

extension Encoder {
  /// Number of features.
  public var width: Int { names.count }

  /// Statistics that are features already.
  public func finish(_ features: UnsafeMutableBufferPointer<Double>) -> EncodingOutcome { .complete }

  /// By the two steps.
  public func encode(_ residues: Residues, into features: UnsafeMutableBufferPointer<Double>) -> EncodingOutcome {
    encodeReadings(residues, into: features)
  }

  /// By the two steps, the first one for each reading.
  func encodeReadings(
    _ residues: Residues, into features: UnsafeMutableBufferPointer<Double>
  ) -> EncodingOutcome {
    features.update(repeating: 0)
    guard residues.codes.count >= minimumLength else { return .short }
    let twoReadings = !residues.otherReading.isEmpty
    let counted = residues.codes.withUnsafeBufferPointer {
      tally($0, weight: twoReadings ? 0.5 : 1, into: features)
    }
    guard counted else { return .short }
    if twoReadings {
      let counted = residues.otherReading.withUnsafeBufferPointer { tally($0, weight: 0.5, into: features) }
      guard counted else { return .short }
    }
    return finish(features)
  }

  /// Encodes a text by the rule `skip`; a convenience for small uses. Nil where the sequence is too short.
  /// - Throws: `FeatureError` for letters that are none.
  public func features(of text: String, rule: AmbiguityRule = .skip) throws -> [Double]? {
    var residues = Residues(alphabet, rule: rule)
    try residues.read(text)
    var features = [Double](repeating: 0, count: width)
    let outcome = features.withUnsafeMutableBufferPointer { encode(residues, into: $0) }
    return outcome == .short ? nil : features
  }
}
