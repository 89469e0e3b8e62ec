import Bytes

/// One row of numbers per position, over a fixed number of positions: one-hot and BLOSUM62.
///
/// A shorter sequence is padded with zero rows, a longer one cut, on the side that is asked for; an unknown letter is a
/// zero row (BLOSUM62 has rows for B, Z and X).
struct FixedLength: Encoder {
  let alphabet: Alphabet
  let minimumLength = 1
  let names: [String]
  private let length: Int
  private let padsLeft: Bool
  private let cutsLeft: Bool
  /// The row of each code.
  private let rows: [[Double]]
  private let columns: Int

  init(_ settings: EncoderSettings, rows: [[Double]]) {
    alphabet = settings.entry.alphabet
    length = settings.integer("length")
    padsLeft = settings.choice("pad") == "left"
    cutsLeft = settings.choice("cut") == "left"
    self.rows = rows
    columns = settings.entry.alphabet.count
    let letters = settings.entry.alphabet.letters
    names = settings.names((1...length).flatMap { place in letters.map { "p\(place).\($0)" } })
  }

  /// Calls `body` with each output position and the index in the sequence of the residue at it.
  private func places(_ residues: UnsafeBufferPointer<UInt8>, _ body: (_ place: Int, _ residue: Int) -> Void) {
    let kept = min(length, residues.count)
    let from = cutsLeft ? residues.count - kept : 0
    let to = padsLeft ? length - kept : 0
    for step in 0..<kept { body(to + step, from + step) }
  }

  func tally(
    _ residues: UnsafeBufferPointer<UInt8>, weight: Double, into features: UnsafeMutableBufferPointer<Double>
  ) -> Bool {
    guard residues.contains(where: { Int($0) < alphabet.count }) else { return false }
    places(residues) { place, residue in
      let code = Int(residues[residue])
      guard code < rows.count else { return }
      for column in 0..<columns { features[place * columns + column] += weight * rows[code][column] }
    }
    return true
  }

  func occurrences(in residues: UnsafeBufferPointer<UInt8>, _ visit: (Occurrence) -> Void) {
    places(residues) { place, residue in
      guard Int(residues[residue]) < rows.count else { return }
      for column in 0..<columns where rows[Int(residues[residue])][column] != 0 {
        visit(Occurrence(feature: place * columns + column, first: residue, count: 1))
      }
    }
  }

  private static let parameters = [
    Setting("length", .integer(1...100_000, default: nil), "places of the row"),
    Setting("pad", .choice(["right", "left"]), "side of the zero rows of a shorter sequence"),
    Setting("cut", .choice(["right", "left"]), "side where a longer sequence is cut"),
  ]

  private static func identity(_ count: Int) -> [[Double]] {
    (0..<count).map { row in (0..<count).map { $0 == row ? 1 : 0 } }
  }

  static let oneHot = EncoderEntry(
    "onehot", "one-hot rows of residues at fixed length, 20 length numbers", .protein, parameters: parameters,
    description: """
      For each of the first `length` places twenty numbers: 1 for its residue, 0 elsewhere; an unknown letter and a
      padded place are rows of 0. pad says on which side a shorter sequence is filled up, cut where a longer one ends:
      rows are only comparable where places mean the same in all sequences.
      Columns: p1.A, p1.C ... p1.Y, p2.A ... (ACDEFGHIKLMNPQRSTVWY a place)
      Peers: a write-out of the definition, equal; iFeature's BINARY has the same rows and takes equal lengths only.
      """
  ) { FixedLength($0, rows: identity(20)) }

  static let oneHotNucleotides = EncoderEntry(
    "onehot4", "one-hot rows of nucleotides at fixed length, 4 length numbers", .nucleotide, parameters: parameters,
    description: """
      For each of the first `length` places four numbers: 1 for its base, 0 elsewhere; an unknown letter and a padded
      place are rows of 0. pad and cut say on which side a sequence is filled up or cut.
      Columns: p1.A, p1.C, p1.G, p1.T, p2.A ...
      Peers: a write-out of the definition, equal; iFeatureOmega's binary has the same rows.
      """
  ) { FixedLength($0, rows: identity(4)) }

  static let blosum62 = EncoderEntry(
    "blosum62", "BLOSUM62 rows of residues at fixed length, 20 length numbers", .protein, parameters: parameters,
    description: """
      For each of the first `length` places the residue's row of BLOSUM62 (Henikoff and Henikoff 1992); B, Z and X have
      rows of their own; another letter and a padded place are rows of 0. pad and cut say on which side a sequence is
      filled up or cut.
      Columns: p1.A, p1.C ... p1.Y, p2.A ... (ACDEFGHIKLMNPQRSTVWY a place)
      Peers: the rows of Biopython's BLOSUM62, equal; iFeature's BLOSUM62 takes equal lengths only, and orders the
      columns of a place ARNDC...
      """
  ) { FixedLength($0, rows: Blosum62.rows) }
}
