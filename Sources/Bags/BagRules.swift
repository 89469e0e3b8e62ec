/// What is done with pairs and isoforms that lack something, and which pairs become bags.
public struct BagRules: Sendable {
  /// A gene without isoforms (or, without members, an id that no table has).
  public enum UnknownGene: String, Sendable, CaseIterable { case error, drop }
  /// An isoform without a row in a block that is no correlation.
  public enum MissingIsoform: String, Sendable, CaseIterable { case drop, zero, error }
  /// A correlation with an isoform that is not in the table, without variance or over too few values.
  public enum Undefined: String, Sendable, CaseIterable { case zero, drop, error }

  /// A pair of a gene with itself.
  public enum SelfPairs: String, Sendable, CaseIterable { case keep, drop }

  /// What becomes of a pair with an unknown gene.
  public var unknownGene = UnknownGene.error
  /// What becomes of instances of an isoform without features.
  public var missingIsoform = MissingIsoform.drop
  /// What becomes of an undefined correlation.
  public var undefined = Undefined.zero
  /// What becomes of contrary labels.
  public var conflicts = ConflictRule.keep
  /// Only isoform pairs that were really tested become instances.
  public var testedOnly = false
  /// What becomes of a pair of a gene with itself.
  public var selfPairs = SelfPairs.keep
  /// A pair that comes again the other way round is a repeat, not a bag of its own.
  public var isUnordered = false
  /// Each pair is followed by itself the other way round (a self pair is not).
  public var bothOrders = false
  /// The largest bag.
  public var maxInstances = 1 << 20
  /// The share of the pairs that become bags: every so many of those that are no repeats.
  public var shard: Shard?
  /// A split of which only `keepParts` pass.
  public var holdOut: HoldOut?
  /// The parts of the split that pass.
  public var keepParts: Set<HoldOut.Part> = []
  /// A class of which only a part passes.
  public var underSample: Resampling?
  /// A class that weighs more.
  public var classWeight: Resampling?
  /// The seed by which a class is thinned.
  public var sampleSeed: UInt64 = 1
  /// Folds to be written into `fold` and `part`.
  public var folds: Folds?

  /// The defaults of pairgen.
  public init() {}

  /// Whether only a share of the pairs becomes bags.
  var isShard: Bool { (shard?.count ?? 1) > 1 }

  /// Whether genes are split into parts or folds.
  var splitsGenes: Bool { holdOut?.unit == .genes || folds?.unit == .gene }

  /// Whether a pair of two genes is in the part of the split that is asked for.
  public func passes(_ geneA: String, _ geneB: String) -> Bool {
    (selfPairs == .keep || geneA != geneB) && (holdOut?.keeps(geneA, geneB, parts: keepParts) ?? true)
  }
}
