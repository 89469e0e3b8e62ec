/// The pairs of isoforms that can become instances.
public struct Candidates {
  private let members: Members
  private let tested: TestedInstances
  private let correlations: [PairBlock]
  private let rules: BagRules
  private let lacking: LackingBlocks

  /// Throws `BagsError` for a block that knows no isoform of the members.
  public init(
    of members: Members, tested: TestedInstances = TestedInstances(), blocks: [PairBlock], rules: BagRules
  ) throws {
    self.members = members
    self.tested = tested
    self.rules = rules
    correlations = rules.undefined == .drop ? blocks.filter { $0.spec.kind.isCorrelation || $0.spec.kind == .link } : []
    lacking = try LackingBlocks(members, blocks)
  }

  /// Whether a bag of two genes has an instance.
  public func exist(_ geneA: String, _ geneB: String) -> Bool {
    guard let a = members.gene(geneA, .a), let b = members.gene(geneB, .b) else { return false }
    let right = members.isoforms(of: b)
    for (i, first) in members.isoforms(of: a).enumerated() where stays(first, .a) {
      for second in a == b ? right.dropFirst(i) : right where stays(second, .b) {
        if rules.testedOnly, tested.label(first, second) == nil { continue }
        if !correlations.contains(where: { $0.isUndefined(first, second) }) { return true }
      }
    }
    return false
  }

  private func stays(_ isoform: Int32, _ side: Side) -> Bool {
    rules.missingIsoform != .drop || lacking.block(of: isoform, on: side) == nil
  }
}

/// The isoforms that a block has no features for, by side; correlations do not count.
struct LackingBlocks: Sendable {
  /// For each isoform the index of the first block of a side without features for it, −1 where all have them.
  private let a, b: [Int16]

  /// Looks up the rows of all blocks. Throws `BagsError` for a block that knows no isoform of its sides.
  init(_ members: Members, _ blocks: [PairBlock]) throws {
    for block in blocks { try block.resolve(members) }
    func lacking(_ side: Side) -> [Int16] {
      var lacking = [Int16](repeating: -1, count: members.isoforms.count)
      for (number, block) in blocks.enumerated().reversed()
      where !block.spec.kind.isCorrelation && block.spec.kind.sides.contains(side) {
        for isoform in lacking.indices where !block.has(Int32(isoform)) { lacking[isoform] = Int16(number) }
      }
      return lacking
    }
    a = lacking(.a)
    b = blocks.allSatisfy { $0.spec.kind.sides.count == 2 } ? a : lacking(.b)
  }

  /// Whether all blocks of a side on which an isoform can be have features for it.
  func isOnASide(_ isoform: Int32, of members: Members) -> Bool {
    Side.allCases.contains {
      members.isoforms(on: $0).contains(Int(isoform)) && block(of: isoform, on: $0) == nil
    }
  }

  /// The first block that lacks an isoform on a side; nil where none does.
  func block(of isoform: Int32, on side: Side) -> Int? {
    let block = side == .a ? a[Int(isoform)] : b[Int(isoform)]
    return block < 0 ? nil : Int(block)
  }
}
