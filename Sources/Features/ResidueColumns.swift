/// Counts of the twenty residues in the column order of the pseudo compositions, ARNDCQEGHILKMFPSTWYV.
struct ResidueColumns: Sendable {
  static let names = ResidueProperties.order.map(String.init)
  private let counter = WordCounter(.protein, length: 1)
  /// Code of each column.
  private let codes = Alphabet.protein.codes(ResidueProperties.order)

  /// Adds `weight` for each residue to the first twenty features.
  func add(
    _ residues: UnsafeBufferPointer<UInt8>, weight: Double, into features: UnsafeMutableBufferPointer<Double>
  ) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: codes.count) { counts in
      counts.initialize(repeating: 0)
      _ = counter.count(residues, weight: weight, into: counts)
      for (column, code) in codes.enumerated() { features[column] += counts[code] }
    }
  }

  /// Calls `visit` for each residue, as an occurrence of its column.
  func occurrences(in residues: UnsafeBufferPointer<UInt8>, _ visit: (Occurrence) -> Void) {
    Occurrence.residues(in: residues, alphabet: .protein) { code, place in
      visit(Occurrence(feature: codes.firstIndex(of: code) ?? 0, first: place, count: 1))
    }
  }
}
