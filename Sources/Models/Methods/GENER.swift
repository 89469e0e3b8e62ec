import Arrays
import Bytes

/// GENER: the profiles of two genes by two branches, their product through dense layers, and both of them through
/// convolutions of 2 × 2 cells; a softmax of two classes.
///
///     a · b ─ [dense → ReLU → norm → dropout] × 2 ────────────────────────────────────────────┐
///     a, b ── [convolution → norm → dropout] × 2 or 3 ─ dense → ReLU → norm → dropout ─ concatenate ─ 2 ─ log odds
///
/// The convolutions run over the conditions with the two genes as channels: the first is as high as the pair of
/// profiles, so that one row is left. Starts and norms are Keras'.
enum GENER {
  static let method = Method(
    "gener", "two profiles by their product and by convolutions (GENER); gener:branch=cnn is one branch",
    settings: [
      Setting("branch", .choice(["both", "cnn", "product"]), "the branches that are there"),
      Setting("form", .choice(["notebook", "paper"]), "the layers of the authors' notebook, or of the paper's figure"),
      Setting(
        "width", .integer(0...65_536, default: 0),
        "units of each layer of the product; 0 is 256 in the notebook, 128 in the paper"),
      Setting("filters", .integer(1...4096, default: 16), "channels of the first convolution"),
      Setting("channels", .integer(1...4096, default: 8), "channels of the other convolutions"),
      Setting("hidden", .integer(1...65_536, default: 32), "units of the layer after the convolutions"),
      .flag("relu", default: false, "a ReLU follows every convolution"),
      Setting("dropout", .real(0...0.999, default: 0.5), "share of the values that are set to 0 in training"),
    ],
    goals: [.binary], readsSides: true, form: .network(plan: plan, engine: nil),
    description: """
      Reads a row of each partner, side a before side b: one block of concat, such as --block x=concat:expr.tsv.
      a * b - [dense width, ReLU, batch norm, dropout] x 2 - p
      (a, b) - convolution 2 x 2, batch norm, dropout - convolution 1 x 1 (in the paper two), each with batch norm and
      dropout - dense hidden, ReLU, batch norm, dropout - c
      logit of an instance = the difference of the two classes of dense 2 of (c, p); of a bag: the maximum.
      The paper does not say what its third convolution is: 1 x 1 is our choice. The notebook leaves one dropout on when
      it predicts; this does not. As published it is trained with
      --loss ce --optimiser sgd:decay=0.8 --batch 64 --epochs 50 --patience 0 --order ordered.
      """)

  @Sendable private static func plan(_ ports: [PortSpec], _ values: SettingValues) throws -> NetworkPlan {
    let features = ports[0].width
    guard features.isMultiple(of: 2), features >= 4 else { throw ModelError.unequalSides("gener", features) }
    let isNotebook = values.text("form") == "notebook"
    var figure = Figure(length: features / 2, dropout: values.real("dropout"))
    var branches: [NetworkBuilder.Handle] = []
    if values.text("branch") != "product" {
      branches.append(
        try figure.convolutions(
          channels: [values.integer("filters")]
            + [Int](repeating: values.integer("channels"), count: isNotebook ? 1 : 2),
          hasReLU: values.flag("relu"), hidden: values.integer("hidden")))
    }
    if values.text("branch") != "cnn" {
      let width = values.integer("width")
      branches.append(
        try figure.product(width: width > 0 ? width : isNotebook ? 256 : 128, momentum: isNotebook ? 0.9 : 0.99))
    }
    return try figure.output(branches)
  }

  /// The bound of Glorot and Bengio (2010), as in Keras, for a kernel of `area` cells.
  private static func glorot(_ inputs: Int, _ outputs: Int, area: Int = 1) -> Float {
    (6 / Float(area * (inputs + outputs))).squareRoot()
  }

  /// The network while it is drawn.
  private struct Figure {
    private var builder = NetworkBuilder()
    private let profiles: NetworkBuilder.Handle
    private let dropout: Double
    private var masks = 0

    /// The profiles of `length` numbers, one position each.
    init(length: Int, dropout: Double) {
      profiles = builder.input("x", Shape(.instance, positions: 2, channels: length))
      self.dropout = dropout
    }

    mutating func product(width: Int, momentum: Float) throws -> NetworkBuilder.Handle {
      let x = try builder.add("product", PositionProduct(), profiles)
      let first = try dense("dense1", to: width, .keras(momentum: momentum), x)
      return try dense("dense2", to: width, .keras(momentum: momentum), first)
    }

    mutating func convolutions(channels: [Int], hasReLU: Bool, hidden: Int) throws -> NetworkBuilder.Handle {
      var x = try builder.add("conditions", Transpose(), profiles)
      for (layer, outputs) in channels.enumerated() {
        let (name, isFirst) = ("conv\(layer + 1)", layer == 0)
        let bound = GENER.glorot(isFirst ? 1 : x.shape.channels, outputs, area: isFirst ? 4 : 1)
        x = try builder.add(name, Convolution(to: outputs, kernel: isFirst ? 2 : 1, bound: bound), x)
        if hasReLU { x = try builder.add("\(name).relu", ReLU(), x) }
        x = try normed(name, .keras(), x)
      }
      return try dense("conv_dense", to: hidden, .keras(), x)
    }

    private mutating func dense(
      _ name: String, to outputs: Int, _ convention: BatchNorm.Convention, _ x: NetworkBuilder.Handle
    ) throws -> NetworkBuilder.Handle {
      let layer = Dense(to: outputs, bound: GENER.glorot(x.shape.width, outputs))
      return try normed(name, convention, builder.add("\(name).relu", ReLU(), builder.add(name, layer, x)))
    }

    private mutating func normed(
      _ name: String, _ convention: BatchNorm.Convention, _ x: NetworkBuilder.Handle
    ) throws -> NetworkBuilder.Handle {
      masks += 1
      let norm = try builder.add("\(name)_norm", BatchNorm(convention), x)
      return try builder.add("\(name)_dropout", Dropout(dropout, number: masks), norm)
    }

    /// The two classes, their log odds, and the maximum over the instances of a bag.
    mutating func output(_ branches: [NetworkBuilder.Handle]) throws -> NetworkPlan {
      let x =
        try branches.count == 1
        ? branches[0] : builder.add("branches", Concatenate(), branches[0], branches[1])
      let classes = try builder.add("classes", Dense(to: 2, bound: GENER.glorot(x.shape.width, 2)), x)
      let logit = try builder.add("log_odds", LogOdds(), classes)
      let bag = try builder.add("max", SegmentMaximum("bag", .bag), logit)
      return builder.plan(unit: logit, target: bag)
    }
  }
}
