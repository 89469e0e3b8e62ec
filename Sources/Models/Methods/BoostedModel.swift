import Arrays
import Bytes
import Tensors

/// Boosted trees on every instance; its scores are log odds of class 1, or numbers: a start plus the sum over the trees
/// of the value of the leaf.
public struct BoostedModel: InstanceModel, Additive {
  /// The trees; a leaf holds its share of the score.
  public let forest: Forest
  /// The score before the first tree.
  public let start: Double
  /// Log odds, or numbers.
  public let scale: ScoreScale
  /// The pooling of a bag's scores.
  public let mil: MIL

  /// A model of these trees.
  public init(_ forest: Forest, start: Double, scale: ScoreScale, mil: MIL = .witness) {
    (self.forest, self.start, self.scale, self.mil) = (forest, start, scale, mil)
  }

  /// The number of features of an instance.
  public var features: Int { forest.features }

  /// The start plus the leaves of each row.
  public func scores(of x: Matrix, _ pool: ThreadPool) -> [Double] {
    forest.predict(x, pool, dividedBy: 1).map { start + $0 }
  }

  /// The scores, and the contributions of the features along the paths through the trees, which add up to the score
  /// with `start` and the values of the roots.
  public func contributions(_ batch: Batch, _ tape: Tape) -> (scores: Scores, ports: [String: Matrix]) {
    guard let x = batch.dense("x") else { preconditionFailure("a batch with the port x") }
    let values = forest.pathContributions(x, tape.work.pool, dividedBy: 1).map { Float($0) }
    return (score(batch, tape), ["x": Matrix(rows: x.rows, columns: x.columns, values: values)])
  }

  /// The tensors of the trees, and `start` (F64).
  public func tensors(prefix: String) -> [TensorFile.Tensor] {
    forest.tensors(prefix: prefix) + [TensorFile.Tensor(prefix + "start", .f64, [1], [start])]
  }

  private static func read(
    _ file: TensorFile, _ form: Method.FileForm, _ refuse: (String) -> any Error
  ) throws -> BoostedModel {
    let forest = try Forest(file, prefix: form.prefix, features: form.features, refuse)
    let start = try file.tensor(form.prefix + "start", .f64, [1], refuse).values(as: Double.self)[0]
    guard start.isFinite else { throw refuse("tensor '\(form.prefix)start' holds \(start)") }
    return BoostedModel(
      forest, start: start, scale: form.goal == .binary ? .logit : .number, mil: MIL(form.values))
  }

  static let method = Method(
    "boosted", "gradient-boosted trees on every instance, maximum over the bag",
    settings: [
      Setting("trees", .integer(1...Forest.maximumTrees, default: 100), "number of trees"),
      Setting("rate", .real(1e-6...1, default: 0.1), "share of the best step that a leaf takes"),
      Setting("leaves", .integer(2...65_536, default: 31), "most leaves of a tree"),
      Setting(
        "depth", .integer(1...Forest.maximumDepth, default: Forest.maximumDepth), "most splits from root to leaf"),
      Setting("leaf", .integer(1...1_000_000, default: 20), "fewest rows of a leaf"),
      Setting("l2", .real(0...1e9, default: 0), "added to the second derivatives of a leaf"),
      Logistic.balanced,
      Setting("bins", .integer(2...256, default: 256), "most bins of a feature"),
      MIL.setting,
    ],
    form: .tensors(names: Forest.tensorNames + ["start"], read: { try read($0, $1, $2) }),
    fitting: { _ in .boosting },
    description: """
      Tree after tree is grown for the derivatives g and h of the loss, cross entropy for classes and half the squared
      error for numbers, with splits between at most 256 bins a feature (Friedman 2001; Ke 2017). The leaf with the
      largest gain G_l^2 / (H_l + l2) + G_r^2 / (H_r + l2) - G^2 / (H + l2) is split next, until a tree has its leaves;
      a leaf adds -rate * G / (H + l2), with the sums G and H over its rows. Nothing is drawn: no seed matters.
      The score of an instance is a logit, or a number; of a bag: the maximum. Bags of several instances
      as for logistic.
      """)
}
