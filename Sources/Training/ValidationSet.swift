import Arrays
import Models

/// The units that the epochs are compared on: the validation units, or the training units where there are none.
struct ValidationSet {
  /// Their indices in the store.
  let units: [Int]
  let labels: [Float]
  /// One weight per unit.
  let weights: [Float]
  let objective: any Objective
  /// The logit of the least loss for a model that knows only the (weighted) counts of the two classes here.
  let restLogit: Double

  init(_ split: ValidationSplit, of store: any BatchStore, _ objective: any Objective) {
    let units = split.validation.isEmpty ? split.train : split.validation
    self.units = units
    let targets = store.targets(of: units)
    (labels, weights) = (targets.label, targets.weight)
    self.objective = objective
    restLogit = objective.restLogit(of: units, in: store)
  }

  /// The loss of logits in the order of the units.
  func loss(_ logits: [Float]) -> Double { objective.loss(logits: logits, labels: labels, weights: weights) }

  /// The shift of all logits with the least loss, among about 100 that leave no unit on 0; the ranking stays.
  ///
  /// A unit exactly on 0 would get its class from the rounding of the output bias. So the sorted units are cut into up
  /// to 100 runs of neighbours, and the middle of the widest gap of each run is tried, and no shift at all.
  func bestOffset(_ logits: [Float]) -> (shift: Float, loss: Double) {
    let sorted = logits.sorted()
    let gaps = sorted.count - 1
    let margin = max(1, sorted.first?.magnitude ?? 0, sorted.last?.magnitude ?? 0) * 0x1p-18
    var best: (shift: Float, loss: Double)?
    func attempt(_ shift: Float?) {
      guard let shift else { return }
      let loss = loss(logits.map { $0 + shift })
      if best.map({ loss < $0.loss }) ?? true { best = (shift, loss) }
    }
    if sorted.contains(where: { $0.magnitude <= margin }) {
      let zero = sorted.firstIndex { $0 >= 0 } ?? 0
      attempt(Self.shift(intoAGapOf: max(0, zero - 16)..<min(gaps, zero + 16), sorted))
    } else {
      attempt(0)
    }
    let runs = min(gaps, 100)
    for run in 0..<max(0, runs) {
      attempt(Self.shift(intoAGapOf: gaps * run / runs..<gaps * (run + 1) / runs, sorted))
    }
    // Where all are equal there is room on both sides of them.
    if best == nil, let one = sorted.first { attempt(2 * margin - one) }
    return best ?? (0, .nan)
  }

  /// The shift that moves 0 to the middle of the widest of some gaps between neighbours; nil where none is open.
  private static func shift(intoAGapOf places: Range<Int>, _ sorted: [Float]) -> Float? {
    guard let place = places.max(by: { sorted[$0 + 1] - sorted[$0] < sorted[$1 + 1] - sorted[$1] }) else { return nil }
    let (low, high) = (sorted[place], sorted[place + 1])
    let middle = low + (high - low) / 2
    return middle > low && middle < high ? -middle : nil
  }

  /// The outcome of a run that keeps `result` of `attempts` attempts.
  func outcome(_ result: AttemptResult, attempts: Int) -> TrainingOutcome {
    let shares = shares(result.best.logits, threshold: 0)
    return TrainingOutcome(
      keptAttempt: result.attempt, bestEpoch: result.best.epoch, attempts: attempts, epochsRun: result.epochsRun,
      recall: shares.recall, specificity: shares.specificity, isCollapsed: isCollapsed(result))
  }

  /// Recall and specificity at a logit, each 1 where its class is absent.
  private func shares(_ logits: [Float], threshold: Double) -> (recall: Double, specificity: Double) {
    var hits = (positive: 0, negative: 0)
    var all = (positive: 0, negative: 0)
    for (label, logit) in zip(labels, logits) {
      if label > 0.5 {
        all.positive += 1
        if Double(logit) >= threshold { hits.positive += 1 }
      } else {
        all.negative += 1
        if Double(logit) < threshold { hits.negative += 1 }
      }
    }
    func share(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 1 : Double(part) / Double(whole) }
    return (share(hits.positive, all.positive), share(hits.negative, all.negative))
  }

  /// Whether an attempt has learned nothing: at the rest logit, recall or specificity is at most 0.1.
  ///
  /// A loss that counts the classes by their frequency puts its logits about log(positives / negatives), so that few
  /// positive units reach probability 0.5 though their ranking is good: that is no collapse.
  func isCollapsed(_ result: AttemptResult) -> Bool {
    let shares = shares(result.best.logits, threshold: restLogit)
    return TrainingOutcome.isOneSided(recall: shares.recall, specificity: shares.specificity)
  }

  /// Whether `one` is kept rather than `other`: one that is not collapsed, and of two alike the one with less loss.
  func prefers(_ one: AttemptResult, to other: AttemptResult) -> Bool {
    let collapsed = isCollapsed(one)
    return collapsed == isCollapsed(other) ? one.best.loss < other.best.loss : !collapsed
  }
}
