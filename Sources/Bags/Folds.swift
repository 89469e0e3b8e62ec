/// Folds by a seeded hash, written into `fold` and `part`; no memory, and repeated pairs stand in one fold.
///
/// By bag: `fold` is 0..<count. By gene: each gene has a fold, and a pair whose genes are in folds 1 and 3 has the
/// fold `1-3`: it is held out, as one-unseen, when either of them is; a pair in one fold only, as both-unseen.
public struct Folds: Sendable {
  /// What is dealt out.
  public enum Unit: String, Sendable, CaseIterable { case gene, bag }

  /// How many folds there are.
  public let count: Int
  /// What is dealt out.
  public let unit: Unit
  private let seed: UInt64
  /// Genes that stand in one fold.
  public var groups: GeneGroups?

  /// Makes `count` folds, two or more; the same seed deals the same.
  public init(_ count: Int, by unit: Unit, seed: UInt64) {
    precondition(count >= 2, "two folds or more")
    self.count = count
    self.unit = unit
    // Folds and a held-out part drawn with one seed are independent.
    self.seed = seed ^ 0x666f_6c64_7300_0000
  }

  /// The fold of a pair, and what the pair is when that fold is held out.
  public func place(_ geneA: String, _ geneB: String) -> (fold: String, part: HoldOut.Part) {
    switch unit {
    case .bag: return (String(number(HoldOut.position(ofPair: geneA, geneB, seed: seed))), .heldOut)
    case .gene:
      let (a, b) = (fold(ofGene: geneA), fold(ofGene: geneB))
      return a == b ? (String(a), .bothUnseen) : ("\(min(a, b))-\(max(a, b))", .oneUnseen)
    }
  }

  /// The fold of a gene, where genes are dealt out.
  func fold(ofGene gene: String) -> Int { number(HoldOut.position(of: groups?.name(of: gene) ?? gene, seed: seed)) }

  private func number(_ position: Double) -> Int { min(count - 1, Int(position * Double(count))) }
}
