/// The exchange of the two partners of a pair in its features: `BLOCK.a.REST` takes the place of `BLOCK.b.REST`.
///
/// A per-partner column is one whose dotted name has `a` or `b` as second part and a third part; other columns stay.
/// It acts on raw features: after a normaliser whose columns differ between the sides, exchange and
/// normalisation do not commute.
public struct ColumnSwap: Sendable, Equatable {
  /// For each column j of the exchanged row, the column of the given row that it is taken from.
  public let source: [Int]

  /// Returns nil when a per-partner column has no counterpart; `obstacle(in:)` names it.
  public init?(names: [String]) {
    guard let source = Self.permutation(of: names) else { return nil }
    self.source = source
  }

  /// Whether the exchange changes nothing, because no column is per-partner.
  public var isIdentity: Bool { source.indices.allSatisfy { source[$0] == $0 } }

  /// Whether the columns are those of one partner, then those of the other in the same order.
  public var exchangesHalves: Bool {
    let half = source.count / 2
    return source.indices.allSatisfy { source[$0] == ($0 + half) % source.count } && source.count == 2 * half
  }

  /// This exchange, or nil if it changes nothing.
  public var effective: ColumnSwap? { isIdentity ? nil : self }

  /// Describes the first per-partner column without a counterpart; nil if there is none.
  public static func obstacle(in names: [String]) -> String? {
    let known = Set(names)
    for name in names {
      if let other = partner(of: name), !known.contains(other) {
        return "column '\(name)' has no partner '\(other)'"
      }
    }
    return nil
  }

  /// The exchange in rows that hold only these columns; nil where a column is without its counterpart.
  public func restricted(to columns: [Int]) -> ColumnSwap? {
    var places: [Int: Int] = [:]
    for (place, column) in columns.enumerated() { places[column] = place }
    let source = columns.compactMap { places[self.source[$0]] }
    return source.count == columns.count ? ColumnSwap(source: source) : nil
  }

  private init(source: [Int]) { self.source = source }

  /// Writes the exchanged `row` into `result`; both hold one value per column.
  @inlinable
  public func apply<Value>(to row: UnsafeBufferPointer<Value>, into result: UnsafeMutableBufferPointer<Value>) {
    precondition(row.count == source.count && result.count == source.count, "one value per column")
    for (column, from) in source.enumerated() { result[column] = row[from] }
  }

  /// Returns the exchanged row.
  public func apply<Value>(to row: [Value]) -> [Value] {
    precondition(row.count == source.count, "one value per column")
    return source.map { row[$0] }
  }

  /// Returns the table with the columns of each row exchanged. The exchange is its own inverse.
  public func apply(to table: Matrix) -> Matrix {
    precondition(table.columns == source.count, "one value per column")
    var result = Matrix(uninitializedRows: table.rows, columns: table.columns)
    table.withUnsafeBufferPointer { from in
      result.withUnsafeMutableBufferPointer { into in
        for row in 0..<table.rows {
          let place = row * table.columns..<(row + 1) * table.columns
          apply(to: UnsafeBufferPointer(rebasing: from[place]), into: UnsafeMutableBufferPointer(rebasing: into[place]))
        }
      }
    }
    return result
  }

  /// The name of the counterpart on the other side, nil for a column that is not per-partner.
  private static func partner(of name: String) -> String? {
    let owner = PairColumns.owner(of: name)
    guard owner != .both else { return nil }
    let parts = name.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
    return "\(parts[0]).\(owner == .first ? "b" : "a").\(parts[2])"
  }

  private static func permutation(of names: [String]) -> [Int]? {
    var place: [String: Int] = [:]
    for (column, name) in names.enumerated() { place[name] = column }
    var source = Array(names.indices)
    for (column, name) in names.enumerated() {
      guard let other = partner(of: name) else { continue }
      guard let from = place[other] else { return nil }
      source[column] = from
    }
    return source
  }
}
