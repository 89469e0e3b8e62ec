import Bytes

/// A part of a split by genes or by bags; the parts of genes are C1, C2 and C3 of Park and Marcotte (2012).
public enum SplitPart: String, Sendable, CaseIterable {
  /// No gene of the pair is held out, or the pair is not.
  case train
  /// One gene of the pair is held out.
  case oneUnseen = "one-unseen"
  /// Both genes are held out.
  case bothUnseen = "both-unseen"
  /// All that is not train.
  case heldOut = "held-out"
}

/// A split without memory: a seeded hash of the gene, or of the unordered pair, decides what is held out, so repeated
/// pairs are in one part.
public struct HoldOut: Sendable {
  /// The unit that is held out.
  public enum Unit: String, Sendable, CaseIterable { case genes, bags }

  /// The unit that is held out.
  public let unit: Unit
  /// The share that is held out, between 0 and 1.
  public let share: Double
  /// The seed of the hash.
  public let seed: UInt64
  /// Genes that are held out together.
  public var groups: GeneGroups?

  /// Makes a split.
  public init(_ unit: Unit, share: Double, seed: UInt64) {
    self.unit = unit
    self.share = share
    self.seed = seed
  }

  /// Reads `genes:0.2` or `bags:0.2`; throws `BagsError` (usage) for anything else.
  public init(parsing text: String, seed: UInt64) throws {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let unit = Unit(rawValue: String(parts[0])),
      let share = Array(parts[1].utf8).withUnsafeBufferPointer({ NumberText.double($0) }), share > 0, share < 1
    else { throw BagsError(.splitSyntax(text)) }
    self.init(unit, share: share, seed: seed)
  }

  /// Whether a gene is held out.
  public func holdsOut(gene: String) -> Bool { Self.position(of: groups?.name(of: gene) ?? gene, seed: seed) < share }

  /// The part of a pair: train, one-unseen or both-unseen for genes; train or held-out for bags.
  public func part(_ geneA: String, _ geneB: String) -> SplitPart {
    switch unit {
    case .bags: return Self.position(ofPair: geneA, geneB, seed: seed) < share ? .heldOut : .train
    case .genes:
      let a = holdsOut(gene: geneA)
      let b = geneA == geneB ? a : holdsOut(gene: geneB)
      return a && b ? .bothUnseen : a || b ? .oneUnseen : .train
    }
  }

  /// Whether the pair is in one of `parts`.
  public func keeps(_ geneA: String, _ geneB: String, parts: Set<SplitPart>) -> Bool {
    let part = part(geneA, geneB)
    return parts.contains(part) || (part != .train && parts.contains(.heldOut))
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
