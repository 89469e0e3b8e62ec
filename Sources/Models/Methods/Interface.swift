import Arrays
import Bytes

/// Networks on the graphs of two proteins, whose residue pairs are the instances: NeiA, NeiWA and those they were
/// compared with.
///
///     nodes ── graph layers, weights shared by both sides ── head ── logit of a node pair
///
/// The graph layers run once for each node. The dense head takes each node pair by itself; the head of pairs is a
/// convolution over the grid of all pairs (high-order pairwise interactions).
enum Interface {
  static let methods = [neia, neiwa, nea, ngf, dtnn, dcnn, sign]

  /// The graphs of both sides.
  static let graphs = MethodInput(.both, .graph)

  private static let layers = Setting("layers", .integer(1...4, default: 1), "graph layers")

  private static let width = Setting(
    "width", .integer(1...65_536, default: 256),
    "channels of the first graph layers; the later half of two or more has twice as many")

  private static let head: [Setting] = [
    Setting(
      "head", .choice(["dense", "pairs"]), "each node pair by itself, or convolutions over the grid of all pairs"),
    Setting("hidden", .integer(1...65_536, default: 512), "hidden units of the dense head"),
    Setting("pair", .choice(["concat", "sum"]), "how two nodes make a cell of the grid"),
    Setting("channels", .integer(0...65_536, default: 16), "channels of a node in the grid; 0 takes all of its own"),
    Setting("blocks", .integer(1...16, default: 1), "residual blocks of two convolutions"),
    Setting("inner", .integer(1...65_536, default: 16), "channels between the two convolutions of a block"),
    Setting("kernel", .choice(["3", "5", "7", "1"]), "cells under a convolution, on either side"),
    Setting("dropout", .real(0...0.999, default: 0.5), "share of the values that are set to 0 in training"),
    .flag(
      "standardize", default: true,
      "columns of nodes, and of neighbours' averages in nea, ngf and sign, less their mean over their deviation"),
    Setting(
      "negatives", .integer(1...1_000_000, default: 10),
      "negative node pairs for each positive one, drawn anew in each epoch; a large number takes all"),
  ]

  /// A method of this family; `layer` adds a graph layer of a number from 1.
  private static func method(
    _ name: String, _ summary: String, _ settings: [Setting], _ description: String,
    needsEdges: Bool = true, drops: Bool = true,
    _ layer: @escaping @Sendable (inout InterfaceFigure, NetworkBuilder.Handle, Int) throws -> NetworkBuilder.Handle
  ) -> Method {
    Method(
      name, summary, settings: [layers] + settings + head, goals: [.binary], inputs: { _ in [graphs] },
      form: .network(
        plan: { ports, values in
          var figure = InterfaceFigure(values, edges: ports.first { $0.name == "edge_features" })
          if needsEdges, figure.edges == nil {
            throw ModelError.port(
              method: name, needs: "features of the edges of graphs on both sides", found: ports.map(\.name))
          }
          let nodes = try graphs.spec(in: ports, of: name)
          var x = figure.builder.input(nodes.name, Shape(nodes.axis, positions: 1, channels: nodes.width))
          figure.nodes = x
          figure.area = nodes.names.firstIndex(of: "rasa")
          x = try figure.standardized(x, "nodes.standard")
          for number in 1...values.integer("layers") {
            x = try layer(&figure, x, number)
            if drops { x = try figure.dropout(x) }
          }
          return try values.text("head") == "dense" ? figure.dense(x) : figure.pairs(x)
        }, engine: nil),
      description: description + """

        The head dense takes both orders of a node pair, [x_i, x_j] and [x_j, x_i], through ReLU(dense), and their mean
        through dense: the mean of both logits. The head pairs (HOPI) projects nodes to a few channels, sets them side
        by side (or adds them) in the cells of a grid, and runs residual blocks, x + conv(dropout(ReLU(conv x))) and
        ReLU, and a last 1 x 1 convolution to one logit per cell.
        Both proteins pass through the same weights. Train on labels of instances, one complex a batch.
        """)
  }

  // MARK: Graph layers

