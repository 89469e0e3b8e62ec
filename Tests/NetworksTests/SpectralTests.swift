import Bytes
import Networks
import Tensors
import Testing

/// Isomap and the spectral method beside the reference, brute force and the definition of eigenvalues.
@Suite struct SpectralTests {
  @Test func pathsAndPointsAreThoseOfTheReference() throws {
    let toy = try Toy()
    let graph = try toy.graph()
    let pool = ThreadPool(threads: 2)
    let paths = ShortestPaths(graph, from: Array(0..<graph.count), pool)
    let wanted = try #require(toy.json["shortest"]?.array).map { Toy.numbers($0) }
    for a in 0..<graph.count { for b in 0..<graph.count { #expect(Double(paths.length(a, b)) == wanted[a][b]) } }
    var method = Isomap()
    method.dimension = 3
    let points = try method.embed(EmbeddingTask(graph, pool: pool))
    let distances = try #require(toy.json["isomap"]?["distance"]?.array).map { Toy.numbers($0) }
    for a in 0..<graph.count {
      for b in 0..<graph.count { #expect(abs(distance(points, a, b) - distances[a][b]) < 1e-5) }
    }
  }

  @Test func pathsAreThoseOfFloydAndWarshall() throws {
    let graph = try randomGraph(80, 0.03, seed: 2)
    var far = (0..<80).map { a in (0..<80).map { $0 == a ? 0 : graph.entry(a, $0) == nil ? 1000 : 1 } }
    for k in 0..<80 { for a in 0..<80 { for b in 0..<80 { far[a][b] = min(far[a][b], far[a][k] + far[k][b]) } } }
    let longest = far.flatMap { $0 }.filter { $0 < 1000 }.max() ?? 0
    let paths = ShortestPaths(graph, from: Array(0..<80), ThreadPool(threads: 1))
    #expect(paths.longest == longest)
    for a in 0..<80 { for b in 0..<80 { #expect(paths.length(a, b) == min(far[a][b], longest + 1)) } }
  }

  /// A grid of 12 × 5 nodes has many repeated eigenvalues; points must have all of them: with all columns of positive
  /// eigenvalues the points are as far apart as the eigenvalues say.
  @Test func svdIsTheMatrix() throws {
    var builder = GraphBuilder()
    for x in 0..<6 {
      for y in 0..<6 {
        if x < 5 { try builder.edge("\(x) \(y)", "\(x + 1) \(y)") }
        if y < 5 { try builder.edge("\(x) \(y)", "\(x) \(y + 1)") }
      }
    }
    let graph = try builder.build()
    var method = SpectralEmbedding()
    (method.dimension, method.shift) = (36, 0.5)
    let rows = try method.embed(EmbeddingTask(graph))
    // The columns are √|λ| v, so that their lengths are √|λ| and W v = ±|λ| v.
    let mean = 2 * Double(graph.edges) / 36
    let scale = (0..<36).map { 1 / (Double(graph.degree($0)) + 0.5 * mean).squareRoot() }
    for column in 0..<36 {
      let v = (0..<36).map { Double(rows.values[$0 * 36 + column]) }
      let size = v.reduce(0) { $0 + $1 * $1 }
      let product = (0..<36).map { a in
        graph.neighbors[graph.row(a)].reduce(0) { $0 + scale[a] * scale[Int($1)] * v[Int($1)] }
      }
      let sign = zip(product, v).reduce(0) { $0 + $1.0 * $1.1 } < 0 ? -1.0 : 1
      for a in 0..<36 { #expect(abs(product[a] - sign * size * v[a]) < 1e-5) }
      for other in 0..<column {
        #expect(abs((0..<36).reduce(0) { $0 + v[$1] * Double(rows.values[$1 * 36 + other]) }) < 1e-5)
      }
    }
    // The sum of λ² is the sum of the squares of the matrix: no eigenvalue is missing.
    let squares = (0..<36).reduce(0.0) { sum, column in
      let size = (0..<36).reduce(0.0) { $0 + Double(rows.values[$1 * 36 + column] * rows.values[$1 * 36 + column]) }
      return sum + size * size
    }
    let wanted = (0..<36).reduce(0.0) { sum, a in
      graph.neighbors[graph.row(a)].reduce(sum) { $0 + scale[a] * scale[a] * scale[Int($1)] * scale[Int($1)] }
    }
    #expect(abs(squares - wanted) < 1e-5)
  }

  /// With every node as a landmark the placed points are those of the exact form.
  @Test func landmarksPlaceAllPoints() throws {
    let graph = try randomGraph(150, 0.05, seed: 9)
    var method = Isomap()
    method.dimension = 4
    let exact = try method.embed(EmbeddingTask(graph))
    (method.exactNodes, method.landmarks) = (100, 149)
    let placed = try method.embed(EmbeddingTask(graph))
    var (error, size) = (0.0, 0.0)
    for a in 0..<150 {
      for b in 0..<a {
        let wanted = distance(exact, a, b)
        error += (distance(placed, a, b) - wanted) * (distance(placed, a, b) - wanted)
        size += wanted * wanted
      }
    }
    #expect(error < 0.01 * size)
    method.dimension = 120
    method.landmarks = 110
    #expect(throws: NetworkError.self) { try method.embed(EmbeddingTask(graph)) }
  }

  private func distance(_ points: Embedding, _ a: Int, _ b: Int) -> Double {
    let width = points.dimension
    return (0..<width).reduce(0.0) {
      let step = Double(points.values[a * width + $1]) - Double(points.values[b * width + $1])
      return $0 + step * step
    }.squareRoot()
  }
}
