/// The sums gathered in one walk from the highest to the lowest score; every figure of merit follows from them.
struct WalkTotals {
  let settings: JudgementSettings
  private(set) var positives = 0
  private(set) var negatives = 0
  private(set) var calledPositives = 0
  private(set) var calledNegatives = 0
  /// Twice the number of (positive, negative) pairs in the right order, a tie counting one: exact up to 2⁶² pairs.
  private(set) var doubledWins = 0
  private(set) var precisionSum = 0.0
  private(set) var squaredError = 0.0
  private(set) var areProbabilities = true
  private(set) var bins: [BinTotals]
  private var tops: [TopTotals]

  /// - Parameter rows: the number of all rows, of which the cuts of the settings may be shares.
  init(_ settings: JudgementSettings, rows: Int) {
    self.settings = settings
    bins = [BinTotals](repeating: BinTotals(), count: settings.bins)
    tops = settings.tops.map { TopTotals(cut: $0, size: $0.size(of: rows, length: settings.length)) }
  }

  /// Takes the next lower score with its rows (in a resampled walk: with the rows drawn).
  mutating func add(_ step: ThresholdStep) {
    for index in tops.indices { tops[index].add(step, after: positives + negatives) }
    doubledWins += step.negatives * (2 * positives + step.positives)
    positives += step.positives
    negatives += step.negatives
    if step.score >= settings.threshold { (calledPositives, calledNegatives) = (positives, negatives) }
    if step.positives > 0 {
      precisionSum += Double(step.positives) * (Double(positives) / Double(positives + negatives))
    }
    let missed = 1 - step.score
    squaredError += Double(step.positives) * missed * missed + Double(step.negatives) * step.score * step.score
    if step.score < 0 || step.score > 1 {
      areProbabilities = false
    } else {
      bins[BinTotals.index(of: step.score, in: bins.count)].add(step)
    }
  }

  /// Σ |positives − Σ score| / n over the bins; nil where a score lies outside 0 to 1.
  var calibrationError: Double? {
    let rows = positives + negatives
    guard areProbabilities, rows > 0 else { return nil }
    return bins.reduce(0) { $0 + abs(Double($1.positives) - $1.scores) } / Double(rows)
  }

  /// The share of positive rows in a cut; nil where there are fewer rows than it takes, or no positive one.
  func precision(top cut: TopCut) -> Double? {
    guard positives > 0, let top = tops.first(where: { $0.cut == cut }) else { return nil }
    return Double(positives + negatives) >= top.size && top.size > 0 ? top.positives / top.size : nil
  }

  /// The share of positive rows in a cut over that of all rows.
  func enrichment(top cut: TopCut) -> Double? {
    precision(top: cut).map { $0 / (Double(positives) / Double(positives + negatives)) }
  }

  var confusion: Confusion {
    Confusion(
      truePositives: Double(calledPositives), falsePositives: Double(calledNegatives),
      trueNegatives: Double(negatives - calledNegatives), falseNegatives: Double(positives - calledPositives))
  }

  var hasBothClasses: Bool { positives > 0 && negatives > 0 }

  var auroc: Double? {
    hasBothClasses ? Double(doubledWins) / (2 * Double(positives) * Double(negatives)) : nil
  }

  var auprc: Double? { hasBothClasses ? precisionSum / Double(positives) : nil }

  var brier: Double? {
    let rows = positives + negatives
    return areProbabilities && rows > 0 ? squaredError / Double(rows) : nil
  }
}

/// The rows of one bin of scores.
struct BinTotals: Sendable {
  private(set) var count = 0
  private(set) var positives = 0
  /// The sum of the scores.
  private(set) var scores = 0.0

  /// The bin of a score from 0 to 1: bin k of n holds k/n ≤ score < (k + 1)/n, and the last one 1 as well.
  static func index(of score: Double, in bins: Int) -> Int { min(bins - 1, Int(score * Double(bins))) }

  mutating func add(_ step: ThresholdStep) {
    count += step.positives + step.negatives
    positives += step.positives
    scores += Double(step.positives + step.negatives) * step.score
  }
}

/// The positive rows among those with the highest scores; of tied rows at the cut each counts its share.
private struct TopTotals {
  let cut: TopCut
  let size: Double
  private(set) var positives = 0.0

  init(cut: TopCut, size: Double) { (self.cut, self.size) = (cut, size) }

  mutating func add(_ step: ThresholdStep, after rows: Int) {
    let open = size - Double(rows)
    guard open > 0 else { return }
    positives += Double(step.positives) * min(1, open / Double(step.positives + step.negatives))
  }
}
