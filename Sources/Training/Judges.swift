import Arrays
import Models

/// The units that judge an epoch: the validation units, or without any the training units.
struct Judges {
  let units: [Int]
  let labels: [Float]
  /// Empty where all count alike.
  let weights: [Float]
  let objective: any Objective

  init(_ split: ValidationSplit, of store: any BatchStore, _ objective: any Objective) {
    units = split.validation.isEmpty ? split.train : split.validation
    (labels, weights) = (units.map { store.labels[$0] }, store.weights.isEmpty ? [] : units.map { store.weights[$0] })
    self.objective = objective
  }

  /// The loss of these logits.
  func loss(_ logits: [Float]) -> Double { objective.loss(logits: logits, labels: labels, weights: weights) }

  /// The shift, among the quantiles of the logits, with the least loss; the ranking stays.
  func bestOffset(_ logits: [Float]) -> (shift: Float, loss: Double) {
    var best: (shift: Float, loss: Double) = (0, loss(logits))
    let sorted = logits.sorted()
    for percent in 1..<100 {
      let shift = -sorted[min(sorted.count - 1, sorted.count * percent / 100)]
      let loss = loss(logits.map { $0 + shift })
      if loss < best.loss { best = (shift, loss) }
    }
    return best
  }

  /// What a run ends with that keeps `result` after so many attempts.
  func outcome(_ result: AttemptResult, attempts: Int) -> TrainingOutcome {
    var hits = (positive: 0, negative: 0)
    var all = (positive: 0, negative: 0)
    for (label, logit) in zip(labels, result.best.logits) {
      if label > 0.5 {
        all.positive += 1
        if logit >= 0 { hits.positive += 1 }
      } else {
        all.negative += 1
        if logit < 0 { hits.negative += 1 }
      }
    }
    func share(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 1 : Double(part) / Double(whole) }
    return TrainingOutcome(
      bestEpoch: result.best.epoch, attempts: attempts, epochsRun: result.epochsRun,
      recall: share(hits.positive, all.positive), specificity: share(hits.negative, all.negative))
  }

  func isCollapsed(_ result: AttemptResult) -> Bool { outcome(result, attempts: 1).isCollapsed }

  /// Whether `one` is kept rather than `other`: a collapsed one never, else the one with less loss.
  func prefers(_ one: AttemptResult, to other: AttemptResult) -> Bool {
    let collapsed = isCollapsed(one)
    return collapsed == isCollapsed(other) ? one.best.loss < other.best.loss : !collapsed
  }
}
