/// Correlation of two vectors in Double, in two passes: means first, then centred sums.
///
/// Values that are NaN are missing; a place counts only where both vectors have a value. Nil means undefined: fewer
/// than `least` places, or a vector without variance. Exchanging the vectors changes no bit of the result.
public enum Correlation {
  /// Pearson's r, between −1 and 1.
  public static func pearson(
    _ a: UnsafeBufferPointer<Double>, _ b: UnsafeBufferPointer<Double>, least: Int = 2
  ) -> Double? {
    precondition(a.count == b.count, "vectors of one length")
    var places = 0
    var sumA = 0.0
    var sumB = 0.0
    var firstA = Double.nan
    var firstB = Double.nan
    var variesA = false
    var variesB = false
    for index in a.indices where !a[index].isNaN && !b[index].isNaN {
      if places == 0 {
        firstA = a[index]
        firstB = b[index]
      }
      variesA = variesA || a[index] != firstA
      variesB = variesB || b[index] != firstB
      sumA += a[index]
      sumB += b[index]
      places += 1
    }
    guard places >= max(least, 2), variesA, variesB else { return nil }
    return centred(a, b, meanA: sumA / Double(places), meanB: sumB / Double(places))
  }

  /// Spearman's rho: Pearson's r of the ranks, ties at their mean rank.
  public static func spearman(
    _ a: UnsafeBufferPointer<Double>, _ b: UnsafeBufferPointer<Double>, least: Int = 2
  ) -> Double? {
    precondition(a.count == b.count, "vectors of one length")
    let places = a.indices.filter { !a[$0].isNaN && !b[$0].isNaN }
    let ranksA = ranks(places.map { a[$0] })
    let ranksB = ranks(places.map { b[$0] })
    return ranksA.withUnsafeBufferPointer { left in
      ranksB.withUnsafeBufferPointer { right in pearson(left, right, least: least) }
    }
  }

  /// The ranks from 1, equal values sharing the mean of their ranks.
  public static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var first = 0
    while first < order.count {
      var last = first
      while last + 1 < order.count, values[order[last + 1]] == values[order[first]] { last += 1 }
      for index in first...last { ranks[order[index]] = Double(first + last) / 2 + 1 }
      first = last + 1
    }
    return ranks
  }

  private static func centred(
    _ a: UnsafeBufferPointer<Double>, _ b: UnsafeBufferPointer<Double>, meanA: Double, meanB: Double
  ) -> Double? {
    var squaresA = 0.0
    var squaresB = 0.0
    var products = 0.0
    for index in a.indices where !a[index].isNaN && !b[index].isNaN {
      let fromA = a[index] - meanA
      let fromB = b[index] - meanB
      squaresA += fromA * fromA
      squaresB += fromB * fromB
      products += fromA * fromB
    }
    // The root of the product is exact more often; the product of the roots neither over- nor underflows.
    let square = squaresA * squaresB
    let scale =
      square > 1e-280 && square < 1e280 ? square.squareRoot() : squaresA.squareRoot() * squaresB.squareRoot()
    let r = products / scale
    return r.isFinite ? min(1, max(-1, r)) : nil
  }
}

extension Correlation {
  /// The sum of the products of the values that both vectors have; nil when there are none.
  public static func dot(_ a: UnsafeBufferPointer<Double>, _ b: UnsafeBufferPointer<Double>) -> Double? {
    precondition(a.count == b.count, "vectors of one length")
    var sum = 0.0
    var places = 0
    for index in a.indices where !a[index].isNaN && !b[index].isNaN {
      sum += a[index] * b[index]
      places += 1
    }
    return places > 0 && sum.isFinite ? sum : nil
  }
}
