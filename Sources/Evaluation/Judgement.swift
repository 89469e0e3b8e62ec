import Bytes

/// All figures of merit of scored rows with labels of two classes at one threshold, in O(n log n).
///
/// A row whose score is at or above the threshold is called positive. Tied scores are one step of the threshold:
/// AUROC counts a tie as half a win (midranks), AUPRC is average precision, Σ (Rₖ − Rₖ₋₁) Pₖ over distinct scores.
/// A figure that the rows do not define (a class is absent, nothing is called positive) is nil, never NaN.
///
///     Judgement(scores: [0.9, 0.8, 0.1], labels: [true, false, false]).value(.auprc)   // 1
public struct Judgement: Sendable {
  /// The counts of rows by label and call at the threshold.
  public let confusion: Confusion
  let totals: WalkTotals
  /// The rows, where figures need more than one walk over them; empty for resamples and baselines.
  private nonisolated(unsafe) let samples: [ScoreSample]

  /// Judges all rows of several samples as one.
  public init(_ samples: [ScoreSample], _ settings: JudgementSettings) {
    self.init(Self.totals(samples, settings), samples: samples)
  }

  /// Judges all rows of several samples as one.
  public init(_ samples: [ScoreSample], threshold: Double = 0.5) {
    self.init(samples, JudgementSettings(threshold: threshold))
  }

  private static func totals(_ samples: [ScoreSample], _ settings: JudgementSettings) -> WalkTotals {
    var totals = WalkTotals(settings, rows: samples.reduce(0) { $0 + $1.count })
    for step in ThresholdWalk(samples) { totals.add(step) }
    return totals
  }

  /// Judges one sample.
  public init(_ sample: ScoreSample, threshold: Double = 0.5) {
    self.init([sample], threshold: threshold)
  }

  /// Judges parallel arrays of scores and labels (true: positive).
  public init(scores: [Double], labels: [Bool], threshold: Double = 0.5) {
    self.init(ScoreSample(scores: scores, labels: labels), threshold: threshold)
  }

  /// Judges the rows of a baseline, of which as many are called positive as a score calls: those with the highest
  /// baseline. Scores of different scales are so compared at the same number of calls.
  public init(
    baseline samples: [ScoreSample], calling called: Double, _ settings: JudgementSettings = JudgementSettings()
  ) {
    self.init(Self.totals(samples, settings), confusion: .calling(called, of: samples))
  }

  init(_ totals: WalkTotals, confusion: Confusion? = nil, samples: [ScoreSample] = []) {
    (self.totals, self.samples) = (totals, samples)
    self.confusion = confusion ?? totals.confusion
  }

  /// The number of rows.
  public var count: Int { totals.positives + totals.negatives }

  /// The number of positive rows.
  public var positives: Int { totals.positives }

  /// The number of negative rows.
  public var negatives: Int { totals.negatives }

  /// The share of positive rows; nil without a row.
  public var prevalence: Double? { count > 0 ? Double(positives) / Double(count) : nil }

  /// The totals of two rows for each: its score for its own label's class, and 1 − score for the other class. These are
  /// the one-hot labels and the outputs of a softmax of two, flattened. Nil where a score lies outside 0 to 1.
  func ofBothClasses() -> WalkTotals? {
    guard totals.areProbabilities, !samples.isEmpty else { return nil }
    let both = ScoreSample()
    for sample in samples {
      for (scores, isPositive) in [(sample.positiveScores, true), (sample.negativeScores, false)] {
        for score in scores.values {
          both.append(score, positive: isPositive)
          both.append(1 - score, positive: !isPositive)
        }
      }
    }
    var totals = WalkTotals(JudgementSettings(), rows: both.count)
    for step in ThresholdWalk([both]) { totals.add(step) }
    return totals
  }

  /// The value of a figure; nil for one of numbers, and where the rows do not define it, for the reason that
  /// `undefinedReason` gives.
  public func value(_ metric: Metric) -> Double? {
    guard case .classes(let value, _) = metric.formula else { return nil }
    return value(self)
  }

