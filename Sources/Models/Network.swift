import Arrays
import Tensors

/// A graph of layers in topological order, built by `NetworkBuilder`, run forward and backward.
public struct Network: Differentiable {
  struct Node: Sendable {
    let layer: (any Layer)?
    let port: String?
    let inputs: [Int]
    let shape: Shape
    let places: [Int]

    /// The form of an input node; nil for other nodes.
    var spec: PortSpec? {
      port.map { port in
        let kind = shape.symbols.map { PortSpec.Kind.tokens(symbols: $0, length: shape.positions) }
        return PortSpec(port, shape.axis, kind ?? .dense(width: shape.width))
      }
    }
  }

  /// The values of its tensors.
  public var parameters: Parameters
  let nodes: [Node]
  /// The nodes of the outputs: scores of units and targets, attention.
  let unitNode: Int
  let targetNode: Int
  let attentionNode: Int?
  /// The node of a number per unit that the nodes behind `unitNode` read besides its scores.
  let energyNode: Int?

  /// The numbers of the widest node that are scored at a time, and the least units.
  private static let (blockValues, leastRows) = (1 << 15, 64)

  /// The axis of the node whose scores are those of units.
  public var unit: Axis { nodes[unitNode].shape.axis }
  /// The axis of the node whose scores are those of targets.
  public var target: Axis { nodes[targetNode].shape.axis }
  /// The ports of the input nodes, in their order.
  public var ports: [PortSpec] { nodes.compactMap(\.spec) }

  /// Runs every node, in their order; the batch must have all ports, rows × width.
  public func forward(_ batch: Batch, _ mode: Mode, _ tape: Tape) -> Scores { forward(batch, mode, tape, known: []) }

  private func forward(_ batch: Batch, _ mode: Mode, _ tape: Tape, known: Set<Int>) -> Scores {
    tape.prepare(nodes.count)
    run(nodes.indices.filter { !known.contains($0) }, batch, mode, tape)
    var result = scores(batch.count, tape)
    if let logitsNode {
      let values = Array(tape.nodes[logitsNode].values.elements)
      result.values[Scores.logits] = Matrix(rows: values.count / 2, columns: 2, values: values)
    }
    return result
  }

  /// Scores a batch in blocks of units where units are independent, so that memory does not grow with the batch.
  /// The nodes of other axes (of entities that units point to) run once.
  public func score(_ batch: Batch, _ tape: Tape) -> Scores { score(batch, tape, known: []) }

  /// The same where the tape holds the values of the nodes `known` already.
  func score(_ batch: Batch, _ tape: Tape, known: Set<Int>) -> Scores {
    let (unit, rows) = (unit, batch.count[unit] ?? 0)
    guard rows > Self.leastRows, let parts = parts else { return forward(batch, .inference, tape, known: known) }
    let widest = parts.units.map { nodes[$0].shape.width }.max() ?? 1
    let (block, ports) = (max(Self.leastRows, Self.blockValues / max(1, widest)), ports)
    tape.prepare(nodes.count)
    run(parts.others.filter { !known.contains($0) }, batch, .inference, tape)
    var values: [Float] = []
    var notes: [String: [Float]] = [:]
    for start in stride(from: 0, to: rows, by: block) {
      let range = start..<min(start + block, rows)
      run(parts.units, batch.rows(Array(range), of: unit, ports: ports, indices: parts.indices), .inference, tape)
      values += tape.nodes[unitNode].values.elements
      for (name, node) in noted where node < unitNode { notes[name, default: []] += tape.nodes[node].values.elements }
    }
    let scores = Scores([unit: Matrix(rows: rows, columns: nodes[unitNode].shape.width, values: values)], notes: notes)
    return join(scores, batch, tape)
  }

  /// Whether units are independent and point to entities, whose nodes run once for all units of a batch.
  public var pointsToEntities: Bool { parts.map { !$0.indices.isEmpty } ?? false }

  /// The nodes up to that of the units: those of other axes, which run once, those on the axis of the units, and the
  /// relations by which these point to the others. Nil where a unit's score depends on other units.
  var parts: (others: [Int], units: [Int], indices: [String])? {
    var (others, units, indices): ([Int], [Int], [String]) = ([], [], [])
    for (place, node) in nodes[...unitNode].enumerated() {
      guard node.shape.axis == unit else {
        if node.inputs.contains(where: { nodes[$0].shape.axis == unit }) { return nil }
        others.append(place)
        continue
      }
      units.append(place)
      guard let layer = node.layer, layer.relation != nil else { continue }
      guard !layer.indices.isEmpty, node.inputs.allSatisfy({ nodes[$0].shape.axis != unit }) else { return nil }
      indices += layer.indices
    }
    return (others, units, indices)
  }

