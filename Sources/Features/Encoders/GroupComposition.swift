/// CTD-C: share of each of the three groups of a partition among the valid residues (Dubchak et al. 1995).
struct GroupComposition: Encoder {
  let alphabet = Alphabet.protein
  let minimumLength = 1
  let names: [String]
  private let partitions: [ResidueGroups]

  init(_ settings: EncoderSettings) {
    partitions = ResidueGroups.chosen(settings)
    names = settings.names(partitions.flatMap { partition in (1...3).map { "\(partition.name).G\($0)" } })
  }

  func tally(
    _ residues: UnsafeBufferPointer<UInt8>, weight: Double, into features: UnsafeMutableBufferPointer<Double>
  ) -> Bool {
    let members = ResidueGroups.members(of: partitions, in: residues)
    for (index, counts) in members.enumerated() {
      for group in 0..<3 { features[3 * index + group] += weight * Double(counts[group]) }
    }
    return members[0] != .zero
  }

  func finish(_ features: UnsafeMutableBufferPointer<Double>) -> EncodingOutcome {
    let total = features[0] + features[1] + features[2]
    for column in features.indices { features[column] /= total }
    return .complete
  }

  func occurrences(in residues: UnsafeBufferPointer<UInt8>, _ visit: (Occurrence) -> Void) {
    Occurrence.residues(in: residues, alphabet: .protein) { code, place in
      for (index, partition) in partitions.enumerated() {
        visit(Occurrence(feature: 3 * index + Int(partition.groupOfCode[code]), first: place, count: 1))
      }
    }
  }

  static let entry = EncoderEntry(
    "ctdc", "composition of three residue groups by 13 properties, 39 numbers", .protein,
    parameters: [ResidueGroups.parameter],
    description: """
      Share of each of three groups of residues among the valid ones, for 13 partitions by a property
      (Dubchak et al. 1995, PNAS 92:8700).
      Columns: PROPERTY.G1, .G2, .G3.
      Peers: iFeature's CTDC to 1e-16; propy3 has 7 of the 13, rounded.
      Groups:
      \(ResidueGroups.guide)
      """
  ) { GroupComposition($0) }
}
