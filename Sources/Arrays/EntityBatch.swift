extension Batch {
  /// Some rows of `unit` alone, each with entities of its own: what rows share is there once for each of them.
  ///
  /// An index `NAME` of the units points to rows of the axis `NAME`; the segments `NAME.graph` make these of rows of
  /// `NAME.node`, and the edges `NAME.edges` run over those, with rows of `NAME.edge` where edges have features. Entity
  /// i of the result is that of unit i. Other relations are left out, and so are labels.
  public func separated(_ rows: [Int], of unit: Axis, ports specs: [PortSpec]) -> Batch {
    var result = self.rows(rows, of: unit, ports: specs)
    for case (let name, .index(let index)) in relations {
      let entity = Axis(name)
      guard count[entity] != nil else { continue }
      let wanted = rows.map { Int(index[$0]) }
      result.relations[name] = .index(rows.indices.map { Int32($0) })
      add(wanted, of: entity, specs, to: &result)
      guard case .segments(let offsets)? = relations["\(name).graph"] else { continue }
      let nodes = wanted.map { Int(offsets[$0])..<Int(offsets[$0 + 1]) }
      add(nodes.flatMap { Array($0) }, of: Axis("\(name).node"), specs, to: &result)
      result.relations["\(name).graph"] = .segments(
        nodes.reduce(into: [0]) { $0.append(($0.last ?? 0) + Int32($1.count)) })
      guard case .edges(let into, let from)? = relations["\(name).edges"] else { continue }
      let edges = Self.edges(of: nodes, into: into, from: from)
      result.relations["\(name).edges"] = .edges(into: edges.into, from: edges.from)
      add(edges.rows, of: Axis("\(name).edge"), specs, to: &result)
    }
    return result
  }

  /// Copies rows of an axis, with their ports.
  private func add(_ rows: [Int], of axis: Axis, _ specs: [PortSpec], to result: inout Batch) {
    guard count[axis] != nil else { return }
    let part = self.rows(rows, of: axis, ports: specs)
    result.count[axis] = rows.count
    result.ports.merge(part.ports) { $1 }
  }

  /// The edges into some ranges of nodes, one range after another, numbered anew, and their rows.
  private static func edges(
    of ranges: [Range<Int>], into: [Int32], from: [Int32]
  ) -> (into: [Int32], from: [Int32], rows: [Int]) {
    var result = (into: [Int32](), from: [Int32](), rows: [Int]())
    var first = 0
    for range in ranges {
      for (edge, node) in into.enumerated() where range.contains(Int(node)) {
        result.into.append(Int32(Int(node) - range.lowerBound + first))
        result.from.append(Int32(Int(from[edge]) - range.lowerBound + first))
        result.rows.append(edge)
      }
      first += range.count
    }
    return result
  }
}
