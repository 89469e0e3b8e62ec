import Models
import Tensors

/// Grows one boosted tree after another on the same binned columns.
final class BoostedGrower {
  /// Sums over rows: of first derivatives, of second derivatives, the number of rows, 0.
  typealias Cell = SIMD4<Double>

  private let columns: BinnedColumns
  private let options: BoostedOptions
  private let pool: ThreadPool
  /// The cell of each row, to be set before a tree is grown.
  let derivatives: UnsafeMutablePointer<Cell>
  /// The rows, kept so that those of a leaf are next to each other, in their first order; and room to move them.
  private let rows, spare: UnsafeMutablePointer<UInt32>
  /// The cells of the rows of the leaf that is summed, at the places of its rows: every column reads them in order.
  private let gathered: UnsafeMutablePointer<Cell>
  /// Column c has the bins `offsets[c]..<offsets[c + 1]` of a histogram.
  private let offsets: [Int]
  /// Histograms that no leaf holds.
  private var free: [UnsafeMutablePointer<Cell>] = []

  init(columns: BinnedColumns, options: BoostedOptions, _ pool: ThreadPool) {
    (self.columns, self.options, self.pool) = (columns, options, pool)
    derivatives = .allocate(capacity: columns.rows)
    derivatives.initialize(repeating: .zero, count: columns.rows)
    rows = .allocate(capacity: columns.rows)
    spare = .allocate(capacity: columns.rows)
    gathered = .allocate(capacity: columns.rows)
    offsets = columns.counts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
  }

  deinit {
    derivatives.deallocate()
    rows.deallocate()
    spare.deallocate()
    gathered.deallocate()
    for histogram in free { histogram.deallocate() }
  }

  /// A split of a leaf: bins of a column up to `lower` go left; the next bin that holds rows of the leaf is `upper`.
  private struct Split {
    var gain = 0.0
    var feature = -1
    var lower = 0
    var upper = 0
    var left = Cell.zero
  }

  /// A leaf that may still be split: its node, its rows, their sum, its histogram and its best split.
  private struct Leaf {
    let node: Int
    let depth: Int
    let range: Range<Int>
    let total: Cell
    var histogram: UnsafeMutablePointer<Cell>?
    var split = Split()
  }

  /// The nodes of a tree; adds the values of its leaves to the scores of the rows.
  func grow(_ scores: inout [Double]) -> [Forest.Node] {
    var total = Cell.zero
    for row in 0..<columns.rows {
      rows[row] = UInt32(row)
      total += derivatives[row]
    }
    var nodes = [node(total)]
    var leaves = [leaf(0, 0, 0..<columns.rows, total, nil)]
    while leaves.count < options.leaves, let place = best(leaves) {
      split(leaves.remove(at: place), &nodes, &leaves)
    }
    for leaf in leaves {
      if let histogram = leaf.histogram { free.append(histogram) }
      let value = nodes[leaf.node].value
      for place in leaf.range { scores[Int(rows[place])] += value }
    }
    return nodes
  }

  /// The leaf of the largest gain, the earlier node among equals; nil where no split has one.
  private func best(_ leaves: [Leaf]) -> Int? {
    let open = leaves.indices.filter { leaves[$0].split.feature >= 0 }
    return open.max { one, other in
      (leaves[one].split.gain, -leaves[one].node) < (leaves[other].split.gain, -leaves[other].node)
    }
  }

  private func node(_ total: Cell) -> Forest.Node {
    Forest.Node(value: -options.rate * total[0] / (total[1] + options.l2), weight: total[2])
  }

  private func split(_ parent: Leaf, _ nodes: inout [Forest.Node], _ leaves: inout [Leaf]) {
    let split = parent.split
    let middle = partition(parent.range, split.feature, atMost: split.lower)
    let totals = (split.left, parent.total - split.left)
    let place = nodes.count
    nodes[parent.node].feature = Int32(split.feature)
    nodes[parent.node].threshold = columns.threshold(split.feature, between: split.lower, and: split.upper)
    (nodes[parent.node].left, nodes[parent.node].right) = (Int32(place), Int32(place + 1))
    nodes += [node(totals.0), node(totals.1)]
    let ranges = (parent.range.lowerBound..<middle, middle..<parent.range.upperBound)
    // The smaller child is summed; the other is what is left of the parent.
    let depth = parent.depth + 1
    if ranges.0.count <= ranges.1.count {
      let left = leaf(place, depth, ranges.0, totals.0, nil)
      leaves.append(left)
      leaves.append(leaf(place + 1, depth, ranges.1, totals.1, (parent.histogram, left.histogram)))
    } else {
      let right = leaf(place + 1, depth, ranges.1, totals.1, nil)
      leaves.append(leaf(place, depth, ranges.0, totals.0, (parent.histogram, right.histogram)))
      leaves.append(right)
    }
  }

