import Arrays
import Bytes

/// IDMIL-III: imbalanced deep multi-instance learning for isoform–isoform interactions.
///
///     x ─ [conv k → norm → ReLU → max pool 3] × 3 ─ h ┐
///     └── dense 32 → ReLU → dense 1 → sigmoid ──── a ─┴─ ν = a · h ─ 1 × |h| convolution ─ μ ─ max over the bag
///
/// With k = 3 and 233 features h has 7 values. Dropout follows all modules but the last and the attention's
/// hidden layer. The last convolution, as wide as h, is a dense layer.
public enum IDMIL {
  /// The settings of the network.
  public struct Options: Sendable, Equatable {
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
    /// The pooling of a bag's instances.
    var pooling = Pooling.max
    /// Channels of the hidden modules; 64 in the paper.
    var channels = 64

    /// The values of the paper.
    public init() {}

    init(_ values: SettingValues) throws {
      pooling = try Pooling(values)
      (attention, lastReLU) = (values.flag("attention"), values.flag("last-relu"))
      (kernel, modules, dropout) = (Int(values.text("kernel")) ?? 3, values.integer("modules"), values.real("dropout"))
    }
  }

  static let kernel = Setting("kernel", .choice(["3", "5", "7"]), "width of the convolutions")
  static let modules = Setting("modules", .integer(1...3, default: 3), "number of convolution modules")

  static let method = Method(
    "idmil", "three convolution modules, gated by attention, maximum over the bag (IDMIL-III)",
    settings: [
      .flag("attention", default: true, "an attention value gates the features of an instance"),
      kernel, modules,
      MLP.dropout,
      .flag("last-relu", default: true, "a ReLU follows the last module, as in the paper"),
    ] + Pooling.settings,
    form: .network(
      plan: { ports, values in try plan(features: ports[0].width, Options(values)) },
      engine: { network, values in (try? Options(values)).flatMap { FusedIDMIL(network: network, options: $0) } }),
    description: """
      x - [convolution k, batch norm, ReLU, maximum of 3] x modules - h
      x - dense 32, ReLU, dense 1, sigmoid - a
      logit of an instance = dense 1 of a * h; of a bag: the maximum of its instances.
      Three modules of kernel 3 need at least 53 features. Kernel 3 with three modules runs in a fused engine.
      \(Pooling.description)
      """)

  static let pool = 3
  static let attentionWidth = 32

  /// The layer network for rows of `features` numbers.
  public static func network(features: Int, options: Options = Options(), seed: UInt64) throws -> Network {
    try plan(features: features, options).network(seed: seed)
  }

  static func plan(features: Int, _ options: Options) throws -> NetworkPlan {
    for (isAllowed, name, value, allowed) in [
      ([3, 5, 7].contains(options.kernel), "kernel", options.kernel, "3, 5, 7"),
      ((1...3).contains(options.modules), "modules", options.modules, "1, 2, 3"),
    ] where !isAllowed {
      throw ModelError.option(name: name, value: String(value), allowed: allowed)
    }
    let least = leastFeatures(options)
    guard features >= least else {
      throw ModelError.tooFewFeatures(features, least: least, modules: options.modules)
    }
    var figure = NetworkBuilder()
    let x = figure.input("x", Shape(.instance, positions: features))
    var h = x
    for module in 1...options.modules {
      let last = module == options.modules
      h = try figure.add("conv\(module)", Convolution(to: last ? 1 : options.channels, kernel: options.kernel), h)
      h = try figure.add("norm\(module)", BatchNorm(), h)
      if !last || options.lastReLU { h = try figure.add("relu\(module)", ReLU(), h) }
      h = try figure.add("pool\(module)", MaxPool(pool), h)
      if !last { h = try figure.add("dropout\(module)", Dropout(options.dropout, number: module), h) }
    }
    var attention: NetworkBuilder.Handle?
    if options.attention {
      var a = try figure.add("attention1", Dense(to: attentionWidth), x)
      a = try figure.add("attention_relu", ReLU(), a)
      a = try figure.add("attention_dropout", Dropout(options.dropout, number: 0), a)
      a = try figure.add("attention2", Dense(to: 1), a)
      a = try figure.add("attention_sigmoid", Sigmoid(), a)
      h = try figure.add("gate", Gate(), a, h)
      attention = a
    }
    return try options.pooling.end(&figure, h, gate: attention)
  }

  /// The fewest features of which the modules leave one position: 53 for three modules of kernel 3.
  static func leastFeatures(_ options: Options) -> Int {
    (0..<options.modules).reduce(1) { length, _ in length * pool + options.kernel - 1 }
  }
}
