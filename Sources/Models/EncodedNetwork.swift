import Arrays
import Tensors

/// A network whose units point to entities by indices, cut there: what depends on one entity is computed once for all
/// its units (`encode`), and a unit costs the layers behind the cut alone (`score`).
public struct EncodedNetwork: Sendable {
  private let network: Network
  /// The nodes on the axis of the units, up to their scores.
  private let units: [Int]
  /// For each index: the nodes before the cut, in order, and those of them whose values a unit takes.
  private let sides: [String: (nodes: [Int], sources: [Int], axis: Axis)]

  /// The network, cut at the indices of its units; nil where units are not independent, where a node before the cut
  /// serves two indices, and where a layer joins two of them.
  public init?(_ network: Network) {
    guard let parts = network.parts, !parts.indices.isEmpty else { return nil }
    var sides: [String: (nodes: [Int], sources: [Int], axis: Axis)] = [:]
    for relation in Set(parts.indices) {
      let sources = parts.units.filter { network.nodes[$0].layer?.relation == relation }.map {
        network.nodes[$0].inputs[0]
      }
      var needed = Set(sources)
      for node in parts.others.reversed() where needed.contains(node) { needed.formUnion(network.nodes[node].inputs) }
      guard let first = sources.first else { return nil }
      sides[relation] = (needed.sorted(), Array(Set(sources)).sorted(), network.nodes[first].shape.axis)
    }
    let all = sides.values.flatMap(\.nodes)
    guard Set(all).count == all.count else { return nil }
    (self.network, units, self.sides) = (network, parts.units, sides)
  }

  /// The axis of the units.
  public var unit: Axis { network.unit }

  /// The number of values that are kept per entity of an index.
  public func width(of relation: String) -> Int {
    (sides[relation]?.sources ?? []).reduce(0) { $0 + network.nodes[$1].shape.width }
  }

  /// The kept values of the entities of an index, entities × `width`; the batch holds their ports.
  public func encode(_ batch: Batch, _ relation: String, _ tape: Tape) -> Matrix {
    guard let side = sides[relation] else { preconditionFailure("an index of the network") }
    tape.prepare(network.nodes.count)
    network.run(side.nodes, batch, .inference, tape)
    let (rows, width) = (batch.count[side.axis] ?? 0, width(of: relation))
    var result = Matrix(uninitializedRows: rows, columns: width)
    result.withUnsafeMutableBufferPointer { out in
      guard let start = out.baseAddress else { return }
      var column = 0
      for source in side.sources {
        let own = network.nodes[source].shape.width
        for row in 0..<rows {
          (start + row * width + column).update(from: tape.nodes[source].values.start + row * own, count: own)
        }
        column += own
      }
    }
    return result
  }

  /// The scores of units from the kept values of the entities that they point to, one pointer per unit and index.
  public func score(_ kept: [String: [UnsafePointer<Float>]], _ tape: Tape) -> (logit: [Float], attention: [Float]?) {
    let count = kept.first?.value.count ?? 0
    var batch = Batch(count: [network.unit: count])
    tape.prepare(network.nodes.count)
    for (relation, side) in sides {
      guard let rows = kept[relation] else { preconditionFailure("kept values of every index") }
      batch.count[side.axis] = count
      batch.relations[relation] = .index((0..<Int32(count)).map { $0 })
      var column = 0
      for source in side.sources {
        let own = network.nodes[source].shape.width
        let memory = tape.nodes[source].values.reserve(count * own)
        for (row, from) in rows.enumerated() { (memory + row * own).update(from: from + column, count: own) }
        column += own
      }
    }
    network.run(units, batch, .inference, tape)
    let attention = network.attentionNode.map { Array(tape.nodes[$0].values.elements) }
    return (Array(tape.nodes[network.unitNode].values.elements), attention)
  }
}
