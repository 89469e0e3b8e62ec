/// For each feature column of a pair, the partner whose features it holds. The columns of one partner have the same
/// values in every pair of that partner, so they can be computed once.
public struct PairColumns: Sendable, Equatable {
  /// The partner that the values of a column depend on.
  public enum Owner: UInt8, Sendable {
    case first, second, both
  }

  /// The owner of each column.
  public let owners: [Owner]
  /// The columns that depend on both partners, in order.
  public let shared: [Int]

  /// Makes the table from the owner of each column.
  public init(owners: [Owner]) {
    self.owners = owners
    shared = owners.indices.filter { owners[$0] == .both }
  }

  /// The owner of a column by its name: `BLOCK.a.REST` is of the first partner, `BLOCK.b.REST` of the second.
  public static func owner(of name: String) -> Owner {
    let parts = name.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
    return parts.count < 3 ? .both : parts[1] == "a" ? .first : parts[1] == "b" ? .second : .both
  }

  /// The owner of a whole range of columns; nil if the range has several owners or a column of both partners.
  public func owner(of range: Range<Int>) -> Owner? {
    guard let first = range.first, owners[first] != .both else { return nil }
    return range.allSatisfy { owners[$0] == owners[first] } ? owners[first] : nil
  }

  /// The columns in `ranges` as runs with one owner each, in order; no run crosses the end of a range.
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

/// Instances given as pairs of partner numbers, grouped into bags; the partners' features are held elsewhere.
public struct PairBatch: Sendable {
  /// Bag i holds the instances `offsets[i]..<offsets[i + 1]`.
  public let offsets: [Int32]
  /// The number of the first partner of each instance.
  public let first: [Int32]
  /// The number of the second partner of each instance, among the same partners.
  public let second: [Int32]
  /// The columns that depend on both partners, instances × `PairColumns.shared`.
  public let shared: Matrix

  /// Makes a batch; the arguments must agree in their counts.
  public init(offsets: [Int32], first: [Int32], second: [Int32], shared: Matrix) {
    precondition(offsets.first == 0 && offsets.last.map(Int.init) == first.count, "offsets span the instances")
    precondition(first.count == second.count && shared.rows == first.count, "two partners and a row per instance")
    (self.offsets, self.first, self.second, self.shared) = (offsets, first, second, shared)
  }

  /// The number of instances.
  public var count: Int { first.count }

  /// The grouping of the instances into bags.
  public var grouping: Batch { Batch(grouping: offsets) }
}
