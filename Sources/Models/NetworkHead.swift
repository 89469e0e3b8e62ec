import Arrays
import Tensors

extension NetworkPlan {
  /// The same network with the logits of two classes in place of its one output: the dense layer `output` gets a second
  /// row, and the score of a unit is their difference (`LogOdds`). Nil where the units' scores do not come from a
  /// dense layer of this name and one output, or where the nodes behind them read more than the scores.
  func withTwoLogits() -> NetworkPlan? {
    let old = self.nodes[unitNode]
    guard let dense = old.layer as? Dense, dense.outputs == 1, old.inputs.count == 1,
      old.places.allSatisfy({ self.requests[$0].name.hasPrefix("output.") }), attentionNode == nil, energyNode == nil
    else { return nil }
    let (layer, input) = (Dense(to: 2), self.nodes[old.inputs[0]].shape)
    guard let shape = layer.shape(of: [input]), let margin = LogOdds(isHead: true).shape(of: [shape]) else {
      return nil
    }
    let own = layer.parameters(for: [input])
    guard own.count == old.places.count else { return nil }
    var requests = requests
    for (place, request) in zip(old.places, own) {
      requests[place] = Parameters.Request("output.\(request.name)", request.shape, request.start, kind: request.kind)
    }
    func moved(_ place: Int) -> Int { place < unitNode ? place : place + 1 }
    var nodes = Array(self.nodes[..<unitNode])
    nodes.append(Network.Node(layer: layer, port: nil, inputs: old.inputs, shape: shape, places: old.places))
    nodes.append(Network.Node(layer: LogOdds(isHead: true), port: nil, inputs: [unitNode], shape: margin, places: []))
    nodes += self.nodes[(unitNode + 1)...].map { node in
      Network.Node(
        layer: node.layer, port: node.port, inputs: node.inputs.map(moved), shape: node.shape, places: node.places)
    }
    return NetworkPlan(
      requests: requests, nodes: nodes, unitNode: unitNode + 1, targetNode: moved(targetNode), attentionNode: nil,
      energyNode: nil)
  }
}

extension Network {
  /// Whether it has a logit for each of two classes.
  public var hasLogits: Bool { logitsNode != nil }

  /// The node of the logits of two classes, of which the units' scores are the difference; nil for other networks.
  var logitsNode: Int? { (nodes[unitNode].layer as? LogOdds)?.isHead == true ? nodes[unitNode].inputs[0] : nil }
}

/// A network cut below its layer `output`: what is below stays as it is, so that its values are computed once, and the
/// head is trained.
public struct CutNetwork: Sendable {
  /// The whole network.
  public let whole: Network
  /// The layers from `output` on, over the port `features`: the values below them, a row for each unit.
  public let head: Network
  /// The node whose values the head reads.
  private let source: Int

  /// Cuts a network with the logits of two classes; nil for another one.
  public init?(_ network: Network) {
    guard let first = network.logitsNode, let source = network.nodes[first].inputs.first else { return nil }
    let (old, shape) = (network.nodes, network.nodes[source].shape)
    // Every node behind the cut reads others behind it, or the cut itself.
    guard old[first...].allSatisfy({ $0.inputs.allSatisfy { $0 >= first || $0 == source } }) else { return nil }
    let places = old[first...].flatMap(\.places)
    let requests = places.map { place -> Parameters.Request in
      let entry = network.parameters.entries[place]
      return Parameters.Request(entry.name, entry.shape, .constant(0), kind: entry.kind)
    }
    var parameters = Parameters(requests, seed: 0)
    for request in requests { parameters.set(request.name, to: network.parameters.values(request.name) ?? []) }
    func moved(_ place: Int) -> Int { place == source ? 0 : place - first + 1 }
    let nodes =
      [Network.Node(layer: nil, port: "features", inputs: [], shape: shape, places: [])]
      + old[first...].map { node in
        Network.Node(
          layer: node.layer, port: node.port, inputs: node.inputs.map(moved), shape: node.shape,
          places: node.places.compactMap { places.firstIndex(of: $0) })
      }
    head = Network(
      parameters: parameters, nodes: nodes, unitNode: moved(network.unitNode), targetNode: moved(network.targetNode),
      attentionNode: nil, energyNode: nil)
    (whole, self.source) = (network, source)
  }

  /// The values that the head reads, a row for each unit of a batch.
  public func features(of batch: Batch, _ tape: Tape) -> Matrix {
    tape.prepare(whole.nodes.count)
    whole.run(Array(0...source), batch, .inference, tape)
    let shape = whole.nodes[source].shape
    return Matrix(
      rows: batch.count[shape.axis] ?? 0, columns: shape.width, values: Array(tape.nodes[source].values.elements))
  }

  /// The whole network with a head of these parameters.
  public func network(_ head: Parameters) -> Network {
    var result = whole
    for entry in head.entries { result.parameters.set(entry.name, to: head.values(entry.name) ?? []) }
    return result
  }
}
