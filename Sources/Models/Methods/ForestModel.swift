import Arrays
import Bytes
import Tensors

/// A random forest on every instance, maximum over the bag; its scores are probabilities of class 1, or numbers.
public struct ForestModel: Model, Additive {
  /// The trees.
  public let forest: Forest

  /// A model of these trees.
  public init(_ forest: Forest) { self.forest = forest }

  /// The features of the instances.
  public var ports: [PortSpec] { MethodChoice.ports(features: forest.features) }
  /// The axis of the instances.
  public var unit: Axis { .instance }
  /// The axis of the bags.
  public var target: Axis { .bag }

  /// The prediction of each instance, and the maximum of each bag.
  public func score(_ batch: Batch, _ tape: Tape) -> Scores {
    guard let x = batch.dense("x") else { preconditionFailure("a batch with the port x") }
    return join(Scores(unit: unit, forest.predict(x, tape.work.pool).map { Float($0) }), batch, tape)
  }

  /// The maximum of each bag; ties go to the first instance.
  public func join(_ units: Scores, _ grouping: Batch, _ tape: Tape) -> Scores {
    let (values, segments) = (units[unit], grouping.segments("bag"))
    var result = units
    let witness = zip(segments, segments.dropFirst()).map { start, end in
      (start..<end).reduce(start) { values[Int($1)] > values[Int($0)] ? $1 : $0 }
    }
    result.values[target] = Matrix(rows: witness.count, columns: 1, values: witness.map { values[Int($0)] })
    result.witness = witness
    return result
  }

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
      .flag("balanced", default: false, "classes count alike, whatever their sizes"),
      Setting("bins", .integer(2...256, default: 256), "most bins of a feature"),
    ],
    form: .tensors(
      names: Forest.tensorNames,
      read: { file, prefix, ports, refuse in
        try ForestModel(Forest(file, prefix: prefix, features: ports[0].width, refuse))
      }),
    fitting: { _ in .trees },
    description: """
      Trees are grown until their leaves are pure, with Gini's impurity for classes and the variance for numbers, and
      splits between at most 256 bins a feature (Breiman 2001). The score of an instance is the mean over the trees of
      its leaf: the share of class 1, or the mean number; of a bag: the maximum of its instances. Bags of several
      instances are fitted in rounds, as for logistic (mil-train(1), WITNESSES).
      TENSION is a forest of 30 trees on bags of one instance.
      """)
}
