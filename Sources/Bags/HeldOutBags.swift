import Arrays
import Bytes
import Records

/// The bags of a stream that are in given parts of a split; a bag without genes is in no part, and an error.
public final class HeldOutBags: BagSource {
  private let source: BagSource
  private var holdOut: HoldOut
  private let parts: Set<SplitPart>
  private let isPiece: Bool
  private var areSidesAlike = false
  private let tally: NoticeCounter
  private var read = 0
  private var given = 0
  private var isDone = false
  private var genes = InternedIdentifiers()
  private var finder: CopyFinder?

  /// The bags of `source` in `parts` of the split. `isPiece` says that the source is a piece of a stream, of which
  /// nothing may be left; `tally` takes the warnings of copies in both parts.
  public init(
    _ source: BagSource, _ holdOut: HoldOut, parts: Set<SplitPart>, isPiece: Bool = false,
    tally: NoticeCounter = NoticeCounter()
  ) {
    self.source = source
    self.isPiece = isPiece
    self.tally = tally
    let names = source.schema?.names
    if holdOut.unit != .bags { finder = CopyFinder(names: names, only: Self.side(holdOut)) }
    self.holdOut = holdOut
    // A feature of one side without a counterpart on the other.
    self.holdOut.isTwoSided = names.map { ColumnSwap.obstacle(in: $0) != nil } ?? (holdOut.unit != .genes)
    areSidesAlike = !self.holdOut.isTwoSided && (holdOut.unit == .a || holdOut.unit == .b)
    self.parts = parts
  }

  /// The feature names of the source.
  public var schema: Schema? { source.schema }
  /// The digest of the source's feature names.
  public var digest: String? { source.digest }
  /// The kind of the source.
  public var kind: RecordKind { source.kind }
  /// The kind of the source's labels.
  public var labels: LabelKind? { source.labels }
  /// The edges that the features of the source have seen.
  public var seenEdges: [JSON] { source.seenEdges }

  /// The next bag of the parts; throws `BagsError` for a bag without genes, and at the end where bags came and none was
  /// let through; and what the source throws.
  public func next() throws -> StreamRecord? {
    while let record = try source.next() {
      if areSidesAlike { throw BagsError(.sidesAlike("--hold-out \(holdOut.unit.rawValue):")) }
      guard let a = record.geneA, let b = record.geneB else { throw BagsError(.noGenes(record.name), at: record.place) }
      read += 1
      note(record, a, b)
      guard holdOut.keeps(a, b, parts: parts) else { continue }
      given += 1
      return record
    }
    if !isDone { try finish() }
    isDone = true
    return nil
  }

  /// The side whose genes are held out; nil for both.
  private static func side(_ holdOut: HoldOut) -> Side? {
    holdOut.unit == .a ? .a : holdOut.unit == .b ? .b : nil
  }

  private func note(_ record: StreamRecord, _ geneA: String, _ geneB: String) {
    guard finder != nil else { return }
    let (a, b) = (Int(genes.number(geneA)), Int(genes.number(geneB)))
    let width = record.width
    record.values.withUnsafeBufferPointer { values in
      for row in record.instances.indices {
        let range = row * width..<(row + 1) * width
        finder?.note(UnsafeBufferPointer(rebasing: values[range]), geneA: a, geneB: b)
      }
    }
  }

  private func finish() throws {
    if read > 0, given == 0, !isPiece {
      throw BagsError(
        .nothingLeft(
          ["\(read) \(read == 1 ? "bag" : "bags") in other parts of the split"],
          hint: "another share, --split-seed or --keep-part chooses other bags"))
    }
    let side = Self.side(holdOut) ?? .a
    let copies = finder?.copies.crossing({ holdOut.holdsOut(gene: genes.ids[$0], side) }, isReported: { $0 }) ?? []
    for (held, copy) in copies {
      tally.countHeldOutCopy(genes.ids[held], of: genes.ids[copy])
    }
    tally.close()
  }
}
