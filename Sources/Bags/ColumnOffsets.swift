/// The extremes of one column of a store, and how far apart the 32-bit numbers are that hold it.
public struct ColumnRange: Sendable, Equatable {
  /// The smallest value; infinity where all are missing.
  public var low: Double
  /// The largest value; −infinity where all are missing.
  public var high: Double
  /// The number that is subtracted, in Double, before a value is narrowed to Float32; 0 for most columns.
  public var offset: Double

  /// The distance of neighbouring Float32 numbers at the value farthest from the offset.
  public var step: Double { Double(Float(max((low - offset).magnitude, (high - offset).magnitude)).ulp) }
}

/// Narrows the columns of a store to Float32 without losing a spread that is small beside the values.
///
/// A column of 1e9 + N(0, 1) is constant in Float32. So the first rows are kept in Double as well, and a column whose
/// median there exceeds 16 interquartile ranges is stored as differences from that median: what is narrowed is then of
/// the size of the spread. All other columns keep the offset 0, and the same bytes as without.
struct ColumnOffsets {
  private var lows: [Double]
  private var highs: [Double]
  /// The offset of each column.
  private(set) var offsets: [Double]
  /// The first rows in Double, row by row; empty once the offsets are chosen.
  private var head: [Double] = []
  /// The number of values that `head` may hold.
  private let capacity: Int
  /// Whether offsets are still to be chosen.
  private(set) var isOpen: Bool
  private(set) var isShifted = false

  /// - Parameter shifts: false records the extremes alone.
  init(width: Int, shifts: Bool) {
    lows = [Double](repeating: .infinity, count: width)
    highs = [Double](repeating: -.infinity, count: width)
    offsets = [Double](repeating: 0, count: width)
    capacity = width * max(1, min(256, (1 << 20) / max(1, width)))
    isOpen = shifts && width > 0
  }

  /// Whether the next row needs the offsets.
  var isFull: Bool { isOpen && head.count >= capacity }

  /// Notes a row and subtracts the offsets that are chosen.
  mutating func take(_ row: UnsafeMutableBufferPointer<Double>) {
    lows.withUnsafeMutableBufferPointer { lows in
      highs.withUnsafeMutableBufferPointer { highs in
        // A missing value, NaN, is neither less nor more.
        for column in row.indices {
          let value = row[column]
          lows[column] = value < lows[column] ? value : lows[column]
          highs[column] = value > highs[column] ? value : highs[column]
        }
      }
    }
    if isShifted { for column in row.indices { row[column] -= offsets[column] } }
    if isOpen { head.append(contentsOf: row) }
  }

  /// Chooses the offsets from the first rows and returns these rows less the offsets; nil where that was done before.
  mutating func choose() -> [Double]? {
    guard isOpen else { return nil }
    isOpen = false
    let width = offsets.count
    var rows = head
    head = []
    var column: [Double] = []
    for place in offsets.indices {
      column.removeAll(keepingCapacity: true)
      for value in stride(from: place, to: rows.count, by: width) where !rows[value].isNaN {
        column.append(rows[value])
      }
      offsets[place] = Self.offset(&column)
      guard offsets[place] != 0 else { continue }
      isShifted = true
      for value in stride(from: place, to: rows.count, by: width) { rows[value] -= offsets[place] }
    }
    return rows
  }

  /// The extremes of each column, with its offset.
  var ranges: [ColumnRange] {
    offsets.indices.map { ColumnRange(low: lows[$0], high: highs[$0], offset: offsets[$0]) }
  }

  /// The median where it exceeds 16 interquartile ranges (16 ranges where the quartiles are equal), else 0.
  private static func offset(_ values: inout [Double]) -> Double {
    values.sort()
    guard let low = values.first, let high = values.last else { return 0 }
    let median = values[values.count / 2]
    var spread = values[values.count * 3 / 4] - values[values.count / 4]
    if spread == 0 { spread = high - low }
    return median.magnitude > 16 * spread ? median : 0
  }
}
