#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// 1 / (1 + e^−z) without overflow.
@inlinable public func sigmoid(_ z: Double) -> Double {
  if z >= 0 { return 1 / (1 + exp(-z)) }
  let e = exp(z)
  return e / (1 + e)
}

/// log(1 / (1 + e^−z)), exact to rounding for large |z|.
@inlinable public func logSigmoid(_ z: Double) -> Double {
  z >= 0 ? -log1p(exp(-z)) : z - log1p(exp(z))
}
