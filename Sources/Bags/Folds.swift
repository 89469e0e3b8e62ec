/// Folds by a seeded hash, written to the columns `fold` and `part`; they need no memory, and repeated pairs are in one
/// fold.
///
/// By bag, or by the gene of side a or b, `fold` is 0..<count. By gene, each gene has a fold, and a pair of genes in
/// folds 1 and 3 has the fold `1-3`: it is one-unseen where one of these folds is held out. A pair of genes in one fold
/// is both-unseen.
public struct Folds: Sendable {
  /// The unit that is assigned to folds.
  public enum Unit: String, Sendable, CaseIterable {
    case gene = "genes"
    case a, b
    case bag = "bags"
  }

  /// The number of folds.
  public let count: Int
  /// The unit that is assigned to folds.
  public let unit: Unit
  private let seed: UInt64
  /// Genes that are assigned to one fold together.
  public var groups: GeneGroups?

  /// Reads `genes:5`, `bags:5`, `a:5` or `b:5`: the unit and the number of folds; nil for anything else.
  public static func parse(_ text: String) -> (unit: Unit, count: Int)? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, let unit = Unit(rawValue: parts[0]), let count = Int(parts[1]), (2...10_000).contains(count)
    else { return nil }
    return (unit, count)
  }

  /// Makes `count` folds, two or more; the same seed gives the same folds.
  public init(_ count: Int, by unit: Unit, seed: UInt64) {
    precondition(count >= 2, "two folds or more")
    self.count = count
    self.unit = unit
    // Folds and a held-out part drawn with one seed are independent.
    self.seed = seed ^ 0x666f_6c64_7300_0000
  }

  /// The fold of a pair, and its part where that fold is held out.
  public func place(_ geneA: String, _ geneB: String) -> (fold: String, part: SplitPart) {
    switch unit {
    case .a: return (String(fold(ofGene: geneA)), .aUnseen)
    case .b: return (String(fold(ofGene: geneB)), .bUnseen)
    case .bag: return (String(number(HoldOut.position(ofPair: geneA, geneB, seed: seed))), .heldOut)
    case .gene:
      let (a, b) = (fold(ofGene: geneA), fold(ofGene: geneB))
      return a == b ? (String(a), .bothUnseen) : ("\(min(a, b))-\(max(a, b))", .oneUnseen)
    }
  }

  /// The folds that hold a pair out: one, or by gene those of both genes.
  public func holding(_ geneA: String, _ geneB: String) -> [Int] {
    switch unit {
    case .a: return [fold(ofGene: geneA)]
    case .b: return [fold(ofGene: geneB)]
    case .bag: return [number(HoldOut.position(ofPair: geneA, geneB, seed: seed))]
    case .gene:
      let (a, b) = (fold(ofGene: geneA), fold(ofGene: geneB))
      return a == b ? [a] : [a, b]
    }
  }

  /// The fold of a gene, where genes are assigned.
  func fold(ofGene gene: String) -> Int { number(HoldOut.position(of: groups?.name(of: gene) ?? gene, seed: seed)) }

  private func number(_ position: Double) -> Int { min(count - 1, Int(position * Double(count))) }
}
