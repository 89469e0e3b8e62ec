#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Amino acid composition of five regions: the first and the last 25 letters, and the thirds of the sequence.
struct RegionComposition: Encoder {
  let alphabet = Alphabet.protein
  let minimumLength = 1
  let names: [String]
  private static let regions = ["first25", "last25", "third1", "third2", "third3"]

  init(_ settings: EncoderSettings) {
    names = settings.names(Self.regions.flatMap { region in Alphabet.protein.letters.map { "\(region).\($0)" } })
  }

  /// The letters of each region; the first third has one more where others end before it.
  private static func letters(of count: Int) -> [Range<Int>] {
    let (first, second) = (count / 3, 2 * count / 3)
    return [
      0..<min(25, count), max(0, count - 25)..<count, 0..<min(first + 1, count), first..<min(second + 1, count),
      second..<count,
    ]
  }

  func tally(
    _ residues: UnsafeBufferPointer<UInt8>, weight: Double, into features: UnsafeMutableBufferPointer<Double>
  ) -> Bool {
    guard residues.holdsResidues else { return false }
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: 256) { counts in
      for (region, letters) in Self.letters(of: residues.count).enumerated() {
        counts.initialize(repeating: 0)
        for place in letters { counts[Int(residues[place])] &+= 1 }
        var total: Int32 = 0
        for code in 0..<20 { total += counts[code] }
        guard total > 0 else { continue }
        for code in 0..<20 { features[20 * region + code] += weight * Double(counts[code]) / Double(total) }
      }
    }
    return true
  }

  func occurrences(in residues: UnsafeBufferPointer<UInt8>, _ visit: (Occurrence) -> Void) {
    for (region, letters) in Self.letters(of: residues.count).enumerated() {
      for place in letters where residues[place] < 20 {
        visit(Occurrence(feature: 20 * region + Int(residues[place]), first: place, count: 1))
      }
    }
  }

  static let entry = EncoderEntry(
    "regions", "amino acid composition of both ends and of thirds, 100 numbers", .protein,
    description: """
      The share of each residue among the residues of five regions; a region without a residue has 0. Of L letters,
      from 0: the first 25, the last 25, 0 to floor(L/3), floor(L/3) to floor(2L/3), floor(2L/3) to the end
      (neighbouring thirds share a letter).
      Columns: first25.A, first25.C ... last25, third1, third2, third3.Y (ACDEFGHIKLMNPQRSTVWY a region).
      Peers: a write-out of the definition with NumPy, equal to 1e-15.
      """
  ) { RegionComposition($0) }
}

/// The logarithm of the length: ln(1 + L), or ln L and its square over 10.
struct LogLength: Encoder {
  private enum Form: String, CaseIterable { case plusone, square }

  let alphabet = Alphabet.protein
  let minimumLength = 1
  let names: [String]
  private let form: Form

  init(_ settings: EncoderSettings) {
    form = settings.variant(Form.self)
    names = settings.names(form == .plusone ? ["log"] : ["log", "log_squared"])
  }

  func tally(
    _ residues: UnsafeBufferPointer<UInt8>, weight: Double, into features: UnsafeMutableBufferPointer<Double>
  ) -> Bool {
    guard residues.holdsResidues else { return false }
    let length = Double(residues.count)
    switch form {
    case .plusone: features[0] += weight * log(length + 1)
    case .square:
      features[0] += weight * log(length)
      features[1] += weight * log(length) * log(length) / 10
    }
    return true
  }

  func occurrences(in residues: UnsafeBufferPointer<UInt8>, _ visit: (Occurrence) -> Void) {
    for feature in names.indices {
      Occurrence.residues(of: 0..<residues.count, in: residues, feature: feature, visit)
    }
  }

  static let entry = EncoderEntry(
    "loglength", "logarithm of the number of letters, 1 or 2 numbers", .protein,
    variants: Form.allCases.map(\.rawValue),
    description: """
      Of L letters, unknown ones included: ln(1 + L) (plusone, the default); or ln L and (ln L)^2 / 10 (square).
      Columns: log (plusone), log, log_squared (square).
      Peers: a write-out of the definition, equal to the last bit.
      """
  ) { LogLength($0) }
}

/// Whether the last letters are a signal of retention, of peroxisomes or of prenylation.
struct SequenceEnds: Encoder {
  let alphabet = Alphabet.protein
  let minimumLength = 1
  let names: [String]
  private static let signals: [(name: String, pattern: String)] = [
    ("kdel", "[KH]DEL"), ("peroxisome", "[ST].[VILFMA]"), ("caax", "C..."),
  ]
  private let motifs: [Motif]

  init(_ settings: EncoderSettings) {
    names = settings.names(Self.signals.map(\.name))
    motifs = Self.signals.map { Motif($0.pattern) }
  }

  private func visitSignals(_ residues: UnsafeBufferPointer<UInt8>, _ visit: (Int, [Int]) -> Void) {
    for (index, motif) in motifs.enumerated() where residues.count >= motif.shortest {
      if let letters = motif.match(residues, at: residues.count - motif.shortest) { visit(index, letters) }
    }
  }

  func tally(
    _ residues: UnsafeBufferPointer<UInt8>, weight: Double, into features: UnsafeMutableBufferPointer<Double>
  ) -> Bool {
    guard residues.holdsResidues else { return false }
    visitSignals(residues) { index, _ in features[index] += weight }
    return true
  }

  func occurrences(in residues: UnsafeBufferPointer<UInt8>, _ visit: (Occurrence) -> Void) {
    visitSignals(residues) { index, letters in
      for place in letters where residues[place] < 20 {
        visit(Occurrence(feature: index, first: place, count: 1))
      }
    }
  }

  static let entry = EncoderEntry(
    "ends", "signals in the last letters, 3 numbers", .protein,
    description: """
      1 where the sequence ends with the signal, else 0; . is any letter: kdel [KH]DEL (retention in the endoplasmic
      reticulum), peroxisome [ST].[VILFMA] (peroxisomal targeting, type 1), caax C... (prenylation).
      Columns: kdel, peroxisome, caax.
      Peers: Python's re, equal.
      """
  ) { SequenceEnds($0) }
}
