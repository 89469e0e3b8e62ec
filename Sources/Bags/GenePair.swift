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
  /// What it is there for.
  var standing = Standing.wanted
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

extension GenePair {
  /// What a pair is there for: some are only known, so that no negative is drawn there.
  enum Standing {
    case wanted
    /// It has contrary labels, and rows of these are dropped.
    case contrary
    /// It was left out, and counted.
    case leftOut
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
