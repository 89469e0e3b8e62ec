import Arrays

/// Builds a network node by node, in the order of the paper's figure.
///
///     var figure = NetworkBuilder()
///     let x = figure.input("x", Shape(.instance, positions: 233))
///     let logit = try figure.add("output", Dense(to: 1), x)
///     let bag = try figure.add("max", SegmentMaximum("bag", .bag), logit)
///     let network = figure.plan(unit: logit, target: bag).network(seed: 1)
public struct NetworkBuilder {
  private var nodes: [Network.Node] = []
  private var requests: [Parameters.Request] = []

  /// Starts without nodes.
  public init() {}

  /// A node, to be used as an input of later nodes.
  public struct Handle: Sendable {
    fileprivate let place: Int
    /// The shape of the node's values.
    public let shape: Shape
  }

  /// Adds a node with the values of a port of the batch.
  public mutating func input(_ port: String, _ shape: Shape) -> Handle {
    nodes.append(Network.Node(layer: nil, port: port, inputs: [], shape: shape, places: []))
    return Handle(place: nodes.count - 1, shape: shape)
  }

  /// Adds a node with the symbols of a token port of the batch: `length` per row, each from 0 to below `symbols`.
  public mutating func tokens(_ port: String, _ axis: Axis, length: Int, symbols: Int) -> Handle {
    input(port, Shape(axis, length: length, symbols: symbols))
  }

  /// Adds a layer that reads other nodes; its parameters are called `name.…`.
  /// Throws `ModelError` when the inputs are too small for the layer.
  public mutating func add(_ name: String, _ layer: some Layer, _ inputs: Handle...) throws -> Handle {
    let shapes = inputs.map(\.shape)
    for (input, shape) in shapes.enumerated() where shape.symbols != nil {
      precondition(layer.readsSymbols(input), "layer \(name) reads numbers, its input \(input) holds symbols")
    }
    guard let shape = layer.shape(of: shapes) else {
      throw ModelError.tooShort(layer: name, positions: shapes.first?.positions ?? 0)
    }
    let own = layer.parameters(for: shapes).map {
      Parameters.Request("\(name).\($0.name)", $0.shape, $0.start, kind: $0.kind)
    }
    let places = own.indices.map { requests.count + $0 }
    requests += own
    nodes.append(Network.Node(layer: layer, port: nil, inputs: inputs.map(\.place), shape: shape, places: places))
    return Handle(place: nodes.count - 1, shape: shape)
  }

  /// Returns the finished network; its logits are the values of the nodes `unit` and `target`.
  ///
  /// `attention` is a number per unit for people to read. `energy`, which comes before `unit`, is a further number per
  /// unit that the nodes behind `unit` read: where the attention of a bag's units follows from it.
  public func plan(unit: Handle, target: Handle, attention: Handle? = nil, energy: Handle? = nil) -> NetworkPlan {
    precondition(energy.map { $0.place < unit.place } ?? true, "the energy before the units' scores")
    return NetworkPlan(
      requests: requests, nodes: nodes, unitNode: unit.place, targetNode: target.place,
      attentionNode: attention?.place, energyNode: energy?.place)
  }
}

/// A network before its parameters: what it is made of, and what it will need.
public struct NetworkPlan: Sendable {
  /// The parameters, in the order of the nodes.
  public let requests: [Parameters.Request]
  /// The ports of the inputs, in their order.
  public var ports: [PortSpec] { nodes.compactMap(\.spec) }
  let nodes: [Network.Node]
  let unitNode: Int
  let targetNode: Int
  let attentionNode: Int?
  let energyNode: Int?

  /// The network with parameters started from `seed`.
  public func network(seed: UInt64) -> Network {
    Network(
      parameters: Parameters(requests, seed: seed), nodes: nodes, unitNode: unitNode, targetNode: targetNode,
      attentionNode: attentionNode, energyNode: energyNode)
  }
}
