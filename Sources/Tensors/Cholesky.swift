/// The factor L of a positive definite matrix A = L Lᵀ, in double precision.
public struct Cholesky: Sendable {
  /// The number of rows of A.
  public let size: Int
  /// L in row order; zero above the diagonal.
  private var factor: [Double]

  /// Factors a matrix whose lower triangle is given, `size`² numbers in row order; nil where it is not positive
  /// definite.
  ///
  /// Row by row: L_ij = (A_ij − Σ_k<j L_ik L_jk) / L_jj, four rows at a time.
  public init?(lower: [Double], size: Int) {
    precondition(lower.count == size * size, "a square matrix")
    self.size = size
    factor = lower
    let isDefinite = factor.withUnsafeMutableBufferPointer { a in Self.factor(a, size) }
    if !isDefinite { return nil }
  }

  private static func factor(_ a: UnsafeMutableBufferPointer<Double>, _ size: Int) -> Bool {
    guard let a = a.baseAddress else { return true }
    for top in Swift.stride(from: 0, to: size, by: 4) {
      let rows = min(4, size - top)
      // What is left of the panel's own square: four rows share each row above.
      for j in 0..<top {
        let above = a + j * size
        let sums = rows == 4 ? dots(above, a + top * size, size, j) : nil
        for i in 0..<rows {
          let row = a + (top + i) * size
          row[j] = (row[j] - (sums?[i] ?? dot(above, row, j))) / above[j]
        }
      }
      for i in top..<top + rows {
        let row = a + i * size
        for j in top..<i { row[j] = (row[j] - dot(a + j * size, row, j)) / a[j * size + j] }
        let square = row[i] - dot(row, row, i)
        guard square > 0, square.isFinite else { return false }
        row[i] = square.squareRoot()
        for j in i + 1..<max(size, i + 1) { row[j] = 0 }
      }
    }
    return true
  }

  private static func dot(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int) -> Double {
    var (sum, k) = (SIMD4<Double>.zero, 0)
    while k + 4 <= count {
      sum += four(a + k) * four(b + k)
      k += 4
    }
    var rest = 0.0
    while k < count {
      rest += a[k] * b[k]
      k += 1
    }
    return sum.sum() + rest
  }

  /// The products of one row with four that are `stride` apart.
  private static func dots(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ stride: Int, _ count: Int
  ) -> SIMD4<Double> {
    var (s0, s1, s2, s3) = (SIMD4<Double>.zero, SIMD4<Double>.zero, SIMD4<Double>.zero, SIMD4<Double>.zero)
    var (rest, k) = (SIMD4<Double>.zero, 0)
    while k + 4 <= count {
      let x = four(a + k)
      s0 += x * four(b + k)
      s1 += x * four(b + stride + k)
      s2 += x * four(b + 2 * stride + k)
      s3 += x * four(b + 3 * stride + k)
      k += 4
    }
    while k < count {
      rest += a[k] * SIMD4(b[k], b[stride + k], b[2 * stride + k], b[3 * stride + k])
      k += 1
    }
    return rest + SIMD4(s0.sum(), s1.sum(), s2.sum(), s3.sum())
  }

  @inline(__always) private static func four(_ a: UnsafePointer<Double>) -> SIMD4<Double> {
    UnsafeRawPointer(a).loadUnaligned(as: SIMD4<Double>.self)
  }

  /// The x for which A x = b.
  public func solve(_ b: [Double]) -> [Double] {
    precondition(b.count == size, "a number per row")
    var x = b
    for i in 0..<size {
      var sum = x[i]
      for j in 0..<i { sum -= factor[i * size + j] * x[j] }
      x[i] = sum / factor[i * size + i]
    }
    for i in stride(from: size - 1, through: 0, by: -1) {
      x[i] /= factor[i * size + i]
      for j in 0..<i { x[j] -= factor[i * size + j] * x[i] }
    }
    return x
  }
}
