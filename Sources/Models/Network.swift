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
  }

  /// The values of its tensors.
  public var parameters: Parameters
  let nodes: [Node]
  /// The nodes of the outputs: logits of units and targets, attention.
  let unitNode: Int
  let targetNode: Int
  let attentionNode: Int?

  /// The number of units scored at a time.
  private static let blockRows = 64

  /// The axis of the node whose logits are those of units.
  public var unit: Axis { nodes[unitNode].shape.axis }
  /// The axis of the node whose logits are those of targets.
  public var target: Axis { nodes[targetNode].shape.axis }
  /// The number of values per row of each dense port, positions × channels.
  public var ports: [String: Int] {
    var result: [String: Int] = [:]
    for node in nodes where node.shape.symbols == nil { if let port = node.port { result[port] = node.shape.width } }
    return result
  }

  /// Runs every node, in their order; the batch must have all ports, rows × width.
  public func forward(_ batch: Batch, _ mode: Mode, _ tape: Tape) -> Output {
    tape.prepare(nodes.count)
    run(nodes.indices, batch, mode, tape)
    return Output(
      logit: Array(tape.nodes[targetNode].values.elements), unitLogit: Array(tape.nodes[unitNode].values.elements),
      witness: Array(tape.nodes[targetNode].rows.elements),
      attention: attentionNode.map { Array(tape.nodes[$0].values.elements) })
  }

  /// Scores a batch in blocks of units where units are independent, so that memory does not grow with the batch.
  public func score(_ batch: Batch, _ tape: Tape) -> Output {
    let (unit, rows) = (unit, batch.count[unit] ?? 0)
    let units = nodes[...unitNode]
    guard rows > Self.blockRows, units.allSatisfy({ $0.shape.axis == unit && $0.layer?.relation == nil }) else {
      return forward(batch, .inference, tape)
    }
    tape.prepare(nodes.count)
    var (logits, attention) = ([Float](), [Float]())
    for start in stride(from: 0, to: rows, by: Self.blockRows) {
      let range = start..<min(start + Self.blockRows, rows)
      let part = Batch(
        count: [unit: range.count], dense: densePorts(before: unitNode, batch) { $0.rows(range) },
        tokens: symbolPorts(before: unitNode, batch, range))
      run(units.indices, part, .inference, tape)
      logits += tape.nodes[unitNode].values.elements
      if let attentionNode { attention += tape.nodes[attentionNode].values.elements }
    }
    return join(logits, attention: attentionNode.map { _ in attention }, batch, tape)
  }

  /// Runs the nodes that follow the unit node.
  public func join(_ units: [Float], attention: [Float]?, _ grouping: Batch, _ tape: Tape) -> Output {
    precondition(grouping.count[unit] == units.count, "one logit per unit")
    tape.prepare(nodes.count)
    let all = tape.nodes[unitNode].values.reserve(units.count)
    for (row, logit) in units.enumerated() { all[row] = logit }
    run(unitNode + 1..<nodes.count, grouping, .inference, tape)
    return Output(
      logit: Array(tape.nodes[targetNode].values.elements), unitLogit: units,
      witness: Array(tape.nodes[targetNode].rows.elements), attention: attention)
  }

  /// Adds derivatives to `gradient`, which must have the layout of `parameters`; skips nodes that lead to no parameter.
  public func backward(_ batch: Batch, _ start: LogitGradient, _ tape: Tape, into gradient: inout Parameters) {
    precondition(gradient.entries == parameters.entries, "a gradient of the model's layout")
    gradient.storage.withUnsafeMutableBufferPointer { sums in
      run(batch, start, .gradient, tape, into: sums.baseAddress, wanted: reaching { !nodes[$0].places.isEmpty })
    }
  }

  /// Returns derivatives at the ports only; skips nodes that lead to no port.
  public func attribution(
    _ batch: Batch, _ start: LogitGradient, _ rule: Rule, _ tape: Tape
  ) -> [String: Matrix] {
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
  private func run(_ places: Range<Int>, _ batch: Batch, _ mode: Mode, _ tape: Tape) {
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
    guard let matrix = batch.dense[port], matrix.rows == rows, matrix.columns == shape.width else {
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
    _ batch: Batch, _ start: LogitGradient, _ rule: Rule, _ tape: Tape, into sums: UnsafeMutablePointer<Float>?,
    wanted: [Bool]
  ) {
    let (first, values) = seed(start)
    for (place, memory) in tape.nodes.enumerated() where wanted[place] {
      memory.gradient.fill(memory.values.count, with: 0)
    }
    precondition(tape.nodes[first].values.count == values.count, "one derivative a row")
    guard wanted[first] else { return }
    for (row, value) in values.enumerated() { tape.nodes[first].gradient.start[row] = value }
    parameters.storage.withUnsafeBufferPointer { weights in
      for place in (0...first).reversed() where wanted[place] && nodes[place].layer != nil {
        let gradients = LayerGradients(
          output: UnsafePointer(tape.nodes[place].gradient.start),
          inputs: nodes[place].inputs.map { wanted[$0] ? tape.nodes[$0].gradient.start : nil },
          parameters: sums.map { start in nodes[place].places.map { start + parameters.entries[$0].offset } })
        let mode = tape.nodes[place].mode
        nodes[place].layer?.backward(self.values(of: place, batch, mode, tape, weights), gradients, rule)
      }
    }
  }

  private func seed(_ start: LogitGradient) -> (node: Int, values: [Float]) {
    switch start {
    case .target(let values): (targetNode, values)
    case .unit(let values): (unitNode, values)
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
