import Bytes

/// What a sequence without features becomes.
public enum ShortRule: String, Sendable, CaseIterable {
  /// Missing features.
  case null
  /// Features of 0.
  case zero
  /// No record.
  case skip
  /// An error.
  case error
}

/// One sequence → one row: the features of several encoders of one alphabet, in order.
public struct RowEncoder: Sendable {
  /// What is known of a row.
  public struct Summary: Sendable {
    /// Why features are missing, nil if none are.
    public var shortage: String?
    /// An encoder whose divisor came near 0 or below.
    public var unsteady: String?
  }

  /// The encoders, in order.
  public let encoders: [any Encoder]
  /// The names of all features, in order.
  public let names: [String]
  /// The alphabet of all encoders.
  public var alphabet: Alphabet { residues.alphabet }
  /// The record that was encoded last: its length and its valid residues.
  public private(set) var residues: Residues
  private let short: ShortRule
  private let titles: [String]

  /// - Parameter texts: as in `--encode`, at least one.
  /// - Throws: `FeatureError` for an unknown encoder or setting, or for two alphabets.
  public init(
    _ texts: [String], defaults: [String: String] = [:], ambiguous: AmbiguityRule = .skip, maskLower: Bool = false,
    short: ShortRule = .null
  ) throws {
    precondition(!texts.isEmpty)
    encoders = try texts.map { try EncoderCatalog.encoder($0, defaults: defaults) }
    titles = texts
    for index in encoders.indices where encoders[index].alphabet != encoders[0].alphabet {
      throw FeatureError.mixedAlphabets(texts[0], texts[index])
    }
    names = encoders.flatMap(\.names)
    residues = Residues(encoders[0].alphabet, rule: ambiguous, maskLower: maskLower)
    self.short = short
  }

  /// Encodes one record; missing features are NaN.
  /// - Parameter features: as many as `names`.
  /// - Throws: `FeatureError` for letters that can't be, and for a short sequence under `error`.
  public mutating func encode(
    _ sequence: UnsafeBufferPointer<UInt8>, record: @autoclosure () -> String, place: @autoclosure () -> Place,
    into features: UnsafeMutableBufferPointer<Double>
  ) throws -> Summary {
    try residues.read(sequence, record: record(), place: place())
    var summary = Summary()
    var first = 0
    for (index, encoder) in encoders.enumerated() {
      let width = encoder.width
      let part = UnsafeMutableBufferPointer(rebasing: features[first..<first + width])
      switch encoder.encode(residues, into: part) {
      case .complete: break
      case .unsteady: summary.unsteady = titles[index]
      case .short:
        summary.shortage = summary.shortage ?? shortage(of: encoder, titles[index])
        part.update(repeating: short == .zero ? 0 : .nan)
      }
      first += width
    }
    if short == .error, let reason = summary.shortage {
      throw FeatureError.shortSequence(record(), reason: reason, place: place())
    }
    return summary
  }

  private func shortage(of encoder: any Encoder, _ title: String) -> String {
    let length = residues.codes.count
    if length < encoder.minimumLength {
      return "\(title) needs \(encoder.minimumLength) letters, there \(length == 1 ? "is 1" : "are \(length)")"
    }
    return "\(title) finds no valid window in \(length) letters"
  }
}
