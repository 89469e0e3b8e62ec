extension ScalingMethod {
  /// Whether a column is scaled without a look at the others of its row.
  public var isColumnwise: Bool {
    switch self {
    case .zscore, .minmax: true
    }
  }
}

extension Normalizer {
  /// The same scaling of some of the columns, for rows that hold only those; nil where columns are not scaled alone.
  public func restricted(to columns: [Int]) -> Normalizer? {
    guard method.isColumnwise else { return nil }
    return Normalizer(
      method: method, names: columns.map { names[$0] }, statistics: columns.map { statistics[$0] }, rows: rows,
      source: source)
  }
}
