import Models

/// Options of the growth of a forest (Breiman 2001). The defaults are those of scikit-learn's `RandomForestClassifier`,
/// with 30 trees.
public struct ForestOptions: Sendable, Equatable {
  /// The criterion of a split: the larger fall of this measure, weighted by the rows, wins.
  public enum Criterion: String, Sendable, CaseIterable {
    /// Gini's impurity 2 p (1 − p) of labels 0 and 1, where p is the weighted share of label 1. A leaf predicts p.
    case gini
    /// The weighted variance of any numbers. A leaf predicts their weighted mean.
    case variance
  }

  /// The number of features that are drawn for each node, at least 1. Where all of them are constant in the node, more
  /// are drawn until one is not.
  public enum FeaturesPerSplit: Sendable, Equatable {
    /// The root of the number of features, rounded down.
    case squareRoot
    /// A third of the features, rounded down.
    case third
    /// All features.
    case all
    /// This number, at most all.
    case count(Int)

    /// The number of features per split in a table of `features` columns.
    public func count(of features: Int) -> Int {
      let count =
        switch self {
        case .squareRoot: Int(Double(features).squareRoot())
        case .third: features / 3
        case .all: features
        case .count(let count): count
        }
      return max(1, min(count, features))
    }
  }

  /// The number of trees.
  public var trees = 30
  /// The criterion of a split.
  public var criterion = Criterion.gini
  /// The features that are drawn for each node; nil for the root with `.gini` and a third with `.variance`.
  public var featuresPerSplit: FeaturesPerSplit?
  /// The fewest rows of a child; a row that was drawn twice counts twice.
  public var minimumLeaf = 1
  /// The most splits between the root and a leaf; nil for no other limit than `Forest.maximumDepth`.
  public var maximumDepth: Int?
  /// Whether each tree is grown on a bootstrap sample of the table's size; otherwise on all rows.
  public var isBootstrapped = true
  /// Whether rows of class k are weighted by W / (2 W_k), where W is the weight of all rows and W_k that of the class.
  /// For `.gini` alone.
  public var isBalanced = false
  /// The most bins of a feature, 2 to 256. A feature with no more distinct values than that is split exactly.
  public var bins = 256
  /// Chooses the rows of each tree and the features of each node.
  public var seed: UInt64 = 1

  /// The default options.
  public init() {}

  /// The limit of the depth that is used.
  var depthLimit: Int { min(maximumDepth ?? Forest.maximumDepth, Forest.maximumDepth) }

  /// The features per split that are used.
  func drawn(of features: Int) -> Int {
    (featuresPerSplit ?? (criterion == .gini ? .squareRoot : .third)).count(of: features)
  }

  /// Throws `ModelError.option` for an option out of its range.
  public func check() throws(ModelError) {
    func insist(_ isRight: Bool, _ name: String, _ value: String, _ allowed: String) throws(ModelError) {
      if !isRight { throw .option(name: name, value: value, allowed: allowed) }
    }
    try insist(1...Forest.maximumTrees ~= trees, "trees", "\(trees)", "1 to \(Forest.maximumTrees)")
    try insist(minimumLeaf >= 1, "minimum-leaf", "\(minimumLeaf)", "1 and more")
    try insist(2...256 ~= bins, "bins", "\(bins)", "2 to 256")
    if let depth = maximumDepth {
      try insist(1...Forest.maximumDepth ~= depth, "maximum-depth", "\(depth)", "1 to \(Forest.maximumDepth)")
    }
    if case .count(let count)? = featuresPerSplit {
      try insist(count >= 1, "features-per-split", "\(count)", "root, third, all, or a number from 1")
    }
    try insist(!isBalanced || criterion == .gini, "balanced", "yes", "no, with the criterion variance")
  }
}
