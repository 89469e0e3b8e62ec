/// The name of what the rows of a table are, such as bags or instances.
public struct Axis: Hashable, Sendable {
  /// The name of one row's kind.
  public let name: String
  /// The axis of this name; axes with equal names are equal.
  public init(_ name: String) { self.name = name }

  /// Rows are bags, which have a label and a score.
  public static let bag = Axis("bag")
  /// Rows are instances, which have features; the instances of a bag are consecutive.
  public static let instance = Axis("instance")
}
