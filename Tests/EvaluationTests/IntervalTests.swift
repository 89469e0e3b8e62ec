import Evaluation
import Testing

@Suite struct IntervalTests {
  @Test func delongVarianceAsByAllPairs() {
    #expect(
      near(Intervals.delongVariance([sample(rows: 40, levels: 8, seed: 1)]), 0.0010680838996696745, within: 1e-15))
    #expect(
      near(Intervals.delongVariance([sample(rows: 500, levels: 64, seed: 2)]), 0.00011271079142439219, within: 1e-15))
    #expect(
      near(
        Intervals.delongVariance([sample(rows: 3000, levels: 1 << 20, seed: 3)]), 2.4278178161260877e-05, within: 1e-15)
    )
    #expect(Intervals.delongVariance([ScoreSample(scores: [1, 0, 0], labels: [true, false, false])]) == nil)
  }

  @Test func closedFormsHoldTheValue() {
    let rows = [sample(rows: 500, levels: 64, seed: 2)]
    let judgement = Judgement(rows)
    for metric in [Metric.auroc, .auprc, .precision, .recall, .specificity, .balancedAccuracy, .prevalence] {
      let interval = Intervals.closedForm(metric, of: judgement, rows)
      let value = judgement.value(metric)
      #expect(interval != nil && value != nil)
      if let interval, let value {
        #expect(interval.lower < value && value < interval.upper && interval.lower >= 0 && interval.upper <= 1)
      }
    }
    #expect(Intervals.closedForm(.mcc, of: judgement, rows) == nil)
  }

  /// Wilson's interval of 8 of 10 is 0.490 to 0.943.
  @Test func wilson() {
    let rows = [
      ScoreSample(scores: [Double](repeating: 1, count: 8) + [0, 0], labels: [Bool](repeating: true, count: 10))
    ]
    let interval = Intervals.closedForm(.recall, of: Judgement(rows), rows)
    #expect(near(interval?.lower, 0.4901625, within: 1e-6))
    #expect(near(interval?.upper, 0.9433178, within: 1e-6))
  }

  /// Rounding never leaves the share itself outside: all right is an upper limit of 1, none a lower one of 0.
  @Test func wilsonHoldsEveryShare() {
    for count in 1...60 {
      for right in 0...count {
        let scores = [Double](repeating: 1, count: right) + [Double](repeating: 0, count: count - right)
        let rows = [ScoreSample(scores: scores, labels: [Bool](repeating: true, count: count))]
        guard let interval = Intervals.closedForm(.recall, of: Judgement(rows), rows) else {
          Issue.record("no interval of \(right) of \(count)")
          continue
        }
        let share = Double(right) / Double(count)
        #expect(interval.lower <= share && share <= interval.upper, "\(right) of \(count)")
      }
    }
  }

  /// One class defines some of the figures, and perfect order leaves nothing to estimate a spread from.
  @Test func bootstrapOfOneClassAndOfPerfectOrder() {
    let negative = ScoreSample(scores: [0.9, 0.8, 0.2, 0.1], labels: [false, false, false, false])
    let resampled = Bootstrap([negative], replicates: 100, seed: 1)
    #expect(resampled.interval(.specificity) != nil && resampled.interval(.brier) != nil)
    #expect(resampled.interval(.auroc) == nil && resampled.interval(.recall) == nil)
    let ordered = ScoreSample(scores: [0.9, 0.8, 0.2, 0.1], labels: [true, true, false, false])
    #expect(Bootstrap([ordered], replicates: 100, seed: 1).interval(.auroc) == nil)
    #expect(Bootstrap([ordered], replicates: 100, seed: 1).interval(.brier) != nil)
  }

  @Test func bootstrapIsSeededAndNearDeLong() {
    let rows = [sample(rows: 500, levels: 64, seed: 2)]
    let once = Bootstrap(rows, replicates: 400, seed: 7).interval(.auroc)
    #expect(once == Bootstrap(rows, replicates: 400, seed: 7).interval(.auroc))
    #expect(once != Bootstrap(rows, replicates: 400, seed: 8).interval(.auroc))
    let closed = Intervals.closedForm(.auroc, of: Judgement(rows), rows)
    #expect(near(once?.lower, closed?.lower ?? 0, within: 0.006))
    #expect(near(once?.upper, closed?.upper ?? 0, within: 0.006))
    #expect(Bootstrap(rows, replicates: 400, seed: 7).interval(.mcc) != nil)
    #expect(Bootstrap(rows, replicates: 3, seed: 7).interval(.mcc) == nil)
  }
}
