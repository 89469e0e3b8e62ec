import Arrays
import Bytes
import Models
import Testing
import Training

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension Objective {
  /// Loss and gradient for outputs in a column; without weights each row counts 1.
  func value(_ outputs: [Float], _ labels: [Float], weights: [Float]? = nil) -> (loss: Double, gradient: [Float]) {
    var slope = Matrix(rows: outputs.count, columns: 1, values: outputs.map { _ in .nan })
    let loss = loss(
      Matrix(rows: outputs.count, columns: 1, values: outputs), Targets(.bag, label: labels, weight: weights),
      slope: &slope)
    return (loss, slope.values)
  }
}

@Suite struct ObjectiveTests {
  let logits: [Float] = [-3, -0.5, 0, 0.25, 1.5, 4, 30, -30]
  let labels: [Float] = [0, 1, 1, 0, 1, 0, 1, 1]

  func value(_ loss: ClassLoss, _ logits: [Float], weights: [Float] = []) -> (loss: Double, gradient: [Float]) {
    loss.value(logits, labels, weights: weights.isEmpty ? nil : weights)
  }

  @Test(arguments: [
    ClassLoss.crossEntropy, .weightedCrossEntropy(positive: 3), .classBalanced, .classBalancedFocal(gamma: 1),
    .classBalancedFocal(gamma: 2.5),
  ])
  func gradientsAreCentralDifferences(loss: ClassLoss) {
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
    let total = ClassLoss.classBalancedFocal(gamma: 1).value([0, 0, 0], [1, 1, 0]).loss
    #expect(abs(total - 2 * 0.5 * 0.693147180559945) < 1e-12)
    let plain = ClassLoss.crossEntropy.value([0, 0, 0], [1, 1, 0]).loss
    #expect(abs(plain - 0.693147180559945) < 1e-12)
  }

  /// As pipgcn has it, of two outputs (−p, p): Σ w log(1 + e^(−2tp)) over the number of rows, t = ±1, negatives
  /// weighing 0.1; here of the logit 2p, tenfold.
  @Test func positivesWeighMoreThanNegatives() {
    let (p, labels) = ([0.5, -1, 2, 0.25] as [Float], [1, 0, 0, 1] as [Float])
    let sum = zip(p, labels).reduce(0) { sum, row in
      let isPositive = row.1 == 1
      return sum + (isPositive ? 1 : 0.1) * log(1 + exp(-2 * (isPositive ? 1 : -1) * Double(row.0)))
    }
    let value = ClassLoss.weightedCrossEntropy(positive: 10).value(p.map { 2 * $0 }, labels)
    #expect(abs(value.loss - 10 * sum / 4) < 1e-12)
    #expect(ClassLoss.weightedCrossEntropy(positive: 1).value(p, labels) == ClassLoss.crossEntropy.value(p, labels))
    let rest = ClassLoss.weightedCrossEntropy(positive: 10).rest(Targets(.bag, label: [1, 0, 0, 0, 0]))
    #expect(abs(rest - log(2.5)) < 1e-12)
  }

  @Test func anAbsentClassAddsNothingAndWeightsLeaveOut() {
    let one = ClassLoss.classBalanced.value([1, 2], [1, 1])
    #expect(one.loss.isFinite && one.gradient.allSatisfy { $0 < 0 })
    let half = ClassLoss.classBalanced.value([1, 2], [1, 1], weights: [0, 1])
    #expect(half.gradient[0] == 0 && half.loss.isFinite)
  }

  @Test func largeLogitsStayFinite() {
    for loss in [ClassLoss.crossEntropy, .classBalanced, .classBalancedFocal(gamma: 1)] {
      let value = loss.value([-1000, 1000], [1, 0])
      #expect(value.loss.isFinite && value.gradient.allSatisfy(\.isFinite))
    }
  }

  /// (2 · 1 + 1 · 9 + 1 · 0) / 4, with slopes 2 w (output − label) / 4.
  @Test func squaredErrorIsTheWeightedMean() {
    let value = SquaredError().value([1, 5, 3], [2, 2, 3], weights: [2, 1, 1])
    #expect(value.loss == 11.0 / 4 && value.gradient == [-1, 1.5, 0])
    #expect(SquaredError().rest(Targets(.bag, label: [2, 2, 3], weight: [2, 1, 1])) == 2.25)
    #expect(SquaredError().value([1], [5], weights: [0]).loss == 0)
  }

  @Test func textsNameLossesAndOptimisers() throws {
    let loss = try TrainingChoice("cfce:gamma=2", of: Losses.all, option: "--loss")
    #expect(loss.text == "cfce:gamma=2" && loss.made as? ClassLoss == .classBalancedFocal(gamma: 2))
    let adam = try TrainingChoice("adam:lr=0.01,decoupled=yes", of: Optimisers.all, option: "--optimiser")
    var plan = OptimiserPlan(.adam(isDecoupled: true), learningRate: 0.01)
    plan.every = 2500
    #expect(adam.made == plan)
    #expect(throws: TrainingError.unknownEntry("hinge", option: "--loss", allowed: ["cfce", "cce", "ce", "mse"])) {
      _ = try TrainingChoice("hinge", of: Losses.all, option: "--loss")
    }
    #expect(throws: SettingError.self) { _ = try TrainingChoice("ce:gamma=1", of: Losses.all, option: "--loss") }
  }
}

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
private func exponential(_ x: Double) -> Double { exp(x) }
private func logarithm(_ x: Double) -> Double { log(x) }
