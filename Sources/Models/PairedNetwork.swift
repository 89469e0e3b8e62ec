import Arrays
import Tensors

extension Network: PairPredictor {
  /// The network cut where it joins two partners (`JoinPair`); nil for networks that don't.
  public func paired(_ columns: PairColumns, threads: Int) -> (any PairModel)? {
    PairedNetwork(self, columns, threads: threads)
  }
}

/// A network of two towers on pairs: what the tower makes of a partner is kept; a pair costs the layers from the join
/// on.
final class PairedNetwork: PairModel {
  private let network: Network
  private let tape: Tape
  private let features: Int
  /// The nodes up to the tower's output, that node, and the nodes from the join to the unit scores.
  private let before: [Int]
  private let tower: Int
  private let after: [Int]
  /// The node of the columns of both partners with their places among the shared columns.
  private let both: (node: Int, places: [Int])?
  private let shared: Int
  let keptWidth: Int
  private static let slice = 256

  init?(_ network: Network, _ columns: PairColumns, threads: Int) {
    let nodes = network.nodes
    let joins = nodes[...network.unitNode].indices.filter { nodes[$0].layer is JoinPair }
    guard joins.count == 1, network.energyNode == nil, network.attentionNode == nil else { return nil }
    tower = nodes[joins[0]].inputs[0]
    var needed: Set<Int> = [tower]
    for node in (0...tower).reversed() where needed.contains(node) { needed.formUnion(nodes[node].inputs) }
    before = needed.sorted()
    let rest = nodes[...network.unitNode].indices.filter { !needed.contains($0) }
    // Behind the join only columns of both partners may be read from what comes before it.
    let readers = rest.filter { node in
      node != joins[0] && nodes[node].inputs.contains { needed.contains($0) }
    }
    guard readers.count <= 1 else { return nil }
    if let reader = readers.first {
      guard let groups = (nodes[reader].layer as? TakeColumns)?.groups, groups.count == 1 else { return nil }
      let places = groups[0].compactMap { columns.shared.firstIndex(of: $0) }
      guard places.count == groups[0].count else { return nil }
      both = (reader, places)
    } else {
      both = nil
    }
    after = rest.filter { node in !readers.contains(node) }
    (self.network, tape) = (network, Tape(threads: threads))
    (features, shared) = (columns.owners.count, columns.shared.count)
    keptWidth = nodes[tower].shape.width / 2
  }

  func keep(_ rows: UnsafePointer<Float>, count: Int, to kept: UnsafeMutablePointer<Float>) {
    var x = Matrix(uninitializedRows: count, columns: features)
    x.withUnsafeMutableBufferPointer { x in
      guard let start = x.baseAddress else { return }
      start.update(from: rows, count: count * features)
    }
    tape.prepare(network.nodes.count)
    network.run(before, Batch(singles: x), .inference, tape)
    // Both sides of a row hold the partner, so its values are those of either position.
    for row in 0..<count {
      (kept + row * keptWidth).update(from: tape.nodes[tower].values.start + row * 2 * keptWidth, count: keptWidth)
    }
  }

  var unit: Axis { network.unit }

  func score(_ pairs: KeptPairs) -> Scores {
    var logits: [Float] = []
    logits.reserveCapacity(pairs.count)
    tape.prepare(network.nodes.count)
    for start in stride(from: 0, to: pairs.count, by: Self.slice) {
      let range = start..<min(start + Self.slice, pairs.count)
      let memory = tape.nodes[tower].values.reserve(range.count * 2 * keptWidth)
      for (row, pair) in range.enumerated() {
        (memory + row * 2 * keptWidth).update(from: pairs.first[pair], count: keptWidth)
        (memory + (row * 2 + 1) * keptWidth).update(from: pairs.second[pair], count: keptWidth)
      }
      if let both {
        let memory = tape.nodes[both.node].values.reserve(range.count * both.places.count)
        for (row, pair) in range.enumerated() {
          for (column, place) in both.places.enumerated() {
            memory[row * both.places.count + column] = pairs.shared[pair * shared + place]
          }
        }
      }
      network.run(after, Batch(count: [network.unit: range.count]), .inference, tape)
      logits += tape.nodes[network.unitNode].values.elements
    }
    return Scores(unit: unit, logits)
  }
}
