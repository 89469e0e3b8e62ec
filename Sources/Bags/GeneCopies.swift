import Arrays
import Bytes

/// Genes with the same features, such as two ids of one sequence: a split that puts one into training and the other
/// into the held-out part judges a model by what it has seen.
public struct GeneCopies: Sendable {
  /// Sets of two or more genes, by number, that share an isoform's features; a gene may be in several.
  public let classes: [[Int]]

  /// Genes of the members with an isoform whose rows in the tables of all blocks are the same: both present with equal
  /// values, or both absent from a correlation's table. Isoforms without features are no copies.
  ///
  /// Throws `BagsError` as `PairBlock.resolve` does.
  public init(_ members: Members, blocks: [PairBlock]) throws {
    self.init(members, blocks: blocks, lacking: try LackingBlocks(members, blocks))
  }

  /// The same of blocks whose rows have been looked up, which other threads may read at the same time.
  init(_ members: Members, blocks: [PairBlock], lacking: LackingBlocks) {
    let owners = members.genesOfIsoforms()
    var ledger = RowLedger()
    for isoform in members.isoforms.indices where lacking.isOnASide(Int32(isoform), of: members) {
      var digest = RowDigest()
      var isKnown = false
      for block in blocks {
        let hasRow = block.addRow(of: Int32(isoform), to: &digest)
        isKnown = isKnown || hasRow
      }
      if isKnown { for gene in owners[isoform] { ledger.note(digest, gene: gene) } }
    }
    classes = ledger.classes
  }

  init(classes: [[Int]]) { self.classes = classes }

  /// The genes of which a copy is in another part, each with the first such copy, in rising order. `part` is nil for a
  /// gene that does not count, and `isReported` chooses the parts whose genes are named.
  public func crossing<Part: Equatable>(
    _ part: (Int) -> Part?, isReported: (Part) -> Bool = { _ in true }
  ) -> [(gene: Int, copy: Int)] {
    var copies: [Int: Int] = [:]
    for genes in classes {
      let placed = genes.compactMap { gene in part(gene).map { (gene: gene, part: $0) } }
      guard let first = placed.first, let other = placed.first(where: { $0.part != first.part }) else { continue }
      for (gene, part) in placed where isReported(part) && copies[gene] == nil {
        copies[gene] = part != first.part ? first.gene : other.gene
      }
    }
    return copies.sorted { $0.key < $1.key }.map { (gene: $0.key, copy: $0.value) }
  }
}

/// A 128-bit digest of a row of numbers.
struct RowDigest: Hashable {
  private var low: UInt64 = 0x9E37_79B9_7F4A_7C15
  private var high: UInt64 = 0xC2B2_AE3D_27D4_EB4F

  mutating func add(_ word: UInt64) {
    low = (low ^ word) &* 0xFF51_AFD7_ED55_8CCD
    low ^= low >> 32
    high = (high &+ word) &* 0x9FB2_1C65_1E98_DF25
    high ^= high >> 29
  }

  /// Adds a number; both zeros are one.
  mutating func add(_ value: Double) { add((value + 0).bitPattern) }
}

/// The genes of each row, by its digest.
struct RowLedger {
  private var numbers: [RowDigest: Int] = [:]
  private var genes: [[Int]] = []
  /// The pairs of set and gene that are there.
  private var entries: Set<UInt64> = []

  mutating func note(_ digest: RowDigest, gene: Int) {
    let number = numbers[digest] ?? genes.count
    if number == genes.count {
      numbers[digest] = number
      genes.append([])
    }
    if entries.insert(UInt64(number) << 32 | UInt64(gene)).inserted { genes[number].append(gene) }
  }

  /// The sets of two or more genes.
  var classes: [[Int]] { genes.filter { $0.count > 1 } }
}

extension PairBlock {
  /// Adds the values of an isoform's row, or that there is none, and says whether there is one. A network has measures
  /// of pairs, and no rows.
  func addRow(of isoform: Int32, to digest: inout RowDigest) -> Bool {
    guard spec.kind != .link, has(isoform) else {
      digest.add(UInt64.max)
      return false
    }
    withRow(of: isoform) { for value in $0 { digest.add(value) } }
    return true
  }
}

/// Finds copies among the bags of a stream, by the features that belong to one partner (`BLOCK.a.*`, `BLOCK.b.*`).
///
/// Where every such feature has a counterpart on the other side, the partners are of one kind, and rows of both sides
/// are compared; else those of each side.
struct CopyFinder {
  private let sides: [(side: Side, columns: [Int])]
  private let areSidesApart: Bool
  private var ledger = RowLedger()

  /// Nil where no feature belongs to one partner; with `only` the rows of one side count.
  init?(names: [String]?, only: Side? = nil) {
    guard let names else { return nil }
    func columns(_ side: Side) -> [Int] {
      names.indices.filter {
        let parts = names[$0].split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        return parts.count == 3 && parts[1] == side.rawValue
      }
    }
    let a = columns(.a)
    if let swap = ColumnSwap(names: names)?.effective {
      areSidesApart = only != nil
      sides = [(.a, a), (.b, a.map { swap.source[$0] })].filter { only == nil || $0.0 == only }
    } else {
      areSidesApart = true
      sides = [(.a, a), (.b, columns(.b))].filter { !$0.1.isEmpty && (only == nil || $0.0 == only) }
      if sides.isEmpty { return nil }
    }
  }

  /// Notes the partners of an instance. With `separatesSides` only rows of the same side are compared.
  mutating func note<Value: BinaryFloatingPoint>(
    _ row: UnsafeBufferPointer<Value>, geneA: Int, geneB: Int, separatesSides: Bool = false
  ) {
    for (side, columns) in sides {
      var digest = RowDigest()
      if separatesSides || areSidesApart { digest.add(UInt64(side == .a ? 0 : 1)) }
      for column in columns { digest.add(Double(row[column])) }
      ledger.note(digest, gene: side == .a ? geneA : geneB)
    }
  }

  var copies: GeneCopies { GeneCopies(classes: ledger.classes) }
}

extension PackedBags {
  /// The genes with the same features, by the numbers of `genes`, as far as features belong to one partner.
  public func copies(_ names: [String]?) -> GeneCopies {
    guard var finder = CopyFinder(names: names) else { return GeneCopies(classes: []) }
    for bag in 0..<count where geneA[bag] >= 0 && geneB[bag] >= 0 {
      eachRow(of: bag) { row in
        // Differences from the offsets of two columns are not comparable.
        finder.note(
          row, geneA: Int(geneA[bag]), geneB: Int(geneB[bag]), separatesSides: !columnOffsets.isEmpty)
      }
    }
    return finder.copies
  }
}

extension NoticeCounter {
  /// Counts a held-out gene with the features of a training gene.
  public func countHeldOutCopy(_ gene: String, of copy: String) {
    countCopy(
      "held-out gene \(Diagnostic.quoted(gene)) has the same features as \(Diagnostic.quoted(copy)), which trains")
  }

  /// Counts a gene with a copy in another part or fold; a hint goes with the first.
  func countCopy(_ message: @autoclosure () -> String) {
    let hint = self[.copiedGene] == 0 ? "--gene-groups identical keeps copies together" : nil
    count(.copiedGene, example: Diagnostic(.data, message(), hint: hint))
  }
}
