import Bytes

/// Partitions of the twenty residues into three groups by a property (Dubchak et al. 1995, PNAS 92:8700), with the six
/// further hydrophobicity scales of iFeature.
struct ResidueGroups: Sendable {
  let name: String
  /// Group 0, 1 or 2 of each residue code.
  let groupOfCode: [UInt8]

  /// Their letters.
  private let groups: [String]

  private init(_ name: String, _ groups: [String]) {
    (self.name, self.groups) = (name, groups)
    var groupOfCode = [UInt8](repeating: 0, count: Alphabet.protein.count)
    for (group, letters) in groups.enumerated() {
      for code in Alphabet.protein.codes(letters) { groupOfCode[code] = UInt8(group) }
    }
    self.groupOfCode = groupOfCode
  }

  private static let letters = WordCounter(.protein, length: 1)

  /// For each partition how many residues its three groups have: each residue is counted once, and then looked up.
  static func members(
    of partitions: [ResidueGroups], in residues: UnsafeBufferPointer<UInt8>
  ) -> [SIMD3<Int>] {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: letters.words) { counts in
      counts.initialize(repeating: 0)
      _ = letters.count(residues, weight: 1, into: counts)
      return partitions.map { partition in
        var members = SIMD3<Int>.zero
        for code in counts.indices { members[Int(partition.groupOfCode[code])] += Int(counts[code]) }
        return members
      }
    }
  }

  /// The thirteen partitions, in iFeature's order.
  static let thirteen: [ResidueGroups] = [
    ResidueGroups("hydrophobicity_PRAM900101", ["RKEDQN", "GASTPHY", "CLVIMFW"]),
    ResidueGroups("hydrophobicity_ARGP820101", ["QSTNGDE", "RAHCKMV", "LYPFIW"]),
    ResidueGroups("hydrophobicity_ZIMJ680101", ["QNGSWTDERA", "HMCKV", "LPFYI"]),
    ResidueGroups("hydrophobicity_PONP930101", ["KPDESNQT", "GRHA", "YMFWLCVI"]),
    ResidueGroups("hydrophobicity_CASG920101", ["KDEQPSRNTG", "AHYMLV", "FIWC"]),
    ResidueGroups("hydrophobicity_ENGD860101", ["RDKENQHYP", "SGTAW", "CVLIMF"]),
    ResidueGroups("hydrophobicity_FASG890101", ["KERSQD", "NTPG", "AYHWVMFLIC"]),
    ResidueGroups("normwaalsvolume", ["GASTPDC", "NVEQIL", "MHKFRYW"]),
    ResidueGroups("polarity", ["LIFWCMVY", "PATGS", "HQRKNED"]),
    ResidueGroups("polarizability", ["GASDT", "CPNVEQIL", "KMHFRYW"]),
    ResidueGroups("charge", ["KR", "ANCQGHILMFPSTWYV", "DE"]),
    ResidueGroups("secondarystruct", ["EALMQKRH", "VIYCWFT", "GNPSD"]),
    ResidueGroups("solventaccess", ["ALFCGIVW", "RKQEND", "MSPTHY"]),
  ]

  /// Dubchak's seven: one hydrophobicity and the six others.
  static let seven = [thirteen[0]] + thirteen[7...]

  /// The groups of each partition, as a user reads them: those of `seven` are marked.
  static let guide =
    thirteen.map { partition in
      let isOfSeven = seven.contains { $0.name == partition.name }
      return "  \(partition.name)\(isOfSeven ? " *" : ""): \(partition.groups.joined(separator: " | "))"
    }.joined(separator: "\n") + "\n  (* also with properties=7)"

  /// The partitions of a `properties` setting, "13" or "7".
  static func chosen(_ settings: EncoderSettings) -> [ResidueGroups] {
    settings.choice("properties") == "7" ? seven : thirteen
  }

  static let parameter = Setting(
    "properties", .choice(["13", "7"]), "iFeature's thirteen partitions or Dubchak's seven")
}
