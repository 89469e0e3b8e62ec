import Arrays
import Bytes
import Models
import Tensors
import Testing

@Suite struct ForestTests {
  private let pool = ThreadPool(threads: 2)

  /// x0 ≤ 1.5 ? (x1 ≤ −2 ? 0 : 0.5) : 1, and a tree of one leaf.
  private static let trees: [[Forest.Node]] = [
    [
      Forest.Node(feature: 0, threshold: 1.5, left: 1, right: 4, value: 0.4, weight: 10),
      Forest.Node(feature: 1, threshold: -2, left: 2, right: 3, value: 0.25, weight: 8),
      Forest.Node(value: 0, weight: 4), Forest.Node(value: 0.5, weight: 4), Forest.Node(value: 1, weight: 2),
    ],
    [Forest.Node(value: 0.3, weight: 10)],
  ]
  private static let rows = Matrix(rows: 4, columns: 2, values: [1.5, -2, 1.5, -1.5, 2, -9, .nan, 0])

  @Test func theMeanOfTheLeavesIsPredictedAndTheThresholdGoesLeft() throws {
    let forest = try Forest(features: 2, trees: Self.trees)
    #expect(forest.predict(Self.rows, pool) == [0.15, 0.4, 0.65, 0.65])
    #expect(forest.trees == 2 && forest.depth == 2 && forest.range == 0...1)
    #expect(forest.predict(Matrix(rows: 0, columns: 2), pool) == [])
  }

