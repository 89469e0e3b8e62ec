import Bytes

/// A check whether the tables of the blocks describe the partners of the pairs: each block must know isoforms of its
/// sides, and any two blocks of a side must have isoforms in common. Otherwise every pair would lack features, or
/// consist of zeros.
struct BlockCoverage {
  let members: Members
  let blocks: [PairBlock]

  /// Throws `BagsError` for a block without features for any isoform of the members.
  func checkEachHasFeatures() throws {
    for block in blocks where firstKnown(block) == nil {
      throw BagsError(.emptyBlock(block.spec.name), at: SourceLocation(source: block.spec.file))
    }
  }

  /// Throws `BagsError` for two blocks of a side without an isoform in common, and for a block without features.
  func checkOverlap() throws {
    try checkEachHasFeatures()
    for (number, block) in blocks.enumerated() {
      for other in blocks[..<number] where !haveCommonIsoform(block, other) {
        guard let a = firstKnown(other), let b = firstKnown(block) else { continue }
        throw BagsError(
          .disjointBlocks(other.spec.name, a, block.spec.name, b, hint: IdentifierHint.option(matching: a, among: [b])),
          at: SourceLocation(source: block.spec.file))
      }
    }
  }

  /// Whether both blocks know an isoform, unless they describe different sides.
  private func haveCommonIsoform(_ a: PairBlock, _ b: PairBlock) -> Bool {
    let sides = a.spec.kind.sides.filter(b.spec.kind.sides.contains)
    return sides.isEmpty
      || sides.contains { members.isoforms(on: $0).contains { a.has(Int32($0)) && b.has(Int32($0)) } }
  }

  private func firstKnown(_ block: PairBlock) -> String? {
    members.isoforms.indices.first { block.has(Int32($0)) }.map { members.isoforms[$0] }
  }

  /// The error for a block that has no features for any isoform of a side, `a` or `b`, whose first gene is `gene`.
  func error(_ block: Int, side: Side, gene: Int) -> BagsError {
    let isoform = members.isoforms(of: gene).first.map { members.isoforms[Int($0)] } ?? members.genes[gene]
    let hint = IdentifierHint.option(matching: isoform, among: blocks[block].table.ids)
    return BagsError(
      .oneSidedBlock(blocks[block].spec.name, side: side.rawValue, isoform: isoform, hint: hint),
      at: SourceLocation(source: blocks[block].spec.file))
  }
}

/// Pairs whose sides are held against the tables of the blocks.
///
/// Pairs are held back until each block has known an isoform of side a and one of side b, which the first pair usually
/// shows, so that an error comes before any bag. At most `limit` pairs are held; beyond that an error comes with the
/// last pair.
final class SideCheckedPairs: PairSource {
  private let pairs: PairSource
  private let coverage: BlockCoverage
  private let bothOrders: Bool
  private let limit: Int
  /// The blocks and sides of which no isoform was known yet.
  private var open: [(block: Int, side: Side)]
  private var held: [GenePair] = []
  private var given = 0
  private var first: (a: Int, b: Int)?
  private var isChecked = false

  init(_ pairs: PairSource, _ coverage: BlockCoverage, bothOrders: Bool, limit: Int = 1 << 16) {
    self.pairs = pairs
    self.coverage = coverage
    self.bothOrders = bothOrders
    self.limit = limit
    open = coverage.blocks.enumerated().flatMap { number, block in block.spec.kind.sides.map { (number, $0) } }
  }

  var isDistinct: Bool { pairs.isDistinct }

  func next() throws -> GenePair? {
    if !isChecked { try holdBack() }
    if given < held.count {
      defer { given += 1 }
      return held[given]
    }
    if !held.isEmpty { (held, given) = ([], 0) }
    return try read()
  }

  private func holdBack() throws {
    isChecked = true
    while !open.isEmpty, held.count < limit, let pair = try read() { held.append(pair) }
    if first != nil { try coverage.checkOverlap() }
  }

  /// The next pair of the source, noted; throws at its end where a side of a block stayed unknown.
  private func read() throws -> GenePair? {
    guard let pair = try pairs.next() else {
      if let (block, side) = open.first, let first {
        try coverage.checkEachHasFeatures()
        throw coverage.error(block, side: side, gene: side == .a ? first.a : first.b)
      }
      return nil
    }
    if !open.isEmpty, let (a, b) = pair.numbers {
      if first == nil { first = (Int(a), Int(b)) }
      open.removeAll { block, side in
        let block = coverage.blocks[block]
        func isKnown(_ gene: Int32) -> Bool { coverage.members.isoforms(of: Int(gene)).contains(where: block.has) }
        return bothOrders ? isKnown(a) || isKnown(b) : isKnown(side == .a ? a : b)
      }
    }
    return pair
  }
}
