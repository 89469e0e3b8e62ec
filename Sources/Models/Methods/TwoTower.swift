import Arrays
import Bytes

/// Two towers of shared weights, one for each side, then a dense network: the same score in both orders.
///
///     columns of a ─┐                                  ┌─ u + v ──┐
///                   ├─ dense → ReLU → dropout ── u, v ─┼─ |u − v| ┼─ dense → ReLU → dropout → dense 1
///     columns of b ─┘   (the same weights)             ├─ u · v ──┤
///     columns of both ─────────────────────────────────┴──────────┘
enum TwoTower {
  static let method = Method(
    "two-tower", "one dense tower for both partners, joined by sum, difference and product; maximum over the bag",
    settings: [
      Setting("hidden", .integer(1...65536, default: 64), "units of the tower, and of the layer behind the join"),
      Setting("dropout", .real(0...0.999, default: 0.2), "share of the hidden values that are set to 0 in training"),
      Setting(
        "input-dropout", .real(0...0.999, default: 0.2), "share of the features that are set to 0 in training"),
    ] + Pooling.settings,
    isSymmetric: true,
    form: .network(plan: plan, engine: nil),
    defaults: Method.Defaults(
      loss: "ce", optimiser: "adam:weight-decay=0.01,decoupled=yes", batch: 128, epochs: 25, patience: 4),
    description: """
      u, v = dropout(ReLU(dense(features of a partner))), the same weights for both partners;
      then [u + v, |u - v|, u * v,
      features of both], dense, ReLU, dropout, dense 1. Columns NAME.a.FEATURE and NAME.b.FEATURE are those of the
      partners, which must have the same features; other columns are of both. A score does not depend on the order.
      """)

  @Sendable private static func plan(_ ports: [PortSpec], _ values: SettingValues) throws -> NetworkPlan {
    let sides = try Sides(ports[0].names)
    var figure = NetworkBuilder()
    let (hidden, dropout) = (values.integer("hidden"), values.real("dropout"))
    var x = figure.input("x", Shape(.instance, positions: ports[0].width))
    x = try figure.add("input_dropout", Dropout(values.real("input-dropout"), number: 0), x)
    var h = try figure.add("sides", TakeColumns([sides.a, sides.b]), x)
    h = try figure.add("tower", Convolution(to: hidden, kernel: 1), h)
    h = try figure.add("tower_relu", ReLU(), h)
    h = try figure.add("tower_dropout", Dropout(dropout, number: 1), h)
    h = try figure.add("join", JoinPair(), h)
    if !sides.shared.isEmpty {
      let shared = try figure.add("shared", TakeColumns([sides.shared]), x)
      h = try figure.add("all", Concatenate(), h, shared)
    }
    h = try figure.add("hidden", Dense(to: hidden), h)
    h = try figure.add("relu", ReLU(), h)
    h = try figure.add("dropout", Dropout(dropout, number: 2), h)
    return try Pooling(values).end(&figure, h)
  }

  /// The columns of either partner, in the same order of features, and those of both.
  private struct Sides {
    var a: [Int] = []
    var b: [Int] = []
    var shared: [Int] = []

    init(_ names: [String]) throws(ModelError) {
      if let obstacle = ColumnSwap.obstacle(in: names) { throw .noSides(method: "two-tower", obstacle) }
      guard let swap = ColumnSwap(names: names), !swap.isIdentity else {
        throw .noSides(method: "two-tower", "no column is named NAME.a.FEATURE or NAME.b.FEATURE")
      }
      for (column, name) in names.enumerated() {
        switch PairColumns.owner(of: name) {
        case .first:
          a.append(column)
          b.append(swap.source[column])
        case .second: continue
        case .both: shared.append(column)
        }
      }
    }
  }
}
