/// Keeps the k elements with the largest keys; ties keep the earlier.
public struct TopK<Element> {
  /// The number of elements that are kept, k.
  public let most: Int
  /// The number of elements offered so far.
  public private(set) var seen = 0
  private var heap = RankedHeap()
  private var kept: [Element] = []

  /// Keeps at most `most` elements, at least 1.
  public init(_ most: Int) {
    precondition(most > 0, "at least one is kept")
    self.most = most
  }

  /// Offers an element; the closure that makes it is called only if it is kept. NaN counts as −∞.
  public mutating func offer(_ key: Float, _ element: @autoclosure () throws -> Element) rethrows {
    let key = key.isNaN ? -.infinity : key
    seen += 1
    guard let least else {
      kept.append(try element())
      return heap.add(.init(key: key, order: seen, place: kept.count - 1))
    }
    if key > least {
      let place = heap.worst.place
      kept[place] = try element()
      heap.replaceWorst(.init(key: key, order: seen, place: place))
    }
  }

  /// The key that an element must exceed to be kept; nil while any is.
  public var least: Float? { kept.count < most ? nil : heap.worst.key }

  /// The elements that are kept, by descending key; ties in the order they were offered.
  public var elements: [Element] { heap.entries.sorted { $1.isWorse(than: $0) }.map { kept[$0.place] } }
}

/// The keys of what is kept, the worst first. It is not generic, so that an offer that is not kept costs a comparison.
private struct RankedHeap {
  struct Entry {
    let key: Float
    let order: Int
    /// The place of the element.
    let place: Int

    /// Whether this entry is dropped before `other`.
    func isWorse(than other: Entry) -> Bool { key != other.key ? key < other.key : order > other.order }
  }

  /// A heap whose root is the worst entry.
  private(set) var entries: [Entry] = []

  var worst: Entry { entries[0] }

  mutating func add(_ entry: Entry) {
    entries.append(entry)
    var place = entries.count - 1
    while place > 0, entries[place].isWorse(than: entries[(place - 1) / 2]) {
      entries.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  mutating func replaceWorst(_ entry: Entry) {
    entries[0] = entry
    var place = 0
    while true {
      var worst = place
      for child in 2 * place + 1...2 * place + 2
      where child < entries.count && entries[child].isWorse(than: entries[worst]) {
        worst = child
      }
      if worst == place { return }
      entries.swapAt(place, worst)
      place = worst
    }
  }
}
