import Arrays
import Bytes

/// A small dense network on every instance, maximum over the bag: x ─ dense 64 → ReLU → dense 1 ─ max.
enum MLP {
  static let dropout = Setting(
    "dropout", .real(0...0.999, default: 0.1), "share of the hidden values that are set to 0 in training")

  static let method = Method(
    "mlp", "one hidden layer of 64 on every instance, maximum over the bag",
    settings: [Setting("hidden", .integer(1...65536, default: 64), "hidden units"), dropout]
      + Pooling.settings,
    form: .network(plan: plan, engine: nil),
    description: """
      x - dense, ReLU, dropout, dense 1; of a bag: the maximum of its instances.
      Trains in seconds, and is level with deeper networks on many sets: a baseline for every table.
      \(Pooling.description)
      """)

  @Sendable private static func plan(_ ports: [PortSpec], _ values: SettingValues) throws -> NetworkPlan {
    var figure = NetworkBuilder()
    let x = figure.input("x", Shape(.instance, positions: ports[0].width))
    var h = try figure.add("hidden", Dense(to: values.integer("hidden")), x)
    h = try figure.add("relu", ReLU(), h)
    h = try figure.add("dropout", Dropout(values.real("dropout"), number: 1), h)
    return try Pooling(values).end(&figure, h)
  }
}
