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
