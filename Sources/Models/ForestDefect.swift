/// Why some nodes are not a forest.
public struct ForestDefect: Error, Equatable, CustomStringConvertible {
  /// The defect in words, with the number of the tree and of the node, both from 0.
  public let reason: String
  /// The reason.
  public var description: String { reason }

  init(_ reason: String) { self.reason = reason }

  /// Throws where a row could not walk down every tree to a leaf, or would meet a number that is not finite.
  ///
  /// A child comes after its parent, and every node but the root is the child of exactly one: then there are no cycles,
  /// and nothing is left over.
  static func check(_ forest: Forest) throws(ForestDefect) {
    let offsets = forest.offsets
    try checkSizes(features: forest.features, trees: offsets.count - 1, nodes: forest.nodes.count)
    guard offsets.first == 0, offsets.last == forest.nodes.count else {
      throw ForestDefect("the trees do not take the \(forest.nodes.count) nodes")
    }
    for tree in 0..<forest.trees where offsets[tree] >= offsets[tree + 1] {
      throw ForestDefect("tree \(tree) has no nodes")
    }
    for tree in 0..<forest.trees { try check(forest.tree(tree), tree, features: forest.features) }
  }

  /// Throws where there are no features, trees or nodes, or too many.
  static func checkSizes(features: Int, trees: Int, nodes: Int) throws(ForestDefect) {
    guard features >= 1, features <= Int(Int32.max) else { throw ForestDefect("a forest of \(features) features") }
    guard trees >= 1, trees <= Forest.maximumTrees else {
      throw ForestDefect("a forest has 1 to \(Forest.maximumTrees) trees, not \(trees)")
    }
    guard nodes >= trees, nodes <= Forest.maximumNodes else {
      throw ForestDefect("\(trees) trees have \(trees) to \(Forest.maximumNodes) nodes, not \(nodes)")
    }
  }

  private static func check(
    _ nodes: ArraySlice<Forest.Node>, _ tree: Int, features: Int
  ) throws(ForestDefect) {
    var isChild = [Bool](repeating: false, count: nodes.count)
    var depths = [Int32](repeating: 0, count: nodes.count)
    for (place, node) in nodes.enumerated() {
      func defect(_ reason: String) -> ForestDefect { ForestDefect("node \(place) of tree \(tree) \(reason)") }
      guard node.value.isFinite, node.weight.isFinite, node.weight > 0 else {
        throw defect("has the value \(node.value) and the weight \(node.weight)")
      }
      guard place == 0 || isChild[place] else { throw defect("is the child of no node before it") }
      if node.feature == -1 {
        guard node.left == 0, node.right == 0, node.threshold == 0 else {
          throw defect("is a leaf, but has a threshold or children")
        }
        continue
      }
      guard node.feature >= 0, node.feature < features else {
        throw defect("looks at feature \(node.feature) of \(features)")
      }
      guard node.threshold.isFinite else { throw defect("has the threshold \(node.threshold)") }
      guard depths[place] < Forest.maximumDepth else {
        throw defect("has more than \(Forest.maximumDepth - 1) splits above it")
      }
      for child in [Int(node.left), Int(node.right)] {
        guard child > place, child < nodes.count else {
          throw defect("has the child \(child), which is not a later node of its tree")
        }
        guard !isChild[child] else { throw defect("has the child \(child), which another node has") }
        isChild[child] = true
        depths[child] = depths[place] + 1
      }
    }
  }
}
