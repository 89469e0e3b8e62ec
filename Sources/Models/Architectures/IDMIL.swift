import Arrays

/// IDMIL-III: imbalanced deep multi-instance learning for isoform–isoform interactions.
///
///     x ─ [conv k → norm → ReLU → max pool 3] × 3 ─ h ┐
///     └── dense 32 → ReLU → dense 1 → sigmoid ──── a ─┴─ ν = a · h ─ 1 × |h| convolution ─ μ ─ max over the bag
///
/// With k = 3 and 233 features h has 7 values. Dropout follows all modules but the last and the attention's
/// hidden layer. The last convolution, as wide as h, is a dense layer.
enum IDMIL: Architecture {
  static let name = "idmil"
  static let summary = "three convolution modules, gated by attention, maximum over the bag (IDMIL-III)"
  static let optionNames: Set<String> = ["attention", "dropout", "kernel", "last_relu", "modules"]

  static let channels = 64
  static let pool = 3
  static let attentionWidth = 32

  static func plan(features: Int, _ options: ArchitectureOptions) throws -> NetworkPlan {
    let least = leastFeatures(options)
    guard features >= least else {
      throw ModelError.tooFewFeatures(features, least: least, modules: options.modules)
    }
    var figure = NetworkBuilder()
    let x = figure.input("x", Shape(.instance, positions: features))
    var h = x
    for module in 1...options.modules {
      let last = module == options.modules
      h = try figure.add("conv\(module)", Convolution(to: last ? 1 : channels, kernel: options.kernel), h)
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
    let logit = try figure.add("output", Dense(to: 1), h)
    let bag = try figure.add("max", SegmentMaximum("bag", .bag), logit)
    return figure.plan(unit: logit, target: bag, attention: attention)
  }

  /// The fewest features of which the modules leave one position: 53 for three modules of kernel 3.
  static func leastFeatures(_ options: ArchitectureOptions) -> Int {
    (0..<options.modules).reduce(1) { length, _ in length * pool + options.kernel - 1 }
  }
}
