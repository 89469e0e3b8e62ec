import Arrays
import Tensors

/// A network on two graphs with the same weights for both, cut where their nodes meet: what becomes of a graph's nodes
/// is computed once for all its pairs (`encode`), and a pair of graphs costs the layers behind the cut alone (`score`).
public struct EncodedGraphs: Sendable {
  private let network: Network
  /// The layers that see one graph by itself, in their order, and those of them whose values the others read.
  private let own: [Int]
  private let cut: [Int]
  private let node: Axis

  /// The network, cut behind the layers on the axes `node` and `edge` that read no other axis; nil where no values of
  /// nodes pass the cut, or those of edges do.
  public init?(_ network: Network, node: Axis, edge: Axis) {
    var own: [Int] = []
    for (place, layer) in network.nodes.enumerated()
    where [node, edge].contains(layer.shape.axis) && layer.inputs.allSatisfy(own.contains) { own.append(place) }
    let readers = network.nodes.indices.filter { !own.contains($0) }
    cut = Set(readers.flatMap { network.nodes[$0].inputs }).intersection(own).sorted()
    guard !cut.isEmpty, cut.allSatisfy({ network.nodes[$0].shape.axis == node }) else { return nil }
    (self.network, self.own, self.node) = (network, own, node)
  }

  /// The values that are kept of a graph's nodes, one matrix for each layer that the others read, nodes × its width;
  /// the batch holds the graph's ports and relations.
  public func encode(_ batch: Batch, _ tape: Tape) -> [Matrix] {
    tape.prepare(network.nodes.count)
    network.run(own, batch, .inference, tape)
    return cut.map { place in
      Matrix(
        rows: batch.count[node] ?? 0, columns: network.nodes[place].shape.width,
        values: Array(tape.nodes[place].values.elements))
    }
  }

  /// The scores of a batch from the kept values of its graphs, in the order of their nodes; it needs neither the ports
  /// of the graphs nor the relations of one graph.
  public func score(_ batch: Batch, _ graphs: [[Matrix]], _ tape: Tape) -> Scores {
    tape.prepare(network.nodes.count)
    for (number, place) in cut.enumerated() {
      let width = network.nodes[place].shape.width
      var memory = tape.nodes[place].values.reserve((batch.count[node] ?? 0) * width)
      for graph in graphs {
        graph[number].withUnsafeBufferPointer { from in
          guard let start = from.baseAddress else { return }
          memory.update(from: start, count: from.count)
          memory += from.count
        }
      }
    }
    return network.score(batch, tape, known: Set(own))
  }
}
