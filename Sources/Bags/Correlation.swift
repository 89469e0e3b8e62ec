/// Correlation of two vectors in Double, in two passes: means first, then centred sums.
///
/// NaN is a missing value; only elements where both vectors have a value are used. Nil means undefined: fewer than
/// `least` such elements, or a vector without variance. Exchanging the vectors changes no bit of the result.
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
    let sums = CentredSums(a, b, meanA: sumA / Double(places), meanB: sumB / Double(places))
    return sums.areSafe ? sums.correlation : scaled(a, b, places).correlation
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

  /// The sums of vectors whose squares over- or underflow, computed after each vector was divided by a power of two
  /// near its largest value, which is exact.
  private static func scaled(
    _ a: UnsafeBufferPointer<Double>, _ b: UnsafeBufferPointer<Double>, _ places: Int
  ) -> CentredSums {
    let shared = a.indices.filter { !a[$0].isNaN && !b[$0].isNaN }
    func values(_ vector: UnsafeBufferPointer<Double>) -> (values: [Double], mean: Double) {
      let largest = shared.reduce(0) { max($0, vector[$1].magnitude) }
      guard largest.isNormal || largest.isSubnormal else { return (shared.map { vector[$0] }, .nan) }
      let exponent = -Int(largest.exponent)
      let values = shared.map { Double(sign: .plus, exponent: exponent, significand: vector[$0]) }
      return (values, values.reduce(0, +) / Double(places))
    }
    let (left, right) = (values(a), values(b))
    return left.values.withUnsafeBufferPointer { a in
      right.values.withUnsafeBufferPointer { CentredSums(a, $0, meanA: left.mean, meanB: right.mean) }
    }
  }
}

/// The sums of the squares and products of two centred vectors.
private struct CentredSums {
  private var squaresA = 0.0
  private var squaresB = 0.0
  private var products = 0.0

  init(_ a: UnsafeBufferPointer<Double>, _ b: UnsafeBufferPointer<Double>, meanA: Double, meanB: Double) {
    for index in a.indices where !a[index].isNaN && !b[index].isNaN {
      let fromA = a[index] - meanA
      let fromB = b[index] - meanB
      squaresA += fromA * fromA
      squaresB += fromB * fromB
      products += fromA * fromB
    }
  }

  /// Whether neither the sums nor the means over- or underflowed.
  var areSafe: Bool { squaresA > 1e-290 && squaresA < 1e290 && squaresB > 1e-290 && squaresB < 1e290 }

  var correlation: Double? {
    // The root of the product is exact more often; the product of the roots neither over- nor underflows.
    let square = squaresA * squaresB
    let scale =
      square > 1e-280 && square < 1e280 ? square.squareRoot() : squaresA.squareRoot() * squaresB.squareRoot()
    let r = products / scale
    return r.isFinite ? min(1, max(-1, r)) : nil
  }
}

extension Correlation {
  /// The sum of the products over elements where both vectors have a value; nil where there are none.
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
