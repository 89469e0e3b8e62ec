/// The pairs of isoforms that can become instances.
public struct Candidates {
  private let members: Members
  private let tested: TestedInstances
  private let correlations: [PairBlock]
  private let rules: BagRules
  private let lacking: [Int16]

  /// Throws `BagsError` for a block that knows no isoform of the members.
  public init(
    of members: Members, tested: TestedInstances = TestedInstances(), blocks: [PairBlock], rules: BagRules
  ) throws {
    self.members = members
    self.tested = tested
    self.rules = rules
    correlations = rules.undefined == .drop ? blocks.filter { $0.spec.kind.isCorrelation } : []
    lacking = try Self.lacking(members, blocks)
  }

  /// For each isoform the index of the first block without features for it, −1 where all have them; correlations
  /// do not count.
  static func lacking(_ members: Members, _ blocks: [PairBlock]) throws -> [Int16] {
    for block in blocks { try block.resolve(members) }
    var lacking = [Int16](repeating: -1, count: members.isoforms.count)
    for (number, block) in blocks.enumerated().reversed() where !block.spec.kind.isCorrelation {
      for isoform in lacking.indices where !block.has(Int32(isoform)) { lacking[isoform] = Int16(number) }
    }
    return lacking
  }

  /// Whether a bag of two genes has an instance.
  public func exist(_ geneA: String, _ geneB: String) -> Bool {
    guard let a = members.gene(geneA), let b = members.gene(geneB) else { return false }
    let right = members.isoforms(of: b)
    for (i, first) in members.isoforms(of: a).enumerated() where stays(first) {
      for second in a == b ? right.dropFirst(i) : right where stays(second) {
        if rules.testedOnly, tested.label(first, second) == nil { continue }
        if !correlations.contains(where: { $0.isUndefined(first, second) }) { return true }
      }
    }
    return false
  }

  private func stays(_ isoform: Int32) -> Bool { rules.missingIsoform != .drop || lacking[Int(isoform)] < 0 }
}
