import CBLAS

/// The one routine of BLAS that the kernels need.
enum BLAS {
  /// A table in memory, row-major, `stride` floats from row to row; `transposed` says that its transpose is meant.
  struct Operand {
    let start: UnsafePointer<Float>
    let stride: Int
    var transposed = false

    init(_ start: UnsafePointer<Float>, stride: Int, transposed: Bool = false) {
      (self.start, self.stride, self.transposed) = (start, stride, transposed)
    }
  }

  /// result (m × n) = left (m × k) · right (k × n), added to what is there if `adding`.
  static func multiply(
    _ m: Int, _ n: Int, _ k: Int, _ left: Operand, _ right: Operand, adding: Bool,
    to result: UnsafeMutablePointer<Float>, stride: Int
  ) {
    if m == 0 || n == 0 { return }
    cblas_sgemm(
      CblasRowMajor, left.transposed ? CblasTrans : CblasNoTrans, right.transposed ? CblasTrans : CblasNoTrans,
      blasint(m), blasint(n), blasint(k), 1, left.start, blasint(left.stride), right.start, blasint(right.stride),
      adding ? 1 : 0, result, blasint(stride))
  }
}
