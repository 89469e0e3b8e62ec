/// A row of single numbers with double ones, in double precision.
enum RowProduct {
  /// Σ_j x_j w_j.
  @inline(__always) static func dot(_ x: UnsafeBufferPointer<Float>, _ w: UnsafeBufferPointer<Double>) -> Double {
    guard let x = x.baseAddress, let start = w.baseAddress else { return 0 }
    var (sum, j) = (SIMD8<Double>.zero, 0)
    while j &+ 8 <= w.count {
      sum += eight(x + j) * UnsafeRawPointer(start + j).loadUnaligned(as: SIMD8<Double>.self)
      j &+= 8
    }
    var rest = 0.0
    while j < w.count {
      rest += Double(x[j]) * start[j]
      j &+= 1
    }
    return sum.sum() + rest
  }

  /// sums_j += factor · x_j.
  @inline(__always) static func add(
    _ factor: Double, _ x: UnsafeBufferPointer<Float>, to sums: UnsafeMutablePointer<Double>
  ) {
    guard let start = x.baseAddress else { return }
    var j = 0
    while j &+ 8 <= x.count {
      let place = UnsafeMutableRawPointer(sums + j)
      let sum = place.loadUnaligned(as: SIMD8<Double>.self) + factor * eight(start + j)
      place.storeBytes(of: sum, as: SIMD8<Double>.self)
      j &+= 8
    }
    while j < x.count {
      sums[j] += factor * Double(start[j])
      j &+= 1
    }
  }

  /// sums_j += (x_j − mean_j)².
  static func addSquares(
    _ x: UnsafeBufferPointer<Float>, _ mean: UnsafeBufferPointer<Double>, to sums: UnsafeMutablePointer<Double>
  ) {
    for j in 0..<x.count {
      let distance = Double(x[j]) - mean[j]
      sums[j] += distance * distance
    }
  }

  @inline(__always) private static func eight(_ x: UnsafePointer<Float>) -> SIMD8<Double> {
    SIMD8<Double>(UnsafeRawPointer(x).loadUnaligned(as: SIMD8<Float>.self))
  }
}
