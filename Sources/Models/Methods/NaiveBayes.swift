import Arrays
import Bytes
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Gaussian naive Bayes on every instance; its scores are log odds of class 1.
///
///     log odds = log p₁ − log p₀ + Σ_j (log N(x_j; μ_1j, σ²_1j) − log N(x_j; μ_0j, σ²_0j))
public struct NaiveBayesModel: InstanceModel, Additive {
  /// The share of each class in training.
  public let priors: [Double]
  /// The mean of each feature in class 0, then in class 1.
  public let means: [Double]
  /// The variance of each feature, likewise; above 0.
  public let variances: [Double]
  /// The pooling of a bag's scores.
  public let mil: MIL

  /// A model of these numbers; `means` and `variances` have two rows of one number per feature.
  public init(priors: [Double], means: [Double], variances: [Double], mil: MIL = .witness) {
    precondition(priors.count == 2 && means.count == variances.count && means.count % 2 == 0, "two classes")
    precondition((priors + variances).allSatisfy { $0 > 0 }, "priors and variances above 0")
    (self.priors, self.means, self.variances, self.mil) = (priors, means, variances, mil)
  }

  /// The number of features of an instance.
  public var features: Int { means.count / 2 }
  /// Log odds.
  public var scale: ScoreScale { .logit }

  /// The log of prior times density of each class, for each row.
  public func joint(_ x: Matrix) -> [(Double, Double)] {
    (0..<x.rows).map { row in (joint(x, row, 0), joint(x, row, 1)) }
  }

  private func joint(_ x: Matrix, _ row: Int, _ type: Int) -> Double {
    (0..<features).reduce(log(priors[type])) { $0 + density(Double(x[row, $1]), $1, type) }
  }

  /// log N(x; μ, σ²) = −½ (log 2πσ² + (x − μ)² / σ²).
  private func density(_ value: Double, _ column: Int, _ type: Int) -> Double {
    let (mean, variance) = (means[type * features + column], variances[type * features + column])
    return -0.5 * (log(2 * .pi * variance) + (value - mean) * (value - mean) / variance)
  }

  /// The log odds of each row.
  public func scores(of x: Matrix, _ pool: ThreadPool) -> [Double] {
    // log odds = bias + Σ_j (a_j (x_j − μ_0j)² − b_j (x_j − μ_1j)²), a = 1 / 2σ²_0, b = 1 / 2σ²_1.
    let (a, b) = (variances.prefix(features).map { 0.5 / $0 }, variances.suffix(features).map { 0.5 / $0 })
    let bias = zip(variances.prefix(features), variances.suffix(features))
      .reduce(log(priors[1]) - log(priors[0])) { $0 + 0.5 * (log($1.0) - log($1.1)) }
    return [Double](unsafeUninitializedCapacity: x.rows) { result, count in
      nonisolated(unsafe) let out = result
      x.withUnsafeBufferPointer { values in
        pool.forEachBlock(x.rows, size: 256) { _, rows, _ in
          for row in rows {
            var sum = bias
            for column in 0..<features {
              let value = Double(values[row * features + column])
              let (left, right) = (value - means[column], value - means[features + column])
              sum += a[column] * left * left - b[column] * right * right
            }
            out[row] = sum
          }
        }
      }
      count = x.rows
    }
  }

  /// The scores, and for each feature the log of the ratio of its densities: with the log ratio of the priors they add
  /// up to the log odds.
  public func contributions(_ batch: Batch, _ tape: Tape) -> (scores: Scores, ports: [String: Matrix]) {
    guard let x = batch.dense("x") else { preconditionFailure("a batch with the port x") }
    let values = (0..<x.rows).flatMap { row in
      (0..<features).map { Float(density(Double(x[row, $0]), $0, 1) - density(Double(x[row, $0]), $0, 0)) }
    }
    return (score(batch, tape), ["x": Matrix(rows: x.rows, columns: features, values: values)])
  }

  private static let names = (prior: "class.prior", mean: "class.mean", variance: "class.variance")

  /// `class.prior` (2), `class.mean` and `class.variance` (2 × features), F64.
  public func tensors(prefix: String) -> [TensorFile.Tensor] {
    [
      TensorFile.Tensor(prefix + Self.names.prior, .f64, [2], priors),
      TensorFile.Tensor(prefix + Self.names.mean, .f64, [2, features], means),
      TensorFile.Tensor(prefix + Self.names.variance, .f64, [2, features], variances),
    ]
  }

  /// Reads a model; throws what `refuse` makes of the reason where priors are no shares that add up to 1, a variance
  /// is not above 0, or a number is not finite.
  init(_ file: TensorFile, _ form: Method.FileForm, _ refuse: (String) -> any Error) throws {
    func values(_ name: String, _ shape: [Int], from least: Double = .leastNormalMagnitude) throws -> [Double] {
      let tensor = try file.tensor(form.prefix + name, .f64, shape, refuse)
      let values = tensor.values(as: Double.self)
      guard values.allSatisfy({ $0.isFinite && $0 >= least }) else {
        throw refuse("tensor '\(tensor.name)' holds a number that no model can have")
      }
      return values
    }
    let priors = try values(Self.names.prior, [2])
    guard abs(priors[0] + priors[1] - 1) < 1e-9 else {
      throw refuse("its shares of the classes do not add up to 1")
    }
    self.init(
      priors: priors,
      means: try values(Self.names.mean, [2, form.features], from: -.greatestFiniteMagnitude),
      variances: try values(Self.names.variance, [2, form.features]), mil: MIL(form.values))
  }

  static let method = Method(
    "naive-bayes", "Gaussian naive Bayes on every instance, maximum over the bag (SIB-MIL)",
    settings: [
      Setting(
        "smoothing", .real(0...1, default: 1e-9),
        "share of the largest variance of a feature that is added to every variance"),
      MIL.setting,
    ],
    goals: [.binary],
    form: .tensors(names: [names.prior, names.mean, names.variance], read: { try NaiveBayesModel($0, $1, $2) }),
    fitting: { _ in .moments },
    description: """
      log odds of an instance = log(p1 / p0) + sum over the features of log N(x; m1, v1) - log N(x; m0, v0), with the
      shares p, means m and variances v (divided by the weight of the rows) of the two classes; of a bag: the maximum.
      SIB-MIL is this method on bags of several instances: it starts from the positive bags of one instance, then takes
      the best instance of each positive bag as its witness until the witnesses stay (mil-train(1), WITNESSES).
      """)
}
