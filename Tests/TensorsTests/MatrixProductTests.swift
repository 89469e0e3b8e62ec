import Bytes
import Tensors
import Testing

/// Products of matrices beside sums in double precision, in sizes that do and don't fill the kernels' blocks.
@Suite struct MatrixProductTests {
  @Test(arguments: [(256, 128, 173), (7, 10, 5), (100, 64, 1), (1, 130, 66), (97, 16, 40)], [1, 3])
  func productsAreTheSums(_ size: (m: Int, n: Int, k: Int), _ threads: Int) {
    let (m, n, k) = size
    var random = RandomStream(seed: UInt64(m))
    func matrix(_ rows: Int, _ columns: Int) -> [Float] { (0..<rows * columns).map { _ in Float(random.normal()) } }
    let product = MatrixProduct(ThreadPool(threads: threads))
    let (left, leftTurned, right, rightTurned) = (matrix(m, k), matrix(k, m), matrix(k, n), matrix(n, k))
    let before = matrix(m, n)
    func check(_ found: [Float], _ wanted: (_ row: Int, _ column: Int) -> Double) {
      for row in 0..<m {
        for column in 0..<n { #expect(abs(Double(found[row * n + column]) - wanted(row, column)) < 1e-4) }
      }
    }
    func sum(_ term: (Int) -> Double) -> Double { (0..<k).reduce(0) { $0 + term($1) } }
    var result = before
    product.multiply(m, n, k, left, right, to: &result)
    check(result) { row, column in sum { Double(left[row * k + $0]) * Double(right[$0 * n + column]) } }
    result = before
    product.multiply(m, n, k, left, rightTurned, rightIsTransposed: true, adding: true, to: &result)
    check(result) { row, column in
      Double(before[row * n + column]) + sum { Double(left[row * k + $0]) * Double(rightTurned[column * k + $0]) }
    }
    product.multiplyTransposed(m, n, k, leftTurned, right, to: &result)
    check(result) { row, column in sum { Double(leftTurned[$0 * m + row]) * Double(right[$0 * n + column]) } }
  }
}