  /// A leaf with its best split; its histogram is summed, or taken over from `other`, its parent's and its sibling's.
  private func leaf(
    _ node: Int, _ depth: Int, _ range: Range<Int>, _ total: Cell,
    _ other: (parent: UnsafeMutablePointer<Cell>?, sibling: UnsafeMutablePointer<Cell>?)?
  ) -> Leaf {
    var leaf = Leaf(node: node, depth: depth, range: range, total: total)
    let histogram = other?.parent ?? free.popLast() ?? .allocate(capacity: offsets[columns.columns])
    leaf.histogram = histogram
    let isOpen = depth < options.maximumDepth && range.count >= 2 * options.minimumLeaf
    // A histogram is needed by its own leaf, or by the sibling that is taken over from it.
    if !isOpen, other != nil { return leaf }
    if other == nil {
      for place in range { gathered[place] = derivatives[Int(rows[place])] }
    }
    nonisolated(unsafe) let (sums, sibling) = (histogram, other?.sibling)
    var splits = [Split](repeating: Split(), count: columns.columns)
    splits.withUnsafeMutableBufferPointer { splits in
      nonisolated(unsafe) let splits = splits
      pool.forEachBlock(columns.columns, size: 8) { _, block, _ in
        for column in block {
          let bins = sums + offsets[column]
          if let sibling {
            for bin in 0..<columns.counts[column] { bins[bin] -= sibling[offsets[column] + bin] }
          } else {
            self.sum(column, range, to: bins)
          }
          if isOpen { splits[column] = self.best(column, bins, total) }
        }
      }
    }
    for split in splits where split.gain > leaf.split.gain { leaf.split = split }
    return leaf
  }

  /// Sums the rows of a leaf by the bins of a column, in two halves in turn, so that no row waits for the sum before
  /// it.
  private func sum(_ column: Int, _ range: Range<Int>, to bins: UnsafeMutablePointer<Cell>) {
    let (count, codes) = (columns.counts[column], columns.codes + column * columns.rows)
    withUnsafeTemporaryAllocation(of: Cell.self, capacity: 512) { halves in
      guard let even = halves.baseAddress else { return }
      let odd = even + 256
      for bin in 0..<count { (even[bin], odd[bin]) = (.zero, .zero) }
      var place = range.lowerBound
      while place &+ 1 < range.upperBound {
        let (one, other) = (Int(rows[place]), Int(rows[place &+ 1]))
        let (a, b) = (Int(codes[one]), Int(codes[other]))
        even[a] += gathered[place]
        odd[b] += gathered[place &+ 1]
        place &+= 2
      }
      if place < range.upperBound { even[Int(codes[Int(rows[place])])] += gathered[place] }
      for bin in 0..<count { bins[bin] = even[bin] + odd[bin] }
    }
  }

  /// The best split by a column.
  private func best(_ column: Int, _ bins: UnsafePointer<Cell>, _ total: Cell) -> Split {
    var (best, left, last) = (Split(), Cell.zero, -1)
    let (least, curvature) = (Double(options.minimumLeaf), BoostedFitter.leastCurvature)
    let whole = total[0] * total[0] / (total[1] + options.l2)
    for bin in 0..<columns.counts[column] where bins[bin][2] > 0 {
      let right = total - left
      if last >= 0, left[2] >= least, right[2] >= least, left[1] >= curvature, right[1] >= curvature {
        let parts = left[0] * left[0] / (left[1] + options.l2) + right[0] * right[0] / (right[1] + options.l2)
        let gain = parts - whole
        // Below this a gain is rounding.
        if gain > best.gain, gain > 1e-12 * parts {
          best = Split(gain: gain, feature: column, lower: last, upper: bin, left: left)
        }
      }
      left += bins[bin]
      last = bin
    }
    return best
  }

  /// Moves the rows whose bin is at most `bin` before the others, each in their order; returns where the others start.
  private func partition(_ range: Range<Int>, _ feature: Int, atMost bin: Int) -> Int {
    let codes = columns.codes + feature * columns.rows
    var (left, right) = (range.lowerBound, 0)
    for place in range {
      let row = rows[place]
      let isLeft = Int(codes[Int(row)]) <= bin
      // Both are written, and the one that counts is kept: no branch to guess.
      (rows[left], spare[right]) = (row, row)
      left += isLeft ? 1 : 0
      right += isLeft ? 0 : 1
    }
    (rows + left).update(from: spare, count: right)
    return left
  }
}
