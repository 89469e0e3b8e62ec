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
      let whole = range.lowerBound + range.count / 8 * 8
      for place in stride(from: range.lowerBound, to: whole, by: 8) {
        let value = UnsafeRawPointer(x + place).loadUnaligned(as: SIMD8<Float>.self)
        UnsafeMutableRawPointer(y + place).storeBytes(of: tanh(value), as: SIMD8<Float>.self)
      }
      for place in whole..<range.upperBound { y[place] = tanh(SIMD8(repeating: x[place]))[0] }
    }
  }

  /// (e − 1) / (e + 1) with e = e^2x = 2^n · 2^f, n whole and |f| ≤ ½; 2^f by its series to the seventh power, whose
  /// rest is below 1e-8.
  @inline(__always) private static func tanh(_ x: SIMD8<Float>) -> SIMD8<Float> {
    let limit = SIMD8<Float>(repeating: 10)
    // Adding 1.5 · 2^23 rounds to whole numbers, and leaves them in the lowest bits.
    let shift = SIMD8<Float>(repeating: 12_582_912)
    var power = x * 2.885_390_1
    power = power.clamped(lowerBound: -2.885_390_1 * limit, upperBound: 2.885_390_1 * limit)
    let shifted = power + shift
    let f = (power - (shifted - shift)) * 0.693_147_2
    var series = f * 1.984_127e-4 + 1.388_889e-3
    series = series * f + 8.333_333e-3
    series = series * f + 4.166_667e-2
    series = series * f + 0.166_666_67
    series = series * f + 0.5
    series = series * f + 1
    series = series * f + 1
    let bits = unsafeBitCast(shifted, to: SIMD8<UInt32>.self) &<< 23 &+ 0x3F80_0000
    let e = series * unsafeBitCast(bits, to: SIMD8<Float>.self)
    return ((e - 1) / (e + 1)).replacing(with: x, where: x .!= x)
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
