import Arrays
import Models

/// Scores with some rows of a port taken out: the nodes of a graph become rows of 0 (edges stay), and so do the
/// embedded symbols of a sequence. So the rows that an explanation selects can be held against as many at random.
public struct Ablation {
  private let model: any Model
  private let tape: Tape

  /// The ablation of a model of one or several networks; nil for others.
  public init?(_ model: any Model, threads: Int) {
    let networks = (model as? MeanOf)?.models ?? [model]
    let silent = networks.compactMap { ($0 as? Network)?.withSilentSymbol() }
    guard silent.count == networks.count else { return nil }
    self.model = silent.count == 1 ? silent[0] : MeanOf(silent)
    tape = Tape(threads: threads)
  }

  /// The score of the one unit of a batch without these rows of a port: rows of a dense port, or positions in the one
  /// row of a port of symbols.
  public func score(_ batch: Batch, without rows: [Int], of port: String) -> Float {
    var batch = batch
    switch batch.ports[port] {
    case .dense(var matrix)?:
      let columns = matrix.columns
      matrix.withUnsafeMutableBufferPointer { values in
        for row in rows {
          for column in 0..<columns { values[row * columns + column] = 0 }
        }
      }
      batch.ports[port] = .dense(matrix)
    case .tokens(var tokens)?:
      guard let spec = model.ports.first(where: { $0.name == port }), case .tokens(let symbols, _) = spec.kind else {
        preconditionFailure("a port of the model")
      }
      for row in rows { tokens[row] = Int32(symbols - 1) }
      batch.ports[port] = .tokens(tokens)
    case nil: preconditionFailure("a batch with the port \(port)")
    }
    return model.score(batch, tape)[model.unit][0]
  }
}
