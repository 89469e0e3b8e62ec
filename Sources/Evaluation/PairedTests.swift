#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The p value of both tails of a standard normal z.
private func twoTails(_ z: Double) -> Double { erfc(abs(z) / 2.0.squareRoot()) }

/// The difference of the AUROC of two scores of the same rows, by DeLong, DeLong and Clarke-Pearson (1988, Biometrics
/// 44:837), ties as midranks. O(n log n).
///
///     DeLong(labels: labels, a, b)?.p
public struct DeLong: Sendable, Equatable {
  /// The AUROC of both scores.
  public let auroc: (a: Double, b: Double)
  /// The variances of both, and their covariance; nil with fewer than two rows of a class.
  public let covariance: (aa: Double, ab: Double, bb: Double)?

  /// Nil where a class is absent.
  public init?(labels: [Bool], _ a: [Double], _ b: [Double]) {
    precondition(labels.count == a.count && labels.count == b.count, "a label and two scores a row")
    let positives = labels.count { $0 }
    let negatives = labels.count - positives
    guard positives > 0, negatives > 0 else { return nil }
    let (x, y) = (Self.components(labels, a), Self.components(labels, b))
    auroc = (Self.mean(x.positives), Self.mean(y.positives))
    guard positives > 1, negatives > 1 else {
      covariance = nil
      return
    }
    func entry(_ first: Components, _ second: Components) -> Double {
      Self.covariance(first.positives, second.positives) / Double(positives)
        + Self.covariance(first.negatives, second.negatives) / Double(negatives)
    }
    covariance = (entry(x, x), entry(x, y), entry(y, y))
  }

  /// AUROC of the first less that of the second.
  public var difference: Double { auroc.a - auroc.b }

  /// The variance of the difference; nil with fewer than two rows of a class.
  public var variance: Double? { covariance.map { $0.aa + $0.bb - 2 * $0.ab } }

  /// The difference over its deviation; 0 where both are the same order, nil where nothing says how far it varies.
  public var z: Double? {
    guard let variance else { return nil }
    if variance <= 1e-15 { return abs(difference) < 1e-15 ? 0 : nil }
    return difference / variance.squareRoot()
  }

  /// The two-sided p value.
  public var p: Double? { z.map(twoTails) }

  /// The normal interval of the difference.
  public var interval: Interval? { variance.flatMap { .normal(difference, variance: $0, within: -1...1) } }

  /// Whether both have the same figures.
  public static func == (first: DeLong, second: DeLong) -> Bool {
    first.auroc == second.auroc && first.variance == second.variance
  }

  /// Of each positive row the share of negative rows below it, of each negative row the share of positive rows above.
  private typealias Components = (positives: [Double], negatives: [Double])

  private static func components(_ labels: [Bool], _ scores: [Double]) -> Components {
    let (all, positive, negative) = (
      Midranks.of(scores), Midranks.of(zip(scores, labels).filter(\.1).map(\.0)),
      Midranks.of(zip(scores, labels).filter { !$0.1 }.map(\.0))
    )
    var components: Components = ([], [])
    for (row, isPositive) in labels.enumerated() {
      if isPositive {
        components.positives.append((all[row] - positive[components.positives.count]) / Double(negative.count))
      } else {
        components.negatives.append(1 - (all[row] - negative[components.negatives.count]) / Double(positive.count))
      }
    }
    return components
  }

  private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  private static func covariance(_ x: [Double], _ y: [Double]) -> Double {
    let (xMean, yMean) = (mean(x), mean(y))
    return zip(x, y).reduce(0) { $0 + ($1.0 - xMean) * ($1.1 - yMean) } / Double(x.count - 1)
  }
}

/// Ranks from 1 on; equal values share the mean of theirs.
enum Midranks {
  static func of(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] == values[$1] ? $0 < $1 : values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var first = 0
    while first < order.count {
      var end = first + 1
      while end < order.count, values[order[end]] == values[order[first]] { end += 1 }
      for place in first..<end { ranks[order[place]] = Double(first + end + 1) / 2 }
      first = end
    }
    return ranks
  }
}

/// Wilcoxon's signed rank test of paired differences (Wilcoxon 1945, Biometrics Bulletin 1:80).
///
/// Differences of 0 are dropped. Up to 50 without ties and without a 0 it is exact; else normal, with the variance of
/// ties and without a continuity correction. Without a difference p is 1.
public struct Wilcoxon: Sendable, Equatable {
  /// The way in which p was found.
  public enum Method: String, Sendable {
    case exact, normal, none
  }
  /// The number of differences that are not 0.
  public let count: Int
  /// The sum of the ranks of the positive differences.
  public let positiveRanks: Double
  /// The sum of the ranks of the negative differences.
  public let negativeRanks: Double
  /// The way in which p was found.
  public let method: Method
  /// The two-sided p value.
  public let p: Double

  /// Tests whether differences lie around 0.
  public init(_ all: [Double]) {
    let differences = all.filter { $0 != 0 }
    let sizes = differences.map(abs)
    let ranks = Midranks.of(sizes)
    count = differences.count
    positiveRanks = zip(differences, ranks).reduce(0) { $0 + ($1.0 > 0 ? $1.1 : 0) }
    negativeRanks = zip(differences, ranks).reduce(0) { $0 + ($1.0 < 0 ? $1.1 : 0) }
    var ties: [Double: Int] = [:]
    for size in sizes { ties[size, default: 0] += 1 }
    if count == 0 {
      (method, p) = (.none, 1)
    } else if count <= 50, ties.count == count, count == all.count {
      (method, p) = (.exact, Self.exact(Int(min(positiveRanks, negativeRanks)), of: count))
    } else {
      let n = Double(count)
      let tied = ties.values.reduce(0.0) { $0 + Double($1 * $1 * $1 - $1) }
      let variance = n * (n + 1) * (2 * n + 1) / 24 - tied / 48
      (method, p) = (.normal, twoTails((positiveRanks - n * (n + 1) / 4) / variance.squareRoot()))
    }
  }

  /// Twice the share of the 2ⁿ sets of ranks 1…n whose sum is at most `sum`.
  private static func exact(_ sum: Int, of count: Int) -> Double {
    var sets = [Double](repeating: 0, count: count * (count + 1) / 2 + 1)
    sets[0] = 1
    for rank in 1...count {
      for total in stride(from: sets.count - 1, through: rank, by: -1) { sets[total] += sets[total - rank] }
    }
    return min(1, 2 * sets[...sum].reduce(0, +) / scalbn(1.0, Int32(count)))
  }
}

/// p values adjusted for their number, so that the chance of any false rejection stays below the level (Holm 1979,
/// Scandinavian Journal of Statistics 6:65).
public enum Holm {
  /// The adjusted values, in the order of the given ones.
  public static func adjusted(_ values: [Double]) -> [Double] {
    var adjusted = values
    var largest = 0.0
    let order = values.indices.sorted { values[$0] == values[$1] ? $0 < $1 : values[$0] < values[$1] }
    for (rank, index) in order.enumerated() {
      largest = max(largest, min(1, Double(values.count - rank) * values[index]))
      adjusted[index] = largest
    }
    return adjusted
  }
}
