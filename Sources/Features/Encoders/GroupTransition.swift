/// CTD-T: share of the neighbouring residues that change between groups 1 and 2, 1 and 3, 2 and 3, either way round.
struct GroupTransition: Encoder {
  let alphabet = Alphabet.protein
  let minimumLength = 2
  let names: [String]
  private let partitions: [ResidueGroups]

  init(_ settings: EncoderSettings) {
    partitions = ResidueGroups.chosen(settings)
    names = settings.names(partitions.flatMap { partition in ["12", "13", "23"].map { "\(partition.name).T\($0)" } })
  }

  func tally(
    _ residues: UnsafeBufferPointer<UInt8>, weight: Double, into features: UnsafeMutableBufferPointer<Double>
  ) -> Bool {
    var pairs = 0
    Occurrence.pairs(in: residues, alphabet: .protein, lag: 1) { _ in pairs += 1 }
    guard pairs > 0 else { return false }
    var counts = [Int](repeating: 0, count: features.count)
    occurrences(in: residues) { counts[$0.feature] += 1 }
    for column in features.indices { features[column] += weight * Double(counts[column]) / Double(pairs) }
    return true
  }

  func occurrences(in residues: UnsafeBufferPointer<UInt8>, _ visit: (Occurrence) -> Void) {
    Occurrence.pairs(in: residues, alphabet: .protein, lag: 1) { first in
      for (index, partition) in partitions.enumerated() {
        let here = partition.groupOfCode[Int(residues[first])]
        let next = partition.groupOfCode[Int(residues[first + 1])]
        // groups 0+1 → 0, 0+2 → 1, 1+2 → 2
        if here != next { visit(Occurrence(feature: 3 * index + Int(here + next) - 1, first: first, count: 2)) }
      }
    }
  }

  static let entry = EncoderEntry(
    "ctdt", "transitions between residue groups by 13 properties, 39 numbers", .protein,
    parameters: [ResidueGroups.parameter],
    description: """
      Share of the neighbouring pairs whose residues lie in groups 1 and 2, 1 and 3, 2 and 3, in either order
      (Dubchak et al. 1995, PNAS 92:8700).
      Columns: PROPERTY.T12, .T13, .T23.
      Peers: iFeature's CTDT, equal to the last bit; propy3 has 7 of the 13, rounded.
      Groups:
      \(ResidueGroups.guide)
      """
  ) { GroupTransition($0) }
}
