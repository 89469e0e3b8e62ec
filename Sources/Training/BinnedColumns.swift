import Arrays
import Tensors

/// The columns of a table with each value replaced by the number of its bin: one byte per value, column after column.
///
/// A column of at most `bins` distinct values has a bin for each of them. In other columns, a value that takes at least
/// four times a bin's even share of the rows has a bin of its own; the other values are shared out, in order, to
/// the remaining bins by quantiles: the bin is that of the middle of the value's ranks. Equal values always share a
/// bin.
final class BinnedColumns: @unchecked Sendable {
  /// The number of rows that are binned.
  let rows: Int
  let columns: Int
  /// The bin of the r-th of those rows in column c at c · rows + r.
  let codes: UnsafeMutablePointer<UInt8>
  /// The number of bins of each column.
  private(set) var counts: [Int]
  /// The smallest and the largest value of bin b of column c at 256 c + b.
  private let least: UnsafeMutablePointer<Float>
  private let greatest: UnsafeMutablePointer<Float>

  /// Bins all columns of some rows, whose values are finite.
  init(_ x: Matrix, rows chosen: [UInt32], bins: Int, _ pool: ThreadPool) {
    (rows, columns) = (chosen.count, x.columns)
    codes = .allocate(capacity: max(1, rows * columns))
    least = .allocate(capacity: max(1, 256 * columns))
    greatest = .allocate(capacity: max(1, 256 * columns))
    counts = [Int](repeating: 0, count: columns)
    counts.withUnsafeMutableBufferPointer { counts in
      nonisolated(unsafe) let counts = counts
      x.withUnsafeBufferPointer { values in
        pool.forEachBlock(columns, size: Self.tile) { _, range, _ in
          let work = Work(rows: chosen.count)
          work.take(values, columns: x.columns, chosen, range)
          for (place, column) in range.enumerated() {
            work.sort(column: place)
            counts[column] = self.cut(work.sorted, column, bins: bins)
          }
        }
      }
    }
  }

  deinit {
    codes.deallocate()
    least.deallocate()
    greatest.deallocate()
  }

  /// The columns that are read together: those of a cache line.
  private static let tile = 16

  /// The threshold between two bins of a column that hold rows of a node, with none of its rows between: the middle
  /// between the largest value of the lower and the smallest of the upper bin, or the former where the middle rounds to
  /// the latter.
  func threshold(_ column: Int, between lower: Int, and upper: Int) -> Float {
    let (low, high) = (greatest[256 * column + lower], least[256 * column + upper])
    let middle = Float((Double(low) + Double(high)) / 2)
    return middle < high ? middle : low
  }

  /// Gives each of the sorted values of a column its bin, and returns the number of bins.
  private func cut(_ sorted: UnsafePointer<UInt64>, _ column: Int, bins: Int) -> Int {
    let cutter = Quantiles(sorted, rows: rows, bins: bins)
    let (codes, least, greatest) = (codes + column * rows, least + 256 * column, greatest + 256 * column)
    var (bin, mark) = (-1, -1)
    cutter.forEachValue { start, end, next in
      let value = Work.value(sorted[start])
      if next != mark {
        bin += 1
        mark = next
        least[bin] = value
      }
      greatest[bin] = value
      for place in start..<end { codes[Int(truncatingIfNeeded: sorted[place] & 0xffff_ffff)] = UInt8(bin) }
    }
    return bin + 1
  }
}

/// Shares out the values of a sorted column to bins.
private struct Quantiles {
  private let sorted: UnsafePointer<UInt64>
  private let rows: Int
  private let isExact: Bool
  /// A value of at least this many rows has its own bin.
  private var frequent = Int.max
  /// The rows of the other values, and the bins for them.
  private var shared = 0
  private var sharedBins = 0

