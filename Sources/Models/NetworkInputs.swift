import Arrays
import Tensors

/// A layer that embeds symbols; the attribution of a symbol is that of its embedding values.
public protocol SymbolReader: Layer {
  /// The number of embedding values per symbol; the embedding, symbols × width, is the first parameter.
  var embeddingWidth: Int { get }
  /// Writes the derivatives in the embedded symbols, rows × positions × `embeddingWidth`, from those in the output;
  /// follows `forward` on the same batch and tape.
  func embeddingGradient(_ values: LayerValues, _ output: UnsafePointer<Float>, to result: UnsafeMutablePointer<Float>)
}

// MARK: Symbols in a run

extension Network {
  /// The reason why the network cannot run on a batch, in words; nil where it can.
  ///
  /// Looks at the size of every port, the range of every symbol and the row numbers of every relation that is used.
  public func fault(in batch: Batch) -> String? {
    for node in nodes {
      if let port = node.port {
        if let fault = Self.fault(of: port, node.shape, batch) { return "port \(port): \(fault)" }
      } else if let layer = node.layer {
        let fault = layer.fault(in: batch, inputs: node.inputs.map { nodes[$0].shape }, output: node.shape)
        if let fault { return layer.relation.map { "relation \($0): \(fault)" } ?? fault }
      }
    }
    return nil
  }

  private static func fault(of port: String, _ shape: Shape, _ batch: Batch) -> String? {
    let rows = batch.count[shape.axis] ?? 0
    guard let symbols = shape.symbols else {
      guard let matrix = batch.dense(port) else { return "is missing" }
      if matrix.rows == rows && matrix.columns == shape.width { return nil }
      return "\(matrix.rows) × \(matrix.columns) numbers, \(rows) × \(shape.width) are needed"
    }
    guard let tokens = batch.tokens(port) else { return "is missing" }
    if tokens.count != rows * shape.positions {
      return "\(tokens.count) symbols, \(rows) × \(shape.positions) are needed"
    }
    guard let wrong = tokens.first(where: { $0 < 0 || Int($0) >= symbols }) else { return nil }
    return "symbol \(wrong), symbols are 0 to \(symbols - 1)"
  }

  /// Copies the symbols of a token port to the memory of its node.
  func copySymbols(_ batch: Batch, _ port: String, _ rows: Int, _ place: Int, _ tape: Tape) {
    if let fault = Self.fault(of: port, nodes[place].shape, batch) { preconditionFailure("port \(port): \(fault)") }
    let tokens = batch.tokens(port) ?? []
    let memory = tape.nodes[place].symbols.reserve(tokens.count)
    for (index, token) in tokens.enumerated() { memory[index] = token }
  }

  /// Adds, for each token port that one layer reads, the derivatives in its embedded symbols:
  /// rows × (positions · embedding width). A port with several readers has no single embedding and is left out.
  func addSymbolGradients(_ batch: Batch, _ rule: Rule, _ tape: Tape, to result: inout [String: Matrix]) {
    parameters.storage.withUnsafeBufferPointer { weights in
      for (input, node) in nodes.enumerated() {
        guard let port = node.port, node.shape.symbols != nil else { continue }
        let readers = nodes.indices.filter { nodes[$0].layer is any SymbolReader && nodes[$0].inputs.first == input }
        guard readers.count == 1, let reader = nodes[readers[0]].layer as? any SymbolReader else { continue }
        let memory = tape.nodes[readers[0]]
        var matrix = Matrix(
          rows: batch.count[node.shape.axis] ?? 0, columns: node.shape.positions * reader.embeddingWidth)
        guard memory.gradient.count == memory.values.count else { continue }
        let values = values(of: readers[0], batch, memory.mode, tape, weights)
        matrix.withUnsafeMutableBufferPointer { to in
          guard let start = to.baseAddress else { return }
          var output = Array(memory.gradient.elements)
          if case .relevance(let epsilon) = rule, case .shared? = reader.relevance {
            output = RelevanceRule.quotients(output, values.output, output.count, epsilon: epsilon)
          }
          reader.embeddingGradient(values, output, to: start)
          guard case .relevance = rule, case .shared? = reader.relevance, let tokens = values.symbols[0] else { return }
          for place in to.indices {
            let row = Int(tokens[place / reader.embeddingWidth])
            to[place] *= values.parameters[0][row * reader.embeddingWidth + place % reader.embeddingWidth]
          }
        }
        result[port] = matrix
      }
    }
  }
}
