/// CTD-D: where the members of a group lie: place of the 1st, ⌊n/4⌋th, ⌊n/2⌋th, ⌊3n/4⌋th and nth of n members in
/// percent of the length, each index at least 1; an empty group gives five 0 (Dubchak et al. 1995, PNAS 92:8700).
struct GroupDistribution: Encoder {
  let alphabet = Alphabet.protein
  let minimumLength = 1
  let names: [String]
  private let partitions: [ResidueGroups]
  private static let quarters = ["0", "25", "50", "75", "100"]

  init(_ settings: EncoderSettings) {
    partitions = ResidueGroups.chosen(settings)
    names = settings.names(
      partitions.flatMap { partition in
        (1...3).flatMap { group in Self.quarters.map { "\(partition.name).\(group).\($0)" } }
      })
  }

  func tally(
    _ residues: UnsafeBufferPointer<UInt8>, weight: Double, into features: UnsafeMutableBufferPointer<Double>
  ) -> Bool {
    guard residues.contains(where: { $0 < 20 }) else { return false }
    occurrences(in: residues) { features[$0.feature] += weight * 100 * Double($0.first + 1) / Double(residues.count) }
    return true
  }

  func occurrences(in residues: UnsafeBufferPointer<UInt8>, _ visit: (Occurrence) -> Void) {
    let members = ResidueGroups.members(of: partitions, in: residues)
    withUnsafeTemporaryAllocation(of: Int.self, capacity: residues.count + 3) { memory in
      guard let places = memory.baseAddress else { return }
      // The places of each group stand together, and behind all of them where those of each group end.
      let ends = places + residues.count
      for (index, partition) in partitions.enumerated() {
        let counts = members[index]
        (ends[0], ends[1], ends[2]) = (0, counts[0], counts[0] + counts[1])
        partition.groupOfCode.withUnsafeBufferPointer { groupOfCode in
          for place in 0..<residues.count where residues[place] < UInt8(groupOfCode.count) {
            let group = Int(groupOfCode[Int(residues[place])])
            places[ends[group]] = place
            ends[group] &+= 1
          }
        }
        for group in 0..<3 where counts[group] > 0 {
          let count = counts[group]
          for (quarter, member) in [1, count / 4, count / 2, 3 * count / 4, count].enumerated() {
            let place = places[ends[group] - count + max(1, member) - 1]
            visit(Occurrence(feature: 15 * index + 5 * group + quarter, first: place, count: 1))
          }
        }
      }
    }
  }

  static let entry = EncoderEntry(
    "ctdd", "distribution of residue groups by 13 properties, 195 numbers", .protein,
    parameters: [ResidueGroups.parameter],
    description: """
      Place, in percent of the length, of the 1st, floor(n/4)th, floor(n/2)th, floor(3n/4)th and nth of the n members
      of a group, each index at least 1; an empty group gives five 0 (Dubchak et al. 1995, PNAS 92:8700).
      Columns: PROPERTY.GROUP.0, .25, .50, .75, .100.
      Peers: iFeature's CTDD, equal to the last bit; propy3 reads index -1 where a group has 1 to 3 members.
      Groups:
      \(ResidueGroups.guide)
      """
  ) { GroupDistribution($0) }
}
