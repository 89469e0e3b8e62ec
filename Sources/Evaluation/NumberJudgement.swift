#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// All figures of merit of scored rows whose labels are numbers, in O(n log n).
///
/// A figure that the rows do not define (all labels are equal, all scores are equal) is nil, never NaN.
///
///     NumberJudgement(scores: [1, 2, 2], labels: [5.2, 7, 6]).value(.concordance)   // (1 + 1 + ½) / 3
public struct NumberJudgement: Sendable {
  /// The number of rows.
  public let count: Int
  private let errors: ErrorSums
  private let line: Covariance
  private let ranks: Covariance
  private let order: Concordance
  /// 1 − Σ (y − k f)² / Σ (y − ȳ)² with k = Σ y f / Σ f², of labels y and scores f: r₀² of a line through the origin.
  private let originSquare: Double?

  /// Judges all rows of several samples as one.
  public init(_ samples: [NumberSample]) { self.init(NumberRows(samples), counts: nil) }

  /// Judges parallel arrays of scores and labels.
  public init(scores: [Double], labels: [Double]) {
    self.init([NumberSample(scores: scores, labels: labels)])
  }

  /// Judges rows that each count `counts` times, once if nil.
  init(_ rows: NumberRows, counts: [Int]?) {
    count = counts?.reduce(0, +) ?? rows.count
    errors = ErrorSums(rows, counts)
    line = Covariance(rows.scores, rows.labels, counts)
    let scoreRanks = NumberRows.midranks(rows.scoreRanks, distinct: rows.distinctScores, counts)
    let labelRanks = NumberRows.midranks(rows.labelRanks, distinct: rows.distinctLabels, counts)
    ranks = Covariance(
      rows.scoreRanks.map { scoreRanks[Int($0)] }, rows.labelRanks.map { labelRanks[Int($0)] }, counts)
    order = Concordance(rows, counts)
    originSquare = Self.originSquare(rows, counts, spread: line.ySpread)
  }

  /// The mean of the squared differences of score and label; nil without a row.
  public var meanSquaredError: Double? { count > 0 ? errors.square / Double(count) : nil }

  /// The mean of the absolute differences of score and label; nil without a row.
  public var meanAbsoluteError: Double? { count > 0 ? errors.absolute / Double(count) : nil }

  /// Pearson's correlation; nil where all scores or all labels are equal.
  public var pearson: Double? { line.correlation }

  /// Spearman's correlation, that of the midranks; nil where all scores or all labels are equal.
  public var spearman: Double? { ranks.correlation }

  /// The concordance index; nil where all labels are equal.
  public var concordance: Double? { order.index }

  /// r² (1 − √|(r²)² − (r₀²)²|); nil where Pearson's correlation is.
  public var rm2: Double? {
    guard let r = pearson, let origin = originSquare else { return nil }
    return r * r * (1 - abs(r * r * r * r - origin * origin).squareRoot())
  }

  /// r² (1 − √|r² − r₀²|); nil where Pearson's correlation is.
  public var rm2Printed: Double? {
    guard let r = pearson, let origin = originSquare else { return nil }
    return r * r * (1 - abs(r * r - origin).squareRoot())
  }

  /// The value of a figure; nil for one of classes, and where the rows do not define it.
  public func value(_ metric: Metric) -> Double? {
    guard case .numbers(let value, _) = metric.formula, let number = value(self), number.isFinite else { return nil }
    return number
  }

  /// The interval of a figure in closed form; nil where none is known.
  public func interval(_ metric: Metric) -> Interval? {
    guard case .numbers(_, let interval) = metric.formula, value(metric) != nil else { return nil }
    return interval(self)
  }

  /// The reason why a figure is not defined, for a message; nil for a defined one.
  public func undefinedReason(_ metric: Metric) -> String? {
    guard value(metric) == nil else { return nil }
    if count == 0 { return "there is no labelled row" }
    if order.pairs == 0 { return "all labels are equal" }
    return line.xSpread > 0 ? "scores or labels are too large for it" : "all scores are equal"
  }

  var squaredErrorInterval: Interval? { errors.interval(errors.square, errors.fourth, count) }
  var absoluteErrorInterval: Interval? { errors.interval(errors.absolute, errors.square, count) }

  private static func originSquare(_ rows: NumberRows, _ counts: [Int]?, spread: Double) -> Double? {
    var (product, square) = (0.0, 0.0)
    for row in 0..<rows.count {
      let weight = Double(counts?[row] ?? 1)
      product += weight * rows.labels[row] * rows.scores[row]
      square += weight * rows.scores[row] * rows.scores[row]
    }
    guard square > 0, spread > 0 else { return nil }
    var left = 0.0
    for row in 0..<rows.count {
      let rest = rows.labels[row] - product / square * rows.scores[row]
      left += Double(counts?[row] ?? 1) * rest * rest
    }
    return 1 - left / spread
  }
}

