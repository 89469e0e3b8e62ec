import Bytes
import Records

/// The isoforms of each gene, in file order; genes and isoforms are numbered from 0.
public struct Members: Sendable {
  /// The ids of the genes, by number.
  public private(set) var genes: [String] = []
  /// The ids of the isoforms, by number.
  public private(set) var isoforms: [String] = []
  /// Whether members were read; without them each id is a gene with one isoform.
  public let isMap: Bool
  private var geneNumbers: [String: Int32] = [:]
  private var isoformNumbers: [String: Int32] = [:]
  private let symbols: Set<Int32>
  private let sharedSymbols: [String: [String]]
  private var offsets: [Int32] = [0]
  private var lists: [Int32] = []

  /// The members of rows, in their order; a repeated row counts once.
  init(_ rows: MemberRows) {
    isMap = true
    symbols = rows.symbols
    sharedSymbols = rows.sharedSymbols
    genes = rows.genes.ids
    isoforms = rows.isoforms.ids
    geneNumbers = rows.genes.numbers
    isoformNumbers = rows.isoforms.numbers
    arrange(rows.rows)
  }

  /// Each id of the tables is a gene with itself as its only isoform.
  public init(identifiersOf tables: [FeatureTable]) {
    isMap = false
    symbols = []
    sharedSymbols = [:]
    var known = InternedIdentifiers()
    for table in tables {
      for id in table.ids { _ = known.number(id) }
    }
    isoforms = known.ids
    isoformNumbers = known.numbers
    genes = isoforms
    geneNumbers = isoformNumbers
    arrange(genes.indices.map { (Int32($0), Int32($0)) })
  }

  /// The number of a gene.
  public func gene(_ id: String) -> Int? { geneNumbers[id].map(Int.init) }

  /// The number of an isoform.
  public func isoform(_ id: String) -> Int? { isoformNumbers[id].map(Int.init) }

  /// The ids of the genes that share a symbol; empty where at most one gene has it.
  func genes(sharing symbol: String) -> [String] { sharedSymbols[symbol] ?? [] }

  /// The error for an unknown gene; its hint names the option that would make it known, if there is one.
  func unknownGene(_ id: String, at place: SourceLocation) -> BagsError {
    let shared = genes(sharing: id)
    let hint =
      shared.isEmpty
      ? IdentifierHint.option(matching: id, among: genes)
      : "it is the symbol of several genes, which go by their ids: "
        + shared.prefix(5).map { Diagnostic.quoted($0) }.joined(separator: ", ")
    return BagsError(.unknownGene(id, members: isMap, hint: hint), at: place)
  }

  /// Whether any gene is named by its symbol.
  var haveSymbols: Bool { !symbols.isEmpty }

  /// Whether a gene is named by its symbol, not by a stable id.
  func goesBySymbol(_ gene: Int) -> Bool { symbols.contains(Int32(gene)) }

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
