/// What is done with pairs and isoforms that lack something, and which pairs become bags.
public struct BagRules: Sendable {
  /// A gene without isoforms (or, without members, an id that no table has).
  public enum UnknownGene: String, Sendable, CaseIterable { case error, drop }
  /// An isoform without a row in a block that is no correlation.
  public enum MissingIsoform: String, Sendable, CaseIterable { case drop, zero, error }
  /// A correlation with an isoform that is not in the table, without variance or over too few values.
  public enum Undefined: String, Sendable, CaseIterable { case zero, drop, error }

  public var unknownGene = UnknownGene.error
  public var missingIsoform = MissingIsoform.drop
  public var undefined = Undefined.zero
  public var conflicts = ConflictRule.keep
  /// Only isoform pairs that were really tested become instances.
  public var testedOnly = false
  /// Each pair is followed by itself the other way round (a self pair is not).
  public var bothOrders = false
  /// The largest bag.
  public var maxInstances = 1 << 20
  public var holdOut: HoldOut?
  public var keepParts: Set<HoldOut.Part> = []
  public var folds: Folds?

  public init() {}
}
