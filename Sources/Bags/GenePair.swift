import Bytes
import Records

/// A pair of genes with the values of its row.
public struct GenePair: Sendable {
  /// The id of the first gene.
  public var geneA: String
  /// The id of the second gene.
  public var geneB: String
  /// 0, 1 or another number; nil where it is not known.
  public var label: Double?
  /// The fold the pair is in.
  public var fold: String?
  /// The part of a split the pair is in.
  public var part: String?
  /// A baseline score that came with the pair.
  public var baseline: Double?
  /// The weight of the bag in training.
  public var weight: Double?
  /// The values of the columns to keep, in the order of the options.
  public var kept: [KeptValue]
  /// The location of the row.
  public var place: SourceLocation
  /// Whether the pair becomes a bag.
  var role = Role.wanted
  /// The numbers of the genes in the members, where the source knows them.
  var numbers: (a: Int32, b: Int32)?

  /// Makes a pair.
  public init(
    _ geneA: String, _ geneB: String, label: Double? = nil, kept: [KeptValue] = [],
    place: SourceLocation = SourceLocation(source: "pairs")
  ) {
    self.geneA = geneA
    self.geneB = geneB
    self.label = label
    self.kept = kept
    self.place = place
  }
}

extension GenePair {
  /// Whether a pair becomes a bag; the others are only known, so that they are not drawn as negatives.
  enum Role {
    case wanted
    /// The pair has contrary labels, and such pairs are dropped.
    case contrary
    /// The pair was left out and counted.
    case leftOut
  }
}

/// A source of pairs, one at a time.
public protocol PairSource: AnyObject {
  /// The next pair, nil at the end.
  func next() throws -> GenePair?
  /// Whether no two pairs are equal, in either order.
  var isDistinct: Bool { get }
}

extension PairSource {
  /// False: there may be repeats.
  public var isDistinct: Bool { false }
}

/// A source of pairs in memory.
public final class PairList: PairSource {
  private var pairs: ArraySlice<GenePair>

  /// A source of these pairs in order.
  public init(_ pairs: [GenePair]) { self.pairs = pairs[...] }

  /// The next pair; nil at the end.
  public func next() throws -> GenePair? { pairs.popFirst() }
}
