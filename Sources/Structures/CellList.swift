/// Points sorted into cubic cells, so that those near a point are found without looking at all.
///
/// Only cells with a point are stored: points may lie as far apart as they like.
struct CellList {
  /// The coordinates in the order of the cells.
  let x, y, z: [Double]
  /// The number of each point among those the list was made of.
  let order: [Int32]
  private let side: Double
  private let origin: Point
  /// The cells with a point, in rising order, and where the points of each begin, with an end.
  private let keys: [UInt64]
  private let starts: [Int32]
  private static let mostCells = 1 << 21

  /// Sorts points into cells of `side` Å.
  init(_ points: [Point], side: Double) {
    var low = points.first ?? .zero
    var high = low
    for point in points {
      low = Point(min(low.x, point.x), min(low.y, point.y), min(low.z, point.z))
      high = Point(max(high.x, point.x), max(high.y, point.y), max(high.z, point.z))
    }
    let extent = max(high.x - low.x, high.y - low.y, high.z - low.z)
    // Cell numbers have 21 bits.
    self.side = max(side, extent / Double(Self.mostCells - 2))
    origin = low
    var made = [(key: UInt64, number: Int32)](repeating: (0, 0), count: points.count)
    for (number, point) in points.enumerated() {
      let offset = (1 / self.side) * (point - low)
      made[number] = (Self.key(Int(offset.x), Int(offset.y), Int(offset.z)), Int32(number))
    }
    made.sort { ($0.key, $0.number) < ($1.key, $1.number) }
    order = made.map(\.number)
    x = order.map { points[Int($0)].x }
    y = order.map { points[Int($0)].y }
    z = order.map { points[Int($0)].z }
    var keys: [UInt64] = []
    var starts: [Int32] = []
    for (position, item) in made.enumerated() where keys.last != item.key {
      keys.append(item.key)
      starts.append(Int32(position))
    }
    starts.append(Int32(points.count))
    (self.keys, self.starts) = (keys, starts)
  }

  /// The number of points of the fullest cell.
  var most: Int { zip(starts.dropFirst(), starts).reduce(0) { max($0, Int($1.0 - $1.1)) } }

  /// Appends ranges of positions in the list that hold every point at most `reach` from `point`, and others near it.
  func candidates(near point: Point, reach: Double, into ranges: inout [Range<Int>]) {
    ranges.removeAll(keepingCapacity: true)
    func bounds(_ offset: Double) -> ClosedRange<Int> {
      let most = Double(Self.mostCells - 1)
      return Int(min(max(0, (offset - reach) / side), most))...Int(min(max(0, (offset + reach) / side), most))
    }
    let offset = point - origin
    let (xs, ys, zs) = (bounds(offset.x), bounds(offset.y), bounds(offset.z))
    if xs.count * ys.count > keys.count {
      if !order.isEmpty { ranges.append(0..<order.count) }
      return
    }
    for cellX in xs {
      for cellY in ys {
        let last = Self.key(cellX, cellY, zs.upperBound)
        let first = firstCell(atLeast: Self.key(cellX, cellY, zs.lowerBound))
        var end = first
        while end < keys.count, keys[end] <= last { end += 1 }
        if end > first { ranges.append(Int(starts[first])..<Int(starts[end])) }
      }
    }
  }

  /// Calls `body` with each position in a range and its squared distance from `point`, where that is at most `limit`.
  @inline(__always)
  func forEachSquare(
    _ range: Range<Int>, from point: Point, atMost limit: Double, _ body: (_ position: Int, _ square: Double) -> Void
  ) {
    x.withUnsafeBufferPointer { x in
      y.withUnsafeBufferPointer { y in
        z.withUnsafeBufferPointer { z in
          for i in range {
            let (dx, dy, dz) = (point.x - x[i], point.y - y[i], point.z - z[i])
            let square = dx * dx + dy * dy + dz * dz
            if square <= limit { body(i, square) }
          }
        }
      }
    }
  }

  private func firstCell(atLeast key: UInt64) -> Int {
    var (low, high) = (0, keys.count)
    while low < high {
      let middle = (low + high) / 2
      if keys[middle] < key { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private static func key(_ x: Int, _ y: Int, _ z: Int) -> UInt64 { UInt64(x) << 42 | UInt64(y) << 21 | UInt64(z) }
}