  static let neia = method(
    "neia", "neighbours' average of tanh, residual, on two graphs (NeiA)", [],
    """
    z_ij = tanh(W x_j + V e_ij); x_i += mean of z_ij over its neighbours j. Layers keep the width of the nodes.
    """
  ) { figure, x, number in
    let z = try figure.messages(x, "neia\(number)")
    let mean = try figure.builder.add("neia\(number).mean", EdgeMean(InterfaceFigure.relation, into: figure.node), z)
    return try figure.builder.add("neia\(number)", Add(), x, mean)
  }

  static let neiwa = method(
    "neiwa", "neighbours' weighted average of tanh, residual, on two graphs (NeiWA)",
    [.flag("divide", default: true, "divide by the number of neighbours once more, as the paper prints it")],
    """
    z_ij = tanh(W x_j + V e_ij); a_ij = softmax of q z_ij over the neighbours j; x_i += sum of a_ij z_ij, divided by the
    number of neighbours as printed, which makes a layer of 20 neighbours nearly the identity: no entry moves by more
    than .05. divide=no leaves the sum as it is.
    """
  ) { figure, x, number in
    let (name, relation) = ("neiwa\(number)", InterfaceFigure.relation)
    let z = try figure.messages(x, name)
    let score = try figure.builder.add("\(name).score", Dense(to: 1, bias: false), z)
    let share = try figure.builder.add("\(name).share", GroupSoftmax(relation), score)
    let weighed = try figure.builder.add("\(name).weighed", Gate(), share, z)
    let sum =
      try figure.values.flag("divide")
      ? figure.builder.add("\(name).sum", EdgeMean(relation, into: figure.node), weighed)
      : figure.builder.add("\(name).sum", EdgeSum(relation, into: figure.node), weighed)
    return try figure.builder.add(name, Add(), x, sum)
  }

  static let nea = method(
    "nea", "node and edge average on two graphs (Fout 2017)", [width],
    """
    x_i = ReLU(W x_i + mean of N x_j over its neighbours j + mean of E e_ij + b).
    """
  ) { figure, x, number in
    let (name, relation, width) = ("nea\(number)", InterfaceFigure.relation, figure.width(of: number))
    let own = try figure.builder.add("\(name).own", Dense(to: width), x)
    var near = try figure.builder.add("\(name).near", EdgeMean(relation), x)
    if number == 1 { near = try figure.standardized(near, "\(name).standard") }
    let nodes = try figure.builder.add("\(name).nodes", Dense(to: width, bias: false), near)
    let around = try figure.builder.add("\(name).around", EdgeMean(relation, into: figure.node), figure.edge())
    let edges = try figure.builder.add("\(name).edges", Dense(to: width, bias: false), around)
    return try figure.builder.add(name, ReLU(), figure.builder.add("\(name).sum", Add(), own, nodes, edges))
  }

  static let ngf = method(
    "ngf", "neural graph fingerprints on two graphs (Duvenaud 2015)", [width],
    """
    x_i = ReLU(W (x_i + mean of x_j over its neighbours j) + b). Features of edges are not used.
    """, needsEdges: false
  ) { figure, x, number in
    var near = try figure.builder.add("ngf\(number).near", EdgeMean(InterfaceFigure.relation), x)
    if number == 1 { near = try figure.standardized(near, "ngf\(number).standard") }
    let sum = try figure.builder.add("ngf\(number).sum", Add(), x, near)
    let dense = Dense(to: figure.width(of: number))
    return try figure.builder.add("ngf\(number)", ReLU(), figure.builder.add("ngf\(number).dense", dense, sum))
  }

  static let dtnn = method(
    "dtnn", "deep tensor network on two graphs (Schütt 2017)",
    [
      Setting(
        "factors", .integer(1...65_536, default: 256),
        "channels of the product in the first graph layers; the later half of two or more has twice as many")
    ],
    """
    x_i += mean of tanh(W [(C x_j + b) * (D e_ij + c)]) over its neighbours j. Layers keep the width of the nodes.
    """
  ) { figure, x, number in
    let (name, relation, factors) = ("dtnn\(number)", InterfaceFigure.relation, figure.width(of: number, "factors"))
    let nodes = try figure.builder.add("\(name).nodes", Dense(to: factors), x)
    let from = try figure.builder.add(
      "\(name).from", Gather(relation, edges: InterfaceFigure.edgeAxis, .from), nodes)
    let edges = try figure.builder.add("\(name).edges", Dense(to: factors), figure.edge())
    let product = try figure.builder.add("\(name).product", Product(), from, edges)
    let out = try figure.builder.add("\(name).out", Dense(to: x.shape.channels, bias: false), product)
    let z = try figure.builder.add("\(name).tanh", Tanh(), out)
    let mean = try figure.builder.add("\(name).mean", EdgeMean(relation, into: figure.node), z)
    return try figure.builder.add(name, Add(), x, mean)
  }