  /// Runs the nodes that follow the unit node.
  public func join(_ units: Scores, _ grouping: Batch, _ tape: Tape) -> Scores {
    guard targetNode != unitNode, let values = units.values[unit] else { return units }
    tape.prepare(nodes.count)
    precondition(grouping.count[unit] == values.rows, "one score per unit")
    restore(values.values, unitNode, tape)
    if let energyNode {
      let energy = units.notes[Scores.energy] ?? []
      precondition(energy.count == values.rows, "the energy of each unit")
      restore(energy, energyNode, tape)
    }
    run(Array(unitNode + 1..<nodes.count), grouping, .inference, tape)
    var result = scores(grouping.count, tape)
    result.values[unit] = values
    result.values[Scores.logits] = units.values[Scores.logits]
    // Notes of nodes behind the units are those of this run.
    for (name, node) in noted where node < unitNode { result.notes[name] = units.notes[name] }
    for (name, note) in units.notes where !noted.contains(where: { $0.name == name }) { result.notes[name] = note }
    return result
  }

  private func restore(_ values: [Float], _ node: Int, _ tape: Tape) {
    let memory = tape.nodes[node].values.reserve(values.count)
    for (place, value) in values.enumerated() { memory[place] = value }
  }

  /// The nodes whose values are notes of the units.
  private var noted: [(name: String, node: Int)] {
    [(Scores.attention, attentionNode), (Scores.energy, energyNode)].compactMap { name, node in node.map { (name, $0) }
    }
  }

  /// The values of the output nodes after a run.
  private func scores(_ count: [Axis: Int], _ tape: Tape) -> Scores {
    func matrix(_ node: Int) -> Matrix {
      let shape = nodes[node].shape
      return Matrix(
        rows: count[shape.axis] ?? 0, columns: shape.width, values: Array(tape.nodes[node].values.elements))
    }
    let rows = Array(tape.nodes[targetNode].rows.elements)
    var values = [target: matrix(targetNode)]
    if unitNode != targetNode { values[unit] = matrix(unitNode) }
    let notes = noted.map { ($0.name, Array(tape.nodes[$0.node].values.elements)) }
    return Scores(values, witness: rows.isEmpty ? nil : rows, notes: Dictionary(uniqueKeysWithValues: notes))
  }

  /// Adds derivatives to `gradient`, which must have the layout of `parameters`; skips nodes that lead to no weight.
  public func backward(_ batch: Batch, _ start: Start, _ tape: Tape, into gradient: inout Parameters) {
    precondition(gradient.entries == parameters.entries, "a gradient of the model's layout")
    gradient.storage.withUnsafeMutableBufferPointer { sums in
      let entries = parameters.entries
      let wanted = reaching { nodes[$0].places.contains { entries[$0].kind == .weight } }
      run(batch, start, .gradient, tape, into: sums.baseAddress, wanted: wanted)
    }
  }

  /// One run forward and one back.
  public func gradients(
    _ batch: Batch, _ rule: Rule, _ tape: Tape, from start: (Scores) -> Start
  ) -> (scores: Scores, ports: [String: Matrix]) {
    let scores = forward(batch, .inference, tape)
    return (scores, portGradients(batch, start(scores), rule, tape))
  }

  /// Returns the derivatives under `rule` at each port, rows × columns; follows `forward` on the same batch and tape.
  /// Skips nodes that lead to no port.
  public func portGradients(_ batch: Batch, _ start: Start, _ rule: Rule, _ tape: Tape) -> [String: Matrix] {
    run(batch, start, rule, tape, into: nil, wanted: reaching { nodes[$0].port != nil })
    var result: [String: Matrix] = [:]
    for (place, node) in nodes.enumerated() {
      guard let port = node.port, node.shape.symbols == nil else { continue }
      let values = Array(tape.nodes[place].gradient.elements)
      result[port] = Matrix(rows: batch.count[node.shape.axis] ?? 0, columns: node.shape.width, values: values)
    }
    addSymbolGradients(batch, rule, tape, to: &result)
    return result
  }

  // MARK: Parts of a run

  /// Runs some nodes forward, in their order.
  func run(_ places: [Int], _ batch: Batch, _ mode: Mode, _ tape: Tape) {
    parameters.storage.withUnsafeBufferPointer { weights in
      for place in places {
        let node = nodes[place]
        let rows = batch.count[node.shape.axis] ?? 0
        let output = tape.nodes[place].values.reserve(node.shape.symbols == nil ? rows * node.shape.width : 0)
        tape.nodes[place].mode = mode
        if let port = node.port {
          node.shape.symbols == nil
            ? copy(batch, port, rows, node.shape, to: output) : copySymbols(batch, port, rows, place, tape)
        } else {
          node.layer?.forward(values(of: place, batch, mode, tape, weights))
        }
      }
    }
  }

