import Bytes

/// The rule for a sequence without features.
public enum ShortRule: String, Sendable, CaseIterable {
  /// Missing features.
  case null
  /// Features of 0.
  case zero
  /// No record.
  case skip
  /// An error.
  case error

  /// The outcome for a record, which follows its id in a message.
  var outcome: String {
    switch self {
    case .null: return "has missing features"
    case .zero: return "has features of 0"
    case .skip: return "is left out"
    case .error: return "gives no features"
    }
  }
}

/// One sequence → one row: the features of several encoders, in order.
///
/// All read the same alphabet, unless the sequence is translated: then nucleotide encoders read it as it stands, and
/// protein encoders its translation.
public struct RowEncoder: Sendable {
  /// The summary of a row.
  public struct Summary: Sendable {
    /// Why features are missing, nil if none are.
    public var shortage: String?
    /// An encoder whose divisor came near 0 or below.
    public var unsteady: String?
    /// How the translation went, nil where there is none.
    public var translation: Translation.Outcome?
  }

  /// The encoders, in order.
  public let encoders: [any Encoder]
  /// The names of all features, in order.
  public let names: [String]
  /// The alphabet that the input is written in.
  public var alphabet: Alphabet { translation == nil ? encoders[0].alphabet : .nucleotide }
  /// The record that was encoded last, as the first encoder reads it: its length and its valid residues.
  public var residues: Residues { encoders[0].alphabet == .nucleotide ? nucleotides : proteins }
  /// The number of letters of each kind in that record.
  var lettersRead: LetterCounts { encoders[0].alphabet == .nucleotide ? nucleotides.counts : proteins.counts }
  private var nucleotides: Residues
  private var proteins: Residues
  private var translation: Translation?
  private let short: ShortRule
  private let titles: [String]

  /// - Parameter texts: as in `--encode`, at least one.
  /// - Throws: `FeatureError` for an unknown encoder or setting, or for two alphabets without a translation.
  public init(
    _ texts: [String], defaults: [String: String] = [:], properties: [PropertyTable] = [],
    letters: LetterRules = LetterRules(), short: ShortRule = .null, translation: Translation.Options? = nil
  ) throws {
    precondition(!texts.isEmpty)
    let encoders = try texts.map {
      try EncoderCatalog.encoder($0, defaults: defaults, properties: properties, letters: letters)
    }
    self.encoders = encoders
    titles = texts
    for index in encoders.indices where translation == nil && encoders[index].alphabet != encoders[0].alphabet {
      throw FeatureError.mixedAlphabets(texts[0], texts[index])
    }
    names = encoders.flatMap(\.names)
    // Without an encoder that reads them, nucleotides are only checked.
    let readsNucleotides = encoders.contains { $0.alphabet == .nucleotide }
    nucleotides = Residues(
      .nucleotide, rule: readsNucleotides ? letters.ambiguous : .skip, maskLower: letters.maskLower,
      acceptsOutsiders: letters.acceptsOutsiders)
    proteins = Residues(
      .protein, rule: letters.ambiguous, maskLower: translation == nil && letters.maskLower,
      acceptsOutsiders: letters.acceptsOutsiders)
    self.translation = translation.map { Translation($0, maskLower: letters.maskLower) }
    self.short = short
  }

  /// Encodes one record; missing features are NaN.
  /// - Parameter features: one value per name.
  /// - Throws: `FeatureError` for letters that can't be, for a stop that can't be, and for a short sequence under
  ///   `error`.
  public mutating func encode(
    _ sequence: UnsafeBufferPointer<UInt8>, record: @autoclosure () -> String, place: @autoclosure () -> SourceLocation,
    into features: UnsafeMutableBufferPointer<Double>
  ) throws -> Summary {
    var summary = Summary()
    summary.translation = try read(sequence, record: record(), place: place())
    return try encodeResidues(summary, record: record(), place: place(), into: features)
  }

  private func encodeResidues(
    _ known: Summary, record: @autoclosure () -> String, place: @autoclosure () -> SourceLocation,
    into features: UnsafeMutableBufferPointer<Double>
  ) throws -> Summary {
    var summary = known
    var first = 0
    for (index, encoder) in encoders.enumerated() {
      let width = encoder.width
      let part = UnsafeMutableBufferPointer(rebasing: features[first..<first + width])
      switch encoder.encode(encoder.alphabet == .nucleotide ? nucleotides : proteins, into: part) {
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

  /// Encodes one record as the other `encode` does; a long sequence is turned into codes in its own memory, so that it
  /// is there only once, and is lost by that.
  public mutating func encode(
    _ sequence: inout [UInt8], record: @autoclosure () -> String, place: @autoclosure () -> SourceLocation,
    into features: UnsafeMutableBufferPointer<Double>
  ) throws -> Summary {
    guard translation == nil, sequence.count >= Residues.longSequence,
      (alphabet == .nucleotide ? nucleotides : proteins).canTake(sequence)
    else {
      return try sequence.withUnsafeBufferPointer {
        try encode($0, record: record(), place: place(), into: features)
      }
    }
    let residues = alphabet == .nucleotide ? \RowEncoder.nucleotides : \RowEncoder.proteins
    defer { self[keyPath: residues].exchangeCodes(&sequence) }
    try self[keyPath: residues].read(taking: &sequence, record: record(), place: place())
    return try encodeResidues(Summary(), record: record(), place: place(), into: features)
  }

  private mutating func read(
    _ sequence: UnsafeBufferPointer<UInt8>, record: @autoclosure () -> String, place: @autoclosure () -> SourceLocation
  ) throws -> Translation.Outcome? {
    if alphabet == .nucleotide {
      do {
        try nucleotides.read(sequence, record: record(), place: place())
      } catch FeatureError.outsideAlphabet(let outside, let length, let record, _, let place) where translation != nil {
        // Whatever letter is no code of nucleotides is one of proteins.
        throw FeatureError.proteinToTranslate(outside: outside, length: length, record: record, place: place)
      }
    } else {
      try proteins.read(sequence, record: record(), place: place())
    }
    guard let outcome = try translation?.translate(sequence, record: record(), place: place()) else { return nil }
    try translation?.protein.withUnsafeBufferPointer {
      try proteins.read($0, record: record() + " (translated)", place: place())
    }
    return outcome
  }

  private func shortage(of encoder: any Encoder, _ title: String) -> String {
    let length = (encoder.alphabet == .nucleotide ? nucleotides : proteins).codes.count
    if length < encoder.minimumLength {
      return "\(title) needs \(encoder.minimumLength) letters, there \(length == 1 ? "is 1" : "are \(length)")"
    }
    return "\(title) finds no valid window in \(length) letters"
  }
}
