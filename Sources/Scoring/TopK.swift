/// Keeps the k elements with the largest keys; ties keep the earlier.
public struct TopK<Element> {
  private struct Entry {
    let key: Float
    let order: Int
    let element: Element

    /// Whether this entry is dropped before `other`.
    func isWorse(than other: Entry) -> Bool { key != other.key ? key < other.key : order > other.order }
  }

  /// The number of elements that are kept, k.
  public let most: Int
  /// The number of elements offered so far.
  public private(set) var seen = 0
  /// A heap whose root is the worst entry.
  private var heap: [Entry] = []

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
      heap.append(Entry(key: key, order: seen, element: try element()))
      return rise(heap.count - 1)
    }
    if key > least {
      heap[0] = Entry(key: key, order: seen, element: try element())
      sink()
    }
  }

  /// The key that an element must exceed to be kept; nil while any is.
  public var least: Float? { heap.count < most ? nil : heap[0].key }

  /// The elements that are kept, by descending key; ties in the order they were offered.
  public var elements: [Element] { heap.sorted { $1.isWorse(than: $0) }.map(\.element) }

  private mutating func rise(_ place: Int) {
    var place = place
    while place > 0, heap[place].isWorse(than: heap[(place - 1) / 2]) {
      heap.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  private mutating func sink() {
    var place = 0
    while true {
      var worst = place
      for child in 2 * place + 1...2 * place + 2 where child < heap.count && heap[child].isWorse(than: heap[worst]) {
        worst = child
      }
      if worst == place { return }
      heap.swapAt(place, worst)
      place = worst
    }
  }
}
