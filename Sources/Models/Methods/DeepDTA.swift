import Arrays
import Bytes

/// DeepDTA (Öztürk 2018; hkmztrk/DeepDTA): the affinity of a SMILES text on side a and a sequence on side b.
///
///     text ── embedding 128 ── [conv → ReLU] × 3 (32, 64, 96) ── maximum ┐
///                                                                        ├─ dense 1024, 1024, 512, each ReLU ─ dense 1
///     text ── embedding 128 ── [conv → ReLU] × 3 (32, 64, 96) ── maximum ┘
///
/// Every distinct text of a batch is computed once.
enum DeepDTA {
  static func inputs(_ values: SettingValues) -> [MethodInput] {
    [
      MethodInput(.a, .tokens(alphabet: "deepdta-smiles", symbols: 65, length: values.integer("smiles-length"))),
      MethodInput(.b, .tokens(alphabet: "deepdta", symbols: 26, length: values.integer("length"))),
    ]
  }

  static let method = Method(
    "deepdta", "three convolutions on a SMILES text and on a sequence (DeepDTA)",
    settings: [
      Setting("smiles-length", .integer(1...100_000, default: 100), "characters of the SMILES; more are cut"),
      Setting("length", .integer(1...100_000, default: 1_000), "letters of the sequence; more are cut"),
      Setting("embedding", .integer(1...4_096, default: 128), "numbers of an embedded letter"),
      Setting(
        "filters", .integer(1...4_096, default: 32), "filters of the first convolutions; then twice, three times"),
      Setting("smiles-kernel", .integer(1...512, default: 8), "width of the filters on the SMILES"),
      Setting("kernel", .integer(1...512, default: 8), "width of the filters on the sequence"),
      Setting("head1", .integer(1...65_536, default: 1_024), "hidden units of the first two layers of the pair"),
      Setting("head2", .integer(1...65_536, default: 512), "hidden units of the third layer of the pair"),
      MLP.dropout,
    ],
    inputs: inputs,
    form: .network(plan: plan, engine: nil),
    description: """
      Both texts: embedding, three convolutions of 32, 64 and 96 filters with ReLU, maximum over the positions. The
      pair: dense 1024, 1024 and 512 with ReLU, dropout behind the first two, dense 1.
      Train with --loss mse, Adam at 0.001 and batches of 256. Davis was published with smiles-length=85,length=1200,
      and kernels out of 4, 6, 8 and 4, 8, 12 that a validation chooses.
      """)

  @Sendable private static func plan(_ ports: [PortSpec], _ values: SettingValues) throws -> NetworkPlan {
    var figure = AffinityFigure(values)
    let sides = try zip(inputs(values), ["smiles-kernel", "kernel"]).map { input, kernel in
      let side = input.side.rawValue
      let embedding = Embedding(width: values.integer("embedding"))
      var x = figure.tokens(input)
      x = try figure.builder.add("\(side).embedding", embedding, x)
      x = try figure.convolutions(
        side, filters: values.integer("filters"), kernel: values.integer(kernel), x)
      return try figure.gather(x, input)
    }
    let (first, last) = (values.integer("head1"), values.integer("head2"))
    return try figure.pair(sides[0], sides[1], hidden: [first, first, last], undropped: 1)
  }
}
