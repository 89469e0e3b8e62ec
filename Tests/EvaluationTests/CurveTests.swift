import Evaluation
import Testing

@Suite struct CurveTests {
  @Test func onePointADistinctThreshold() {
    let rows = [sample(rows: 500, levels: 64, seed: 2)]
    #expect(Curve.roc(rows).count == 58)
    #expect(Curve.precisionRecall(rows).count == 57)
    #expect(Curve.roc(rows).first == CurvePoint(x: 0, y: 0, threshold: nil))
    #expect(Curve.roc(rows).last.map { $0.x == 1 && $0.y == 1 } == true)
  }

  @Test func areasEqualTheFigures() {
    let rows = [sample(rows: 500, levels: 64, seed: 2)]
    let roc = Curve.roc(rows)
    let area = zip(roc, roc.dropFirst()).reduce(0) { $0 + ($1.1.x - $1.0.x) * ($1.1.y + $1.0.y) / 2 }
    #expect(near(Judgement(rows).value(.auroc), area))
    var (steps, recall) = (0.0, 0.0)
    for point in Curve.precisionRecall(rows) {
      steps += (point.x - recall) * point.y
      recall = point.x
    }
    #expect(near(Judgement(rows).value(.auprc), steps))
  }

  @Test func aResolutionBoundsThePoints() {
    let rows = [sample(rows: 3000, levels: 1 << 20, seed: 3)]
    let thinned = Curve.roc(rows, resolution: 0.01)
    #expect(thinned.count <= 203 && thinned.count > 50)
    #expect(thinned.last?.x == 1 && thinned.last?.y == 1)
  }

  @Test func anAbsentClassHasNoCurve() {
    let rows = [ScoreSample(scores: [0.1, 0.9], labels: [true, true])]
    #expect(Curve.roc(rows).isEmpty)
    #expect(Curve.precisionRecall(rows).isEmpty)
  }

  @Test func histogramCountsEveryRowOnce() {
    let rows = sample(rows: 500, levels: 64, seed: 2)
    let histogram = ScoreHistogram([rows], bins: 20)
    #expect(histogram?.limits.count == 21)
    #expect(histogram?.positives.reduce(0, +) == rows.positives)
    #expect(histogram?.negatives.reduce(0, +) == rows.negatives)
    #expect(ScoreHistogram([ScoreSample()]) == nil)
    let wide = ScoreHistogram([ScoreSample(scores: [-4, 1, 6], labels: [false, true, true])], bins: 10)
    #expect(wide?.limits.first == -4 && wide?.limits.last == 6)
    #expect(wide?.positives == [0, 0, 0, 0, 0, 1, 0, 0, 0, 1])
  }
}
