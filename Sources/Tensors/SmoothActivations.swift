#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension ElementKernels {
  private static let part = 1 << 14

  /// y = tanh x, to 2e-7; NaN stays NaN.
  public static func tanh(_ count: Int, x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, _ work: Workspace) {
    work.pool.forEachBlock(count, size: part) { _, range, _ in
      let first = range.lowerBound
      NetworkKernels.tanh(x + first, count: range.count, to: y + first)
    }
  }

  /// dX += dY · (1 − y²), from the values of tanh.
  public static func tanhBackward(
    _ count: Int, y: UnsafePointer<Float>, dY: UnsafePointer<Float>, dX: UnsafeMutablePointer<Float>, _ work: Workspace
  ) {
    work.pool.forEachBlock(count, size: part) { _, range, _ in
      for place in range { dX[place] += dY[place] * (1 - y[place] * y[place]) }
    }
  }

  /// y = x where x > 0, else e^x − 1.
  public static func elu(_ count: Int, x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, _ work: Workspace) {
    work.pool.forEachBlock(count, size: part) { _, range, _ in
      for place in range { y[place] = x[place] > 0 ? x[place] : expm1f(x[place]) }
    }
  }

  /// dX += dY where y > 0, else dY · (y + 1), from the values of `elu`.
  public static func eluBackward(
    _ count: Int, y: UnsafePointer<Float>, dY: UnsafePointer<Float>, dX: UnsafeMutablePointer<Float>, _ work: Workspace
  ) {
    work.pool.forEachBlock(count, size: part) { _, range, _ in
      for place in range { dX[place] += dY[place] * (y[place] > 0 ? 1 : y[place] + 1) }
    }
  }
}