/// Sums of the differences of score and label.
private struct ErrorSums: Sendable {
  var absolute = 0.0
  var square = 0.0
  var fourth = 0.0

  init(_ rows: NumberRows, _ counts: [Int]?) {
    for row in 0..<rows.count {
      let error = rows.scores[row] - rows.labels[row]
      let weight = Double(counts?[row] ?? 1)
      absolute += weight * abs(error)
      square += weight * error * error
      fourth += weight * error * error * error * error
    }
  }

  /// The normal interval of a mean, from the sums of its terms and of their squares; nil below two rows.
  func interval(_ sum: Double, _ squares: Double, _ count: Int) -> Interval? {
    guard count > 1 else { return nil }
    let rows = Double(count)
    let variance = (squares / rows - sum / rows * (sum / rows)) / (rows - 1)
    return .normal(sum / rows, variance: variance, within: 0...Double.greatestFiniteMagnitude)
  }
}

/// The spread of two columns and their covariance, by two passes.
private struct Covariance: Sendable {
  private(set) var xSpread = 0.0
  private(set) var ySpread = 0.0
  private var product = 0.0

  init(_ x: [Double], _ y: [Double], _ counts: [Int]?) {
    let rows = counts?.reduce(0, +) ?? x.count
    guard rows > 0 else { return }
    func mean(_ values: [Double]) -> Double {
      var sum = 0.0
      for (row, value) in values.enumerated() { sum += Double(counts?[row] ?? 1) * value }
      return sum / Double(rows)
    }
    let (xMean, yMean) = (mean(x), mean(y))
    for row in x.indices {
      let weight = Double(counts?[row] ?? 1)
      let (dx, dy) = (x[row] - xMean, y[row] - yMean)
      xSpread += weight * dx * dx
      ySpread += weight * dy * dy
      product += weight * dx * dy
    }
    // The mean of equal numbers can miss them by a rounding, which is no spread.
    if Self.areEqual(x, counts) { xSpread = 0 }
    if Self.areEqual(y, counts) { ySpread = 0 }
  }

  private static func areEqual(_ values: [Double], _ counts: [Int]?) -> Bool {
    var first: Double?
    for (row, value) in values.enumerated() where counts?[row] != 0 {
      if value != first ?? value { return false }
      first = value
    }
    return true
  }

  /// Nil without spread, and where a sum of squares overflows.
  var correlation: Double? {
    guard xSpread > 0, ySpread > 0, xSpread.isFinite, ySpread.isFinite else { return nil }
    let both = xSpread * ySpread
    // The root of the product makes equal columns correlate by exactly 1.
    let value = product / (both > 0 && both.isFinite ? both.squareRoot() : xSpread.squareRoot() * ySpread.squareRoot())
    return value.isFinite ? max(-1, min(1, value)) : nil
  }
}

/// The number of pairs of rows with different labels, and of those whose scores are in the same order.
struct Concordance: Sendable {
  /// Pairs of rows with different labels.
  private(set) var pairs = 0
  /// Twice the number of pairs in the same order, a tie of scores counting one: exact up to 2⁶² pairs.
  private(set) var doubledWins = 0

  /// Walks over the rows by ascending label; a Fenwick tree (1994, Software: Practice and Experience 24:327) counts the
  /// rows of lower labels by the rank of their score.
  init(_ rows: NumberRows, _ counts: [Int]?) {
    var lower = FenwickTree(rows.distinctScores)
    var start = 0
    while start < rows.byLabel.count {
      let label = rows.labelRanks[Int(rows.byLabel[start])]
      var end = start
      var size = 0
      while end < rows.byLabel.count, rows.labelRanks[Int(rows.byLabel[end])] == label {
        let row = Int(rows.byLabel[end])
        let count = counts?[row] ?? 1
        let rank = Int(rows.scoreRanks[row])
        doubledWins += count * (lower.sum(below: rank) + lower.sum(below: rank + 1))
        size += count
        end += 1
      }
      pairs += size * lower.total
      for place in start..<end {
        let row = Int(rows.byLabel[place])
        lower.add(counts?[row] ?? 1, at: Int(rows.scoreRanks[row]))
      }
      start = end
    }
  }

  /// Nil without a pair.
  var index: Double? { pairs > 0 ? Double(doubledWins) / 2 / Double(pairs) : nil }
}

/// Counts by index with sums over their beginnings, both in O(log n).
private struct FenwickTree {
  private var sums: [Int]
  private(set) var total = 0

  init(_ count: Int) { sums = [Int](repeating: 0, count: count + 1) }

  mutating func add(_ count: Int, at index: Int) {
    total += count
    var node = index + 1
    while node < sums.count {
      sums[node] += count
      node += node & -node
    }
  }

  /// The sum of the counts at indices below `end`.
  func sum(below end: Int) -> Int {
    var (node, sum) = (end, 0)
    while node > 0 {
      sum += sums[node]
      node -= node & -node
    }
    return sum
  }
}
