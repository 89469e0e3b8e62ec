import Arrays

/// A small dense network on every instance, maximum over the bag: x ─ dense 64 → ReLU → dense 1 ─ max.
enum MLP: Architecture {
  static let name = "mlp"
  static let summary = "one hidden layer of 64 on every instance, maximum over the bag"
  static let optionNames: Set<String> = ["dropout", "hidden"]

  static func plan(features: Int, _ options: ArchitectureOptions) throws -> NetworkPlan {
    var figure = NetworkBuilder()
    let x = figure.input("x", Shape(.instance, positions: features))
    var h = try figure.add("hidden", Dense(to: options.hidden), x)
    h = try figure.add("relu", ReLU(), h)
    h = try figure.add("dropout", Dropout(options.dropout, number: 1), h)
    let logit = try figure.add("output", Dense(to: 1), h)
    let bag = try figure.add("max", SegmentMaximum("bag", .bag), logit)
    return figure.plan(unit: logit, target: bag)
  }
}
