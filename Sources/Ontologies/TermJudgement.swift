import Bytes
import Evaluation

/// The figures of predicted terms of proteins against their annotations, by the definitions of CAFA (Radivojac et al.
/// 2013, Nature Methods 10:221; Jiang et al. 2016, Genome Biology 17:184).
///
/// Only proteins with a term other than a root count for Fmax and Smin, and roots are left out of both.
public struct TermJudgement: Sendable {
  /// A figure at the threshold that makes it best; of equal ones, the higher threshold.
  public struct Optimum: Sendable, Equatable {
    /// The figure.
    public var value: Double
    /// Terms with at least this score are predicted.
    public var threshold: Double
  }

  /// The largest harmonic mean of precision, over proteins with a prediction, and recall, over all; nil without a
  /// prediction.
  public private(set) var fmax: Optimum?
  /// The least √(ru² + mi²) of the mean remaining uncertainty and misinformation; nil without a prediction.
  public private(set) var smin: Optimum?
  /// The share of (true, false) pairs of terms of a protein of which the false one scores at least as high: the mean
  /// over all proteins, 0 for one without such a pair.
  public private(set) var rankingLoss = 0.0
  /// F1 of all (protein, term) pairs at the threshold; 0 where nothing is true or predicted.
  public private(set) var microF1 = 0.0
  /// The mean F1 over the terms that a protein has; nil without one.
  public private(set) var macroF1: Double?
  /// The mean AUROC over the terms that some proteins have and others lack; nil without one.
  public private(set) var auroc: Double?
  /// The mean average precision over the same terms.
  public private(set) var auprc: Double?
  /// The number of terms of which these two are means.
  public private(set) var rankedTerms = 0

  /// Judges proteins.
  /// - Parameters:
  ///   - truth: the terms of each protein, with their ancestors.
  ///   - scores: of each protein the scores of terms; a term without one scores 0.
  ///   - information: of each term, for Smin.
  ///   - terms: the terms that F1, AUROC and the ranking loss are of.
  ///   - threshold: the score from which on a term is predicted, for F1.
  public init(
    truth: [Set<Int>], scores: [[Int: Double]], information: [Double], roots: Set<Int>, terms: [Int],
    threshold: Double = 0.5
  ) {
    precondition(truth.count == scores.count, "scores of each protein")
    var sweep = ThresholdSweep(truth: truth.map { $0.subtracting(roots) }, information)
    let predictions = scores.enumerated().flatMap { protein, scores in
      scores.filter { !roots.contains($0.key) }.map { (score: $0.value, protein: protein, term: $0.key) }
    }.sorted { ($0.score, $1.protein, $1.term) > ($1.score, $0.protein, $0.term) }
    var next = 0
    while next < predictions.count {
      let score = predictions[next].score
      while next < predictions.count, predictions[next].score == score {
        sweep.add(predictions[next].protein, predictions[next].term)
        next += 1
      }
      if let f = sweep.f, f > fmax?.value ?? -1 { fmax = Optimum(value: f, threshold: score) }
      if let s = sweep.s, s < smin?.value ?? .infinity { smin = Optimum(value: s, threshold: score) }
    }
    judgeRows(truth, scores, terms)
    judgeTerms(truth, scores, terms, threshold)
  }

  private mutating func judgeRows(_ truth: [Set<Int>], _ scores: [[Int: Double]], _ terms: [Int]) {
    for (protein, own) in truth.enumerated() {
      let positives = terms.filter(own.contains).map { scores[protein][$0] ?? 0 }.sorted()
      let negatives = terms.filter { !own.contains($0) }.map { scores[protein][$0] ?? 0 }.sorted()
      if positives.isEmpty || negatives.isEmpty { continue }
      // Of each false term the true ones that score no higher: both lists ascend.
      var (wrong, below) = (0, 0)
      for score in negatives {
        while below < positives.count, positives[below] <= score { below += 1 }
        wrong += below
      }
      rankingLoss += Double(wrong) / Double(positives.count * negatives.count)
    }
    rankingLoss /= Double(max(1, truth.count))
  }

  private mutating func judgeTerms(
    _ truth: [Set<Int>], _ scores: [[Int: Double]], _ terms: [Int], _ threshold: Double
  ) {
    var all = (hits: 0, size: 0)
    var (f1s, aurocs, auprcs) = ([Double](), [Double](), [Double]())
    for term in terms {
      let labels = truth.map { $0.contains(term) }
      let values = scores.map { $0[term] ?? 0 }
      let hits = zip(labels, values).count { $0 && $1 >= threshold }
      let size = labels.count { $0 } + values.count { $0 >= threshold }
      all = (all.hits + hits, all.size + size)
      if labels.contains(true) { f1s.append(2 * Double(hits) / Double(size)) }
      let judgement = Judgement(scores: values, labels: labels)
      if let value = judgement.value(.auroc) { aurocs.append(value) }
      if let value = judgement.value(.auprc) { auprcs.append(value) }
    }
    func mean(_ values: [Double]) -> Double? {
      values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
    microF1 = all.size == 0 ? 0 : 2 * Double(all.hits) / Double(all.size)
    (macroF1, auroc, auprc, rankedTerms) = (mean(f1s), mean(aurocs), mean(auprcs), aurocs.count)
  }
}

/// The sums of Fmax and Smin while the threshold falls and predictions are added.
private struct ThresholdSweep {
  private let truth: [Set<Int>]
  private let information: [Double]
  private let proteins: Double
  private var hits: [Int]
  private var predicted: [Int]
  private var withPrediction = 0.0
  private var precision = 0.0
  private var recall = 0.0
  private var remaining = 0.0
  private var misinformation = 0.0

  init(truth: [Set<Int>], _ information: [Double]) {
    (self.truth, self.information) = (truth, information)
    proteins = Double(truth.count { !$0.isEmpty })
    hits = [Int](repeating: 0, count: truth.count)
    predicted = hits
    for set in truth { remaining += set.sorted().reduce(0) { $0 + information[$1] } }
  }

  mutating func add(_ protein: Int, _ term: Int) {
    guard !truth[protein].isEmpty else { return }
    let before = predicted[protein] > 0 ? Double(hits[protein]) / Double(predicted[protein]) : 0
    if predicted[protein] == 0 { withPrediction += 1 }
    predicted[protein] += 1
    if truth[protein].contains(term) {
      hits[protein] += 1
      recall += 1 / Double(truth[protein].count)
      remaining -= information[term]
    } else {
      misinformation += information[term]
    }
    precision += Double(hits[protein]) / Double(predicted[protein]) - before
  }

  /// Nil where no protein has a prediction.
  var f: Double? {
    guard withPrediction > 0 else { return nil }
    let (precision, recall) = (precision / withPrediction, recall / proteins)
    return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0
  }

  /// Nil without a protein.
  var s: Double? {
    guard proteins > 0 else { return nil }
    let (ru, mi) = (max(0, remaining) / proteins, misinformation / proteins)
    return (ru * ru + mi * mi).squareRoot()
  }
}
