/// A network that can be asked for by name. A new one is a file with such a type, and a line in `Architectures.all`.
protocol Architecture: Sendable {
  static var name: String { get }
  static var summary: String { get }
  /// The options it reads, by their names in the model card.
  static var optionNames: Set<String> { get }
  /// The network for bags whose instances have `features` numbers.
  static func plan(features: Int, _ options: ArchitectureOptions) throws -> NetworkPlan
}

/// All architectures, by name.
public enum Architectures {
  static let all: [any Architecture.Type] = [IDMIL.self, MLP.self, Logistic.self]

  /// The names in the order they are listed.
  public static var names: [String] { all.map { $0.name } }

  /// Returns the one-line description of an architecture.
  public static func summary(_ name: String) throws -> String { try find(name).summary }

  /// Returns the names of an architecture's options in the model card, sorted.
  public static func optionNames(_ name: String) throws -> [String] { try find(name).optionNames.sorted() }

  /// Returns the plan of an architecture's layer network, without memory for parameters.
  /// Throws `ModelError` for an unknown name, an option out of range, or too few features.
  public static func plan(
    _ name: String, features: Int, options: ArchitectureOptions = ArchitectureOptions()
  ) throws -> NetworkPlan {
    let architecture = try find(name)
    try options.check()
    guard features >= 1 else { throw ModelError.tooFewFeatures(features, least: 1, modules: 1) }
    return try architecture.plan(features: features, options)
  }

  /// Returns the layer network of an architecture: the reference for every faster engine.
  public static func network(
    _ name: String, features: Int, options: ArchitectureOptions = ArchitectureOptions(), seed: UInt64
  ) throws -> Network {
    try plan(name, features: features, options: options).network(seed: seed)
  }

  /// Returns the fastest engine for an architecture, with the parameters of its layer network.
  public static func model(
    _ name: String, features: Int, options: ArchitectureOptions = ArchitectureOptions(), seed: UInt64
  ) throws -> any Differentiable {
    let layers = try network(name, features: features, options: options, seed: seed)
    if name == IDMIL.name, let fused = FusedIDMIL(network: layers, options: options) { return fused }
    return layers
  }

  static func find(_ name: String) throws -> any Architecture.Type {
    guard let found = all.first(where: { $0.name == name }) else {
      throw ModelError.unknownArchitecture(name, allowed: names)
    }
    return found
  }
}
