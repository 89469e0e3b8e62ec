import Bytes
import Networks
import Tensors
import Testing

/// Rows in a plane: gradients beside differences, trees beside all pairs, components beside their definition.
@Suite struct ProjectionTests {
  private let pool = ThreadPool(threads: 2)

  /// Three clouds in ten dimensions.
  private func clouds(_ count: Int, seed: UInt64 = 5) -> PointTable {
    var random = RandomStream(seed: seed)
    return PointTable(
      columns: 10,
      values: (0..<count * 10).map { place in
        random.normal() + (place % 10 == place / 10 % 3 ? 8 : 0)
      })
  }

  @Test func gradientsAreDifferences() {
    let near = Affinities(clouds(40), perplexity: 8, nearest: nil, pool)
    var random = RandomStream(seed: 2)
    var points = (0..<80).map { _ in random.normal() }
    let (gradient, divergence) = TSNE.gradient(points, near, exaggeration: 1, angle: nil, pool)
    #expect(divergence > 0)
    for place in 0..<80 {
      let old = points[place]
      points[place] = old + 1e-5
      let high = TSNE.gradient(points, near, exaggeration: 1, angle: nil, pool).divergence
      points[place] = old - 1e-5
      let low = TSNE.gradient(points, near, exaggeration: 1, angle: nil, pool).divergence
      points[place] = old
      #expect(abs((high - low) / 2e-5 - gradient[place]) < 1e-7)
    }
  }

  /// A tree that opens all cells is the sum over all pairs; one with the usual angle is near it. Equal points are
  /// there.
  @Test func treesAreNearAllPairs() {
    let near = Affinities(clouds(300), perplexity: 20, nearest: 60, pool)
    var random = RandomStream(seed: 3)
    var points = (0..<600).map { _ in 5 * random.normal() }
    for place in 0..<20 { points[100 + place] = points[place % 2] }
    let exact = TSNE.gradient(points, near, exaggeration: 1, angle: nil, pool)
    for (angle, tolerance) in [(1e-9, 1e-12), (0.5, 0.02)] {
      let tree = TSNE.gradient(points, near, exaggeration: 1, angle: angle, pool)
      let size = exact.gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let error = zip(exact.gradient, tree.gradient).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
      #expect(error < tolerance * size)
      #expect(abs(tree.divergence - exact.divergence) < tolerance * exact.divergence)
    }
  }

  @Test(arguments: [1000, 50]) func cloudsStayApart(_ exactRows: Int) throws {
    let table = clouds(150)
    var tsne = TSNE()
    (tsne.perplexity, tsne.steps, tsne.exactRows) = (10, 300, exactRows)
    let (points, _) = try tsne.embed(table, seed: 1, pool)
    #expect(try tsne.embed(table, seed: 1, ThreadPool(threads: 4)).points == points)
    for row in 0..<150 {
      let nearest = (0..<150).filter { $0 != row }.min { distance(points, row, $0) < distance(points, row, $1) }
      #expect(nearest.map { $0 % 3 } == row % 3)
    }
    tsne.perplexity = 60
    #expect(throws: NetworkError.self) { try tsne.embed(table, seed: 1, pool) }
  }

  private func distance(_ points: [Double], _ a: Int, _ b: Int) -> Double {
    let (dx, dy) = (points[2 * a] - points[2 * b], points[2 * a + 1] - points[2 * b + 1])
    return dx * dx + dy * dy
  }

  /// The scores of a component are uncorrelated, and have its share of the variance.
  @Test func componentsExplainTheirShares() {
    let table = clouds(90)
    let (points, shares) = table.principalComponents(10, seed: 1, pool)
    #expect(abs(shares.reduce(0, +) - 1) < 1e-9)
    #expect(zip(shares, shares.dropFirst()).allSatisfy { $0 >= $1 })
    func column(_ axis: Int) -> [Double] { (0..<90).map { points[$0 * 10 + axis] } }
    let total = (0..<10).reduce(0.0) { sum, axis in column(axis).reduce(sum) { $0 + $1 * $1 } }
    for axis in 0..<10 {
      #expect(abs(column(axis).reduce(0, +)) < 1e-8)
      #expect(abs(column(axis).reduce(0) { $0 + $1 * $1 } / total - shares[axis]) < 1e-9)
      for other in 0..<axis {
        #expect(abs(zip(column(axis), column(other)).reduce(0) { $0 + $1.0 * $1.1 }) < 1e-7 * total)
      }
    }
  }
}
