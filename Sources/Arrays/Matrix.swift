/// A dense row-major table of Float32, `rows` × `columns`, in 64-byte aligned memory, with value semantics.
///
/// Copies share storage until one of them is written to.
public struct Matrix: Sendable {
  /// The number of rows.
  public let rows: Int
  /// The number of values per row.
  public let columns: Int
  private var storage: FloatStorage

  /// A table of zeros.
  public init(rows: Int, columns: Int) {
    self.init(uninitializedRows: rows, columns: columns)
    storage.start.update(repeating: 0, count: rows * columns)
  }

  /// A table whose values are undefined until the caller writes them.
  public init(uninitializedRows rows: Int, columns: Int) {
    precondition(rows >= 0 && columns >= 0, "a table has no negative side")
    self.rows = rows
    self.columns = columns
    storage = FloatStorage(count: rows * columns)
  }

  /// A table of `rows * columns` values in row order.
  public init(rows: Int, columns: Int, values: [Float]) {
    precondition(values.count == rows * columns, "rows * columns values")
    self.init(uninitializedRows: rows, columns: columns)
    values.withUnsafeBufferPointer { from in
      if let start = from.baseAddress { storage.start.update(from: start, count: from.count) }
    }
  }

  /// All values in row order.
  public var values: [Float] { withUnsafeBufferPointer { Array($0) } }

  /// The values of one row.
  public func row(_ row: Int) -> [Float] {
    precondition(row >= 0 && row < rows, "a row of this table")
    return Array(UnsafeBufferPointer(start: storage.start + row * columns, count: columns))
  }

  /// A copy of some rows.
  public func rows(_ range: Range<Int>) -> Matrix {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows of this table")
    let result = Matrix(uninitializedRows: range.count, columns: columns)
    result.storage.start.update(from: storage.start + range.lowerBound * columns, count: range.count * columns)
    return result
  }

  /// A copy of rows in any order.
  public func rows(_ rows: [Int]) -> Matrix {
    let result = Matrix(uninitializedRows: rows.count, columns: columns)
    for (place, row) in rows.enumerated() {
      precondition(row >= 0 && row < self.rows, "rows of this table")
      (result.storage.start + place * columns).update(from: storage.start + row * columns, count: columns)
    }
    return result
  }

  /// A copy of some columns, in any order.
  public func columns(_ columns: [Int]) -> Matrix {
    precondition(columns.allSatisfy { $0 >= 0 && $0 < self.columns }, "columns of this table")
    let result = Matrix(uninitializedRows: rows, columns: columns.count)
    let runs = columns.consecutiveRuns
    for row in 0..<rows {
      var to = result.storage.start + row * columns.count
      for run in runs {
        to.update(from: storage.start + row * self.columns + run.lowerBound, count: run.count)
        to += run.count
      }
    }
    return result
  }

  /// The mean of tables of one size, value by value: (t1 + t2 + …) / n.
  public static func mean(of tables: [Matrix]) -> Matrix {
    var result = tables[0]
    guard tables.count > 1 else { return result }
    result.withUnsafeMutableBufferPointer { sums in
      for table in tables.dropFirst() {
        precondition(table.rows * table.columns == sums.count, "tables of one size")
        table.withUnsafeBufferPointer { values in for place in sums.indices { sums[place] += values[place] } }
      }
      for place in sums.indices { sums[place] /= Float(tables.count) }
    }
    return result
  }

  /// One value.
  public subscript(row: Int, column: Int) -> Float {
    get {
      precondition(row >= 0 && row < rows && column >= 0 && column < columns, "a place of this table")
      return storage.start[row * columns + column]
    }
    set {
      precondition(row >= 0 && row < rows && column >= 0 && column < columns, "a place of this table")
      makeUnique()
      storage.start[row * columns + column] = newValue
    }
  }

  /// Calls `body` with all `rows * columns` values in row order.
  public func withUnsafeBufferPointer<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeBufferPointer(start: storage.start, count: rows * columns))
  }

  /// Calls `body` with all values, to be written in place.
  public mutating func withUnsafeMutableBufferPointer<Result, Failure: Error>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    makeUnique()
    return try body(UnsafeMutableBufferPointer(start: storage.start, count: rows * columns))
  }

  private mutating func makeUnique() {
    if isKnownUniquelyReferenced(&storage) { return }
    let copy = FloatStorage(count: rows * columns)
    copy.start.update(from: storage.start, count: rows * columns)
    storage = copy
  }
}

extension Matrix: Equatable {
  /// Whether size and all values are the same.
  public static func == (left: Matrix, right: Matrix) -> Bool {
    left.rows == right.rows && left.columns == right.columns
      && left.withUnsafeBufferPointer { a in right.withUnsafeBufferPointer { b in a.elementsEqual(b) } }
  }
}

extension [Int] {
  /// The numbers as runs of consecutive ones, in order: 3, 4, 5, 9 are 3..<6 and 9..<10.
  public var consecutiveRuns: [Range<Int>] {
    var runs: [Range<Int>] = []
    for number in self {
      if let last = runs.last, last.upperBound == number {
        runs[runs.count - 1] = last.lowerBound..<number + 1
      } else {
        runs.append(number..<number + 1)
      }
    }
    return runs
  }
}

/// The memory behind a `Matrix`: written only while one owner holds it, so it may cross threads.
private final class FloatStorage: @unchecked Sendable {
  let start: UnsafeMutablePointer<Float>

  init(count: Int) {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
    precondition(!overflow, "a size that fits the address space")
    start = UnsafeMutableRawPointer.allocate(byteCount: max(bytes, 64), alignment: 64)
      .bindMemory(to: Float.self, capacity: max(count, 1))
  }

  deinit { UnsafeMutableRawPointer(start).deallocate() }
}
