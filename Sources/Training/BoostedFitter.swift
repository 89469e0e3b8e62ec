import Arrays
import Models
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Options of the growth of boosted trees.
public struct BoostedOptions: Sendable, Equatable {
  /// The loss that the trees lower.
  public enum Loss: Sendable, Equatable {
    /// Cross entropy of labels 0 and 1; the model scores log odds.
    case crossEntropy
    /// Half the squared error of numbers.
    case squares
  }

  /// The loss.
  public var loss = Loss.crossEntropy
  /// The number of trees; fewer are kept where no tree lowers the loss any more.
  public var trees = 100
  /// The share of the best step that a leaf takes.
  public var rate = 0.1
  /// The most leaves of a tree.
  public var leaves = 31
  /// The most splits between the root and a leaf.
  public var maximumDepth = Forest.maximumDepth
  /// The fewest rows of a leaf.
  public var minimumLeaf = 20
  /// λ, added to the sum of second derivatives of a leaf.
  public var l2 = 0.0
  /// The most bins of a feature, 2 to 256.
  public var bins = 256

  /// The default options.
  public init() {}
}

/// Boosted trees by histograms (Friedman 2001; Ke and others 2017).
///
/// Each tree is grown for the first and second derivatives g and h of the loss at the scores so far: the leaf whose
/// best split has the largest gain G_l² / (H_l + λ) + G_r² / (H_r + λ) − G² / (H + λ) is split next, and a leaf adds
/// −rate · G / (H + λ) to the score. Splits lie between bins (`BinnedColumns`). A child has at least `minimumLeaf` rows
/// and the sum `leastCurvature` of h, as in LightGBM and scikit-learn.
///
/// Histograms are summed column by column in the order of the rows, so that trees do not depend on the number of
/// threads. That of the larger child is its parent's minus its sibling's.
public struct BoostedFitter: Sendable {
  /// The options of their growth.
  public let options: BoostedOptions
  /// The least sum of second derivatives in a leaf.
  static let leastCurvature = 1e-3

  /// A fitter with these options.
  public init(_ options: BoostedOptions = BoostedOptions()) { self.options = options }

  /// Trees for the rows of `x` with their targets, and the score before the first tree.
  ///
  /// `weights` has one number per row, or is empty where all are 1; rows of weight 0 are left out.
  /// Throws `TrainingError.table`, and `.oneClass` where cross entropy gets one label only.
  public func fit(
    _ x: Matrix, targets: [Float], weights: [Float] = [], _ pool: ThreadPool
  ) throws -> (forest: Forest, start: Double) {
    let table = try FittingTable(x, targets: targets, weights: weights, areClasses: options.loss == .crossEntropy)
    let columns = BinnedColumns(x, rows: table.rows, bins: options.bins, pool)
    let labels = table.rows.map { Double(targets[Int($0)]) }
    let weights = table.rows.map { table.weight(Int($0)) }
    let start = options.loss.start(labels, weights)
    var scores = [Double](repeating: start, count: labels.count)
    let grower = BoostedGrower(columns: columns, options: options, pool)
    var trees: [[Forest.Node]] = []
    for _ in 0..<options.trees {
      for row in labels.indices {
        let (first, second) = options.loss.derivatives(scores[row], labels[row])
        grower.derivatives[row] = SIMD4(weights[row] * first, weights[row] * second, 1, 0)
      }
      trees.append(grower.grow(&scores))
      if trees[trees.count - 1].count == 1 { break }
    }
    do {
      return (try Forest(features: x.columns, trees: trees), start)
    } catch {
      throw TrainingError.table(.forest(error.reason))
    }
  }
}

extension BoostedOptions.Loss {
  /// The score of the least loss without features: log odds, or the mean.
  func start(_ labels: [Double], _ weights: [Double]) -> Double {
    let (mass, sum) = zip(labels, weights).reduce(into: (0.0, 0.0)) { sums, row in
      sums.0 += row.1
      sums.1 += row.0 * row.1
    }
    return self == .squares ? sum / mass : log(sum / (mass - sum))
  }

  /// The first and second derivative of the loss in the score.
  func derivatives(_ score: Double, _ label: Double) -> (Double, Double) {
    if self == .squares { return (score - label, 1) }
    let rate = sigmoid(score)
    return (rate - label, rate * (1 - rate))
  }
}

/// Boosted trees for `boosted`.
struct BoostedTableFitter: TableFitter {
  let options: BoostedOptions
  let isBalanced: Bool
  let mil: MIL

  func fit(_ x: Matrix, _ labels: [Float], _ weights: [Float], _ pool: ThreadPool) throws -> Fitted {
    let weights = isBalanced ? LinearTableFitter.balanced(labels, weights) : weights
    let (forest, start) = try BoostedFitter(options).fit(x, targets: labels, weights: weights, pool)
    return Fitted(
      BoostedModel(forest, start: start, scale: options.loss == .squares ? .number : .logit, mil: mil),
      notes: ["fit": "\(forest.trees) trees of \(forest.nodes.count) nodes, depth \(forest.depth)"])
  }
}
