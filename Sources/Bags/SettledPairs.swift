import Bytes

/// The rule for a pair that occurs with different labels.
public enum ConflictRule: String, Sendable, CaseIterable {
  /// The first label is kept, and both orders of a pair; counted.
  case first
  /// All rows of the pair are left out; counted.
  case drop
  case error
  /// The pair gets the mean of its labels, of both orders; counted.
  case mean
  /// The pair gets the median of its labels, of both orders; counted.
  case median

  /// Whether all pairs are read before the first is given.
  var readsAhead: Bool { self == .drop || needsNumbers }
  /// Whether labels must be numbers.
  var needsNumbers: Bool { self == .mean || self == .median }
}

/// Pairs of which those with different labels, in either order, are settled by a rule that needs all of them: they are
/// marked to be dropped, or get the mean or median of their labels. All pairs are read before the first is given.
public final class SettledPairs: PairSource {
  private let pairs: PairSource
  private let rule: ConflictRule
  private let members: Members
  private let tally: NoticeCounter
  private var read: PairList?

  /// A source that reads all of `pairs` at the first call of `next`; the rule is `drop`, `mean` or `median`.
  public init(_ pairs: PairSource, _ rule: ConflictRule, members: Members, _ tally: NoticeCounter) {
    precondition(rule.readsAhead, "a rule that needs all pairs")
    (self.pairs, self.rule, self.members, self.tally) = (pairs, rule, members, tally)
  }

  /// The next pair; nil at the end. Throws what the source does.
  public func next() throws -> GenePair? {
    let list = try read ?? readAhead()
    read = list
    return try list.next()
  }

  private func readAhead() throws -> PairList {
    var all: [GenePair] = []
    var keys: [UInt64?] = []
    var labels: [UInt64: [Double]] = [:]
    var contrary: Set<UInt64> = []
    while let pair = try pairs.next() {
      all.append(pair)
      let key = key(of: pair)
      keys.append(key)
      guard let key, let label = pair.label else { continue }
      if let first = labels[key]?.first, Float(first) != Float(label) { contrary.insert(key) }
      labels[key, default: []].append(label)
    }
    if contrary.isEmpty { return PairList(all) }
    if rule == .drop {
      for number in all.indices where keys[number].map(contrary.contains) ?? false { all[number].role = .contrary }
      return PairList(all)
    }
    return PairList(merged(all, keys, labels.filter { contrary.contains($0.key) }))
  }

  /// The pairs with one label each, without the rows that repeat an order of theirs.
  private func merged(_ all: [GenePair], _ keys: [UInt64?], _ labels: [UInt64: [Double]]) -> [GenePair] {
    struct Order: Hashable { let key: UInt64, isReversed: Bool }
    let values = labels.mapValues(value)
    var seen: Set<Order> = []
    return all.indices.compactMap { number in
      var pair = all[number]
      guard let key = keys[number], let value = values[key] else { return pair }
      tally.count(.mergedLabel)
      pair.label = value
      let isReversed = members.gene(pair.geneA, .a) != Int(key >> 32)
      return seen.insert(Order(key: key, isReversed: isReversed)).inserted ? pair : nil
    }
  }

  private func value(of labels: [Double]) -> Double {
    if rule == .mean { return labels.reduce(0, +) / Double(labels.count) }
    let sorted = labels.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  private func key(of pair: GenePair) -> UInt64? {
    guard pair.role == .wanted, let a = members.gene(pair.geneA, .a), let b = members.gene(pair.geneB, .b) else {
      return nil
    }
    return TestedInstances.key(Int32(a), Int32(b))
  }
}

/// The pairs that have been seen: 16 bytes per pair, and the overhead of the hash table.
struct RepeatedPairs {
  /// The relation of a pair to the pairs before it.
  enum Verdict: Equatable {
    /// Not seen, or where the order counts seen only in reverse.
    case new
    /// Seen, where the order counts in this order: there is a bag with its id.
    case repeated
    /// Seen with another label; `again` is true where it was seen in this order.
    case contrary(again: Bool)
  }

  private struct State {
    var orders: UInt8
    var label: Float
  }

  private var states: [UInt64: State] = [:]
  private let isOrdered: Bool

  /// No pair; where pairs are `ordered`, a pair and the reversed pair are two bags.
  init(ordered: Bool) { isOrdered = ordered }

  /// Notes a pair of genes (by number) with its label and returns its relation to the pairs before it.
  mutating func note(_ a: Int, _ b: Int, label: Double?) -> Verdict {
    let key = TestedInstances.key(Int32(a), Int32(b))
    let order: UInt8 = a <= b || !isOrdered ? 1 : 2
    let label = label.map { Float($0) } ?? .nan
    guard var state = states[key] else {
      states[key] = State(orders: order, label: label)
      return .new
    }
    let isAgain = state.orders & order != 0
    let isContrary = !label.isNaN && !state.label.isNaN && label != state.label
    state.orders |= order
    if state.label.isNaN { state.label = label }
    states[key] = state
    return isContrary ? .contrary(again: isAgain) : isAgain ? .repeated : .new
  }
}
