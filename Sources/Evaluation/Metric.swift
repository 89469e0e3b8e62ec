/// A figure of merit: one entry of the table `Metric.all`, with its name, its formula and its interval.
///
/// A new figure is a value in the table; reading, reports, pages and bounds need no change.
public struct Metric: Sendable {
  /// The direction in which a figure improves.
  public enum Direction: String, Sendable {
    /// Larger is better.
    case higher
    /// Smaller is better.
    case lower
    /// Neither: a count, or a property of the rows alone.
    case none
  }

  /// The labels that a figure is of.
  public enum Goal: Sendable {
    /// Labels of two classes.
    case classes
    /// Labels that are numbers.
    case numbers
  }

  /// The formula of a figure and of its interval in closed form; both are nil where the rows do not define them.
  enum Formula: Sendable {
    case classes(
      value: @Sendable (Judgement) -> Double?,
      interval: @Sendable (Judgement, [ScoreSample]) -> Interval? = { _, _ in nil })
    case numbers(
      value: @Sendable (NumberJudgement) -> Double?, interval: @Sendable (NumberJudgement) -> Interval? = { _ in nil })
  }

  /// The name in a metric stream.
  public let name: String
  /// The name in a text.
  public let title: String
  /// The direction in which it improves.
  public let direction: Direction
  /// Whether the figure is a number of rows.
  public let isCount: Bool
  /// Whether the figure depends on the threshold.
  public let usesThreshold: Bool
  /// The cut whose rows the figure is of; nil for one of all rows.
  public let top: TopCut?
  /// Whether the figure is written only where it is asked for.
  public let isOnRequest: Bool
  let formula: Formula

  init(
    _ name: String, _ title: String, better direction: Direction = .higher, isCount: Bool = false,
    usesThreshold: Bool = false, isOnRequest: Bool = false, top: TopCut? = nil, _ formula: Formula
  ) {
    (self.name, self.title, self.direction, self.formula) = (name, title, direction, formula)
    (self.isCount, self.usesThreshold, self.isOnRequest, self.top) = (isCount, usesThreshold, isOnRequest, top)
  }

  /// The labels that the figure is of.
  public var goal: Goal {
    if case .classes = formula { return .classes }
    return .numbers
  }

  /// The figures of labels of a kind, in the order of the output.
  public static func all(_ goal: Goal) -> [Metric] { all.filter { $0.goal == goal } }

  /// The figure of a name, also of a cut as in `precision_top100`; nil where there is none.
  public static func named(_ name: String) -> Metric? {
    all.first { $0.name == name } ?? tops.lazy.compactMap { $0(name) }.first
  }

  private static let tops: [@Sendable (String) -> Metric?] = [
    { cut($0, after: "precision_top").map(precision(top:)) },
    { cut($0, after: "enrichment_top").map(enrichment(top:)) },
  ]

  private static func cut(_ name: String, after prefix: String) -> TopCut? {
    name.hasPrefix(prefix) ? TopCut(name.dropFirst(prefix.count)) : nil
  }
}

extension Metric: Hashable {
  /// Whether two figures are the same entry.
  public static func == (a: Metric, b: Metric) -> Bool { a.name == b.name }
  /// Hashes the name.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension Metric {
  /// Every figure, in the order of the output.
  public static let all = [
    auroc, auprc, precision, recall, specificity, f1, gmean, balancedAccuracy, mcc, brier, ece, prevalence,
    truePositives, falsePositives, trueNegatives, falseNegatives, positives, negatives, microAUROC, microAUPRC,
    mse, rmse, mae, pearson, spearman, concordance, rm2, rm2Printed,
  ]

  // MARK: Two classes

  /// The area under the ROC curve; a tie counts half. Interval: DeLong's.
  public static let auroc = Metric(
    "auroc", "AUROC",
    .classes(value: \.totals.auroc) { judgement, samples in
      guard let value = judgement.totals.auroc, let variance = Intervals.delongVariance(samples) else { return nil }
      return .normal(value, variance: variance, within: 0...1)
    })
  /// Average precision: Σ (Rₖ − Rₖ₋₁) Pₖ over the distinct scores. Interval: Boyd's.
  public static let auprc = Metric(
    "auprc", "AUPRC",
    .classes(value: \.totals.auprc) { judgement, _ in
      judgement.totals.auprc.flatMap { .averagePrecision($0, positives: judgement.positives) }
    })
  /// tp / (tp + fp).
  public static let precision = share("precision", of: \.called, \.precision)
  /// tp / (tp + fn).
  public static let recall = share("recall", of: \.positives, \.recall)
  /// tn / (tn + fp).
  public static let specificity = share("specificity", of: \.negatives, \.specificity)
  /// The harmonic mean of precision and recall.
  public static let f1 = Metric("f1", "F1", usesThreshold: true, .classes(value: \.confusion.f1))
  /// The geometric mean of recall and specificity.
  public static let gmean = Metric("gmean", "G-mean", usesThreshold: true, .classes(value: \.confusion.gmean))
  /// The mean of recall and specificity. Interval: a normal one.
  public static let balancedAccuracy = Metric(
    "balanced_accuracy", "balanced accuracy", usesThreshold: true,
    .classes(value: \.confusion.balancedAccuracy) { judgement, _ in
      Intervals.balancedAccuracy(judgement.confusion)
    })
  /// Matthews' correlation of label and call.
  public static let mcc = Metric("mcc", "MCC", usesThreshold: true, .classes(value: \.confusion.mcc))
  /// The mean squared difference of score and label.
  public static let brier = Metric("brier", "Brier score", better: .lower, .classes(value: \.totals.brier))
  /// The expected calibration error: Σ nₖ/n |share of positive rows − mean score| over bins of equal width (Guo et al.
  /// 2017, ICML, equation 3, of the scores of the positive class).
  public static let ece = Metric(
    "ece", "expected calibration error", better: .lower, .classes(value: \.totals.calibrationError))

