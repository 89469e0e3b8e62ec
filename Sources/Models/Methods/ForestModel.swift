import Arrays
import Bytes
import Tensors

/// A random forest on every instance; its scores are probabilities of class 1, or numbers.
public struct ForestModel: InstanceModel, Additive {
  /// The trees.
  public let forest: Forest
  /// The pooling of a bag's scores.
  public let mil: MIL

  /// A model of these trees.
  public init(_ forest: Forest, mil: MIL = .witness) { (self.forest, self.mil) = (forest, mil) }

  /// The number of features of an instance.
  public var features: Int { forest.features }
  /// Probabilities and numbers are alike to a mean.
  public var scale: ScoreScale { .probability }
  /// The mean of the leaves.
  public func scores(of x: Matrix, _ pool: ThreadPool) -> [Double] { forest.predict(x, pool) }

  /// The scores, and the contributions of the features to those of the instances by the paths through the trees.
  public func contributions(_ batch: Batch, _ tape: Tape) -> (scores: Scores, ports: [String: Matrix]) {
    guard let x = batch.dense("x") else { preconditionFailure("a batch with the port x") }
    let values = forest.pathContributions(x, tape.work.pool).map { Float($0) }
    return (score(batch, tape), ["x": Matrix(rows: x.rows, columns: x.columns, values: values)])
  }

  /// The tensors of the trees.
  public func tensors(prefix: String) -> [TensorFile.Tensor] { forest.tensors(prefix: prefix) }

  static let method = Method(
    "forest", "a random forest on every instance, maximum over the bag (TENSION)",
    settings: [
      Setting("trees", .integer(1...Forest.maximumTrees, default: 30), "number of trees"),
      Setting(
        "features", .choice(["auto", "root", "third", "all"]),
        "features drawn for each split; auto is root for classes, third for numbers"),
      Setting("leaf", .integer(1...1_000_000, default: 1), "fewest rows of a leaf"),
      Setting(
        "depth", .integer(1...Forest.maximumDepth, default: Forest.maximumDepth), "most splits from root to leaf"),
      .flag("bootstrap", default: true, "each tree is grown on a sample of the rows, drawn with replacement"),
      Logistic.balanced,
      Setting("bins", .integer(2...256, default: 256), "most bins of a feature"),
      MIL.setting,
    ],
    form: .tensors(
      names: Forest.tensorNames,
      read: { file, form, refuse in
        try ForestModel(Forest(file, prefix: form.prefix, features: form.features, refuse), mil: MIL(form.values))
      }),
    scale: .probability,
    fitting: { _ in .trees },
    description: """
      Trees are grown until their leaves are pure, with Gini's impurity for classes and the variance for numbers, and
      splits between at most 256 bins a feature (Breiman 2001). The score of an instance is the mean over the trees of
      its leaf: the share of class 1, or the mean number; of a bag: the maximum of its instances. Bags of several
      instances are fitted in rounds, as for logistic (mil-train(1), WITNESSES).
      TENSION is a forest of 30 trees on bags of one instance.
      """)
}
