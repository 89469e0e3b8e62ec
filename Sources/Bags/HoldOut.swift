import Bytes

/// A part of a split by genes or by bags; the parts of genes are C1, C2 and C3 of Park and Marcotte (2012).
public enum SplitPart: String, Sendable, CaseIterable {
  /// No gene of the pair is held out, or the pair is not.
  case train
  /// One gene of the pair is held out.
  case oneUnseen = "one-unseen"
  /// The gene of side a is held out, where the sides differ in kind.
  case aUnseen = "a-unseen"
  /// The gene of side b is held out, where the sides differ in kind.
  case bUnseen = "b-unseen"
  /// Both genes are held out.
  case bothUnseen = "both-unseen"
  /// All that is not train.
  case heldOut = "held-out"
}

/// A split without memory: a seeded hash of the gene, or of the unordered pair, decides what is held out, so repeated
/// pairs are in one part.
public struct HoldOut: Sendable {
  /// The unit that is held out: the genes of both sides, of one side, or bags.
  public enum Unit: String, Sendable, CaseIterable { case genes, a, b, bags }

  /// The unit that is held out.
  public let unit: Unit
  /// The share that is held out, between 0 and 1.
  public let share: Double
  /// The seed of the hash.
  public let seed: UInt64
  /// Genes that are held out together.
  public var groups: GeneGroups?
  /// Whether the sides of the pairs differ in kind, so that the parts say which of them is unseen.
  public var isTwoSided = false

  /// Makes a split.
  public init(_ unit: Unit, share: Double, seed: UInt64) {
    self.unit = unit
    self.share = share
    self.seed = seed
  }

  /// Reads `genes:0.2`, `a:0.2`, `b:0.2` or `bags:0.2`; throws `BagsError` (usage) for anything else.
  public init(parsing text: String, seed: UInt64) throws {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let unit = Unit(rawValue: String(parts[0])),
      let share = Array(parts[1].utf8).withUnsafeBufferPointer({ NumberText.double($0) }), share > 0, share < 1
    else { throw BagsError(.splitSyntax(text)) }
    self.init(unit, share: share, seed: seed)
  }

  /// Whether a gene is held out; of a split of one side only the genes of that side are.
  public func holdsOut(gene: String, _ side: Side = .a) -> Bool {
    switch unit {
    case .bags: return false
    case .a where side == .b, .b where side == .a: return false
    case .a, .b, .genes: return Self.position(of: groups?.name(of: gene) ?? gene, seed: seed) < share
    }
  }

  /// The parts of this split.
  public var parts: [SplitPart] {
    switch unit {
    case .bags: [.train, .heldOut]
    case .a: [.train, .aUnseen, .heldOut]
    case .b: [.train, .bUnseen, .heldOut]
    case .genes: SplitPart.allCases
    }
  }

  /// The part of a pair: train, or of bags held-out, of genes how much of the pair is unseen.
  public func part(_ geneA: String, _ geneB: String) -> SplitPart {
    if unit == .bags { return Self.position(ofPair: geneA, geneB, seed: seed) < share ? .heldOut : .train }
    switch (holdsOut(gene: geneA, .a), holdsOut(gene: geneB, .b)) {
    case (true, true): return .bothUnseen
    case (true, false): return isTwoSided ? .aUnseen : .oneUnseen
    case (false, true): return isTwoSided ? .bUnseen : .oneUnseen
    case (false, false): return .train
    }
  }

  /// Whether the pair is in one of `parts`, of which held-out is all but train and one-unseen either side.
  public func keeps(_ geneA: String, _ geneB: String, parts: Set<SplitPart>) -> Bool {
    let part = part(geneA, geneB)
    return parts.contains(part) || (part != .train && parts.contains(.heldOut))
      || ((part == .aUnseen || part == .bUnseen) && parts.contains(.oneUnseen))
  }

  /// The position of a gene in [0, 1): the first 53 bits of a seeded hash, independent of other uses of the seed.
  static func position(of gene: String, seed: UInt64) -> Double {
    Double(RandomStream.hash("split\t" + gene, seed: seed) >> 11) * 0x1p-53
  }

  /// The position of an unordered pair in [0, 1).
  static func position(ofPair a: String, _ b: String, seed: UInt64) -> Double {
    position(of: a <= b ? "\(a)\t\(b)" : "\(b)\t\(a)", seed: seed)
  }
}