  init(_ sorted: UnsafePointer<UInt64>, rows: Int, bins: Int) {
    (self.sorted, self.rows) = (sorted, rows)
    var distinct = 0
    for place in 0..<rows where place == 0 || sorted[place] >> 32 != sorted[place - 1] >> 32 { distinct += 1 }
    isExact = distinct <= bins
    if isExact { return }
    // A frequent value takes its own bin and cuts one of the others in two: at most half of all bins.
    let least = (4 * rows + bins - 1) / bins
    frequent = least
    var (alone, rest) = (0, rows)
    var start = 0
    while start < rows {
      let end = self.end(of: start)
      if end - start >= least {
        alone += 1
        rest -= end - start
      }
      start = end
    }
    (shared, sharedBins) = (rest, max(1, bins - 2 * alone))
  }

  /// The place behind the last value equal to that at `start`.
  private func end(of start: Int) -> Int {
    var end = start + 1
    while end < rows, sorted[end] >> 32 == sorted[start] >> 32 { end += 1 }
    return end
  }

  /// Calls `body` for each distinct value in order with its first place, the place behind its last, and a mark that
  /// changes from bin to bin.
  func forEachValue(_ body: (_ start: Int, _ end: Int, _ mark: Int) -> Void) {
    var (start, value, before, alone) = (0, 0, 0, 0)
    while start < rows {
      let end = self.end(of: start)
      if isExact {
        body(start, end, value)
      } else if end - start >= frequent {
        alone += 1
        body(start, end, -1 - alone)
      } else {
        // The middle of its ranks among the rows of all shared values.
        let quantile = (2 * before + end - start) * sharedBins / (2 * shared)
        body(start, end, alone * 256 + quantile)
        before += end - start
      }
      (start, value) = (end, value + 1)
    }
  }
}

/// The memory of one worker for a tile of columns.
private final class Work {
  private let rows: Int
  private let tile: UnsafeMutablePointer<UInt32>
  private var a: UnsafeMutablePointer<UInt64>
  private var b: UnsafeMutablePointer<UInt64>

  /// The sorted column: the key of a value in the upper half, its row in the lower.
  var sorted: UnsafePointer<UInt64> { UnsafePointer(a) }

  init(rows: Int) {
    self.rows = rows
    tile = .allocate(capacity: max(1, 16 * rows))
    a = .allocate(capacity: max(1, rows))
    b = .allocate(capacity: max(1, rows))
  }

  deinit {
    tile.deallocate()
    a.deallocate()
    b.deallocate()
  }

  /// A number in the order of the values, with 0 and −0 alike.
  private static func key(_ value: Float) -> UInt32 {
    let bits = (value + 0).bitPattern
    return bits & 0x8000_0000 == 0 ? bits | 0x8000_0000 : ~bits
  }

  /// The value of an element of `sorted`.
  static func value(_ element: UInt64) -> Float {
    let key = UInt32(truncatingIfNeeded: element >> 32)
    return Float(bitPattern: key & 0x8000_0000 == 0 ? ~key : key & 0x7fff_ffff)
  }

  /// Copies the keys of at most 16 columns of the chosen rows, column after column.
  func take(_ values: UnsafeBufferPointer<Float>, columns: Int, _ chosen: [UInt32], _ range: Range<Int>) {
    for (place, row) in chosen.enumerated() {
      let start = Int(row) * columns
      for column in range {
        tile[(column - range.lowerBound) * rows + place] = Self.key(values[start + column])
      }
    }
  }

  /// Sorts one of the columns: radix sort, eleven bits at a time, from the lowest.
  func sort(column: Int) {
    let keys = tile + column * rows
    for row in 0..<rows { a[row] = UInt64(keys[row]) << 32 | UInt64(row) }
    if rows < 2 { return }
    withUnsafeTemporaryAllocation(of: Int.self, capacity: 2048) { places in
      for shift in [32, 43, 54] as [UInt64] {
        places.initialize(repeating: 0)
        for row in 0..<rows { places[Int(truncatingIfNeeded: a[row] >> shift & 2047)] += 1 }
        if places[Int(truncatingIfNeeded: a[0] >> shift & 2047)] == rows { continue }
        var sum = 0
        for digit in 0..<2048 { (places[digit], sum) = (sum, sum + places[digit]) }
        for row in 0..<rows {
          let digit = Int(truncatingIfNeeded: a[row] >> shift & 2047)
          b[places[digit]] = a[row]
          places[digit] += 1
        }
        swap(&a, &b)
      }
    }
  }
}
