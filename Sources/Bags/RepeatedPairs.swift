/// Which pairs have been seen, 16 bytes a pair and what the hash table adds.
struct RepeatedPairs {
  /// What a pair is to those before it.
  enum Verdict: Equatable {
    /// Not seen, or seen the other way round only where the order counts.
    case new
    /// Seen, the same way round where the order counts: a bag of its id is out already.
    case repeated
    /// Seen with another label; `again` says whether the same way round.
    case contrary(again: Bool)
  }

  private struct State {
    var orders: UInt8
    var label: Float
  }

  private var states: [UInt64: State] = [:]
  private let isOrdered: Bool

  /// Where pairs are `ordered`, the two orders of a pair are two bags.
  init(ordered: Bool) { isOrdered = ordered }

  /// Notes a pair of genes (their numbers) with its label and says what it is to those before it.
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
