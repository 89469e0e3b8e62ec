/// What a run was given that decides its bytes, as its user knows it: a run that goes on must be given the same.
public struct RunFacts: Sendable, Equatable {
  /// One thing that was given.
  public struct Fact: Sendable, Equatable {
    /// For instance `--batch`, or `the bags`.
    public var name: String
    /// For instance `64`.
    public var value: String
    /// Whether it is an option, or else data.
    public var isOption: Bool { name.hasPrefix("-") }
  }

  /// In the order in which a difference is looked for.
  public private(set) var facts: [Fact] = []

  /// Nothing yet.
  public init() {}

  /// Adds a fact.
  public mutating func add(_ name: String, _ value: String) { facts.append(Fact(name: name, value: value)) }

  /// The first fact that `others`, by name, have another value for, with that value.
  func difference(from others: [String: String]) -> (fact: Fact, other: String)? {
    for fact in facts {
      let other = others[fact.name] ?? "none"
      if other != fact.value { return (fact, other) }
    }
    return nil
  }
}
