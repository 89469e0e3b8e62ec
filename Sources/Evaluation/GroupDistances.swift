import Bytes

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The Euclidean distances of rows to the rows of their own group, against those to all other rows.
///
/// For each row with another row in its group: the mean distance to these, and the mean distance to all other rows.
/// Of many rows the second mean is over some that a seed draws. Both samples are compared by the two-sample
/// Kolmogorov–Smirnov test. O(rows in groups · rows · columns).
public struct GroupDistances: Sendable {
  /// The mean distance within the group, for each row with company, in their order.
  public let within: [Double]
  /// The mean distance to other rows, for the same rows.
  public let around: [Double]
  /// The number of groups with two rows or more.
  public let groups: Int

  /// The rows of a table, `columns` numbers each, and the group of each; nil: none.
  ///
  /// - Parameter most: of more rows than these, this many are drawn to be the others.
  public init(_ values: [Double], columns: Int, groups: [Int?], most: Int = 5000, seed: UInt64 = 1) {
    precondition(values.count == groups.count * columns, "a group, or none, for each row")
    func distance(_ a: Int, _ b: Int) -> Double {
      var sum = 0.0
      values.withUnsafeBufferPointer { values in
        for column in 0..<columns {
          let gap = values[a * columns + column] - values[b * columns + column]
          sum += gap * gap
        }
      }
      return sum.squareRoot()
    }
    func mean(_ row: Int, _ others: some Sequence<Int>) -> Double {
      var (sum, count) = (0.0, 0)
      for other in others where other != row { (sum, count) = (sum + distance(row, other), count + 1) }
      return count > 0 ? sum / Double(count) : 0
    }
    var members: [Int: [Int]] = [:]
    for (row, group) in groups.enumerated() { if let group { members[group, default: []].append(row) } }
    var others = Array(groups.indices)
    if others.count > most {
      var stream = RandomStream(seed: seed, 0x6772_6f75_70)
      stream.shuffle(&others)
      others = others.prefix(most).sorted()
    }
    var (within, around) = ([Double](), [Double]())
    for (row, group) in groups.enumerated() {
      guard let group, let own = members[group], own.count > 1 else { continue }
      within.append(mean(row, own))
      around.append(mean(row, others))
    }
    (self.within, self.around) = (within, around)
    self.groups = members.values.count { $0.count > 1 }
  }

  /// The mean of `within`, nil without a row in company.
  public var meanWithin: Double? { Self.mean(within) }
  /// The mean of `around`.
  public var meanAround: Double? { Self.mean(around) }
  /// The comparison of both samples.
  public var test: SmirnovTest? { SmirnovTest(within, around) }

  private static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}

/// The two-sample Kolmogorov–Smirnov test: the greatest difference of two cumulative distributions.
public struct SmirnovTest: Sendable, Equatable {
  /// The greatest difference.
  public let statistic: Double
  /// The probability of a difference as great where both samples have one distribution, by its limit for many rows
  /// (Smirnov 1948, Annals of Mathematical Statistics 19:279).
  public let p: Double

  /// Compares two samples; nil where one is empty.
  public init?(_ a: [Double], _ b: [Double]) {
    guard !a.isEmpty, !b.isEmpty else { return nil }
    let (a, b) = (a.sorted(), b.sorted())
    var (i, j, greatest) = (0, 0, 0.0)
    while i < a.count, j < b.count {
      let value = min(a[i], b[j])
      while i < a.count, a[i] == value { i += 1 }
      while j < b.count, b[j] == value { j += 1 }
      greatest = max(greatest, abs(Double(i) / Double(a.count) - Double(j) / Double(b.count)))
    }
    let rows = Double(a.count) * Double(b.count) / Double(a.count + b.count)
    (statistic, p) = (greatest, Self.tail(rows.squareRoot() * greatest))
  }

  /// 1 − K(x) of Kolmogorov's distribution: 2 Σ (−1)^(k − 1) e^(−2 k² x²), and for small x 1 less
  /// √(2π) / x · Σ e^(−(2k − 1)² π² / (8 x²)).
  static func tail(_ x: Double) -> Double {
    if x <= 0 { return 1 }
    var sum = 0.0
    if x < 1 {
      for k in 1...20 {
        let odd = Double(2 * k - 1) * Double.pi
        sum += exp(-odd * odd / (8 * x * x))
      }
      return 1 - (2 * Double.pi).squareRoot() / x * sum
    }
    for k in 1...20 {
      let term = exp(-2 * Double(k * k) * x * x)
      sum += k % 2 == 1 ? term : -term
    }
    return 2 * sum
  }
}
