import Bytes
import Tensors

/// Singular vectors of the adjacency matrix, scaled by degree.
///
/// W = S A S with S = diag((d + t · d̄)^−½), d̄ the mean degree: the singular values are the sizes of W's eigenvalues
/// λ, and the columns √|λ_k| v_k in falling order of |λ|. With `isRestored` rows are divided by S, so that products of
/// rows stand on the scale of A.
public struct SpectralEmbedding: EmbeddingMethod {
  /// The number of columns.
  public var dimension = 32
  /// The mean degrees that are added to each degree.
  public var shift = 1.0
  /// Whether the scaling by degree is taken off the rows.
  public var isRestored = false

  /// 32 columns.
  public init() {}

  /// The vectors of all nodes; a node without neighbours has zeros. Throws `NetworkError` for more columns than nodes.
  public func embed(_ task: EmbeddingTask) throws -> Embedding {
    let graph = task.graph
    try graph.check(columns: dimension, of: "svd")
    let found = spectrum(graph, count: dimension, seed: task.seed, task.pool, progress: task.progress)
    let roots = found.values.map { abs($0).squareRoot() }
    var values: [Float] = []
    values.reserveCapacity(graph.count * dimension)
    for node in 0..<graph.count {
      let factor = graph.degree(node) == 0 ? 0 : isRestored ? 1 / found.scale[node] : 1
      for column in 0..<dimension { values.append(Float(found.vectors[column][node] * roots[column] * factor)) }
    }
    return Embedding("svd", dimension: dimension, values: values)
  }

  /// The eigenvalues of W in falling order of size, their vectors, and S.
  func spectrum(
    _ graph: Graph, count: Int, seed: UInt64, _ pool: ThreadPool, progress: (_ done: Int, _ total: Int) -> Void
  ) -> (values: [Double], vectors: [[Double]], scale: [Double]) {
    let strengths = (0..<graph.count).map { graph.strength($0) }
    let mean = strengths.reduce(0, +) / Double(graph.count)
    let scale = strengths.map { $0 > 0 ? 1 / ($0 + shift * mean).squareRoot() : 0 }
    let found = Lanczos(
      size: graph.count, wanted: count, order: .greatestMagnitude, seed: seed, pool, progress: progress
    ) { x, y in
      nonisolated(unsafe) let (x, y) = (x, y)
      pool.forEachBlock(graph.count, size: 256) { _, range, _ in
        for node in range {
          var sum = 0.0
          for entry in graph.row(node) {
            let other = Int(graph.neighbors[entry])
            sum += (graph.isWeighted ? Double(graph.weights[entry]) : 1) * scale[other] * x[other]
          }
          y[node] = sum * scale[node]
        }
      }
    }
    return (found.values, found.vectors, scale)
  }
}

extension Graph {
  /// Throws `NetworkError` where a method can't give this many columns.
  func check(columns: Int, of method: String) throws {
    guard columns <= count else {
      throw NetworkError(
        .unusable(
          method: method, reason: "\(columns) columns of a network of \(count) nodes",
          hint: "\(method):dimension=\(count), or less"))
    }
  }
}
