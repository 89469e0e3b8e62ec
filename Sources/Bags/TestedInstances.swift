import Bytes
import Records

/// Labels of isoform pairs that were tested, found in either order.
public struct TestedInstances: Sendable {
  private var labels: [UInt64: Double] = [:]
  private var dropped: Set<UInt64> = []

  /// No tested pair.
  public init() {}

  /// Reads a table with the columns `isoform_a`, `isoform_b` and `label` (or `instance_label`); others are ignored.
  ///
  /// Pairs with an isoform of no gene are left out and counted; rows without a label are ignored. Throws
  /// `BagsError` for a missing column, and for contrary labels where the rule is `error`; `mean` and `median` keep the
  /// first label.
  public init(
    reading table: TableReader, members: Members, labels: LabelKind? = nil, conflicts: ConflictRule,
    cut: IdentifierCut = IdentifierCut(), tally: NoticeCounter
  ) throws {
    let columnA = try table.require("isoform_a")
    let columnB = try table.require("isoform_b")
    let labelColumn = try table.column("instance_label") ?? table.require("label")
    while let row = try table.next() {
      let isoformA = cut.apply(try row.id(columnA))
      let isoformB = cut.apply(try row.id(columnB))
      guard let label = try row.label(labelColumn, labels) else { continue }
      guard let a = members.isoform(isoformA, .a), let b = members.isoform(isoformB, .b) else {
        let unknown = members.isoform(isoformA, .a) == nil ? isoformA : isoformB
        let message = "tested isoform \(Diagnostic.quoted(unknown)) is of no gene"
        tally.count(.unknownTested, example: Diagnostic(.data, message, at: row.place))
        continue
      }
      let error = BagsError(.contraryInstance("\(isoformA):\(isoformB)"), at: row.place)
      try add(a, b, label: label, conflicts: conflicts, error: error, tally: tally)
    }
  }

  /// The number of tested pairs.
  public var count: Int { labels.count }

  /// The label of two isoforms (by number), in either order.
  public func label(_ a: Int32, _ b: Int32) -> Double? { labels[Self.key(a, b)] }

  /// The pairs of genes with an isoform pair that interacts (a label other than 0).
  public func interacting(_ members: Members) -> [(String, String)] {
    let genes = members.genesOfIsoforms().map { $0.map { members.genes[$0] } }
    return labels.keys.sorted().filter { labels[$0] != 0 }.flatMap { key in
      let (a, b) = (genes[Int(key >> 32)], genes[Int(key & 0xFFFF_FFFF)])
      return a.flatMap { first in b.map { (first, $0) } }
    }
  }

  private mutating func add(
    _ a: Int, _ b: Int, label: Double, conflicts: ConflictRule, error: BagsError, tally: NoticeCounter
  ) throws {
    let key = Self.key(Int32(a), Int32(b))
    if dropped.contains(key) {
      tally.count(.contraryInstance)
      return
    }
    guard let before = labels[key] else {
      labels[key] = label
      return
    }
    if before == label { return }
    if conflicts == .error { throw error }
    tally.count(.contraryInstance, example: error.warning)
    if conflicts == .drop {
      labels[key] = nil
      dropped.insert(key)
    }
  }

  static func key(_ a: Int32, _ b: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: min(a, b))) << 32 | UInt64(UInt32(bitPattern: max(a, b)))
  }
}
