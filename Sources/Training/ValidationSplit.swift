import Bytes

/// Which units train and which choose the best epoch; a pure function of the seed and the units' keys, not of their
/// order.
public struct ValidationSplit: Sendable, Equatable {
  /// Indices of the units that train, ascending.
  public let train: [Int]
  /// Indices of the units that choose the epoch, ascending; none of them trains, and there may be none.
  public let validation: [Int]

  /// Takes a share of the groups of each class.
  ///
  /// - Parameters:
  ///   - labels: one a unit; a group counts as positive when one of its units is.
  ///   - groups: the key of each unit; units with the same key stay together (a repeated pair of genes, say).
  ///   - fraction: share of the groups of each class, 0 ..< 1; at least one group of a class with two or more
  ///     groups goes to validation when the fraction is above 0.
  public static func byGroup(labels: [Float], groups: [UInt64], fraction: Double, seed: UInt64) -> ValidationSplit {
    precondition(labels.count == groups.count)
    var positive: [UInt64: Bool] = [:]
    for (label, group) in zip(labels, groups) {
      positive[group, default: false] = positive[group] == true || label > 0.5
    }
    var held = Set<UInt64>()
    for wanted in [true, false] where fraction > 0 {
      let ranked = positive.lazy.filter { $0.value == wanted }
        .map { (rank: draw(seed, $0.key), key: $0.key) }
        .sorted { ($0.rank, $0.key) < ($1.rank, $1.key) }
      guard ranked.count > 1 else { continue }
      let share = Int((Double(ranked.count) * fraction).rounded())
      held.formUnion(ranked.prefix(min(max(share, 1), ranked.count - 1)).map(\.key))
    }
    return ValidationSplit(groups.indices.map { held.contains(groups[$0]) })
  }

  /// Holds genes out: a unit validates when one of its genes is held out, so no held-out gene is seen in training.
  ///
  /// - Parameters:
  ///   - genes: keys of both partners of each unit.
  ///   - fraction: wanted share of the units; each gene is held out with probability 1 − √(1 − fraction).
  public static func byGene(genes: [(UInt64, UInt64)], fraction: Double, seed: UInt64) -> ValidationSplit {
    let share = 1 - (1 - fraction).squareRoot()
    func held(_ gene: UInt64) -> Bool { draw(seed, gene) < share }
    return ValidationSplit(genes.map { held($0.0) || held($0.1) })
  }

  private init(_ held: [Bool]) {
    train = held.indices.filter { !held[$0] }
    validation = held.indices.filter { held[$0] }
  }

  private static func draw(_ seed: UInt64, _ key: UInt64) -> Double {
    var stream = RandomStream(seed: seed, 0x7661_6c69_6461_7465, key)
    return stream.uniform()
  }
}
