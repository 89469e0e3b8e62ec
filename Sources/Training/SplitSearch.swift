/// The best split of a node's rows by one feature after another.
///
/// The rows of a node are added up by bin, and the bins that hold any are walked through in order. Larger nodes use
/// whole histograms, two in turn, so that one row need not wait for the other's sum; smaller nodes keep a mask of the
/// bins that they hold rows in, so that their cost does not go by the number of bins.
struct SplitSearch<Measure: SplitMeasure> {
  typealias Cell = Measure.Cell

  /// A split: bins up to `lower` go left; the next bin that holds rows of the node is `upper`.
  struct Split {
    var score = -Double.infinity
    var feature = -1
    var lower = 0
    var upper = 0
    var left = Measure.zero
  }

  let measure: Measure
  let minimumLeaf: Int
  /// Two histograms of 256 bins, all zero between calls.
  private let sums: UnsafeMutablePointer<Cell>

  init(_ measure: Measure, minimumLeaf: Int) {
    (self.measure, self.minimumLeaf) = (measure, minimumLeaf)
    sums = .allocate(capacity: 512)
    sums.initialize(repeating: Measure.zero, count: 512)
  }

  func free() { sums.deallocate() }

  /// Takes into `best` the best split by a feature where it has a larger score; says whether the rows differ in it.
  func consider(
    _ feature: Int, _ codes: UnsafePointer<UInt8>, bins: Int, _ rows: UnsafeBufferPointer<UInt32>,
    _ cells: UnsafePointer<Cell>, total: Cell, _ best: inout Split
  ) -> Bool {
    var walk = Walk(measure: measure, minimumLeaf: minimumLeaf, total: total, feature: feature, best: best)
    if rows.count >= 96 {
      large(codes, bins: bins, rows, cells, &walk)
    } else {
      small(codes, rows, cells, &walk)
    }
    best = walk.best
    return walk.first != walk.last
  }

  @inline(__always) private func large(
    _ codes: UnsafePointer<UInt8>, bins: Int, _ rows: UnsafeBufferPointer<UInt32>, _ cells: UnsafePointer<Cell>,
    _ walk: inout Walk
  ) {
    let (even, odd) = (sums, sums + 256)
    var place = 0
    while place &+ 1 < rows.count {
      let (a, b) = (Int(codes[Int(rows[place])]), Int(codes[Int(rows[place &+ 1])]))
      even[a] = Measure.sum(even[a], cells[place])
      odd[b] = Measure.sum(odd[b], cells[place &+ 1])
      place &+= 2
    }
    if place < rows.count {
      let a = Int(codes[Int(rows[place])])
      even[a] = Measure.sum(even[a], cells[place])
    }
    for bin in 0..<bins {
      let cell = Measure.sum(even[bin], odd[bin])
      if measure.rows(cell) > 0 { walk.meet(bin, cell) }
      even[bin] = Measure.zero
      odd[bin] = Measure.zero
    }
  }

  @inline(__always) private func small(
    _ codes: UnsafePointer<UInt8>, _ rows: UnsafeBufferPointer<UInt32>, _ cells: UnsafePointer<Cell>,
    _ walk: inout Walk
  ) {
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 4) { mask in
      mask.initialize(repeating: 0)
      for place in 0..<rows.count {
        let bin = Int(codes[Int(rows[place])])
        mask[bin &>> 6] |= 1 &<< UInt64(bin & 63)
        sums[bin] = Measure.sum(sums[bin], cells[place])
      }
      for word in 0..<4 {
        var bits = mask[word]
        while bits != 0 {
          let bin = word &* 64 &+ bits.trailingZeroBitCount
          walk.meet(bin, sums[bin])
          sums[bin] = Measure.zero
          bits &= bits &- 1
        }
      }
    }
  }

  /// The way through the bins of a feature.
  private struct Walk {
    let measure: Measure
    let minimumLeaf: Int
    let total: Cell
    let feature: Int
    var best: Split
    var first = -1
    var last = -1
    private var left = Measure.zero

    init(measure: Measure, minimumLeaf: Int, total: Cell, feature: Int, best: Split) {
      (self.measure, self.minimumLeaf, self.total, self.feature) = (measure, minimumLeaf, total, feature)
      self.best = best
    }

    /// Judges the split below a bin, and goes past it.
    @inline(__always) mutating func meet(_ bin: Int, _ cell: Cell) {
      if last < 0 {
        first = bin
      } else {
        let right = Measure.difference(total, left)
        if minimumLeaf <= 1 || (measure.rows(left) >= minimumLeaf && measure.rows(right) >= minimumLeaf) {
          let ((leftWeight, leftSum), (rightWeight, rightSum)) = (measure.moments(left), measure.moments(right))
          let score = leftSum * leftSum / leftWeight + rightSum * rightSum / rightWeight
          if score > best.score {
            best = Split(score: score, feature: feature, lower: last, upper: bin, left: left)
          }
        }
      }
      left = Measure.sum(left, cell)
      last = bin
    }
  }
}
