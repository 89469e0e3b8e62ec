/// A named row space: the things that rows of a table stand for.
public struct Axis: Hashable, Sendable {
  /// What a row stands for.
  public let name: String
  /// Axes of one name are the same.
  public init(_ name: String) { self.name = name }

  /// Rows are bags: what has a label and a score.
  public static let bag = Axis("bag")
  /// Rows are instances: what has features; those of a bag stand side by side.
  public static let instance = Axis("instance")
}

/// How the rows of one axis relate to the rows of another.
public enum Relation: Sendable, Equatable {
  /// Offsets, one more than there are groups: the instances of a bag, the atoms of a drug.
  case segments([Int32])
  /// Row → row elsewhere: pair → gene, example → distinct protein.
  case index([Int32])
  /// Compressed rows over one axis: bonds, nearest residues.
  case edges(offsets: [Int32], source: [Int32])
  /// Cells of pairs of rows: row of the left partner, row of the right one.
  case grid(left: [Int32], right: [Int32])
}
