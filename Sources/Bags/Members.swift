import Bytes
import Records

/// Which isoforms a gene has, in file order; genes and isoforms are numbered from 0.
public struct Members: Sendable {
  /// The ids of the genes, by number.
  public private(set) var genes: [String] = []
  /// The ids of the isoforms, by number.
  public private(set) var isoforms: [String] = []
  /// Whether a map was read; without one each id is its own gene.
  public let isMap: Bool
  private var geneNumbers: [String: Int32] = [:]
  private var isoformNumbers: [String: Int32] = [:]
  private var offsets: [Int32] = [0]
  private var lists: [Int32] = []

  /// Reads a table with the columns `isoform` and `gene` (others are ignored); a row that stands twice counts once.
  ///
  /// Throws what the reader throws: a missing column, an empty field.
  public init(reading table: TableReader, tally: Tally) throws {
    isMap = true
    let isoformColumn = try table.require("isoform")
    let geneColumn = try table.require("gene")
    var seen: Set<UInt64> = []
    var rows: [(gene: Int32, isoform: Int32)] = []
    while let row = try table.next() {
      let isoform = Self.intern(try row.id(isoformColumn), &isoforms, &isoformNumbers)
      let gene = Self.intern(try row.id(geneColumn), &genes, &geneNumbers)
      if seen.insert(UInt64(gene) << 32 | UInt64(isoform)).inserted {
        rows.append((gene, isoform))
      } else {
        tally.count(.repeatedMember)
      }
    }
    arrange(rows)
  }

  /// Each id of the tables is a gene with itself as its only isoform.
  public init(identifiersOf tables: [FeatureTable]) {
    isMap = false
    for table in tables {
      for id in table.ids { _ = Self.intern(id, &isoforms, &isoformNumbers) }
    }
    genes = isoforms
    geneNumbers = isoformNumbers
    arrange(genes.indices.map { (Int32($0), Int32($0)) })
  }

  /// The number of a gene.
  public func gene(_ id: String) -> Int? { geneNumbers[id].map(Int.init) }

  /// The number of an isoform.
  public func isoform(_ id: String) -> Int? { isoformNumbers[id].map(Int.init) }

  /// The isoforms of a gene in file order.
  public func isoforms(of gene: Int) -> ArraySlice<Int32> { lists[Int(offsets[gene])..<Int(offsets[gene + 1])] }

  private static func intern(_ id: String, _ ids: inout [String], _ numbers: inout [String: Int32]) -> Int32 {
    if let number = numbers[id] { return number }
    let number = Int32(ids.count)
    ids.append(id)
    numbers[id] = number
    return number
  }

  /// Puts the isoforms of each gene together, keeping the order of the rows.
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
