import Bytes

/// Which pairs become bags, and how missing genes, isoforms and values are treated.
public struct BagRules: Sendable {
  /// The rule for a gene without isoforms (or, without members, an id that no table has).
  public enum UnknownGene: String, Sendable, CaseIterable { case error, drop }
  /// The rule for an isoform without a row in a block other than a correlation.
  public enum MissingIsoform: String, Sendable, CaseIterable { case drop, zero, error }
  /// The rule for a correlation with an isoform that is not in the table, without variance, or over too few values.
  public enum Undefined: String, Sendable, CaseIterable { case zero, drop, error }

  /// The rule for a pair of a gene with itself.
  public enum SelfPairs: String, Sendable, CaseIterable { case keep, drop }

  /// The rule for a pair with an unknown gene.
  public var unknownGene = UnknownGene.error
  /// The rule for instances of an isoform without features.
  public var missingIsoform = MissingIsoform.drop
  /// The rule for an undefined correlation.
  public var undefined = Undefined.zero
  /// The rule for a pair with contrary labels.
  public var conflicts = ConflictRule.first
  /// Whether only tested isoform pairs become instances.
  public var testedOnly = false
  /// The rule for a pair of a gene with itself.
  public var selfPairs = SelfPairs.keep
  /// Whether a reversed pair is a repeat; otherwise it is another bag.
  public var isUnordered = false
  /// Whether the sides differ in kind, so that equal ids on both sides are not the same gene.
  public var isTwoSided = false
  /// Whether each pair is followed by the reversed pair, except a pair of a gene with itself.
  public var bothOrders = false
  /// The largest number of instances of a bag.
  public var maxInstances = 1 << 20
  /// The shard of the pairs that becomes bags: of those that are not repeats, every `count`-th.
  public var shard: Shard?
  /// A split of which the pairs in `keepParts` become bags.
  public var holdOut: HoldOut?
  /// The parts of the split that become bags.
  public var keepParts: Set<SplitPart> = []
  /// The class that is thinned.
  public var underSample: Resampling?
  /// The class that gets a weight.
  public var classWeight: Resampling?
  /// The number above which a label is of class 1, where labels are numbers and classes are wanted.
  public var positiveAbove: Double?
  /// The seed of the thinning.
  public var sampleSeed: UInt64 = 1
  /// The folds that are written to `fold` and `part`.
  public var folds: Folds?

  /// The defaults of pairgen.
  public init() {}

  /// The rules for pairs of these members with these features: whether the sides differ in kind. Throws `BagsError` for
  /// rules that do not apply then.
  func completed(_ members: Members, _ blocks: [PairBlock]) throws -> BagRules {
    var rules = self
    rules.isTwoSided = members.isTwoSided
    if bothOrders, members.isTwoSided { throw BagsError(.withoutSides("--both-orders")) }
    let differ = members.isTwoSided || blocks.contains { $0.spec.kind.sides.count == 1 }
    rules.holdOut?.isTwoSided = differ
    if !differ {
      if let unit = holdOut?.unit, unit == .a || unit == .b {
        throw BagsError(.sidesAlike("--hold-out \(unit.rawValue):\(NumberText.text(holdOut?.share ?? 0))"))
      }
      if let unit = folds?.unit, unit == .a || unit == .b { throw BagsError(.sidesAlike("--folds \(unit.rawValue):N")) }
    }
    return rules
  }

  /// Whether only one of several shards becomes bags.
  var isShard: Bool { (shard?.count ?? 1) > 1 }

  /// Whether genes are split into parts or folds.
  var splitsGenes: Bool { holdOut.map { $0.unit != .bags } ?? (folds.map { $0.unit != .bag } ?? false) }

  /// Whether a pair of two genes is in a wanted part of the split, and is not a dropped self pair.
  public func passes(_ geneA: String, _ geneB: String) -> Bool {
    (selfPairs == .keep || isTwoSided || geneA != geneB) && (holdOut?.keeps(geneA, geneB, parts: keepParts) ?? true)
  }
}
