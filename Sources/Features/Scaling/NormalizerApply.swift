#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The scaling of rows, and its undoing.
extension Normalizer {
  /// Scales whole rows in place; a missing value (NaN) stays missing, or takes its column's mean.
  /// - Parameter values: a multiple of `width`.
  /// - Throws: `ScalingError.belowLogarithm` for a value that `log1p` can't take.
  public func apply(_ values: inout [Double], fillsMeans: Bool = false) throws {
    try values.withUnsafeMutableBufferPointer { try apply($0, fillsMeans: fillsMeans) }
  }

  /// The same on whole rows in a buffer.
  public func apply(_ values: UnsafeMutableBufferPointer<Double>, fillsMeans: Bool = false) throws {
    try eachRow(of: values) { row, number in
      for work in before { try work.apply(row, number, names) }
      if fillsMeans { fillMeans(row) }
      centers.withUnsafeBufferPointer { centers in
        scales.withUnsafeBufferPointer { scales in
          for column in 0..<row.count { row[column] = (row[column] - centers[column]) / scales[column] }
        }
      }
      for work in after { try work.apply(row, number, names) }
    }
  }

  /// Why the state can't be undone, with the method that is to blame; nil where it can.
  public var obstacle: (method: ScalingMethod, reason: String)? {
    for method in groups.flatMap(\.chain.methods) {
      if let reason = method.obstacle { return (method, reason) }
    }
    return nil
  }

  /// Undoes `apply` on whole rows in place; only where there is no `obstacle`.
  public func restore(_ values: inout [Double], fillsMeans: Bool = false) {
    precondition(obstacle == nil, "a state that can be undone")
    values.withUnsafeMutableBufferPointer { values in
      eachRow(of: values) { row, _ in
        for work in after.reversed() { work.undo(row) }
        for column in row.indices { row[column] = row[column] * scales[column] + centers[column] }
        if fillsMeans { fillMeans(row) }
        for work in before.reversed() { work.undo(row) }
      }
    }
  }

  private func fillMeans(_ row: UnsafeMutableBufferPointer<Double>) {
    for column in row.indices where row[column].isNaN { row[column] = statistics[column].mean }
  }

  private func eachRow(
    of values: UnsafeMutableBufferPointer<Double>, _ body: (UnsafeMutableBufferPointer<Double>, Int) throws -> Void
  ) rethrows {
    let width = width
    guard width > 0 else { return }
    precondition(values.count % width == 0, "whole rows")
    for row in 0..<values.count / width {
      try body(UnsafeMutableBufferPointer(rebasing: values[row * width..<(row + 1) * width]), row)
    }
  }
}

/// The scaling of a part of the columns.
extension Normalizer {
  /// Whether every column is scaled without a look at the others of its row.
  public var isColumnwise: Bool {
    groups.allSatisfy { $0.chain.methods.allSatisfy { !$0.isOfRow && $0 != .quantile } }
  }

  /// The same scaling of some of the columns, for rows that hold only those; nil where columns are not scaled alone.
  public func restricted(to columns: [Int]) -> Normalizer? {
    guard isColumnwise, isNamed || groups.count == 1 else { return nil }
    let used = Set(columns.isEmpty ? [0] : columns.map { groupOf[$0] })
    return try? Normalizer(
      groups: groups.indices.filter(used.contains).map { groups[$0] },
      names: isNamed ? columns.map { names[$0] } : nil, statistics: columns.map { statistics[$0] }, fit: fit)
  }
}

extension Normalizer.Work {
  /// Changes the columns of one row; missing values stay. `number` of the row and `names` are for the error.
  func apply(_ row: UnsafeMutableBufferPointer<Double>, _ number: Int, _ names: [String]) throws {
    if method == .log1p {
      for column in columns {
        guard let logarithm = Logarithm.ofOneMore(than: row[column]) else {
          throw ScalingError.belowLogarithm(names[column], row[column], row: number, of: nil, at: nil)
        }
        row[column] = logarithm
      }
      return
    }
    if method == .clip {
      for column in columns where row[column].magnitude > ScalingMethod.most {
        row[column] = row[column] < 0 ? -ScalingMethod.most : ScalingMethod.most
      }
      return
    }
    // NaN is never the larger one, so missing values count for nothing.
    let largest = columns.reduce(0) { row[$1].magnitude > $0 ? row[$1].magnitude : $0 }
    guard largest > 0 else { return }
    let norm = norm(row, largest)
    for column in columns { row[column] = row[column] / largest / norm }
  }

  /// The norm of the row over its largest value, so that squares neither overflow nor vanish.
  private func norm(_ row: UnsafeMutableBufferPointer<Double>, _ largest: Double) -> Double {
    var sum = 0.0
    for column in columns where !row[column].isNaN {
      let share = row[column].magnitude / largest
      sum += method == .unit ? share * share : share
    }
    switch method {
    case .unit: return sum.squareRoot()
    case .unitL1: return sum
    default: return 1
    }
  }

  func undo(_ row: UnsafeMutableBufferPointer<Double>) {
    for column in columns { row[column] = expm1(row[column]) }
  }
}

/// The function of the method `log1p`.
enum Logarithm {
  /// Returns log(1 + x), nil for x ≤ −1; NaN, a missing value, stays missing.
  static func ofOneMore(than x: Double) -> Double? { x <= -1 ? nil : log1p(x) }
}
