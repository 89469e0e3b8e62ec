import Arrays

extension Network {
  /// The same network with one more symbol for each token port, whose embedding is 0: a symbol is replaced by it
  /// to take its embedded row out. Nil where a layer holds the embedding in another way than by rows.
  ///
  /// The number of the symbol is the number of symbols before.
  public func withSilentSymbol() -> Network? {
    var widened: Set<Int> = []
    for node in nodes {
      guard let layer = node.layer, layer is any SymbolReader, let input = node.inputs.first,
        let symbols = nodes[input].shape.symbols
      else { continue }
      guard let place = node.places.first(where: { parameters.entries[$0].shape.first == symbols }) else { return nil }
      widened.insert(place)
    }
    let requests = parameters.entries.enumerated().map { place, entry in
      var shape = entry.shape
      if widened.contains(place) { shape[0] += 1 }
      return Parameters.Request(entry.name, shape, .constant(0), kind: entry.kind)
    }
    var wider = Parameters(requests, seed: 0)
    for (place, entry) in parameters.entries.enumerated() {
      guard let values = parameters.values(entry.name) else { continue }
      let added = widened.contains(place) ? entry.shape.dropFirst().reduce(1, *) : 0
      wider.set(entry.name, to: values + [Float](repeating: 0, count: added))
    }
    let nodes = nodes.map { node in
      guard let symbols = node.shape.symbols else { return node }
      let shape = Shape(node.shape.axis, length: node.shape.positions, symbols: symbols + 1)
      return Node(layer: node.layer, port: node.port, inputs: node.inputs, shape: shape, places: node.places)
    }
    return Network(
      parameters: wider, nodes: nodes, unitNode: unitNode, targetNode: targetNode, attentionNode: attentionNode,
      energyNode: energyNode)
  }
}
