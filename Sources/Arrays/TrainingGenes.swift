import Bytes

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The overlap of a scored pair with the bags a model was trained on; the column `part` of its score.
public enum PairPart: String, Sendable, CaseIterable {
  /// The pair itself was trained on, in either order.
  case trained
  /// Both genes were seen, the pair was not.
  case seen
  /// One of the two genes was seen.
  case oneUnseen = "one-unseen"
  /// Where the sides differ in kind: that of side a was not seen.
  case aUnseen = "a-unseen"
  /// Where the sides differ in kind: that of side b was not seen.
  case bUnseen = "b-unseen"
  /// Neither gene was seen.
  case bothUnseen = "both-unseen"
}

/// The genes a model was trained on: a 64-bit hash of the id of each, the number of its bags, and the number of its
/// positive bags, or where labels are numbers their sum.
///
/// It separates seen from unseen genes, and gives the baseline: what a model without features says of a pair.
public struct TrainingGenes: Sendable, Equatable {
  /// The bags of one gene.
  private struct BagCounts: Sendable, Equatable {
    var bags: Int64 = 0
    var positives: Int64 = 0
    var sum = 0.0
  }

  private var counts: [UInt64: BagCounts] = [:]
  /// The number of training bags with two genes. The table counts such a bag once for each of its genes.
  public private(set) var bags: Int64 = 0
  /// The number of positive bags among `bags`; `positives / bags` is the rate of an unseen gene.
  public private(set) var positives: Int64 = 0
  /// The sum of the labels of `bags` where they are numbers; nil where they are classes, and in an empty table.
  public private(set) var sum: Double?

  /// An empty table.
  public init() {}

  /// Counts one labelled training bag; a self pair counts once for its gene.
  public mutating func add(_ geneA: String, _ geneB: String, positive: Bool) {
    let (a, b) = (RandomStream.hash(geneA), RandomStream.hash(geneB))
    for gene in a == b ? [a] : [a, b] {
      counts[gene, default: BagCounts()].bags += 1
      if positive { counts[gene, default: BagCounts()].positives += 1 }
    }
    bags += 1
    if positive { positives += 1 }
  }

  /// Counts one training bag whose label is a number; a self pair counts once for its gene.
  public mutating func add(_ geneA: String, _ geneB: String, number: Double) {
    let (a, b) = (RandomStream.hash(geneA), RandomStream.hash(geneB))
    for gene in a == b ? [a] : [a, b] {
      counts[gene, default: BagCounts()].bags += 1
      counts[gene, default: BagCounts()].sum += number
    }
    bags += 1
    sum = (sum ?? 0) + number
  }

  /// Takes the genes of another table for seen, without their labels: those of a model that this one builds on.
  public mutating func addSeen(_ other: TrainingGenes) {
    for gene in other.counts.keys where counts[gene] == nil { counts[gene] = BagCounts() }
  }

  /// The part of a pair that was not itself trained on; where the sides differ in kind it says which was not seen.
  public func part(of geneA: String, _ geneB: String, isTwoSided: Bool = false) -> PairPart {
    let (a, b) = (counts[RandomStream.hash(geneA)] != nil, counts[RandomStream.hash(geneB)] != nil)
    if a && b { return .seen }
    if !a && !b { return .bothUnseen }
    return !isTwoSided ? .oneUnseen : a ? .bUnseen : .aUnseen
  }

  /// The prediction for a pair from the training labels of its partners alone, without features.
  ///
  /// Of classes the product rate(a) · rate(b), where rate(g) = (positive bags of g + r) / (bags of g + 1) and r is the
  /// positive rate of all training bags. Of numbers m + deviation(a) + deviation(b), where m is the mean of all
  /// training bags and deviation(g) = (sum of g − bags of g · m) / (bags of g + 1). So each partner has one bag more
  /// that is like all bags; one never seen has the rate r, or no deviation.
  public func baseline(of geneA: String, _ geneB: String) -> Double { baseline(ofEach: [geneA, geneB]) }

  /// The prediction for a pair from the training labels of one partner alone: rate(g), or m + deviation(g).
  public func baseline(of gene: String) -> Double { baseline(ofEach: [gene]) }

  private func baseline(ofEach genes: [String]) -> Double {
    let seen = genes.map { counts[RandomStream.hash($0)] ?? BagCounts() }
    if let sum {
      let mean = bags == 0 ? 0 : sum / Double(bags)
      return seen.reduce(mean) { $0 + ($1.sum - Double($1.bags) * mean) / Double($1.bags + 1) }
    }
    let overall = bags == 0 ? 0 : Double(positives) / Double(bags)
    return seen.reduce(1) { $0 * ((Double($1.positives) + overall) / (Double($1.bags) + 1)) }
  }

  /// The log odds of a pair from the training labels of its partners, less those of all bags: the sum over the two
  /// partners of logit((positive bags + 3 r) / (bags + 3)) − logit(r), where r is the positive rate of all training
  /// bags. A partner that was not seen adds 0. Labels are classes; 0 where all are of one class.
  public func history(of geneA: String, _ geneB: String) -> Double {
    guard bags > 0, positives > 0, positives < bags else { return 0 }
    let overall = Double(positives) / Double(bags)
    func logit(_ rate: Double) -> Double { log(rate / (1 - rate)) }
    return [geneA, geneB].reduce(0) { sum, gene in
      guard let seen = counts[RandomStream.hash(gene)] else { return sum }
      return sum + logit((Double(seen.positives) + 3 * overall) / (Double(seen.bags) + 3)) - logit(overall)
    }
  }

  /// Whether no gene was seen.
  public var isEmpty: Bool { counts.isEmpty }
  /// The number of genes seen.
  public var count: Int { counts.count }

  /// The table by ascending hash, as in a model file.
  public var table: (hashes: [UInt64], bags: [Int64], positives: [Int64]) {
    let hashes = counts.keys.sorted()
    return (hashes, hashes.map { counts[$0]?.bags ?? 0 }, hashes.map { counts[$0]?.positives ?? 0 })
  }

  /// Reads a table; nil if its columns differ in length, its hashes do not ascend, or its counts are impossible.
  public init?(hashes: [UInt64], bags: [Int64], positives: [Int64], allBags: Int64, allPositives: Int64) {
    guard hashes.count == bags.count, hashes.count == positives.count else { return nil }
    guard allPositives >= 0, allBags >= allPositives else { return nil }
    for row in hashes.indices {
      guard row == 0 || hashes[row - 1] < hashes[row] else { return nil }
      guard positives[row] >= 0, bags[row] >= positives[row], bags[row] <= allBags else { return nil }
      counts[hashes[row]] = BagCounts(bags: bags[row], positives: positives[row])
    }
    (self.bags, self.positives) = (allBags, allPositives)
  }

  /// The sums of the labels of the genes of `table`, in its order; nil where labels are classes.
  public var sums: [Double]? {
    sum == nil ? nil : counts.keys.sorted().map { counts[$0]?.sum ?? 0 }
  }

  /// The same table with sums of labels that are numbers, in the order of `table`; nil where they are not as many as
  /// the genes, or not all finite.
  public func withSums(_ sums: [Double], sum: Double) -> TrainingGenes? {
    guard sums.count == counts.count, sum.isFinite, sums.allSatisfy(\.isFinite) else { return nil }
    var result = self
    for (gene, value) in zip(counts.keys.sorted(), sums) { result.counts[gene]?.sum = value }
    result.sum = sum
    return result
  }
}
