import Bytes

/// The options of the architectures; each architecture reads those named by `Architectures.optionNames`.
public struct ArchitectureOptions: Sendable, Equatable {
  /// Whether an attention value gates the features of an instance.
  public var attention = true
  /// Width of the convolutions: 3, 5 or 7.
  public var kernel = 3
  /// Number of convolution modules: 1, 2 or 3.
  public var modules = 3
  /// The share of values that dropout sets to 0, 0 ≤ p < 1.
  public var dropout = 0.1
  /// Whether a ReLU follows the last convolution module, as in the paper.
  public var lastReLU = true
  /// Width of the dense network's hidden layer.
  public var hidden = 64

  /// The values of the papers.
  public init() {}

  /// Throws `ModelError.option` for a value out of its range.
  public func check() throws {
    func hold(_ fine: Bool, _ name: String, _ value: String, _ allowed: String) throws {
      if !fine { throw ModelError.option(name: name, value: value, allowed: allowed) }
    }
    try hold([3, 5, 7].contains(kernel), "kernel", String(kernel), "3, 5, 7")
    try hold((1...3).contains(modules), "modules", String(modules), "1, 2, 3")
    try hold(dropout >= 0 && dropout < 1, "dropout", NumberText.text(dropout), "from 0 to below 1")
    try hold((1...65536).contains(hidden), "hidden", String(hidden), "1 to 65536")
  }

  /// The named options as JSON members, in the order of their names: as they stand in a model card.
  func members(_ names: Set<String>) -> [(String, JSON)] {
    let all: [(String, JSON)] = [
      ("attention", .bool(attention)), ("dropout", .number(dropout, text: NumberText.text(dropout))),
      ("hidden", .number(Double(hidden), text: String(hidden))),
      ("kernel", .number(Double(kernel), text: String(kernel))),
      ("last_relu", .bool(lastReLU)), ("modules", .number(Double(modules), text: String(modules))),
    ]
    return all.filter { names.contains($0.0) }
  }

  /// The options of a model card; nil when a member is missing, of another type, or not among `names`.
  init?(_ json: JSON, names: Set<String>) {
    guard let members = json.members, Set(members.map(\.0)) == names else { return nil }
    for (name, value) in members {
      switch (name, value) {
      case ("attention", .bool(let value)): attention = value
      case ("last_relu", .bool(let value)): lastReLU = value
      case ("dropout", .number(let value, _)): dropout = value
      case ("hidden", _), ("kernel", _), ("modules", _):
        guard let whole = value.int else { return nil }
        if name == "hidden" { hidden = whole } else if name == "kernel" { kernel = whole } else { modules = whole }
      default: return nil
      }
    }
  }
}
