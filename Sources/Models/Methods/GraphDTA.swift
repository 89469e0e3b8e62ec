import Arrays
import Bytes

/// GraphDTA (Nguyen 2021; thinng/GraphDTA): the affinity of a graph of atoms on side a and a sequence on side b.
///
///     atoms ── graph layers ── pool ── dense 128 ┐
///                                                ├─ dense 1024 → ReLU → dense 256 → ReLU → dense 1
///     letters ── positions, conv3 or lstm ─ 128 ─┘
///
/// The layers of both sides run once for each distinct entity of a batch; instances take their rows by index. So that
/// the numbers are those of pairs with entities of their own, batch norms count a row as often as its entity occurs,
/// and dropout of an entity's vector follows the index.
enum GraphDTA {
  static let methods = [gin, gcn, gat, gatGCN]

  /// The port, axes and relations of the graph.
  static let graph = MethodInput(.a, .graph)

  static func letters(_ values: SettingValues) -> MethodInput {
    MethodInput(.b, .tokens(alphabet: "graphdta", symbols: 26, length: values.integer("length")))
  }

  /// The settings after those of the graph layers; the defaults that differ between the networks are parameters.
  private static func shared(head: Int) -> [Setting] {
    [
      Setting(
        "protein", .choice(["positions", "conv3", "lstm"]),
        "layers of the sequence: a convolution with its positions as channels, three convolutions over them, an LSTM"),
      Setting("length", .integer(1...100_000, default: 1_000), "letters of the sequence; more are cut"),
      Setting("embedding", .integer(1...4_096, default: 128), "numbers of an embedded letter"),
      Setting(
        "filters", .integer(1...4_096, default: 32), "filters of positions; of conv3 once, twice and three times"),
      Setting("kernel", .integer(1...512, default: 8), "width of the filters"),
      Setting("memory", .integer(1...4_096, default: 128), "hidden channels of lstm"),
      .flag("padded", default: true, "lstm reads the padding too; no ends it with the last letter"),
      Setting("width", .integer(1...65_536, default: 128), "numbers of either side before they meet"),
      Setting("head1", .integer(1...65_536, default: 1_024), "hidden units of the first layer of the pair"),
      Setting("head2", .integer(1...65_536, default: head), "hidden units of the second layer of the pair"),
      Setting("dropout", .real(0...0.999, default: 0.2), "share of the values that are set to 0 in training"),
    ]
  }

  private static func hidden(_ count: Int, _ meaning: String) -> Setting {
    Setting("hidden", .integer(1...4_096, default: count), meaning)
  }

  private static let heads = Setting("heads", .integer(1...64, default: 10), "attention heads of the first graph layer")

  /// A method of this family; `branch` adds the graph's layers, up to a row per instance.
  private static func method(
    _ name: String, _ summary: String, _ settings: [Setting], head: Int, _ description: String,
    reluAfterPositions: Bool = false,
    _ branch: @escaping @Sendable (inout AffinityFigure, NetworkBuilder.Handle) throws -> NetworkBuilder.Handle
  ) -> Method {
    Method(
      name, summary, settings: settings + shared(head: head), inputs: { [graph, letters($0)] },
      form: .network(
        plan: { ports, values in
          let nodes = try graph.spec(in: ports, of: name)
          var figure = AffinityFigure(values)
          let x = figure.builder.input(nodes.name, Shape(nodes.axis, positions: 1, channels: nodes.width))
          let a = try branch(&figure, x)
          let b = try figure.sequence(letters(values), reluAfterPositions: reluAfterPositions)
          return try figure.pair(a, b, hidden: [values.integer("head1"), values.integer("head2")])
        }, engine: nil),
      description: description + """

        The sequence: positions is the published form, embedding, convolution along the embedding, dense; conv3 that of
        the authors' later code; lstm its last state. Sequences have 1000 letters, 0 where they are shorter.
        Train with --loss mse, Adam at 0.0005 and batches of 512. Every distinct graph and sequence of a batch is
        computed once; the numbers are those of pairs computed one by one.
        """)
  }
}

// MARK: Graph layers

