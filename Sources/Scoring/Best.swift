/// The elements with the greatest keys of a stream, in memory for so many of them; of equals the earlier ones.
public struct Best<Element> {
  private struct Entry {
    let key: Float
    let order: Int
    let element: Element

    /// Whether it goes before another is let go.
    func isWorse(than other: Entry) -> Bool { key != other.key ? key < other.key : order > other.order }
  }

  /// The most that are kept.
  public let most: Int
  /// How many came.
  public private(set) var seen = 0
  // A heap: no entry is worse than its parent.
  private var heap: [Entry] = []

  /// Keeps at most `most` elements.
  public init(_ most: Int) {
    precondition(most > 0, "at least one is kept")
    self.most = most
  }

  /// Shows an element, which is made only where it is kept. A key that is not a number is below all others.
  public mutating func offer(_ key: Float, _ element: @autoclosure () throws -> Element) rethrows {
    let key = key.isNaN ? -.infinity : key
    seen += 1
    if heap.count < most {
      heap.append(Entry(key: key, order: seen, element: try element()))
      rise(heap.count - 1)
    } else if key > heap[0].key {
      heap[0] = Entry(key: key, order: seen, element: try element())
      sink()
    }
  }

  /// What is kept, the greatest key first, equals in the order they came.
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
