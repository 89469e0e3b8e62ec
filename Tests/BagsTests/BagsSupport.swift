import Bags
import Bytes
import Records

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Small inputs as text, for the tests of this room.
enum Given {
  static func table(_ text: String, name: String = "table.tsv") throws -> TableReader {
    try TableReader(MemorySource(text, name: name))
  }

  static func members(_ text: String, tally: Tally = Tally()) throws -> Members {
    try Members(reading: table(text, name: "members.tsv"), tally: tally)
  }

  static func pairs(_ text: String, keep: [String] = []) throws -> PairReader {
    try PairReader(table(text, name: "pairs.tsv"), keep: keep)
  }

  static func block(
    _ spec: String, _ text: String, groups: String? = nil, options: PairBlock.Options = PairBlock.Options(),
    tally: Tally = Tally()
  ) throws -> PairBlock {
    try PairBlock.read(
      BlockSpec(parsing: spec), table: MemorySource(text, name: "features.tsv"),
      groups: groups.map { try SampleGroups(reading: table($0, name: "samples.tsv")) }, options: options, tally: tally)
  }

  static let threeGenes = "isoform\tgene\torigin\nA-1\tA\tx\nB-1\tB\tx\nA-2\tA\tx\nB-2\tB\tx\nB-3\tB\tx\nC-1\tC\tx\n"
  static let features = """
    id\tu\tv
    A-1\t1\t10
    A-2\t2\t20
    B-1\t3\t30
    B-2\t4\t40
    B-3\t5\t50
    C-1\t6\t60

    """

  /// Bags over three genes (A: 2 isoforms, B: 3, C: 1) with one block of two features.
  static func bags(
    _ pairs: String, rules: BagRules = BagRules(), features: String = features, tested: String? = nil,
    spec: String = "f=concat:x", tally: Tally = Tally()
  ) throws -> PairBags {
    let members = try members(threeGenes)
    let tested = try tested.map {
      try TestedInstances(
        reading: table($0, name: "tested.tsv"), members: members, conflicts: rules.conflicts, tally: tally)
    }
    return try PairBags(
      pairs: Self.pairs(pairs), members: members, tested: tested ?? TestedInstances(), blocks: [block(spec, features)],
      rules: rules, tally: tally)
  }
}

extension BagSource {
  /// All bags that are left.
  func all() throws -> [BagRecord] {
    var records: [BagRecord] = []
    while let record = try next() { records.append(record) }
    return records
  }
}

/// The data beside the repository, where it is there.
enum Shared {
  static let root: String? = {
    if let named = getenv("MILLRACE_SHARED") { return String(cString: named) }
    var parts = #filePath.split(separator: "/").dropLast(4)
    parts.append("shared")
    let path = "/" + parts.joined(separator: "/")
    return access(path, R_OK) == 0 ? path : nil
  }()

  static func table(_ path: String) throws -> TableReader { try TableReader(Input.open("\(root ?? "")/\(path)")) }
}
