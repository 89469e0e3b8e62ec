import Arrays
import Models
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The penalised loss of a linear model, its gradient and its Hessian.
///
/// The unknowns are u_1 … u_d and b: the margin of a row is b + Σ_j u_j (x_j − m_j) / s_j, with the mean m_j and the
/// deviation s_j of the column, however the user scales it. So the unknowns have like sizes, and single precision is
/// enough for the Hessian. The user's coefficient is w_j = u_j S_j / s_j, where S_j is the user's scale, and its
/// penalty w_j² / 2 = ρ_j u_j² / 2 with ρ_j = (S_j / s_j)². The user's intercept, the margin of a row of zeros on the
/// user's scale, is b + Σ_j c_j u_j; a squared hinge penalises half its square too.
struct LinearProblem {
  let loss: LinearLoss
  let x: Matrix
  let rows: [UInt32]
  /// C times the weight of each of the rows.
  let weights: [Double]
  let isPositive: [Bool]
  let mean: [Double]
  let deviation: [Double]
  /// ρ.
  let penalties: [Double]
  /// c, and 1 for b: the user's intercept as a sum over the unknowns.
  let intercept: [Double]
  let pool: ThreadPool

  /// A place, and what is known there.
  struct Place {
    /// u and b.
    var unknowns: [Double]
    var objective = 0.0
    var gradient: [Double]
    /// The second derivative of the loss of each row by its margin; 0 for rows that are left out.
    var curvatures: [Double]
  }

  /// The values at u and b. Sums run over blocks of rows that depend on the table alone.
  func place(_ unknowns: [Double]) -> Place {
    let (columns, block) = (x.columns, max(256, (rows.count + 63) / 64))
    let weights = zip(unknowns, deviation).map { $0 / $1 }
    let offset = unknowns[columns] - zip(weights, mean).reduce(0) { $0 + $1.0 * $1.1 }
    let blocks = ThreadPool.blocks(rows.count, size: block)
    // Per block: the sums of residual · x, of the residuals, and of the losses.
    let stride = columns + 2
    var sums = [Double](repeating: 0, count: blocks * stride)
    var curvatures = [Double](repeating: 0, count: x.rows)
    sums.withUnsafeMutableBufferPointer { sums in
      curvatures.withUnsafeMutableBufferPointer { curvatures in
        guard let start = sums.baseAddress else { return }
        nonisolated(unsafe) let (first, second) = (start, curvatures)
        x.withUnsafeBufferPointer { values in
          weights.withUnsafeBufferPointer { weights in
            pool.forEachBlock(rows.count, size: block) { number, range, _ in
              let sum = first + number * stride
              for place in range { self.row(place, values, weights, offset, to: sum, second) }
            }
          }
        }
      }
    }
    var total = [Double](repeating: 0, count: stride)
    for block in 0..<blocks { for j in 0..<stride { total[j] += sums[block * stride + j] } }
    let residuals = total[columns]
    var (gradient, penalty) = ([Double](repeating: residuals, count: columns + 1), 0.0)
    for j in 0..<columns {
      gradient[j] = (total[j] - mean[j] * residuals) / deviation[j] + penalties[j] * unknowns[j]
      penalty += penalties[j] * unknowns[j] * unknowns[j]
    }
    if loss.penalisesIntercept {
      let value = zip(intercept, unknowns).reduce(0) { $0 + $1.0 * $1.1 }
      for j in 0...columns { gradient[j] += value * intercept[j] }
      penalty += value * value
    }
    return Place(
      unknowns: unknowns, objective: penalty / 2 + total[columns + 1], gradient: gradient, curvatures: curvatures)
  }

  @inline(__always) private func row(
    _ place: Int, _ values: UnsafeBufferPointer<Float>, _ coefficients: UnsafeBufferPointer<Double>, _ offset: Double,
    to sum: UnsafeMutablePointer<Double>, _ curvatures: UnsafeMutableBufferPointer<Double>
  ) {
    let (row, columns, weight) = (Int(rows[place]), x.columns, weights[place])
    let x = UnsafeBufferPointer(rebasing: values[row * columns..<(row + 1) * columns])
    let margin = offset + RowProduct.dot(x, coefficients)
    let towards = isPositive[place] ? margin : -margin
    let (value, slope, curvature) = loss.derivatives(towards)
    let residual = isPositive[place] ? weight * slope : -weight * slope
    sum[columns + 1] += weight * value
    sum[columns] += residual
    curvatures[row] = weight * curvature
    RowProduct.add(residual, x, to: sum)
  }

  /// The factored Hessian at a place, from sums in single precision unless `isExact` says otherwise or rounding would
  /// make it indefinite.
  func hessian(_ place: Place, isExact: Bool) -> Cholesky? {
    let (size, scale) = (x.columns + 1, deviation.map { 1 / $0 })
    if !isExact {
      let sums = WeightedGram.lower(x, shift: mean, scale: scale, weights: place.curvatures, pool)
      if let factor = factor(sums, size) { return factor }
    }
    let sums = WeightedGram.exactLower(x, shift: mean, scale: scale, weights: place.curvatures, pool)
    let largest = (0..<size).reduce(0) { max($0, sums[$1 * size + $1]) }
    var ridge = 0.0
    for _ in 0..<16 {
      if let factor = factor(sums, size, ridge: ridge) { return factor }
      ridge = max(ridge * 10, 1e-14 * largest, Double.leastNormalMagnitude)
    }
    return nil
  }

  private func factor(_ sums: [Double], _ size: Int, ridge: Double = 0) -> Cholesky? {
    var sums = sums
    for j in 0..<size { sums[j * size + j] += ridge + (j < penalties.count ? penalties[j] : 0) }
    if loss.penalisesIntercept {
      for i in 0..<size { for j in 0...i { sums[i * size + j] += intercept[i] * intercept[j] } }
    }
    return Cholesky(lower: sums, size: size)
  }
}

extension LinearLoss {
  /// Whether half the square of the intercept is added to what is minimised, as liblinear does.
  var penalisesIntercept: Bool { self == .squaredHinge }

  /// The loss of a row at the margin t towards its label, and its first and second derivative in t.
  @inline(__always) func derivatives(_ t: Double) -> (value: Double, slope: Double, curvature: Double) {
    switch self {
    case .logistic:
      // log(1 + e^−t).
      let tail = exp(-abs(t))
      return (
        log1p(tail) + max(0, -t), -(t >= 0 ? tail / (1 + tail) : 1 / (1 + tail)), tail / ((1 + tail) * (1 + tail))
      )
    case .squaredHinge:
      // max(0, 1 − t)².
      let gap = 1 - t
      return gap > 0 ? (gap * gap, -2 * gap, 2) : (0, 0, 0)
    }
  }
}
