import Bytes

/// Which genes a model was trained on: for each a 64-bit hash of its id, its bags and its positive bags.
///
/// It tells seen from unseen genes, and it is the degree baseline: what is known from the genes' positive rates alone.
public struct TrainingGenes: Sendable, Equatable {
  /// How many of a pair's genes were seen in training.
  public enum Part: String, Sendable, CaseIterable {
    case seen
    case oneUnseen = "one-unseen"
    case bothUnseen = "both-unseen"
  }

  struct Tally: Sendable, Equatable {
    var bags: Int64 = 0
    var positives: Int64 = 0
  }

  private var tallies: [UInt64: Tally] = [:]
  /// All training bags with two genes; a bag counts once here, and once for each of its genes in the table.
  public private(set) var bags: Int64 = 0
  /// The positive ones among `bags`, so that their quotient is the rate of a gene never seen.
  public private(set) var positives: Int64 = 0

  /// No gene yet.
  public init() {}

  /// Counts one labelled training bag; a self pair counts once for its gene.
  public mutating func add(_ geneA: String, _ geneB: String, positive: Bool) {
    let (a, b) = (RandomStream.hash(geneA), RandomStream.hash(geneB))
    for gene in a == b ? [a] : [a, b] {
      tallies[gene, default: Tally()].bags += 1
      if positive { tallies[gene, default: Tally()].positives += 1 }
    }
    bags += 1
    if positive { positives += 1 }
  }

  /// Whether both genes, one or none were seen in training.
  public func part(of geneA: String, _ geneB: String) -> Part {
    let seen = [geneA, geneB].filter { tallies[RandomStream.hash($0)] != nil }.count
    return seen == 2 ? .seen : seen == 1 ? .oneUnseen : .bothUnseen
  }

  /// rate(a) · rate(b), where rate(g) = (positive bags of g + r) / (bags of g + 1) and r is the positive rate of all
  /// training bags; a gene never seen has the rate r.
  public func degree(of geneA: String, _ geneB: String) -> Double {
    let overall = bags == 0 ? 0 : Double(positives) / Double(bags)
    func rate(_ gene: String) -> Double {
      let tally = tallies[RandomStream.hash(gene)] ?? Tally()
      return (Double(tally.positives) + overall) / (Double(tally.bags) + 1)
    }
    return rate(geneA) * rate(geneB)
  }

  /// Whether no gene was seen.
  public var isEmpty: Bool { tallies.isEmpty }
  /// The number of genes seen.
  public var count: Int { tallies.count }

  /// The table in the order of the hashes: as it stands in a model file.
  public var table: (hashes: [UInt64], bags: [Int64], positives: [Int64]) {
    let hashes = tallies.keys.sorted()
    return (hashes, hashes.map { tallies[$0]?.bags ?? 0 }, hashes.map { tallies[$0]?.positives ?? 0 })
  }

  /// The genes of a table; nil when its columns differ in length, its hashes do not ascend or its counts cannot be.
  public init?(hashes: [UInt64], bags: [Int64], positives: [Int64], allBags: Int64, allPositives: Int64) {
    guard hashes.count == bags.count, hashes.count == positives.count else { return nil }
    guard allPositives >= 0, allBags >= allPositives else { return nil }
    for row in hashes.indices {
      guard row == 0 || hashes[row - 1] < hashes[row] else { return nil }
      guard positives[row] >= 0, bags[row] >= positives[row], bags[row] <= allBags else { return nil }
      tallies[hashes[row]] = Tally(bags: bags[row], positives: positives[row])
    }
    (self.bags, self.positives) = (allBags, allPositives)
  }
}
