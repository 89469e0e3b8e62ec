import Bytes

/// A split that needs no memory: what is held out is said by a seeded hash of the gene, or of the pair.
///
/// The order of a pair's genes plays no part, so repeated pairs stay together.
public struct HoldOut: Sendable {
  /// What is held out.
  public enum Unit: String, Sendable, CaseIterable { case genes, bags }

  /// Where a bag stands (Park and Marcotte 2012: C1, C2, C3).
  public enum Part: String, Sendable, CaseIterable {
    /// No gene held out, or the pair not held out.
    case train
    /// One gene of the pair held out.
    case oneUnseen = "one-unseen"
    /// Both genes held out.
    case bothUnseen = "both-unseen"
    /// All that is not train.
    case heldOut = "held-out"
  }

  /// What is held out.
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
  public func part(_ geneA: String, _ geneB: String) -> Part {
    switch unit {
    case .bags: return Self.position(ofPair: geneA, geneB, seed: seed) < share ? .heldOut : .train
    case .genes:
      let a = holdsOut(gene: geneA)
      let b = geneA == geneB ? a : holdsOut(gene: geneB)
      return a && b ? .bothUnseen : a || b ? .oneUnseen : .train
    }
  }

  /// Whether the pair belongs to one of the parts asked for.
  public func keeps(_ geneA: String, _ geneB: String, parts: Set<Part>) -> Bool {
    let part = part(geneA, geneB)
    return parts.contains(part) || (part != .train && parts.contains(.heldOut))
  }

  /// A place in [0, 1) for a gene: the first 53 bits of a seeded hash of it, apart from all other uses of the seed.
  static func position(of gene: String, seed: UInt64) -> Double {
    Double(RandomStream.hash("split\t" + gene, seed: seed) >> 11) * 0x1p-53
  }

  /// A place in [0, 1) for an unordered pair.
  static func position(ofPair a: String, _ b: String, seed: UInt64) -> Double {
    position(of: a <= b ? "\(a)\t\(b)" : "\(b)\t\(a)", seed: seed)
  }
}
