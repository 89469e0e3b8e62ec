/// Median and quartiles of columns: exact while all values fit in memory, then from sketches.
struct QuartileFit {
  private let columns: [Int]
  /// For each of `columns` the place among them of the one that keeps its values.
  private let keepers: [Int]
  /// Values that may be held, and values that the buffers of all sketches may hold.
  private let (limit, sketched): (Int, Int)
  private var blocks: [[Double]] = []
  private var held = 0
  private var sketches: [QuantileSketch]?
  private static let rowsOfBlock = 1024
  /// The number of levels of a sketch: 2^24 buffers of a column.
  private static let levels = 24

  /// - Parameters:
  ///   - columns: whose quartiles are asked for.
  ///   - exchange: as in `Moments`: the values of both sides are put together.
  ///   - memory: how many bytes may be held.
  init(columns: [Int], exchange: [Int]?, memory: Int) {
    self.columns = columns
    var place: [Int: Int] = [:]
    for (index, column) in columns.enumerated() { place[column] = index }
    keepers = columns.map { column in place[exchange.map { min(column, $0[column]) } ?? column]! }
    // A fifth is left for the sketches while the values go over to them.
    sketched = memory / 5 * 4 / MemoryLayout<Double>.size
    // And room for the column, or for the two sides of one, that is sorted.
    limit = sketched / (columns.count + 2) * columns.count
  }

  /// Adds one row of all columns.
  mutating func add(_ row: UnsafeBufferPointer<Double>) {
    if columns.isEmpty { return }
    if sketches == nil && held + columns.count > limit { beginSketches() }
    if sketches != nil {
      for (index, column) in columns.enumerated() where !row[column].isNaN {
        sketches?[keepers[index]].add(row[column])
      }
      return
    }
    if held % (Self.rowsOfBlock * columns.count) == 0 {
      blocks.append([])
      blocks[blocks.count - 1].reserveCapacity(min(Self.rowsOfBlock * columns.count, limit))
    }
    for column in columns { blocks[blocks.count - 1].append(row[column]) }
    held += columns.count
  }

  private mutating func beginSketches() {
    let values = max(64, sketched / columns.count / Self.levels / 2 * 2)
    var made = columns.map { _ in QuantileSketch(capacity: values) }
    for index in columns.indices {
      for block in blocks {
        for place in stride(from: index, to: block.count, by: columns.count) where !block[place].isNaN {
          made[keepers[index]].add(block[place])
        }
      }
    }
    sketches = made
    blocks = []
  }

  /// No rank is farther off than this share of the values; 0 while everything is exact.
  var rankError: Double { sketches.map { $0.reduce(0) { max($0, $1.rankError) } } ?? 0 }

  /// The quartiles by column; none for a column without a value.
  func quartiles() -> [Int: ColumnStatistics.Quartiles] {
    var found: [Int: ColumnStatistics.Quartiles] = [:]
    for (keeper, members) in Dictionary(grouping: columns.indices, by: { keepers[$0] }) {
      guard let quartiles = quartiles(of: keeper, members) else { continue }
      for index in members { found[columns[index]] = quartiles }
    }
    return found
  }

  private func quartiles(of keeper: Int, _ members: [Int]) -> ColumnStatistics.Quartiles? {
    let shares = [0.25, 0.5, 0.75]
    var three: [Double]
    if let sketches {
      guard sketches[keeper].count > 0 else { return nil }
      three = sketches[keeper].quantiles(shares)
    } else {
      var values: [Double] = []
      for index in members {
        for block in blocks {
          for place in stride(from: index, to: block.count, by: columns.count) where !block[place].isNaN {
            values.append(block[place])
          }
        }
      }
      if values.isEmpty { return nil }
      values.sort()
      three = shares.map { share in Quantile.interpolated(share, count: values.count) { values[$0] } }
    }
    return ColumnStatistics.Quartiles(lower: three[0], median: three[1], upper: three[2])
  }
}
