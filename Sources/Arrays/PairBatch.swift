/// Whose columns the features of a pair are: those of one partner come again in every pair of it.
public struct PairColumns: Sendable, Equatable {
  /// On whom the value of a column depends.
  public enum Owner: UInt8, Sendable {
    case first, second, both
  }

  /// The owner of each column.
  public let owners: [Owner]
  /// The columns that depend on both partners, in order.
  public let shared: [Int]

  /// Columns of these owners.
  public init(owners: [Owner]) {
    self.owners = owners
    shared = owners.indices.filter { owners[$0] == .both }
  }

  /// The one owner of a range of columns; nil where it has several, or depends on both partners.
  public func owner(of range: Range<Int>) -> Owner? {
    guard let first = range.first, owners[first] != .both else { return nil }
    return range.allSatisfy { owners[$0] == owners[first] } ? owners[first] : nil
  }

  /// The columns as runs of one owner each, in order, cut at the ends of `ranges` and without what lies outside them.
  public func runs(in ranges: [Range<Int>]) -> [(owner: Owner, columns: Range<Int>)] {
    var result: [(owner: Owner, columns: Range<Int>)] = []
    for range in ranges {
      var start = range.lowerBound
      while start < range.upperBound {
        var end = start + 1
        while end < range.upperBound, owners[end] == owners[start] { end += 1 }
        result.append((owners[start], start..<end))
        start = end
      }
    }
    return result
  }
}

/// Instances that are pairs of numbered partners, and the bags they make up; the partners' own features are elsewhere.
public struct PairBatch: Sendable {
  /// Bag i holds the instances `offsets[i]..<offsets[i + 1]`.
  public let offsets: [Int32]
  /// The number of the first partner of each instance.
  public let first: [Int32]
  /// The number of the second partner of each instance, among the same partners.
  public let second: [Int32]
  /// The columns that depend on both partners, instances × `PairColumns.shared`.
  public let shared: Matrix

  /// A batch of parts that fit together.
  public init(offsets: [Int32], first: [Int32], second: [Int32], shared: Matrix) {
    precondition(offsets.first == 0 && offsets.last.map(Int.init) == first.count, "offsets span the instances")
    precondition(first.count == second.count && shared.rows == first.count, "two partners and a row an instance")
    (self.offsets, self.first, self.second, self.shared) = (offsets, first, second, shared)
  }

  /// The number of instances.
  public var count: Int { first.count }
}
