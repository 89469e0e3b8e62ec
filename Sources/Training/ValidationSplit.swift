import Bytes

/// The partition of the examples into those that train and those that choose the best epoch: a pure function of the
/// seed and the keys of the examples, not of their order.
public struct ValidationSplit: Sendable, Equatable {
  /// The indices of the training examples, ascending.
  public let train: [Int]
  /// The indices of the validation examples, which choose the epoch, ascending; may be empty.
  public let validation: [Int]

  /// Splits by group: takes a share of the groups of each class for validation.
  ///
  /// - Parameters:
  ///   - labels: one per example; a group is positive if one of its examples is.
  ///   - groups: one key per unit; examples with the same key, such as repeats of one pair, stay together.
  ///   - fraction: the share of the groups of each class, 0 ..< 1; above 0, at least one group of each class that has
  ///     two or more validates.
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
    return ValidationSplit(held: groups.indices.map { held.contains(groups[$0]) })
  }

  /// Splits by partner: an example validates if one of its partners is held out, so that training sees no held-out
  /// partner.
  ///
  /// - Parameters:
  ///   - keys: the keys of both partners of each example.
  ///   - fraction: the expected share of the examples; each partner is held out with probability 1 − √(1 − fraction).
  ///   - isOneSided: both keys of an example are of the same partner, which is held out with probability `fraction`.
  public static func byPartner(
    keys: [(UInt64, UInt64)], fraction: Double, isOneSided: Bool = false, seed: UInt64
  ) -> ValidationSplit {
    let share = isOneSided ? fraction : 1 - (1 - fraction).squareRoot()
    func held(_ key: UInt64) -> Bool { draw(seed, key) < share }
    return ValidationSplit(held: keys.map { held($0.0) || held($0.1) })
  }

  /// The split by whether each example validates.
  public init(held: [Bool]) {
    train = held.indices.filter { !held[$0] }
    validation = held.indices.filter { held[$0] }
  }

  /// The same split of these examples, whose indices it has so far: index i becomes `examples[i]`.
  public func of(_ examples: [Int]) -> ValidationSplit {
    ValidationSplit(train: train.map { examples[$0] }, validation: validation.map { examples[$0] })
  }

  /// A split of these parts.
  public init(train: [Int], validation: [Int]) { (self.train, self.validation) = (train, validation) }

  private static func draw(_ seed: UInt64, _ key: UInt64) -> Double {
    var stream = RandomStream(seed: seed, 0x7661_6c69_6461_7465, key)
    return stream.uniform()
  }
}