  @Test func pathContributionsCreditEachChangeToItsFeature() throws {
    let forest = try Forest(features: 2, trees: Self.trees)
    let found = forest.pathContributions(Self.rows, pool)
    let expected = [-0.075, -0.125, -0.075, 0.125, 0.3, 0, 0.3, 0]
    #expect(abs(forest.bias - 0.35) < 1e-15)
    for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-15) }
  }

  @Test func contributionsAndBiasAddUpToThePrediction() throws {
    let (forest, x) = (try randomForest(features: 6, trees: 9), randomRows(40, 6))
    let (found, predicted) = (forest.pathContributions(x, pool), forest.predict(x, pool))
    for row in 0..<x.rows {
      let sum = found[row * 6..<row * 6 + 6].reduce(forest.bias, +)
      #expect(abs(sum - predicted[row]) < 1e-12)
    }
  }

  @Test func whatIsWrittenIsRead() throws {
    for forest in [try Forest(features: 2, trees: Self.trees), try randomForest(features: 6, trees: 9)] {
      let file = TensorFile(metadata: [:], tensors: forest.tensors(prefix: "0."))
      let again = try Forest(file, prefix: "0.", features: forest.features) { Refusal(reason: $0) }
      #expect(again == forest)
    }
  }

  @Test func craftedTreesAreRefused() throws {
    let cases: [(reason: String, change: (inout [Forest.Node]) -> Void)] = [
      ("has the child 0", { $0[1].left = 0 }), ("has the child 1, which is not", { $0[1].left = 1 }),
      ("has the child 5", { $0[1].right = 5 }), ("has the child -1", { $0[1].right = -1 }),
      ("has the child 2147483647", { $0[0].right = .max }), ("which another node has", { $0[1].right = 2 }),
      ("which another node has", { $0[0].right = 2 }), ("looks at feature 2 of 2", { $0[1].feature = 2 }),
      ("looks at feature -2", { $0[1].feature = -2 }), ("has the threshold nan", { $0[0].threshold = .nan }),
      ("has the threshold inf", { $0[0].threshold = .infinity }), ("has the value nan", { $0[2].value = .nan }),
      ("has the value -inf", { $0[0].value = -.infinity }), ("the weight 0.0", { $0[2].weight = 0 }),
      ("is a leaf, but", { $0[2].left = 3 }), ("is a leaf, but", { $0[2].threshold = 1 }),
      ("is a leaf, but", { $0[1].feature = -1 }),
      ("is the child of no node", { $0[1] = Forest.Node(value: 1, weight: 1) }),
      ("is the child of no node", { $0.append(Forest.Node(value: 1, weight: 1)) }),
      ("2 trees have 2 to 67108864 nodes, not 1", { $0 = [] }),
    ]
    for (reason, change) in cases {
      var trees = Self.trees
      change(&trees[0])
      let found = #expect(throws: ForestDefect.self) { try Forest(features: 2, trees: trees) }
      #expect(found?.reason.contains(reason) == true, "\(found?.reason ?? "") should say: \(reason)")
    }
    let empty = #expect(throws: ForestDefect.self) { try Forest(features: 2, trees: [[], Self.trees[0]]) }
    #expect(empty?.reason == "tree 0 has no nodes")
  }

  @Test func tooDeepOrTooManyTreesAreRefused() throws {
    func chain(_ splits: Int) -> [Forest.Node] {
      var nodes: [Forest.Node] = []
      for split in 0..<splits {
        let place = Int32(2 * split)
        nodes.append(Forest.Node(feature: 0, threshold: 0, left: place + 1, right: place + 2, value: 0, weight: 1))
        nodes.append(Forest.Node(value: 0, weight: 1))
      }
      return nodes + [Forest.Node(value: 0, weight: 1)]
    }
    let deepest = try Forest(features: 1, trees: [chain(Forest.maximumDepth)])
    #expect(deepest.depth == Forest.maximumDepth)
    #expect(throws: ForestDefect.self) { try Forest(features: 1, trees: [chain(Forest.maximumDepth + 1)]) }
    let leaf = [Forest.Node(value: 0, weight: 1)]
    #expect(throws: ForestDefect.self) {
      try Forest(features: 1, trees: [[Forest.Node]](repeating: leaf, count: Forest.maximumTrees + 1))
    }
    #expect(throws: ForestDefect.self) { try Forest(features: 0, trees: [leaf]) }
    #expect(throws: ForestDefect.self) { try Forest(features: 1, trees: []) }
  }

  @Test func tensorsOfOtherShapesAndNumbersAreRefused() throws {
    let tensors = try Forest(features: 2, trees: Self.trees).tensors()
    func reason(_ name: String, _ replacement: TensorFile.Tensor?) -> String {
      let file = TensorFile(
        metadata: [:], tensors: tensors.filter { $0.name != name } + (replacement.map { [$0] } ?? []))
      do {
        _ = try Forest(file, features: 2) { Refusal(reason: $0) }
        return ""
      } catch {
        return (error as? Refusal)?.reason ?? "\(error)"
      }
    }
    for tensor in tensors {
      #expect(reason(tensor.name, nil).contains("'\(tensor.name)' is missing"))
      let double = TensorFile.Tensor(tensor.name, .f64, [7], [Double](repeating: 0, count: 7))
      #expect(!reason(tensor.name, double).isEmpty)
    }
    func offsets(_ values: [Int64]) -> String {
      reason("tree.offsets", TensorFile.Tensor("tree.offsets", .i64, [values.count], values))
    }
    #expect(offsets([0, 5, 6]) == "")
    #expect(offsets([0, 6, 5]).contains("do not take"))
    #expect(offsets([0, -1, 6]).contains("no nodes"))
    #expect(offsets([0, 9, 6]).contains("no nodes"))
    #expect(offsets([0, 6, 6]).contains("no nodes"))
    #expect(offsets([0, 1 << 40, 6]).contains("holds 1099511627776"))
    #expect(offsets([0]).contains("not 0") && offsets([]).contains("not -1"))
    let far = TensorFile.Tensor("node.left", .i64, [6], [1, 2, 0, 0, 0, Int64.min])
    #expect(reason("node.left", far).contains("holds -9223372036854775808"))
    let square = TensorFile.Tensor("node.feature", .i64, [2, 3], [Int64](repeating: -1, count: 6))
    #expect(reason("node.feature", square).contains("[2, 3]"))
  }

  /// Any change is refused, or makes a forest that predicts finite numbers.
  @Test func noChangeOfTheNodesLeadsARowAstray() throws {
    let forest = try randomForest(features: 3, trees: 2)
    var stream = RandomStream(seed: 4)
    var accepted = 0
    for _ in 0..<4000 {
      var trees = (0..<2).map { Array(forest.tree($0)) }
      let (tree, place) = (stream.below(2), stream.below(trees[0].count))
      guard place < trees[tree].count else { continue }
      let number = Int32(truncatingIfNeeded: stream.below(9) - 2)
      switch stream.below(4) {
      case 0: trees[tree][place].left = number
      case 1: trees[tree][place].right = number
      case 2: trees[tree][place].feature = number
      default: trees[tree][place].threshold = Float(bitPattern: UInt32(truncatingIfNeeded: stream.next()))
      }
      guard let changed = try? Forest(features: 3, trees: trees) else { continue }
      accepted += 1
      #expect(changed.predict(randomRows(5, 3), pool).allSatisfy { $0.isFinite })
    }
    #expect(accepted > 100)
  }
}

private struct Refusal: Error {
  let reason: String
}

private func randomRows(_ rows: Int, _ columns: Int) -> Matrix {
  var stream = RandomStream(seed: 7)
  return Matrix(rows: rows, columns: columns, values: (0..<rows * columns).map { _ in Float(stream.normal()) })
}

/// Trees of random splits, up to five levels.
private func randomForest(features: Int, trees: Int) throws -> Forest {
  var stream = RandomStream(seed: 3)
  func grow(_ depth: Int, _ nodes: inout [Forest.Node]) {
    let place = nodes.count
    nodes.append(Forest.Node(value: stream.normal(), weight: 1 + stream.uniform()))
    if depth == 5 || (depth > 0 && stream.uniform() < 0.2) { return }
    nodes[place].feature = Int32(stream.below(features))
    nodes[place].threshold = Float(stream.normal() * 0.5)
    nodes[place].left = Int32(nodes.count)
    grow(depth + 1, &nodes)
    nodes[place].right = Int32(nodes.count)
    grow(depth + 1, &nodes)
  }
  return try Forest(
    features: features,
    trees: (0..<trees).map { _ in
      var nodes: [Forest.Node] = []
      grow(0, &nodes)
      return nodes
    })
}
