import Bytes
import Records

/// Every unordered pair of the members' genes once, made one at a time: for each gene, in the order of the members, its
/// pairs with the genes after it. Memory: a few bytes per gene.
///
/// With chosen genes, every pair with one of them: for each chosen gene, in the order of the choice, its pairs with all
/// genes in the order of the members, except pairs that came before.
///
/// Where the sides differ in kind: each gene of side a with each of side b. Chosen genes limit the side that they are
/// of.
public final class AllPairs: PairSource {
  private let members: Members
  private let rows: [Int32]
  private let columns: [Int32]
  /// The index of the gene of each column in `rows`, `rows.count` for one that is not among them.
  private let rank: [Int32]
  private let selfPairs: Bool
  private var row = 0
  private var column = 0
  private var left: Int
  /// Whether these are one of several shards.
  let isShare: Bool

  /// Makes all pairs, or a shard of them. With `selfPairs` a gene is paired with itself too: as the first of its pairs
  /// or, with chosen genes, in its position among the genes.
  ///
  /// Throws `BagsError` for a gene that is chosen twice, and for an unknown one unless `unknown` drops it.
  public init(
    of members: Members, genes: [(id: String, place: SourceLocation)]? = nil, selfPairs: Bool = false,
    shard: Shard? = nil,
    unknown: BagRules.UnknownGene = .error, tally: NoticeCounter = NoticeCounter()
  ) throws {
    self.members = members
    self.selfPairs = selfPairs
    var chosen: [Int32] = []
    var isChosen = [Bool](repeating: false, count: members.genes.count)
    for (id, place) in genes ?? [] {
      let found = members.genes(named: id)
      if found.isEmpty {
        let error = members.unknownGene(id, .a, at: place)
        if unknown == .error { throw error }
        tally.count(.unknownChoice, example: error.warning)
      }
      for gene in found {
        if isChosen[gene] { throw BagsError(.repeatedIdentifier(id), at: place) }
        isChosen[gene] = true
        chosen.append(Int32(gene))
      }
    }
    /// The chosen genes of a side; all where nothing is chosen, or of two kinds only the other one.
    func numbers(on side: Side) -> [Int32] {
      let all = members.genes(on: side)
      let some = chosen.filter { all.contains(Int($0)) }
      return genes == nil || members.isTwoSided && some.isEmpty && !chosen.isEmpty ? all.map { Int32($0) } : some
    }
    rows = numbers(on: .a)
    columns = members.isTwoSided ? numbers(on: .b) : members.genes.indices.map { Int32($0) }
    var rank = [Int32](repeating: Int32(rows.count), count: columns.count)
    if !members.isTwoSided { for (row, gene) in rows.enumerated() { rank[Int(gene)] = Int32(row) } }
    self.rank = rank
    left = 0
    isShare = (shard?.count ?? 1) > 1
    let range = shard?.range(of: count) ?? 0..<count
    left = range.count
    skip(range.lowerBound)
  }

  /// True: each pair comes once.
  public var isDistinct: Bool { true }

  /// The number of pairs, over all shards.
  public var count: Int { rows.indices.reduce(0) { $0 + size(ofRow: $1) } }

  private func size(ofRow row: Int) -> Int {
    members.isTwoSided ? columns.count : columns.count - row - (selfPairs ? 0 : 1)
  }

  /// The next pair; nil at the end.
  public func next() -> GenePair? {
    guard left > 0 else { return nil }
    advance()
    left -= 1
    let (a, b) = (Int(rows[row]), Int(columns[column]))
    column += 1
    var pair = GenePair(members.genes[a], members.genes[b], place: SourceLocation(source: "all pairs"))
    pair.numbers = (Int32(a), Int32(b))
    return pair
  }

  /// Advances to the next pair that is not left out.
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
