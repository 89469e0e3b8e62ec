import Bytes
import Models

/// Grows one tree, node by node, from the root down and the left child first.
struct TreeGrower<Measure: SplitMeasure> {
  typealias Cell = Measure.Cell

  let columns: BinnedColumns
  let options: ForestOptions
  let measure: Measure

  /// A node that is still to be looked at: its rows are `start..<end` of the worker's.
  private struct Pending {
    let start: Int
    let end: Int
    let depth: Int
    let total: Cell
    let parent: Int
    let isRight: Bool
  }

  /// The nodes of a tree, which depends on the seed and the number of the tree alone.
  func grow(_ tree: Int) -> [Forest.Node] {
    var stream = RandomStream(seed: options.seed, Self.key, UInt64(tree))
    let sample = Sample(self, &stream)
    let search = SplitSearch(measure, minimumLeaf: options.minimumLeaf)
    defer {
      sample.free()
      search.free()
    }
    var features = (0..<columns.columns).map(Int32.init)
    var nodes: [Forest.Node] = []
    var pending = [
      Pending(start: 0, end: sample.count, depth: 0, total: sample.total, parent: -1, isRight: false)
    ]
    while let node = pending.popLast() {
      let place = nodes.count
      nodes.append(Forest.Node(value: measure.value(node.total), weight: measure.moments(node.total).weight))
      if node.parent >= 0 {
        if node.isRight { nodes[node.parent].right = Int32(place) } else { nodes[node.parent].left = Int32(place) }
      }
      guard isInner(node, sample), let split = best(node, sample, search, &features, &stream) else { continue }
      let middle = sample.partition(node.start..<node.end, codes(split.feature), atMost: split.lower)
      nodes[place].feature = Int32(split.feature)
      nodes[place].threshold = columns.threshold(split.feature, between: split.lower, and: split.upper)
      let right = Measure.difference(node.total, split.left)
      pending.append(
        Pending(
          start: middle, end: node.end, depth: node.depth + 1, total: right, parent: place, isRight: true))
      pending.append(
        Pending(
          start: node.start, end: middle, depth: node.depth + 1, total: split.left, parent: place, isRight: false))
    }
    return nodes
  }

  /// The purposes for which random numbers of a tree are drawn.
  private static var key: UInt64 { 0x666f_7265_7374 }

  private func codes(_ feature: Int) -> UnsafePointer<UInt8> {
    UnsafePointer(columns.codes + feature * columns.rows)
  }

  private func isInner(_ node: Pending, _ sample: Sample) -> Bool {
    node.depth < options.depthLimit && measure.rows(node.total) >= 2 * options.minimumLeaf
      && !measure.isPure(node.total, sample.rows(node.start..<node.end))
  }

  /// The best split by the features that are drawn for a node; nil where they leave none.
  private func best(
    _ node: Pending, _ sample: Sample, _ search: SplitSearch<Measure>, _ features: inout [Int32],
    _ stream: inout RandomStream
  ) -> SplitSearch<Measure>.Split? {
    var best = SplitSearch<Measure>.Split()
    let (drawn, rows) = (options.drawn(of: features.count), sample.rows(node.start..<node.end))
    var (place, isVaried) = (0, false)
    while place < features.count, place < drawn || !isVaried {
      features.swapAt(place, place + stream.below(features.count - place))
      let feature = Int(features[place])
      let differs = search.consider(
        feature, codes(feature), bins: columns.counts[feature], rows, sample.cells + node.start, total: node.total,
        &best)
      isVaried = isVaried || differs
      place += 1
    }
    return best.feature < 0 ? nil : best
  }

  /// The rows of a tree, kept so that those of a node are next to each other, in their first order.
  private struct Sample {
    let count: Int
    let total: Cell
    let cells: UnsafeMutablePointer<Cell>
    private let numbers: UnsafeMutablePointer<UInt32>
    private let spareNumbers: UnsafeMutablePointer<UInt32>
    private let spareCells: UnsafeMutablePointer<Cell>

    init(_ grower: TreeGrower, _ stream: inout RandomStream) {
      let rows = grower.columns.rows
      var times = [UInt32](repeating: grower.options.isBootstrapped ? 0 : 1, count: rows)
      if grower.options.isBootstrapped { for _ in 0..<rows { times[stream.below(rows)] += 1 } }
      let count = times.count { $0 > 0 }
      cells = .allocate(capacity: count)
      numbers = .allocate(capacity: count)
      spareNumbers = .allocate(capacity: count)
      spareCells = .allocate(capacity: count)
      var (place, total) = (0, Measure.zero)
      for (row, times) in times.enumerated() where times > 0 {
        numbers[place] = UInt32(row)
        cells[place] = grower.measure.cell(row, times: times)
        total = Measure.sum(total, cells[place])
        place += 1
      }
      (self.count, self.total) = (count, total)
    }

    func free() {
      cells.deallocate()
      numbers.deallocate()
      spareNumbers.deallocate()
      spareCells.deallocate()
    }

    func rows(_ range: Range<Int>) -> UnsafeBufferPointer<UInt32> {
      UnsafeBufferPointer(start: numbers + range.lowerBound, count: range.count)
    }

    /// Moves the rows whose bin is at most `bin` before the others, and returns where the others start.
    func partition(_ range: Range<Int>, _ codes: UnsafePointer<UInt8>, atMost bin: Int) -> Int {
      var (left, right) = (range.lowerBound, 0)
      for place in range {
        let (number, cell) = (numbers[place], cells[place])
        let isLeft = Int(codes[Int(number)]) <= bin
        // Both are written, and the one that counts is kept: no branch to guess.
        (numbers[left], cells[left]) = (number, cell)
        (spareNumbers[right], spareCells[right]) = (number, cell)
        left += isLeft ? 1 : 0
        right += isLeft ? 0 : 1
      }
      (numbers + left).update(from: spareNumbers, count: right)
      (cells + left).update(from: spareCells, count: right)
      return left
    }
  }
}
