import Arrays
import Tensors

/// A trained forest of binary decision trees (Breiman 2001).
///
/// A row goes left at a node where its value of the node's feature is at most the threshold, and right elsewhere (a
/// value that is not a number goes right). The prediction of a tree is the value of the leaf that the row ends in; the
/// prediction of the forest is the mean over its trees. In a leaf, the value is the weighted share of the training rows
/// of class 1, or the weighted mean of their numbers.
public struct Forest: Sendable, Equatable {
  /// A node of a tree; children are numbered within their tree, from the root, which is node 0.
  public struct Node: Sendable, Equatable {
    /// The column that the node looks at; −1 in a leaf.
    public var feature: Int32
    /// The largest value that goes left; 0 in a leaf.
    public var threshold: Float
    /// The child for values up to the threshold; 0 in a leaf.
    public var left: Int32
    /// The child for larger values; 0 in a leaf.
    public var right: Int32
    /// The weighted mean of the labels or numbers of the training rows that came to the node.
    public var value: Double
    /// The total weight of those rows.
    public var weight: Double

    /// A node with children.
    public init(feature: Int32, threshold: Float, left: Int32, right: Int32, value: Double, weight: Double) {
      (self.feature, self.threshold, self.left, self.right) = (feature, threshold, left, right)
      (self.value, self.weight) = (value, weight)
    }

    /// A leaf.
    public init(value: Double, weight: Double) {
      self.init(feature: -1, threshold: 0, left: 0, right: 0, value: value, weight: weight)
    }

    /// Whether the node has no children.
    public var isLeaf: Bool { feature < 0 }
  }

  /// The most trees of a forest.
  public static let maximumTrees = 65_536
  /// The most nodes of all trees together.
  public static let maximumNodes = 1 << 26
  /// The most splits between a root and a leaf.
  public static let maximumDepth = 1_024

  /// The number of columns of the rows that the forest takes.
  public let features: Int
  /// The nodes of all trees, one tree after another; within a tree, a child comes after its parent.
  public let nodes: [Node]
  /// Tree t is `nodes[offsets[t]..<offsets[t + 1]]`.
  public let offsets: [Int]

  /// A forest of these trees; throws `ForestDefect` where they are not trees that a row can walk down.
  public init(features: Int, trees: [[Node]]) throws(ForestDefect) {
    var offsets = [0]
    for tree in trees { offsets.append((offsets.last ?? 0) + tree.count) }
    try self.init(features: features, nodes: trees.flatMap { $0 }, offsets: offsets)
  }

  /// A forest of these nodes; throws `ForestDefect` as above.
  init(features: Int, nodes: [Node], offsets: [Int]) throws(ForestDefect) {
    (self.features, self.nodes, self.offsets) = (features, nodes, offsets)
    try ForestDefect.check(self)
  }

  /// The number of trees.
  public var trees: Int { offsets.count - 1 }

  /// The nodes of one tree.
  public func tree(_ tree: Int) -> ArraySlice<Node> { nodes[offsets[tree]..<offsets[tree + 1]] }

  /// The largest number of splits between a root and a leaf.
  public var depth: Int { (0..<trees).map { depths(of: tree($0)).max() ?? 0 }.max() ?? 0 }

  /// The smallest and the largest value of a leaf: predictions lie between them.
  public var range: ClosedRange<Double> {
    let leaves = nodes.lazy.filter(\.isLeaf).map(\.value)
    return (leaves.min() ?? 0)...(leaves.max() ?? 0)
  }

  /// The prediction of every row: the mean over the trees of the value of its leaf, or its sum divided by another
  /// number.
  public func predict(_ x: Matrix, _ pool: ThreadPool, dividedBy divisor: Int? = nil) -> [Double] {
    precondition(x.columns == features, "the columns that the forest was trained on")
    return [Double](unsafeUninitializedCapacity: x.rows) { result, count in
      nonisolated(unsafe) let out = result
      x.withUnsafeBufferPointer { values in
        nodes.withUnsafeBufferPointer { nodes in
          pool.forEachBlock(x.rows, size: Self.block) { _, rows, _ in
            predict(values.baseAddress, nodes, rows, Double(divisor ?? trees), to: out)
          }
        }
      }
      count = x.rows
    }
  }

