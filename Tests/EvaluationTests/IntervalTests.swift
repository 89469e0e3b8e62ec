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
