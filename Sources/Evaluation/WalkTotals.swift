/// The sums gathered in one walk from the highest to the lowest score; every figure of merit follows from them.
struct WalkTotals {
  let threshold: Double
  private(set) var positives = 0
  private(set) var negatives = 0
  private(set) var calledPositives = 0
  private(set) var calledNegatives = 0
  /// Twice the number of (positive, negative) pairs in the right order, a tie counting one: exact up to 2⁶² pairs.
  private(set) var doubledWins = 0
  private(set) var precisionSum = 0.0
  private(set) var squaredError = 0.0
  private(set) var areProbabilities = true

  init(threshold: Double) {
    self.threshold = threshold
  }

  /// Takes the next lower score with its rows (in a resampled walk: with the rows drawn).
  mutating func add(_ step: ThresholdStep) {
    doubledWins += step.negatives * (2 * positives + step.positives)
    positives += step.positives
    negatives += step.negatives
    if step.score >= threshold { (calledPositives, calledNegatives) = (positives, negatives) }
    if step.positives > 0 {
      precisionSum += Double(step.positives) * (Double(positives) / Double(positives + negatives))
    }
    let missed = 1 - step.score
    squaredError += Double(step.positives) * missed * missed + Double(step.negatives) * step.score * step.score
    if step.score < 0 || step.score > 1 { areProbabilities = false }
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