  private static let block = 256

  /// Tree by tree over a block of rows, so that the nodes of a tree stay near.
  private func predict(
    _ x: UnsafePointer<Float>?, _ nodes: UnsafeBufferPointer<Node>, _ rows: Range<Int>,
    _ divisor: Double, to result: UnsafeMutableBufferPointer<Double>
  ) {
    for row in rows { result[row] = 0 }
    guard let x else { return }
    for tree in 0..<trees {
      let root = offsets[tree]
      for row in rows {
        var node = nodes[root]
        while !node.isLeaf { node = nodes[root + Int(next(node, x + row * features))] }
        result[row] += node.value
      }
    }
    for row in rows { result[row] /= divisor }
  }
}

extension Forest {
  /// The child that a row goes to.
  @inline(__always) func next(_ node: Node, _ row: UnsafePointer<Float>) -> Int32 {
    row[Int(node.feature)] <= node.threshold ? node.left : node.right
  }

  /// The number of splits above each node of a tree.
  func depths(of tree: ArraySlice<Node>) -> [Int] {
    var depths = [Int](repeating: 0, count: tree.count)
    for (place, node) in tree.enumerated() where !node.isLeaf {
      depths[Int(node.left)] = depths[place] + 1
      depths[Int(node.right)] = depths[place] + 1
    }
    return depths
  }

  /// The prediction for no row at all: the mean over the trees of the value of the root.
  public var bias: Double { offsets.dropLast().reduce(0) { $0 + nodes[$1].value } / Double(trees) }

  /// The contributions of the features to the predictions of all rows, by the path of the row (Saabas 2014).
  ///
  /// On its way down a tree, a row goes from a node to a child; the change of the value, v(child) − v(node), is
  /// credited to the feature that the node looks at. The changes add up to v(leaf) − v(root), so that for each row
  /// `bias` + the sum of its contributions = its prediction, up to the rounding of the sums. Contributions are means
  /// over the trees, or sums divided by another number; they are in units of the prediction. Row order; `x.rows` ×
  /// `features`.
  public func pathContributions(_ x: Matrix, _ pool: ThreadPool, dividedBy divisor: Int? = nil) -> [Double] {
    contributions(x, pool, Double(divisor ?? trees)) { place, row, result in
      var node = self.nodes[place]
      while !node.isLeaf {
        let child = self.nodes[place + Int(self.next(node, row))]
        result[Int(node.feature)] += child.value - node.value
        node = child
      }
    }
  }

  /// Adds up what `walk` gives for each tree (its first node, a row, the sums of the row), and divides by a number.
  func contributions(
    _ x: Matrix, _ pool: ThreadPool, _ divisor: Double,
    _ walk: (Int, UnsafePointer<Float>, UnsafeMutablePointer<Double>) -> Void
  ) -> [Double] {
    precondition(x.columns == features, "the columns that the forest was trained on")
    let count = x.rows * features
    return [Double](unsafeUninitializedCapacity: count) { result, initialized in
      result.initialize(repeating: 0)
      initialized = count
      guard count > 0, let start = result.baseAddress else { return }
      nonisolated(unsafe) let out = start
      x.withUnsafeBufferPointer { values in
        guard let values = values.baseAddress else { return }
        pool.forEachBlock(x.rows, size: 16) { _, rows, _ in
          for row in rows {
            for root in offsets.dropLast() { walk(root, values + row * features, out + row * features) }
            for column in 0..<features { out[row * features + column] /= divisor }
          }
        }
      }
    }
  }
}
