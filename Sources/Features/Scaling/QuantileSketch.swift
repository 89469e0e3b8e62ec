/// Quantiles of a stream of numbers in bounded memory, by halving sorted buffers: of two neighbours one goes on, with
/// double weight (Manku, Rajagopalan and Lindsay 1998, SIGMOD 27:426, with buffers of one size; alternately the first
/// and the second of a pair). Nothing is drawn at random, so the same stream gives the same answer.
struct QuantileSketch {
  private let capacity: Int
  /// The kept values by level; a value of level h represents 2^h values.
  private var levels: [[Double]] = [[]]
  private var halvings: [Int] = [0]
  /// The number of values seen.
  private(set) var count = 0

  /// - Parameter capacity: values a level, an even number.
  init(capacity: Int) {
    precondition(capacity >= 2 && capacity % 2 == 0, "an even number of values")
    self.capacity = capacity
  }

  /// Takes a value that is a number.
  mutating func add(_ value: Double) {
    count += 1
    levels[0].append(value)
    var level = 0
    while levels[level].count == capacity {
      halve(level)
      level += 1
    }
  }

  private mutating func halve(_ level: Int) {
    if level + 1 == levels.count {
      levels.append([])
      halvings.append(0)
    }
    levels[level].sort()
    let first = halvings[level] % 2
    for place in stride(from: first, to: capacity, by: 2) { levels[level + 1].append(levels[level][place]) }
    levels[level].removeAll(keepingCapacity: true)
    halvings[level] += 1
  }

  /// No answer's rank is farther off than this share of all values: a halving on level h moves a rank by at most 2^h,
  /// up and down in turn.
  var rankError: Double {
    guard count > 0 else { return 0 }
    let ranks = halvings.indices.reduce(0) { $0 + (halvings[$1] + 1) / 2 * (1 << $1) }
    return Double(ranks) / Double(count)
  }

  /// The values at these shares of the way from the first to the last in order, between two of them linearly.
  func quantiles(_ shares: [Double]) -> [Double] {
    var items: [(value: Double, weight: Int)] = []
    for (level, values) in levels.enumerated() { items += values.map { ($0, 1 << level) } }
    items.sort { $0.value < $1.value }
    var ends: [Int] = []
    var end = 0
    for item in items {
      end += item.weight
      ends.append(end)
    }
    func at(_ rank: Int) -> Double {
      var (low, high) = (0, ends.count - 1)
      while low < high {
        let middle = (low + high) / 2
        if ends[middle] > rank { high = middle } else { low = middle + 1 }
      }
      return items[low].value
    }
    return shares.map { Quantile.interpolated($0, count: count, at: at) }
  }
}

/// Linear interpolation between ranks (type 7 of Hyndman and Fan 1996), the default of numpy and R.
enum Quantile {
  /// The value at `share` of the way from rank 0 to rank count − 1.
  static func interpolated(_ share: Double, count: Int, at: (Int) -> Double) -> Double {
    interpolated(rank: share * Double(count - 1), count: count, at: at)
  }

  /// The value at a rank from 0 to count − 1, which may lie between two.
  static func interpolated(rank position: Double, count: Int, at: (Int) -> Double) -> Double {
    let rank = min(Int(position), count - 1)
    let value = at(rank)
    let fraction = position - Double(rank)
    return fraction > 0 ? value + fraction * (at(rank + 1) - value) : value
  }
}
