import Arrays
import Models

/// The examples that the epochs are compared on: the validation examples, or the training examples where there are
/// none; and the remedies against a model that calls everything by one class.
///
/// Where a score is a maximum, with random weights all examples tend to lie on one side of 0.5, and small sets have
/// too few updates per epoch to leave it soon. Four measures prevent a model that stays there. Before the first update,
/// running statistics and output bias are set so that half of the training examples lie on either side of the
/// objective's rest output (`Attempt.center`). After each epoch the bias is fitted to the validation examples
/// (`bestOffset`): an off-centre start, running statistics that lag behind, and dropout can put all of them on one side
/// though their ranking is good. Epochs are compared, and kept, with the fitted bias. And an attempt that has collapsed
/// nevertheless (`isCollapsed`) is followed by another.
struct Remedies {
  /// The indices of the examples in the store.
  let examples: [Int]
  /// Their labels and weights.
  let targets: Targets
  let objective: any Objective
  /// The output of the least loss for a model that knows only the labels and weights here.
  let rest: Double
  /// The rows by which offsets are compared, and their targets; nil where all rows are.
  private let thinned: (rows: [Int], targets: Targets)?
  /// The most rows that are all compared.
  private static let mostRows = 1 << 17

  init(_ split: ValidationSplit, of store: any BatchStore, _ objective: any Objective) {
    examples = split.validation.isEmpty ? split.train : split.validation
    targets = store.targets(of: examples)
    self.objective = objective
    rest = objective.rest(targets)
    thinned = targets.label.count > Self.mostRows && objective.hasRemedies ? Self.thinned(targets) : nil
  }

  /// All rows of the rarer class, and every k-th of the other with k times its weight.
  private static func thinned(_ targets: Targets) -> (rows: [Int], targets: Targets) {
    let positives = targets.label.count { $0 > 0.5 }
    let areRare = positives <= targets.label.count / 2
    let common = areRare ? targets.label.count - positives : positives
    let step = max(1, common / (mostRows / 2))
    var (rows, seen) = ([Int](), 0)
    for (row, label) in targets.label.enumerated() {
      if (label > 0.5) != areRare { seen += 1 }
      if (label > 0.5) == areRare || seen % step == 0 { rows.append(row) }
    }
    let weight = rows.map {
      (targets.label[$0] > 0.5) == areRare ? targets.weight[$0] : targets.weight[$0] * Float(step)
    }
    return (rows, Targets(targets.axis, label: rows.map { targets.label[$0] }, weight: weight))
  }

  /// The loss of outputs in the order of the targets.
  func loss(_ outputs: [Float]) -> Double { objective.loss(outputs, targets) }

  /// The shift of all logits with the least loss, among about 100 that leave no row on 0, and that loss; the ranking
  /// stays. Very many rows are thinned for the comparison.
  ///
  /// A row exactly on 0 would get its class from the rounding of the output bias. So the sorted rows are cut into up
  /// to 100 runs of neighbours, and the middle of the widest gap of each run is tried, and no shift at all.
  func bestOffset(_ logits: [Float]) -> (shift: Float, loss: Double) {
    let sorted = logits.sorted()
    let gaps = sorted.count - 1
    let margin = max(1, sorted.first?.magnitude ?? 0, sorted.last?.magnitude ?? 0) * 0x1p-18
    var best: (shift: Float, loss: Double)?
    let (compared, targets) =
      thinned.map { thinned in (thinned.rows.map { logits[$0] }, thinned.targets) } ?? (logits, targets)
    func attempt(_ shift: Float?) {
      guard let shift else { return }
      let loss = objective.loss(compared.map { $0 + shift }, targets)
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
    guard let best else { return (0, .nan) }
    return thinned == nil ? best : (best.shift, loss(logits.map { $0 + best.shift }))
  }

  /// The shift that moves 0 to the middle of the widest of some gaps between neighbours; nil where none is open.
  private static func shift(intoAGapOf gaps: Range<Int>, _ sorted: [Float]) -> Float? {
    guard let gap = gaps.max(by: { sorted[$0 + 1] - sorted[$0] < sorted[$1 + 1] - sorted[$1] }) else { return nil }
    let (low, high) = (sorted[gap], sorted[gap + 1])
    let middle = low + (high - low) / 2
    return middle > low && middle < high ? -middle : nil
  }

  /// The outcome of a run that keeps `result` of `attempts` attempts.
  func outcome(_ result: AttemptResult, attempts: Int) -> TrainingOutcome {
    let shares = objective.hasRemedies ? shares(result.best.outputs, threshold: 0) : (recall: 1, specificity: 1)
    return TrainingOutcome(
      keptAttempt: result.attempt, bestEpoch: result.best.epoch, attempts: attempts, epochsRun: result.epochsRun,
      recall: shares.recall, specificity: shares.specificity, loss: result.best.loss,
      isCollapsed: isCollapsed(result))
  }

  /// Recall and specificity at a logit, each 1 where its class is absent.
  private func shares(_ logits: [Float], threshold: Double) -> (recall: Double, specificity: Double) {
    var hits = (positive: 0, negative: 0)
    var all = (positive: 0, negative: 0)
    for (row, logit) in logits.enumerated() where targets.weight[row] > 0 {
      if targets.label[row] > 0.5 {
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

  /// Whether an attempt has learned nothing: at the rest output, recall or specificity is at most 0.1.
  ///
  /// A loss that counts the classes by their frequency puts its logits about log(positives / negatives), so that few
  /// positive examples reach probability 0.5 though their ranking is good: that is no collapse.
  func isCollapsed(_ result: AttemptResult) -> Bool {
    guard objective.hasRemedies else { return false }
    let shares = shares(result.best.outputs, threshold: rest)
    return Self.isOneSided(recall: shares.recall, specificity: shares.specificity)
  }

  /// Whether one class is hardly ever called.
  static func isOneSided(recall: Double, specificity: Double) -> Bool { min(recall, specificity) <= 0.1 }

  /// Whether `one` is kept rather than `other`: one that is not collapsed, and of two alike the one of less cost.
  func prefers(_ one: AttemptResult, to other: AttemptResult) -> Bool {
    let collapsed = isCollapsed(one)
    return collapsed == isCollapsed(other) ? one.best.cost < other.best.cost : !collapsed
  }
}
