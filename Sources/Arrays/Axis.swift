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