  /// The reason why a figure is not defined, for a message; nil for a defined one.
  public func undefinedReason(_ metric: Metric) -> String? {
    guard value(metric) == nil else { return nil }
    if count == 0 { return "there is no labelled row" }
    if [Metric.brier, .ece, .microAUROC, .microAUPRC].contains(metric), !totals.areProbabilities {
      return "a score lies outside 0 to 1"
    }
    if positives == 0 { return "no row is positive" }
    if metric.top != nil { return "there are fewer rows" }
    if negatives == 0 { return "no row is negative" }
    return "no score reaches the threshold"
  }
}

/// The part of the rows with the highest scores: a number of them, a percentage, or a share of the length L of what the
/// rows are pairs of, such as the residues of a protein; rounded up to whole rows.
public enum TopCut: Sendable, Hashable {
  case rows(Int)
  case percent(Double)
  /// L over this number.
  case length(Int)

  /// Reads `100`, `1%`, `L` or `L/10`; nil for any other text.
  public init?(_ text: some StringProtocol) {
    if text.hasPrefix("L") {
      let divisor = text == "L" ? "1" : text.hasPrefix("L/") ? text.dropFirst(2) : ""
      guard case .rows(let number)? = TopCut(divisor) else { return nil }
      self = .length(number)
      return
    }
    let isShare = text.hasSuffix("%")
    let digits = Array((isShare ? String(text.dropLast()) : String(text)).utf8)
    guard let number = digits.withUnsafeBufferPointer({ NumberText.double($0) }), number > 0 else { return nil }
    if isShare {
      guard number <= 100 else { return nil }
      self = .percent(number)
    } else {
      guard let count = Int(exactly: number), count < 1 << 53 else { return nil }
      self = .rows(count)
    }
  }

  /// The text that it is read from.
  public var text: String {
    switch self {
    case .rows(let count): "\(count)"
    case .percent(let share): NumberText.text(share) + "%"
    case .length(let divisor): divisor == 1 ? "L" : "L/\(divisor)"
    }
  }

  /// The number of rows; 0 where it is a share of a length that is not known.
  func size(of rows: Int, length: Int?) -> Double {
    switch self {
    case .rows(let count): Double(count)
    case .percent(let share): (share * Double(rows) / 100).rounded(.up)
    case .length(let divisor): (Double(length ?? 0) / Double(divisor)).rounded(.up)
    }
  }
}

/// Everything beside the rows that figures of classes depend on.
public struct JudgementSettings: Sendable, Equatable {
  /// The score from which on a row is called positive.
  public var threshold: Double
  /// The number of bins of equal width over 0 to 1, by which the calibration error is computed.
  public var bins: Int
  /// The cuts of which figures are wanted.
  public var tops: [TopCut]
  /// The length L of what the rows are pairs of, of which cuts may be shares.
  public var length: Int?

  /// A threshold of 0.5, 10 bins and no cuts, unless they are given.
  public init(threshold: Double = 0.5, bins: Int = 10, tops: [TopCut] = []) {
    (self.threshold, self.bins, self.tops) = (threshold, bins, tops)
  }
}

/// A bin of the scores from 0 to 1: what was predicted, and what came.
public struct ReliabilityBin: Sendable, Equatable {
  /// The lowest score of the bin.
  public let lower: Double
  /// The limit below which its scores lie; the last bin holds 1 too.
  public let upper: Double
  /// The number of rows.
  public let count: Int
  /// The number of positive rows.
  public let positives: Int
  /// The mean score; nil without a row.
  public let meanScore: Double?
  /// The share of positive rows; nil without a row.
  public let share: Double?
  /// The interval of the share (Wilson's); nil without a row.
  public let interval: Interval?

  /// The bins of all rows of several samples; nil where a score lies outside 0 to 1.
  public static func table(_ samples: [ScoreSample], bins count: Int = 10) -> [ReliabilityBin]? {
    let totals = Judgement(samples, JudgementSettings(bins: count)).totals
    guard totals.areProbabilities else { return nil }
    return totals.bins.enumerated().map { index, bin in
      let share = bin.count > 0 ? Double(bin.positives) / Double(bin.count) : nil
      return ReliabilityBin(
        lower: Double(index) / Double(count), upper: Double(index + 1) / Double(count), count: bin.count,
        positives: bin.positives, meanScore: bin.count > 0 ? bin.scores / Double(bin.count) : nil, share: share,
        interval: share.flatMap { .wilson($0, rows: Double(bin.count)) })
    }
  }
}