extension GraphDTA {
  static let gin = method(
    "graphdta-gin", "graph isomorphism network on atoms, convolution on a sequence (GraphDTA)",
    [
      Setting("layers", .integer(1...64, default: 5), "graph layers"), hidden(32, "channels of the graph layers"),
      Setting("eps", .real(-10...10, default: 0), "weight of a node's own row, less 1"),
    ], head: 256,
    """
    z_i = (1 + eps) x_i + sum of its neighbours; x = norm(ReLU(dense(ReLU(dense z)))), layers times; sum over the nodes,
    dense, ReLU, dropout.
    """
  ) { figure, nodes in
    var x = nodes
    let (values, hidden) = (figure.values, Dense(to: figure.values.integer("hidden")))
    for layer in 1...values.integer("layers") {
      let sum = EdgeSum(graph.edges, own: 1 + Float(values.real("eps")))
      x = try figure.builder.add("gin\(layer).sum", sum, x)
      x = try figure.relu("gin\(layer).dense1", hidden, x)
      x = try figure.relu("gin\(layer).dense2", hidden, x)
      x = try figure.builder.add("gin\(layer).norm", BatchNorm(counting: graph.index ?? "", in: graph.graph), x)
    }
    x = try figure.builder.add("sum", SegmentPool(.sum, graph.graph, graph.axis), x)
    x = try figure.relu("a.dense", Dense(to: values.integer("width")), x)
    return try figure.dropout(figure.gather(x, graph))
  }

  static let gcn = method(
    "graphdta-gcn", "graph convolutions on atoms, convolution on a sequence (GraphDTA)",
    [
      Setting("layers", .integer(1...8, default: 3), "graph layers; each is twice as wide as the one before it"),
      hidden(78, "channels of the first graph layer"),
      Setting("dense", .integer(1...65_536, default: 1_024), "hidden units behind the pool"),
    ], head: 512,
    """
    x = ReLU(graph convolution), to 78, 156 and 312 channels; maximum over the nodes, dense, ReLU, dropout, dense,
    dropout.
    """
  ) { figure, nodes in
    var x = nodes
    let values = figure.values
    for layer in 0..<values.integer("layers") {
      let convolution = GraphConvolution(graph.edges, to: values.integer("hidden") << layer)
      x = try figure.relu("gcn\(layer + 1)", convolution, x)
    }
    x = try figure.builder.add("max", SegmentPool(.maximum, graph.graph, graph.axis), x)
    x = try figure.relu("a.dense1", Dense(to: values.integer("dense")), x)
    x = try figure.dropout(figure.gather(x, graph))
    return try figure.dropout(figure.builder.add("a.dense2", Dense(to: values.integer("width")), x))
  }

  static let gat = method(
    "graphdta-gat", "graph attention on atoms, convolution on a sequence (GraphDTA)",
    [hidden(78, "channels of a head of the first graph layer"), heads], head: 256,
    """
    x = ELU(attention, 10 heads of 78 channels), dropout, ReLU(attention, 1 head of 128 channels); maximum over the
    nodes, dense, ReLU. Dropout of the atoms' rows and of the attention too; the instances of a batch that share a graph
    share these two masks.
    """, reluAfterPositions: true
  ) { figure, nodes in
    let (values, width) = (figure.values, figure.values.integer("width"))
    let share = values.real("dropout")
    var x = try figure.dropout(nodes)
    let first = EdgeAttention(
      graph.edges, to: values.integer("hidden"), heads: values.integer("heads"), dropout: share,
      number: figure.nextMask())
    x = try figure.builder.add("elu", ELU(), figure.builder.add("gat1", first, x))
    x = try figure.dropout(x)
    let second = EdgeAttention(graph.edges, to: width, dropout: share, number: figure.nextMask())
    x = try figure.relu("gat2", second, x)
    x = try figure.builder.add("max", SegmentPool(.maximum, graph.graph, graph.axis), x)
    return try figure.gather(figure.relu("a.dense", Dense(to: width), x), graph)
  }

  static let gatGCN = method(
    "graphdta-gat-gcn", "graph attention, then a graph convolution on atoms, convolution on a sequence (GraphDTA)",
    [
      hidden(78, "channels of a head of the first graph layer"), heads,
      Setting("dense", .integer(1...65_536, default: 1_500), "hidden units behind the pools"),
    ], head: 512,
    """
    x = ReLU(attention, 10 heads of 78 channels), ReLU(graph convolution to as many channels); maximum and mean over the
    nodes side by side, dense, ReLU, dropout, dense.
    """
  ) { figure, nodes in
    let (values, channels) = (figure.values, figure.values.integer("hidden") * figure.values.integer("heads"))
    let attention = EdgeAttention(graph.edges, to: values.integer("hidden"), heads: values.integer("heads"))
    var x = try figure.relu("gat1", attention, nodes)
    x = try figure.relu("gcn2", GraphConvolution(graph.edges, to: channels), x)
    let greatest = try figure.builder.add("max", SegmentPool(.maximum, graph.graph, graph.axis), x)
    let mean = try figure.builder.add("mean", SegmentPool(.mean, graph.graph, graph.axis), x)
    x = try figure.builder.add("pools", Concatenate(), greatest, mean)
    x = try figure.relu("a.dense1", Dense(to: values.integer("dense")), x)
    x = try figure.dropout(figure.gather(x, graph))
    return try figure.builder.add("a.dense2", Dense(to: values.integer("width")), x)
  }
}
