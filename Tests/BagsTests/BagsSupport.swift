import Bags
import Bytes
import Records
import Workbench

/// Small inputs as text, for the tests of this module.
enum Given {
  static func table(_ text: String, name: String = "table.tsv") throws -> TableReader {
    try TableReader(MemorySource(text, name: name))
  }

  static func members(_ text: String, tally: NoticeCounter = NoticeCounter()) throws -> Members {
    try Members(reading: table(text, name: "members.tsv"), tally: tally)
  }

  static func pairs(_ text: String, options: PairOptions = PairOptions(), tally: NoticeCounter = NoticeCounter()) throws
    -> PairReader
  {
    try PairReader(MemorySource(text, name: "pairs.tsv"), options: options, tally: tally)
  }

  static func block(
    _ spec: String, _ text: String, groups: String? = nil, options: PairBlock.Options = PairBlock.Options(),
    tally: NoticeCounter = NoticeCounter()
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
    spec: String = "f=concat:x", tally: NoticeCounter = NoticeCounter()
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

extension FeatureTable {
  /// The values of an id, nil where it has none.
  func values(_ id: String) -> [Double]? {
    var scratch = [Double](repeating: 0, count: width)
    return row(of: id).map { row in scratch.withUnsafeMutableBufferPointer { Array(values(ofRow: row, $0)) } }
  }
}

extension PairSource {
  /// All pairs that are left.
  func allPairs() throws -> [GenePair] {
    var pairs: [GenePair] = []
    while let pair = try next() { pairs.append(pair) }
    return pairs
  }
}

extension BagSource {
  /// All bags that are left.
  func all() throws -> [StreamRecord] {
    var records: [StreamRecord] = []
    while let record = try next() { records.append(record) }
    return records
  }
}

/// The bags that `body` reads, none where it refuses an input of which no bag is left.
func orNone(_ body: () throws -> [StreamRecord]) throws -> [StreamRecord] {
  do { return try body() } catch let error as BagsError {
    guard case .bag(.nothingLeft) = error.kind else { throw error }
    return []
  }
}

extension Shared {
  static func source(_ path: String) throws -> BlockSource { try Input.open("\(root ?? "")/\(path)") }
  static func table(_ path: String) throws -> TableReader { try TableReader(source(path)) }
}