  static let sign = method(
    "sign", "means over one and more steps to neighbours, side by side, on two graphs (SIGN, Frasca 2020)",
    [
      Setting("hops", .integer(1...16, default: 2), "steps to neighbours"),
      .flag("surface", default: true, "means weighted by the column rasa, too, where nodes have one"),
      Setting("sequence", .integer(0...16, default: 0), "nodes before and after in the graph whose columns it sees"),
      Setting("input-dropout", .real(0...0.999, default: 0.1), "share of the columns that are set to 0 in training"),
    ],
    """
    x_i = (P^h x)_i for h = 0 to hops, side by side, where P is the mean over the neighbours. There are no weights
    before the head: the head dense is a perceptron on two nodes and their surroundings. With accessible areas (the
    column rasa) there are means in which neighbours count by their area, too. The columns of the nodes up to sequence
    places before and after in the graph, the neighbours in the chain, are there as they are. Features of edges are not
    used.
    """, needsEdges: false, drops: false
  ) { figure, x, number in
    var (walk, all) = (x, x)
    for places in 1..<figure.values.integer("sequence") + 1 {
      for (way, sign) in [("before", -1), ("after", 1)] {
        let shift = SegmentShift("graph", by: sign * places)
        let near = try figure.builder.add("sign\(number).\(way)\(places)", shift, x)
        all = try figure.builder.add("sign\(number).\(way).join\(places)", Concatenate(), all, near)
      }
    }
    for hop in 1...figure.values.integer("hops") {
      walk = try figure.builder.add("sign\(number).walk\(hop)", EdgeMean(InterfaceFigure.relation), walk)
      let own = try figure.standardized(walk, "sign\(number).standard\(hop)")
      all = try figure.builder.add("sign\(number).join\(hop)", Concatenate(), all, own)
    }
    guard let area = figure.area, let nodes = figure.nodes, figure.values.flag("surface") else {
      return try figure.dropout(all, "input-dropout")
    }
    walk = x
    for hop in 1...figure.values.integer("hops") {
      let mean = WeightedEdgeMean(InterfaceFigure.relation, by: area)
      walk = try figure.builder.add("sign\(number).surface\(hop)", mean, walk, nodes)
      let own = try figure.standardized(walk, "sign\(number).surface.standard\(hop)")
      all = try figure.builder.add("sign\(number).surface.join\(hop)", Concatenate(), all, own)
    }
    return try figure.dropout(all, "input-dropout")
  }

  static let dcnn = method(
    "dcnn", "diffusion-convolutional network on two graphs (Atwood and Towsley 2016)",
    [Setting("hops", .integer(0...16, default: 2), "steps of the diffusion")],
    """
    x_i = ReLU of w_h * (P^h x)_i for h = 0 to hops, side by side, where P is the mean over the neighbours. A layer is
    hops + 1 times as wide as the one before it. Features of edges are not used.
    """, needsEdges: false
  ) { figure, x, number in
    var (walk, all) = (x, try figure.builder.add("dcnn\(number).hop0", ChannelScale(), x))
    for hop in 0..<figure.values.integer("hops") {
      walk = try figure.builder.add("dcnn\(number).walk\(hop + 1)", EdgeMean(InterfaceFigure.relation), walk)
      let scaled = try figure.builder.add("dcnn\(number).hop\(hop + 1)", ChannelScale(), walk)
      all = try figure.builder.add("dcnn\(number).join\(hop + 1)", Concatenate(), all, scaled)
    }
    return try figure.builder.add("dcnn\(number)", ReLU(), all)
  }
}