  private func copy(_ batch: Batch, _ port: String, _ rows: Int, _ shape: Shape, to output: UnsafeMutablePointer<Float>)
  {
    guard let matrix = batch.dense(port), matrix.rows == rows, matrix.columns == shape.width else {
      preconditionFailure("a batch with the port \(port), \(rows) × \(shape.width)")
    }
    matrix.withUnsafeBufferPointer { from in
      if let start = from.baseAddress { output.update(from: start, count: from.count) }
    }
  }

  /// The nodes that a gradient must reach: those for which `wanted` holds and all that depend on them.
  private func reaching(_ wanted: (Int) -> Bool) -> [Bool] {
    var result: [Bool] = []
    for (place, node) in nodes.enumerated() { result.append(wanted(place) || node.inputs.contains { result[$0] }) }
    return result
  }

  private func run(
    _ batch: Batch, _ start: Start, _ rule: Rule, _ tape: Tape, into sums: UnsafeMutablePointer<Float>?,
    wanted: [Bool]
  ) {
    let first = start.axis == target ? targetNode : start.axis == Scores.logits ? logitsNode ?? unitNode : unitNode
    precondition(
      start.axis == Scores.logits ? logitsNode != nil : nodes[first].shape.axis == start.axis,
      "a start at the scores of an output")
    let writers = writers(upTo: first, rule)
    prepareGradients(tape, writers, wanted)
    let values = start.slope.values
    precondition(tape.nodes[first].values.count == values.count, "one derivative per score")
    guard wanted[first] else { return }
    for (place, value) in values.enumerated() { tape.nodes[first].gradient.start[place] = value }
    parameters.storage.withUnsafeBufferPointer { weights in
      for place in (0...first).reversed() where wanted[place] && nodes[place].layer != nil {
        let gradients = LayerGradients(
          output: UnsafePointer(tape.nodes[place].gradient.start),
          inputs: nodes[place].inputs.map { wanted[$0] ? tape.nodes[$0].gradient.start : nil },
          parameters: sums.map { start in nodes[place].places.map { start + parameters.entries[$0].offset } },
          adds: !writers[place])
        let values = self.values(of: place, batch, tape.nodes[place].mode, tape, weights)
        guard let layer = nodes[place].layer else { continue }
        if case .relevance(let epsilon) = rule {
          propagate(layer, values, gradients, epsilon: epsilon)
        } else {
          layer.backward(values, gradients, rule)
        }
      }
    }
  }

  /// For each node up to `last` whether its layer writes the derivatives of its inputs, as no other node reads these.
  private func writers(upTo last: Int, _ rule: Rule) -> [Bool] {
    if case .relevance = rule { return [Bool](repeating: false, count: last + 1) }
    var readers = [Int](repeating: 0, count: nodes.count)
    for node in nodes[...last] { for input in node.inputs { readers[input] += 1 } }
    return nodes[...last].map { node in
      node.layer.map { $0.writes } == true && node.inputs.allSatisfy { readers[$0] == 1 }
    }
  }

  /// Makes room for the derivatives: 0, to which layers add, but where one writes them.
  private func prepareGradients(_ tape: Tape, _ writers: [Bool], _ wanted: [Bool]) {
    var isWritten = [Bool](repeating: false, count: nodes.count)
    for (place, writes) in writers.enumerated() where writes {
      for input in nodes[place].inputs { isWritten[input] = true }
    }
    for (place, memory) in tape.nodes.enumerated() where wanted[place] {
      if isWritten[place] {
        memory.gradient.reserve(memory.values.count)
      } else {
        memory.gradient.fill(memory.values.count, with: 0)
      }
    }
  }

  func values(
    of place: Int, _ batch: Batch, _ mode: Mode, _ tape: Tape, _ weights: UnsafeBufferPointer<Float>
  ) -> LayerValues {
    let node = nodes[place]
    let shapes = node.inputs.map { nodes[$0].shape }
    return LayerValues(
      batch: batch, mode: mode, tape: tape, shapes: (shapes, node.shape),
      rows: (shapes.map { batch.count[$0.axis] ?? 0 }, batch.count[node.shape.axis] ?? 0),
      inputs: node.inputs.map { UnsafePointer(tape.nodes[$0].values.start) }, output: tape.nodes[place].values.start,
      parameters: node.places.compactMap { place in weights.baseAddress.map { $0 + parameters.entries[place].offset } },
      places: node.places,
      symbols: node.inputs.map { nodes[$0].shape.symbols == nil ? nil : UnsafePointer(tape.nodes[$0].symbols.start) },
      node: tape.nodes[place])
  }
}
