import Bytes
import Records

/// A side of a pair.
public enum Side: String, Sendable, CaseIterable { case a, b }

/// The isoforms of each gene, in file order; genes and isoforms are numbered from 0.
///
/// Where the sides of the pairs differ in kind (a drug and a protein), either has its own ids, and side b is numbered
/// behind side a, so that one number says what it is. Otherwise an id means the same on both sides.
public struct Members: Sendable {
  /// The ids of the genes, by number.
  public private(set) var genes: [String] = []
  /// The ids of the isoforms, by number.
  public private(set) var isoforms: [String] = []
  /// The ids of one kind.
  private struct Names: Sendable {
    var isMap = false
    var genes: [String: Int32] = [:]
    var isoforms: [String: Int32] = [:]
    var symbols: Set<Int32> = []
    var sharedSymbols: [String: [String]] = [:]
  }
  /// The ids of both sides, or of side a and of side b.
  private var names: [Names]
  /// The numbers of genes and isoforms at which side b begins, where it has its own.
  private var second: (gene: Int, isoform: Int)?
  private var offsets: [Int32] = [0]
  private var lists: [Int32] = []

  /// The members of rows, in their order; a repeated row counts once.
  init(_ rows: MemberRows) {
    names = [
      Names(
        isMap: true, genes: rows.genes.numbers, isoforms: rows.isoforms.numbers, symbols: rows.symbols,
        sharedSymbols: rows.sharedSymbols)
    ]
    genes = rows.genes.ids
    isoforms = rows.isoforms.ids
    arrange(rows.rows)
  }

  /// Each id of the tables is a gene with itself as its only isoform.
  public init(identifiersOf tables: [FeatureTable]) {
    var known = InternedIdentifiers()
    for table in tables {
      for id in table.ids { _ = known.number(id) }
    }
    names = [Names(genes: known.numbers, isoforms: known.numbers)]
    isoforms = known.ids
    genes = isoforms
    arrange(genes.indices.map { (Int32($0), Int32($0)) })
  }

  /// Pairs of one kind with another: the members of side a, and those of side b.
  public init(a: Members, b: Members) {
    precondition(!a.isTwoSided && !b.isTwoSided, "members of one kind")
    let (gene, isoform) = (Int32(a.genes.count), Int32(a.isoforms.count))
    var other = b.names[0]
    other.genes = other.genes.mapValues { $0 + gene }
    other.isoforms = other.isoforms.mapValues { $0 + isoform }
    other.symbols = Set(other.symbols.map { $0 + gene })
    names = [a.names[0], other]
    second = (a.genes.count, a.isoforms.count)
    genes = a.genes + b.genes
    isoforms = a.isoforms + b.isoforms
    lists = a.lists + b.lists.map { $0 + isoform }
    offsets = a.offsets + b.offsets.dropFirst().map { $0 + Int32(a.lists.count) }
  }

  /// Whether the sides differ in kind, so that each has its own ids.
  public var isTwoSided: Bool { second != nil }

  /// The numbers of the genes that can be on a side.
  public func genes(on side: Side) -> Range<Int> {
    guard let second else { return genes.indices }
    return side == .a ? 0..<second.gene : second.gene..<genes.count
  }

  /// The numbers of the isoforms that can be on a side.
  public func isoforms(on side: Side) -> Range<Int> {
    guard let second else { return isoforms.indices }
    return side == .a ? 0..<second.isoform : second.isoform..<isoforms.count
  }

  private func names(on side: Side) -> Names { names[second == nil || side == .a ? 0 : 1] }

  /// Whether members of a side were read; without them each id is a gene with one isoform.
  func isMap(_ side: Side) -> Bool { names(on: side).isMap }

  /// The number of a gene of a side.
  public func gene(_ id: String, _ side: Side) -> Int? { names(on: side).genes[id].map(Int.init) }

  /// The number of an isoform of a side.
  public func isoform(_ id: String, _ side: Side) -> Int? { names(on: side).isoforms[id].map(Int.init) }

  /// The numbers of the genes of an id, which can be one on either side.
  func genes(named id: String) -> [Int] { names.compactMap { $0.genes[id].map(Int.init) } }

  /// The numbers of the isoforms of an id, which can be one on either side.
  func isoforms(named id: String) -> [Int] { names.compactMap { $0.isoforms[id].map(Int.init) } }

  /// The error for an unknown gene; its hint names the option that would make it known, if there is one.
  func unknownGene(_ id: String, _ side: Side, at place: SourceLocation) -> BagsError {
    let shared = names(on: side).sharedSymbols[id] ?? []
    let isOnOther = isTwoSided && gene(id, side == .a ? .b : .a) != nil
    let hint =
      isOnOther
      ? "the other side has this id: --pair-columns says which columns are side a and side b"
      : shared.isEmpty
        ? IdentifierHint.option(matching: id, among: Array(genes[genes(on: side)]))
        : "it is the symbol of several genes, which go by their ids: "
          + shared.prefix(5).map { Diagnostic.quoted($0) }.joined(separator: ", ")
    return BagsError(
      .unknownGene(id, members: isMap(side), side: isTwoSided ? side : nil, hint: hint), at: place)
  }

  /// Whether any gene is named by its symbol.
  var haveSymbols: Bool { names.contains { !$0.symbols.isEmpty } }

  /// Whether a gene is named by its symbol, not by a stable id.
  func goesBySymbol(_ gene: Int) -> Bool { names.contains { $0.symbols.contains(Int32(gene)) } }

  /// The isoforms of a gene in file order.
  public func isoforms(of gene: Int) -> ArraySlice<Int32> { lists[Int(offsets[gene])..<Int(offsets[gene + 1])] }

  /// The numbers of the genes of each isoform, in rising order.
  func genesOfIsoforms() -> [[Int]] {
    var owners = [[Int]](repeating: [], count: isoforms.count)
    for gene in genes.indices {
      for isoform in isoforms(of: gene) { owners[Int(isoform)].append(gene) }
    }
    return owners
  }

  /// Groups the isoforms by gene, in the order of the rows.
  private mutating func arrange(_ rows: [(gene: Int32, isoform: Int32)]) {
    var sizes = [Int32](repeating: 0, count: genes.count)
    for row in rows { sizes[Int(row.gene)] += 1 }
    offsets = [0]
    offsets.reserveCapacity(genes.count + 1)
    for size in sizes { offsets.append(offsets[offsets.count - 1] + size) }
    lists = [Int32](repeating: 0, count: rows.count)
    var next = offsets
    for row in rows {
      lists[Int(next[Int(row.gene)])] = row.isoform
      next[Int(row.gene)] += 1
    }
  }
}
