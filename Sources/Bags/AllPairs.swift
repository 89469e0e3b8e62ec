import Bytes
import Records

/// Every unordered pair of the members' genes once, without a list of them: for each gene in the order of the members
/// its pairs with those after it. Memory: a few bytes a gene.
///
/// With a choice of genes it is every pair with one of them: for each chosen gene, in the order of the choice, its
/// pairs with all genes in the order of the members, but for those that stood already.
public final class AllPairs: PairSource {
  private let members: Members
  private let rows: [Int32]
  /// The place of each gene among the rows, `rows.count` for those that have none.
  private let rank: [Int32]
  private let selfPairs: Bool
  private var row = 0
  private var column = 0
  private var left: Int
  /// Whether these are a share of the pairs.
  let isShare: Bool

  /// All pairs, or a share of them; `selfPairs` says whether a gene meets itself, as the first of its pairs or, with a
  /// choice, in its place among the genes.
  ///
  /// Throws `BagsError` for a chosen gene that is named twice, or that the members do not have unless such are dropped.
  public init(
    of members: Members, genes: [(id: String, place: Place)]? = nil, selfPairs: Bool = false, shard: Shard? = nil,
    unknown: BagRules.UnknownGene = .error, tally: Tally = Tally()
  ) throws {
    self.members = members
    self.selfPairs = selfPairs
    var rank = [Int32](repeating: -1, count: members.genes.count)
    var rows: [Int32] = []
    for (id, place) in genes ?? members.genes.map({ ($0, Place(source: "members")) }) {
      guard let gene = members.gene(id) else {
        if unknown == .error { throw members.unknownGene(id, at: place) }
        tally.count(.unknownChoice, example: BagsError(.unknownGene(id, members: members.isMap), at: place).warning)
        continue
      }
      guard rank[gene] < 0 else { throw BagsError(.repeatedIdentifier(id), at: place) }
      rank[gene] = Int32(rows.count)
      rows.append(Int32(gene))
    }
    for gene in rank.indices where rank[gene] < 0 { rank[gene] = Int32(rows.count) }
    (self.rows, self.rank) = (rows, rank)
    left = 0
    isShare = (shard?.count ?? 1) > 1
    let range = shard?.range(of: count) ?? 0..<count
    left = range.count
    skip(range.lowerBound)
  }

  /// No pair comes twice.
  public var isDistinct: Bool { true }

  /// How many pairs there are, over all shares.
  public var count: Int { rows.indices.reduce(0) { $0 + size(ofRow: $1) } }

  private func size(ofRow row: Int) -> Int { rank.count - row - (selfPairs ? 0 : 1) }

  /// The next pair; nil at the end.
  public func next() -> GenePair? {
    guard left > 0 else { return nil }
    advance()
    left -= 1
    let (a, b) = (Int(rows[row]), column)
    column += 1
    var pair = GenePair(members.genes[a], members.genes[b], place: Place(source: "all pairs"))
    pair.numbers = (Int32(a), Int32(b))
    return pair
  }

  /// Goes to the first pair from here on that counts.
  private func advance() {
    while true {
      while column < rank.count {
        if rank[column] > row || selfPairs && rank[column] == row { return }
        column += 1
      }
      (row, column) = (row + 1, 0)
    }
  }

  private func skip(_ pairs: Int) {
    var pairs = pairs
    while row < rows.count, pairs >= size(ofRow: row) {
      pairs -= size(ofRow: row)
      row += 1
    }
    guard left > 0 else { return }
    for _ in 0..<pairs {
      advance()
      column += 1
    }
  }
}