  /// The share of positive rows among those with the highest scores; tied rows at the cut count in proportion.
  public static func precision(top cut: TopCut) -> Metric {
    Metric(
      "precision_top\(cut.text)", "precision of the first \(cut.text)", top: cut,
      .classes(value: { $0.totals.precision(top: cut) }))
  }

  /// That share over the share of positive rows among all: the enrichment factor of virtual screening.
  public static func enrichment(top cut: TopCut) -> Metric {
    Metric(
      "enrichment_top\(cut.text)", "enrichment of the first \(cut.text)", top: cut,
      .classes(value: { $0.totals.enrichment(top: cut) }))
  }

  /// The share of positive rows. Interval: Wilson's.
  public static let prevalence = Metric(
    "prevalence", "prevalence", better: .none,
    .classes(value: \.prevalence) { judgement, _ in
      judgement.prevalence.flatMap { .wilson($0, rows: Double(judgement.count)) }
    })
  /// Positive rows called positive.
  public static let truePositives = count("tp", "true positives", usesThreshold: true, \.truePositives)
  /// Negative rows called positive.
  public static let falsePositives = count("fp", "false positives", usesThreshold: true, \.falsePositives)
  /// Negative rows called negative.
  public static let trueNegatives = count("tn", "true negatives", usesThreshold: true, \.trueNegatives)
  /// Positive rows called negative.
  public static let falseNegatives = count("fn", "false negatives", usesThreshold: true, \.falseNegatives)
  /// The AUROC of the scores of both classes as one list (`Judgement.ofBothClasses`), as tables of GENER have it.
  public static let microAUROC = Metric(
    "micro_auroc", "micro-averaged AUROC", isOnRequest: true, .classes(value: { $0.ofBothClasses()?.auroc }))
  /// The average precision of the scores of both classes as one list.
  public static let microAUPRC = Metric(
    "micro_auprc", "micro-averaged AUPRC", isOnRequest: true, .classes(value: { $0.ofBothClasses()?.auprc }))
  /// Positive rows.
  public static let positives = count("positives", "positives", \.positives)
  /// Negative rows.
  public static let negatives = count("negatives", "negatives", \.negatives)

  // MARK: Numbers

  /// The mean squared error. Interval: a normal one by the spread of the squared errors.
  public static let mse = Metric(
    "mse", "mean squared error", better: .lower, .numbers(value: \.meanSquaredError, interval: \.squaredErrorInterval))
  /// The root of the mean squared error. Interval: the roots of that of `mse`.
  public static let rmse = Metric(
    "rmse", "root mean squared error", better: .lower,
    .numbers(value: { $0.meanSquaredError?.squareRoot() }) { judgement in
      judgement.squaredErrorInterval.map { Interval(lower: $0.lower.squareRoot(), upper: $0.upper.squareRoot()) }
    })
  /// The mean absolute error. Interval: a normal one by the spread of the absolute errors.
  public static let mae = Metric(
    "mae", "mean absolute error", better: .lower,
    .numbers(value: \.meanAbsoluteError, interval: \.absoluteErrorInterval))
  /// Pearson's correlation. Interval: Fisher's.
  public static let pearson = Metric(
    "pearson", "Pearson correlation",
    .numbers(value: \.pearson) { judgement in
      judgement.pearson.flatMap { .fisher($0, variance: 1 / (Double(judgement.count) - 3)) }
    })
  /// Spearman's rank correlation, ties as midranks. Interval: Fisher's with the variance of Bonett and Wright (2000,
  /// Psychometrika 65:23).
  public static let spearman = Metric(
    "spearman", "Spearman correlation",
    .numbers(value: \.spearman) { judgement in
      judgement.spearman.flatMap { .fisher($0, variance: (1 + $0 * $0 / 2) / (Double(judgement.count) - 3)) }
    })
  /// The concordance index: the share of pairs of rows with different labels whose scores are in the same order; a tie
  /// of scores counts half (Gönen and Heller 2005, Biometrika 92:965).
  public static let concordance = Metric("ci", "concordance index", .numbers(value: \.concordance))
  /// r²m in the form of the published values of affinity models, r² (1 − √|r⁴ − r₀⁴|).
  public static let rm2 = Metric("rm2", "r²m", .numbers(value: \.rm2))
  /// r²m as it is printed, r² (1 − √|r² − r₀²|) (Roy and Roy 2008, QSAR & Combinatorial Science 27:302).
  public static let rm2Printed = Metric("rm2_printed", "r²m as printed", .numbers(value: \.rm2Printed))

  // MARK: Kinds of entries

  /// A share of the rows that `of` counts, with Wilson's interval.
  private static func share(
    _ name: String, of rows: @escaping @Sendable (Confusion) -> Double,
    _ value: @escaping @Sendable (Confusion) -> Double?
  ) -> Metric {
    Metric(
      name, name, usesThreshold: true,
      .classes(value: { value($0.confusion) }) { judgement, _ in
        value(judgement.confusion).flatMap { .wilson($0, rows: rows(judgement.confusion)) }
      })
  }

  /// A number of rows.
  private static func count(
    _ name: String, _ title: String, usesThreshold: Bool = false, _ value: @escaping @Sendable (Confusion) -> Double
  ) -> Metric {
    Metric(
      name, title, better: .none, isCount: true, usesThreshold: usesThreshold, .classes(value: { value($0.confusion) }))
  }
}
