/// CTD-T: share of the neighbouring residues that change between groups 1 and 2, 1 and 3, 2 and 3, either way round.
struct GroupTransition: Encoder {
  let alphabet = Alphabet.protein
  let minimumLength = 2
  let names: [String]
  private let partitions: [ResidueGroups]
  private let pairs = WordCounter(.protein, length: 2)
  /// For each column 1 for the pairs that it counts and 0 for the others, four side by side.
  private let shares: [SIMD4<Double>]
  private var blocks: Int { pairs.words / 4 }

  init(_ settings: EncoderSettings) {
    partitions = ResidueGroups.chosen(settings)
    shares = partitions.flatMap { Self.shares($0) }
    names = settings.names(partitions.flatMap { partition in ["12", "13", "23"].map { "\(partition.name).T\($0)" } })
  }

  private static func shares(_ partition: ResidueGroups) -> [SIMD4<Double>] {
    let letters = partition.groupOfCode.indices
    let kinds = letters.flatMap { a in letters.map { kind(partition, a, $0) ?? 3 } }
    return (0..<3).flatMap { kind in
      stride(from: 0, to: kinds.count, by: 4).map { block in
        SIMD4((block..<block + 4).map { kinds[$0] == kind ? 1 : 0 })
      }
    }
  }

  /// Groups 1 and 2: 0; 1 and 3: 1; 2 and 3: 2; the same group: nil.
  private static func kind(_ partition: ResidueGroups, _ a: Int, _ b: Int) -> Int? {
    let (here, next) = (partition.groupOfCode[a], partition.groupOfCode[b])
    return here == next ? nil : Int(here + next) - 1
  }

  func tally(
    _ residues: UnsafeBufferPointer<UInt8>, weight: Double, into features: UnsafeMutableBufferPointer<Double>
  ) -> Bool {
    // The four hundred pairs are counted first: there are fewer of them than places, and what each is worth is known.
    withUnsafeTemporaryAllocation(of: Double.self, capacity: pairs.words) { counts in
      counts.initialize(repeating: 0)
      let total = pairs.count(residues, weight: 1, into: counts)
      guard total > 0 else { return false }
      let raw = UnsafeRawBufferPointer(counts)
      let lanes = MemoryLayout<SIMD4<Double>>.size
      for column in features.indices {
        // Whole numbers: the sum is exact in any order.
        var sum = SIMD4<Double>.zero
        for block in 0..<blocks {
          let four = raw.loadUnaligned(fromByteOffset: block * lanes, as: SIMD4<Double>.self)
          sum += four * shares[column * blocks + block]
        }
        features[column] += weight * sum.sum() / Double(total)
      }
      return true
    }
  }

  func occurrences(in residues: UnsafeBufferPointer<UInt8>, _ visit: (Occurrence) -> Void) {
    Occurrence.pairs(in: residues, alphabet: .protein, lag: 1) { first in
      for (index, partition) in partitions.enumerated() {
        if let kind = Self.kind(partition, Int(residues[first]), Int(residues[first + 1])) {
          visit(Occurrence(feature: 3 * index + kind, first: first, count: 2))
        }
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
