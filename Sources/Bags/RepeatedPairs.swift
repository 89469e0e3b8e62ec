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
