/// The options and data that determine the bytes of a run, by the names its user knows; a resumed run needs the same.
public struct RunFacts: Sendable, Equatable {
  /// One option, or one property of the data.
  public struct Fact: Sendable, Equatable {
    /// The name, such as `--batch` or `features`.
    public var name: String
    /// The value, such as `64`.
    public var value: String
    /// Whether it is an option; otherwise it is a property of the data.
    public var isOption: Bool { name.hasPrefix("-") }
  }

  /// The facts in the order in which they are compared.
  public private(set) var facts: [Fact] = []

  /// Creates an empty list.
  public init() {}

  /// Adds a fact.
  public mutating func add(_ name: String, _ value: String) { facts.append(Fact(name: name, value: value)) }

  /// Returns the first fact whose value in `others`, by name, differs, with that value (`none` if it is missing).
  func difference(from others: [String: String]) -> (fact: Fact, other: String)? {
    for fact in facts {
      let other = others[fact.name] ?? "none"
      if other != fact.value { return (fact, other) }
    }
    return nil
  }
}
