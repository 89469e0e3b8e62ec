import Evaluation
import Testing

@Suite struct JudgementTests {
  @Test func fortyTiedRowsAsScikitLearn() {
    let judgement = Judgement(sample(rows: 40, levels: 8, seed: 1))
    #expect(near(judgement.value(.auroc), 0.9326018808777429))
    #expect(near(judgement.value(.auprc), 0.7842712842712842))
    #expect(near(judgement.value(.precision), 0.6111111111111112))
    #expect(near(judgement.value(.recall), 1))
    #expect(near(judgement.value(.specificity), 0.7586206896551724))
    #expect(near(judgement.value(.f1), 0.7586206896551724))
    #expect(near(judgement.value(.gmean), 0.8709883407113854))
    #expect(near(judgement.value(.balancedAccuracy), 0.8793103448275862))
    #expect(near(judgement.value(.mcc), 0.6808829066491902))
    #expect(near(judgement.value(.brier), 0.155078125))
    #expect(judgement.value(.truePositives) == 11)
    #expect(judgement.value(.falsePositives) == 7)
    #expect(judgement.value(.trueNegatives) == 22)
    #expect(judgement.value(.falseNegatives) == 0)
    #expect(near(judgement.value(.prevalence), 11.0 / 40))
  }

  @Test func thousandsOfRowsAsScikitLearn() {
    let some = Judgement(sample(rows: 500, levels: 64, seed: 2))
    #expect(near(some.value(.auroc), 0.9298658418565817))
    #expect(near(some.value(.auprc), 0.8402840643956754))
    #expect(near(some.value(.mcc), 0.5970906548594981))
    let many = Judgement(sample(rows: 3000, levels: 1 << 20, seed: 3))
    #expect(near(many.value(.auroc), 0.9132413118667867))
    #expect(near(many.value(.auprc), 0.8180938334808981))
    #expect(near(many.value(.f1), 0.7006315789473684))
    #expect(near(many.value(.brier), 0.17222950494118353))
  }

  /// AUROC by its definition: the share of (positive, negative) pairs in the right order, a tie counting half.
  @Test(arguments: [1, 2, 3, 5, 16, 1000]) func aurocEqualsAllPairs(levels: Int) {
    let (scores, labels) = drawnCase(rows: 120, levels: levels, seed: 11)
    var (wins, pairs) = (0.0, 0.0)
    for (high, isPositive) in zip(scores, labels) where isPositive {
      for (low, other) in zip(scores, labels) where !other {
        wins += high > low ? 1 : high == low ? 0.5 : 0
        pairs += 1
      }
    }
    #expect(near(Judgement(scores: scores, labels: labels).value(.auroc), wins / pairs))
  }

  @Test func orderOfRowsAndSplitIntoSamplesChangeNothing() {
    let (scores, labels) = drawnCase(rows: 300, levels: 20, seed: 5)
    let parts = [ScoreSample(), ScoreSample(), ScoreSample()]
    for (index, (score, label)) in zip(scores, labels).enumerated() {
      parts[index % 3].append(score, positive: label)
    }
    let whole = Judgement(scores: scores.reversed(), labels: labels.reversed())
    let merged = Judgement(parts)
    for metric in Metric.all(.classes) { #expect(whole.value(metric) == merged.value(metric)) }
  }

  @Test func theThresholdItselfIsPositive() {
    let judgement = Judgement(scores: [0.5, 0.5, 0.49], labels: [true, false, true], threshold: 0.5)
    #expect(
      judgement.confusion
        == Confusion(truePositives: 1, falsePositives: 1, trueNegatives: 0, falseNegatives: 1))
  }

  @Test func negativeZeroTiesWithZero() {
    #expect(Judgement(scores: [0.0, -0.0], labels: [true, false]).value(.auroc) == 0.5)
  }

