import Testing
import Training

@Suite struct ObjectiveTests {
  let logits: [Float] = [-3, -0.5, 0, 0.25, 1.5, 4, 30, -30]
  let labels: [Float] = [0, 1, 1, 0, 1, 0, 1, 1]

  func value(_ loss: BagLoss, _ logits: [Float], weights: [Float] = []) -> (loss: Double, gradient: [Float]) {
    var gradient = [Float](repeating: .nan, count: logits.count)
    let total = loss.loss(logits: logits, labels: labels, weights: weights, gradient: &gradient)
    return (total, gradient)
  }

  @Test(arguments: [
    BagLoss.crossEntropy, .classBalanced, .classBalancedFocal(gamma: 1), .classBalancedFocal(gamma: 2.5),
  ])
  func gradientsAreCentralDifferences(loss: BagLoss) {
    let analytic = value(loss, logits).gradient
    for i in logits.indices {
      var up = logits
      var down = logits
      up[i] += 0.0078125
      down[i] -= 0.0078125
      let slope = (value(loss, up).loss - value(loss, down).loss) / Double(up[i] - down[i])
      #expect(abs(Double(analytic[i]) - slope) < 2e-5)
    }
  }

  /// dPFCE/dμ = (1 − Ŷ)(Ŷ log Ŷ + Ŷ − 1)/N1 and dNFCE/dμ = −Ŷ((1 − Ŷ) log(1 − Ŷ) − Ŷ)/N0 (IDMIL-III paper).
  @Test func focalGradientEqualsThePapersClosedForm() {
    let gradient = value(.classBalancedFocal(gamma: 1), logits).gradient
    let positives = Double(labels.count { $0 > 0.5 })
    let negatives = Double(labels.count) - positives
    for (i, logit) in logits.enumerated() where abs(logit) < 20 {
      let y = 1 / (1 + exponential(-Double(logit)))
      let expected =
        labels[i] > 0.5
        ? (1 - y) * (y * logarithm(y) + y - 1) / positives
        : -y * ((1 - y) * logarithm(1 - y) - y) / negatives
      #expect(abs(Double(gradient[i]) - expected) < 1e-7)
    }
  }

  @Test func balancedLossesWeighClassesAlike() {
    // Two positives and one negative at logit 0: log 2 a class, halved by the focus.
    var gradient = [Float](repeating: 0, count: 3)
    let total = BagLoss.classBalancedFocal(gamma: 1).loss(
      logits: [0, 0, 0], labels: [1, 1, 0], weights: [], gradient: &gradient)
    #expect(abs(total - 2 * 0.5 * 0.693147180559945) < 1e-12)
    let plain = BagLoss.crossEntropy.loss(logits: [0, 0, 0], labels: [1, 1, 0], weights: [], gradient: &gradient)
    #expect(abs(plain - 0.693147180559945) < 1e-12)
  }

  @Test func anAbsentClassAddsNothingAndWeightsLeaveOut() {
    var gradient = [Float](repeating: 0, count: 2)
    let one = BagLoss.classBalanced.loss(logits: [1, 2], labels: [1, 1], weights: [], gradient: &gradient)
    #expect(one.isFinite && gradient.allSatisfy { $0 < 0 })
    let half = BagLoss.classBalanced.loss(logits: [1, 2], labels: [1, 1], weights: [0, 1], gradient: &gradient)
    #expect(gradient[0] == 0 && half.isFinite)
  }

  @Test func largeLogitsStayFinite() {
    var gradient = [Float](repeating: 0, count: 2)
    for loss in [BagLoss.crossEntropy, .classBalanced, .classBalancedFocal(gamma: 1)] {
      let total = loss.loss(logits: [-1000, 1000], labels: [1, 0], weights: [], gradient: &gradient)
      #expect(total.isFinite && gradient.allSatisfy(\.isFinite))
    }
  }
}

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
private func exponential(_ x: Double) -> Double { exp(x) }
private func logarithm(_ x: Double) -> Double { log(x) }
