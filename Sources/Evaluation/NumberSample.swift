/// The scores and labels of rows whose labels are numbers: the input of every figure of numbers.
///
/// Takes 16 bytes per row. Rows without a label are left to the caller.
public final class NumberSample {
  let scores = ScoreColumn()
  let labels = ScoreColumn()

  /// An empty sample.
  public init() {}

  /// Makes a sample of parallel arrays: the score and the label of each row.
  public convenience init(scores: [Double], labels: [Double]) {
    precondition(scores.count == labels.count, "as many labels as scores")
    self.init()
    for (score, label) in zip(scores, labels) { append(score, label: label) }
  }

  /// Adds a row; both numbers are finite.
  public func append(_ score: Double, label: Double) {
    precondition(score.isFinite && label.isFinite, "scores and labels are finite numbers")
    scores.append(score)
    labels.append(label)
  }

  /// The number of rows.
  public var count: Int { scores.count }
}

/// The rows of several samples as parallel columns, with the ranks and the order that figures of numbers need.
///
/// Sorting is done once, in O(n log n); a resample of the rows gives only other counts.
struct NumberRows {
  let scores: [Double]
  let labels: [Double]
  /// The rank of each row's score among the distinct scores, from 0.
  let scoreRanks: [Int32]
  /// The rank of each row's label among the distinct labels, from 0.
  let labelRanks: [Int32]
  /// The rows by ascending label.
  let byLabel: [Int32]
  let distinctScores: Int
  let distinctLabels: Int

  init(_ samples: [NumberSample]) {
    scores = samples.flatMap { Array($0.scores.values) }
    labels = samples.flatMap { Array($0.labels.values) }
    (scoreRanks, distinctScores, _) = Self.ranked(scores)
    (labelRanks, distinctLabels, byLabel) = Self.ranked(labels)
  }

  var count: Int { scores.count }

  private static func ranked(_ values: [Double]) -> (ranks: [Int32], distinct: Int, order: [Int32]) {
    // Rows with equal values keep their order, so that sums have one order.
    let order = (0..<Int32(values.count)).sorted {
      let (a, b) = (values[Int($0)], values[Int($1)])
      return a == b ? $0 < $1 : a < b
    }
    var ranks = [Int32](repeating: 0, count: values.count)
    var rank: Int32 = -1
    var last: Double?
    for row in order {
      if values[Int(row)] != last { rank += 1 }
      last = values[Int(row)]
      ranks[Int(row)] = rank
    }
    return (ranks, Int(rank) + 1, order)
  }

  /// The midrank of each rank, where each row counts `counts` times (once if nil): the mean position of its rows.
  static func midranks(_ ranks: [Int32], distinct: Int, _ counts: [Int]?) -> [Double] {
    var sizes = [Int](repeating: 0, count: distinct)
    for (row, rank) in ranks.enumerated() { sizes[Int(rank)] += counts?[row] ?? 1 }
    var before = 0
    return sizes.map { size in
      defer { before += size }
      return Double(before) + (Double(size) + 1) / 2
    }
  }
}