  @Test func anAbsentClassLeavesFiguresMissing() {
    let negative = Judgement(scores: [0.9, 0.1], labels: [false, false])
    for metric in [Metric.auroc, .auprc, .precision, .recall, .f1, .gmean, .balancedAccuracy, .mcc] {
      #expect(negative.value(metric) == nil)
      #expect(negative.undefinedReason(metric) == "no row is positive")
    }
    #expect(negative.value(.specificity) == 0.5)
    let positive = Judgement(scores: [0.9, 0.1], labels: [true, true])
    #expect(positive.value(.auroc) == nil)
    #expect(positive.value(.auprc) == nil)
    #expect(positive.undefinedReason(.specificity) == "no row is negative")
    #expect(positive.value(.recall) == 0.5)
    let empty = Judgement(ScoreSample())
    for metric in Metric.all(.classes) where !metric.isCount { #expect(empty.value(metric) == nil) }
    #expect(empty.value(.positives) == 0)
  }

  @Test func nothingCalledPositive() {
    let judgement = Judgement(scores: [0.1, 0.2], labels: [true, false])
    #expect(judgement.value(.precision) == nil)
    #expect(judgement.undefinedReason(.precision) == "no score reaches the threshold")
    #expect(judgement.value(.f1) == 0)
    #expect(judgement.value(.mcc) == 0)
    #expect(judgement.value(.gmean) == 0)
  }

  @Test func brierNeedsProbabilities() {
    #expect(Judgement(scores: [3, -2], labels: [true, false]).value(.brier) == nil)
    #expect(near(Judgement(scores: [1, 0.5], labels: [true, false]).value(.brier), 0.125))
  }

  /// The values of the reference of GENER (shared/bench/networks.py) on its fixture: one-hot labels and softmax, flat.
  @Test func bothClassesAsOneList() throws {
    let truth = [false, true, true, false, true, false]
    let notebook = Judgement(scores: [0.717704, 0.303914, 0.607601, 0.463474, 0.774847, 0.600812], labels: truth)
    #expect(near(notebook.value(.microAUROC), 0.4722222222222222) && near(notebook.value(.mcc), 0))
    #expect(near(notebook.value(.microAUPRC), 0.5909090909090909))
    let paper = Judgement(scores: [0.593906, 0.38892, 0.046218, 0.08995, 0.486924, 0.663175], labels: truth)
    #expect(near(paper.value(.microAUROC), 0.25) && near(paper.value(.microAUPRC), 0.4341931216931217))
    #expect(near(paper.value(.mcc), -0.7071067811865476))
    let (scores, labels) = drawnCase(rows: 200, levels: 37, seed: 5)
    let flat = zip(scores, labels).flatMap { [($0, $1), (1 - $0, !$1)] }
    let judged = Judgement(scores: scores, labels: labels)
    let expected = Judgement(scores: flat.map(\.0), labels: flat.map(\.1))
    #expect(judged.value(.microAUROC) == expected.value(.auroc))
    #expect(judged.value(.microAUPRC) == expected.value(.auprc))
    #expect(judged.value(.microAUROC) != judged.value(.auroc))
    let logits = Judgement(scores: [-1, 2], labels: [false, true])
    #expect(logits.value(.microAUROC) == nil)
    #expect(logits.undefinedReason(.microAUPRC) == "a score lies outside 0 to 1")
    // A class alone makes a list of both.
    #expect(Judgement(scores: [0.2, 0.6], labels: [true, true]).value(.microAUROC) == 0.25)
  }

  @Test func noFigureIsEverNotANumber() {
    for rows in 0..<6 {
      for seed in 0..<40 {
        let (scores, labels) = drawnCase(rows: rows, levels: 3, seed: UInt64(seed))
        for scale in [1, 1e300, -1e300] {
          let judgement = Judgement(scores: scores.map { $0 * scale }, labels: labels)
          for metric in Metric.all(.classes) {
            #expect(judgement.value(metric)?.isFinite ?? true)
          }
        }
      }
    }
  }

  @Test func callingTheSameNumberTakesAShareOfTies() {
    let tied = ScoreSample(scores: [0.9, 0.5, 0.5, 0.5, 0.5, 0.1], labels: [true, true, false, false, false, true])
    let cut = Confusion.calling(3, of: [tied])
    #expect(cut == Confusion(truePositives: 1.5, falsePositives: 1.5, trueNegatives: 1.5, falseNegatives: 1.5))
    #expect(Confusion.calling(0, of: [tied]).called == 0)
    #expect(Confusion.calling(6, of: [tied]).called == 6)
  }
}
