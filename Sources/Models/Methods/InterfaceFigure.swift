import Arrays
import Bytes

/// The parts that networks on two graphs share, as steps of a `NetworkBuilder`.
struct InterfaceFigure {
  typealias Handle = NetworkBuilder.Handle

  /// The relation of the edges, and their axis.
  static let relation = "edges"
  static let edgeAxis = Axis("edge")

  var builder: NetworkBuilder
  let values: SettingValues
  /// The features of edges, where there are some.
  let edges: Handle?
  /// The nodes' columns as they come, and which of them is an accessible area.
  var nodes: Handle?
  var area: Int?
  /// The axis of the nodes.
  let node = Axis("node")
  private var masks = 0

  init(_ values: SettingValues, edges port: PortSpec?) {
    var figure = NetworkBuilder()
    edges = port.map { figure.input($0.name, Shape($0.axis, positions: 1, channels: $0.width)) }
    (builder, self.values) = (figure, values)
  }

  /// The features of edges, which the plan has looked for.
  func edge() -> Handle {
    guard let edges else { preconditionFailure("features of edges") }
    return edges
  }

  /// The setting of this name for a layer's number: the later half of two or more layers has twice as many.
  func width(of number: Int, _ setting: String = "width") -> Int {
    let layers = values.integer("layers")
    return values.integer(setting) * (number > layers - layers / 2 ? 2 : 1)
  }

  /// Columns of the input less their mean, over their deviation, where the setting says so.
  mutating func standardized(_ x: Handle, _ name: String) throws -> Handle {
    try values.flag("standardize") ? builder.add(name, Standardize(), x) : x
  }

  /// Dropout of the setting's share.
  mutating func dropout(_ x: Handle, _ share: String = "dropout") throws -> Handle {
    masks += 1
    return try builder.add("dropout\(masks)", Dropout(values.real(share), number: masks), x)
  }

  /// tanh(W x_j + V e_ij), a row per edge.
  mutating func messages(_ x: Handle, _ name: String) throws -> Handle {
    let width = Dense(to: x.shape.channels, bias: false)
    let nodes = try builder.add("\(name).nodes", width, x)
    let from = try builder.add("\(name).from", Gather(Self.relation, edges: Self.edgeAxis, .from), nodes)
    let own = try builder.add("\(name).edges", width, edge())
    return try builder.add("\(name).tanh", Tanh(), builder.add("\(name).both", Add(), from, own))
  }

  // MARK: Heads

  /// Both orders of each instance's nodes: dense and ReLU, the mean of the two, dropout and dense.
  ///
  /// W [x_i, x_j] = U x_i + V x_j: products of nodes, once for each node, which instances add up.
  mutating func dense(_ x: Handle) throws -> NetworkPlan {
    let hidden = values.integer("hidden")
    let first = try builder.add("head.first", Dense(to: hidden), x)
    let second = try builder.add("head.second", Dense(to: hidden, bias: false), x)
    let pairs = try builder.add("head.pairs", SymmetricPairs("a.node", "b.node", .instance), first, second)
    let dropped = try dropout(pairs)
    return try plan(builder.add("output", Dense(to: 1), dropped))
  }

  /// The grid of all node pairs, residual blocks of two convolutions, and a last one to a logit per cell.
  mutating func pairs(_ x: Handle) throws -> NetworkPlan {
    var x = x
    if values.integer("channels") > 0 {
      let projection = Dense(to: values.integer("channels"))
      x = try builder.add("projection.relu", ReLU(), builder.add("projection", projection, x))
    }
    let size = GridBlocks.Size(
      values.text("pair") == "sum" ? .sum : .concatenated, blocks: values.integer("blocks"),
      inner: values.integer("inner"), kernel: values.integer("kernel"), dropout: values.real("dropout"))
    let blocks = GridBlocks(size, "cells", Axis("cell"), mask: masks + 1, wanted: "cell")
    let logit = try builder.add("cells", blocks, x)
    return try plan(builder.add("output", Gather("cell", .instance), logit))
  }

  /// A logit per instance, and the maximum over those of a bag.
  private mutating func plan(_ output: Handle) throws -> NetworkPlan {
    let bag = try builder.add("bag", SegmentMaximum("bag", .bag), output)
    return builder.plan(unit: output, target: bag)
  }
}
