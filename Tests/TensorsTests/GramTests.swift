import Arrays
import Bytes
import Tensors
import Testing

@Suite struct GramTests {
  private func table(_ rows: Int, _ columns: Int) -> Matrix {
    var stream = RandomStream(seed: UInt64(rows * 1000 + columns))
    return Matrix(rows: rows, columns: columns, values: (0..<rows * columns).map { _ in Float(stream.normal()) + 3 })
  }

  @Test(arguments: [(1, 1), (5, 3), (300, 62), (300, 63), (300, 64), (257, 130), (700, 200)])
  func theFastSumsAreThePlainOnes(rows: Int, columns: Int) {
    let x = table(rows, columns)
    var stream = RandomStream(seed: 2)
    let weights = (0..<rows).map { $0 % 7 == 3 ? 0 : stream.uniform() }
    let (shift, scale) = ([Double](repeating: 3, count: columns), (0..<columns).map { 0.5 + 1 / Double($0 + 1) })
    func fast(_ threads: Int) -> [Double] {
      WeightedGram.lower(x, shift: shift, scale: scale, weights: weights, ThreadPool(threads: threads))
    }
    func plain(_ threads: Int) -> [Double] {
      WeightedGram.exactLower(x, shift: shift, scale: scale, weights: weights, ThreadPool(threads: threads))
    }
    let (got, expected, size) = (fast(1), plain(1), columns + 1)
    for row in 0..<size {
      for column in 0...row {
        let place = row * size + column
        #expect(abs(got[place] - expected[place]) < 2e-6 * Double(rows) + 1e-6)
      }
    }
    #expect(fast(3) == got && plain(3) == expected)
  }

  @Test func aRowOfNoWeightMayHoldAnything() {
    let x = Matrix(rows: 2, columns: 2, values: [1, 2, .nan, .infinity])
    let pool = ThreadPool(threads: 1)
    let fast = WeightedGram.lower(x, shift: [0, 0], scale: [1, 1], weights: [4, 0], pool)
    let plain = WeightedGram.exactLower(x, shift: [0, 0], scale: [1, 1], weights: [4, 0], pool)
    #expect(fast == [4, 0, 0, 8, 16, 0, 4, 8, 4] && plain == fast)
  }

  @Test(arguments: [1, 2, 3, 4, 5, 8, 31, 64, 130]) func theFactorSolvesTheEquations(size: Int) throws {
    var stream = RandomStream(seed: UInt64(size))
    let root = (0..<size * size).map { _ in stream.normal() }
    var matrix = [Double](repeating: 0, count: size * size)
    for i in 0..<size {
      for j in 0..<size {
        matrix[i * size + j] = (0..<size).reduce(i == j ? 0.5 : 0) { $0 + root[i * size + $1] * root[j * size + $1] }
      }
    }
    let x = (0..<size).map { _ in stream.normal() }
    let b = (0..<size).map { i in (0..<size).reduce(0) { $0 + matrix[i * size + $1] * x[$1] } }
    var lower = matrix
    for i in 0..<size { for j in i + 1..<max(i + 1, size) { lower[i * size + j] = .nan } }
    let solved = try #require(Cholesky(lower: lower, size: size)).solve(b)
    for (a, b) in zip(solved, x) { #expect(abs(a - b) < 1e-8) }
  }

  @Test func matricesThatAreNotPositiveDefiniteHaveNoFactor() {
    #expect(Cholesky(lower: [1, 0, 1, 1], size: 2) == nil)
    #expect(Cholesky(lower: [-1], size: 1) == nil)
    #expect(Cholesky(lower: [.nan], size: 1) == nil)
    #expect(Cholesky(lower: [.infinity], size: 1) == nil)
  }
}
