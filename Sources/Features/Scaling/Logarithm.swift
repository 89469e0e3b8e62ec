#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What `log1p` means, for columns and for samples.
enum Logarithm {
  /// log(1 + x): NaN, a missing value, stays missing; nil where there is no logarithm.
  static func ofOneMore(than x: Double) -> Double? { x <= -1 ? nil : log1p(x) }
}
