import Bytes
import Records

/// A pair of genes with what its row says about it.
public struct GenePair: Sendable {
  /// The id of the first gene.
  public var geneA: String
  /// The id of the second gene.
  public var geneB: String
  /// 0, 1 or a number; nil when it is not known.
  public var label: Double?
  /// The fold the pair is in.
  public var fold: String?
  /// What part of a split the pair is in.
  public var part: String?
  /// A baseline score that came with the pair.
  public var degree: Double?
  /// How much the pair counts.
  public var weight: Double?
  /// Columns that are passed on, in the order in which they were asked for.
  public var kept: [KeptValue]
  /// Where the pair was read.
  public var place: Place
  /// The numbers of the genes among the members, where the source knows them.
  var numbers: (a: Int32, b: Int32)?

  /// Makes a pair; all but its genes may be unknown.
  public init(
    _ geneA: String, _ geneB: String, label: Double? = nil, kept: [KeptValue] = [],
    place: Place = Place(source: "pairs")
  ) {
    self.geneA = geneA
    self.geneB = geneB
    self.label = label
    self.kept = kept
    self.place = place
  }
}

/// Where pairs come from, one at a time.
public protocol PairSource: AnyObject {
  /// The next pair, nil at the end.
  func next() throws -> GenePair?
  /// Whether no two pairs are the same, either way round.
  var isDistinct: Bool { get }
}

extension PairSource {
  /// False: repeats are looked for.
  public var isDistinct: Bool { false }
}

/// Pairs in memory.
public final class PairList: PairSource {
  private var pairs: ArraySlice<GenePair>

  /// Gives out these pairs in order.
  public init(_ pairs: [GenePair]) { self.pairs = pairs[...] }

  /// The next pair; nil at the end.
  public func next() throws -> GenePair? { pairs.popFirst() }
}

/// Reads pairs from a table with the columns `gene_a` and `gene_b`, and `label`, `fold`, `part`, `degree` and `weight`
/// where it has them; other columns are ignored unless they are to be kept. Memory: one row.
public final class PairReader: PairSource {
  private let table: TableReader
  private let geneA: Int
  private let geneB: Int
  private let label: Int?
  private let fold: Int?
  private let part: Int?
  private let degree: Int?
  private let weight: Int?
  private let kept: [Int]
  private let badRows: BadRowRule
  private let tally: Tally

  /// Whether the input had no byte: no bags, and no header of them either.
  public let isEmpty: Bool

  /// The reserved columns beside the usual ones that the pairs bring along.
  public var furtherColumns: [String] {
    [("fold", fold), ("part", part), ("degree", degree), ("weight", weight)].filter { $0.1 != nil }.map(\.0)
  }

  /// Throws a `RecordError` when `gene_a`, `gene_b` or a column to keep is not there.
  public init(
    _ table: TableReader, keep: [String] = [], badRows: BadRowRule = .error, tally: Tally = Tally()
  ) throws {
    self.table = table
    self.badRows = badRows
    self.tally = tally
    isEmpty = table.isEmpty
    geneA = isEmpty ? 0 : try table.require("gene_a")
    geneB = isEmpty ? 0 : try table.require("gene_b")
    label = table.column("label")
    fold = table.column("fold")
    part = table.column("part")
    degree = table.column("degree")
    weight = table.column("weight")
    kept = isEmpty ? [] : try keep.map { try table.require($0) }
  }

  /// The next pair; nil at the end. Throws a `RecordError` with the place of a faulty row, unless those are skipped.
  public func next() throws -> GenePair? {
    if isEmpty { return nil }
    while true {
      do {
        return try table.next().map { try pair(of: $0) }
      } catch let error as RecordError where badRows == .skip && Self.isOfOneRow(error.kind) {
        tally.count(.badRow, example: error.diagnostic)
      }
    }
  }

  private static func isOfOneRow(_ kind: RecordError.Kind) -> Bool {
    switch kind {
    case .syntax, .ragged, .number, .text, .label: true
    default: false
    }
  }

  private func pair(of row: TableRow) throws -> GenePair {
    var pair = GenePair(
      try row.id(geneA), try row.id(geneB), label: try label.flatMap { try row.label($0) },
      kept: kept.map { column in row.text(column).map { .text($0) } ?? .missing }, place: row.place)
    pair.fold = fold.flatMap { row.text($0) }
    pair.part = part.flatMap { row.text($0) }
    pair.degree = try degree.flatMap { try row.number($0) }
    pair.weight = try weight.flatMap { try row.number($0) }
    return pair
  }
}
