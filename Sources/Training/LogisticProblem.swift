import Arrays
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The penalised loss of a logistic regression, its gradient and its Hessian.
///
/// The unknowns are u_1 … u_d and b: the margin of a row is b + Σ_j u_j (x_j − m_j) / s_j, with the mean m_j and the
/// deviation s_j of the column, however the user scales it. So the unknowns have like sizes, and single precision is
/// enough for the Hessian. The user's coefficient is w_j = u_j S_j / s_j, where S_j is the user's scale, and its
/// penalty w_j² / 2 = ρ_j u_j² / 2 with ρ_j = (S_j / s_j)².
struct LogisticProblem {
  let x: Matrix
  let rows: [UInt32]
  /// C times the weight of each of the rows.
  let weights: [Double]
  let isPositive: [Bool]
  let mean: [Double]
  let deviation: [Double]
  /// ρ.
  let penalties: [Double]
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
    // log(1 + e^−t), and its derivatives, for the margin t towards the row's label.
    let towards = isPositive[place] ? margin : -margin
    let tail = exp(-abs(towards))
    let miss = towards >= 0 ? tail / (1 + tail) : 1 / (1 + tail)
    let residual = isPositive[place] ? -weight * miss : weight * miss
    sum[columns + 1] += weight * (log1p(tail) + max(0, -towards))
    sum[columns] += residual
    curvatures[row] = weight * tail / ((1 + tail) * (1 + tail))
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
    return Cholesky(lower: sums, size: size)
  }
}
