import Arrays
import Bytes
import Models
import Tensors
import Testing
import Training
import Workbench

/// Boosted trees beside scikit-learn's, beside a plain search of splits, and by their properties.
@Suite struct BoostedFitterTests {
  private let pool = ThreadPool(threads: 2)

  private var options: BoostedOptions {
    var options = BoostedOptions()
    (options.trees, options.rate, options.leaves, options.minimumLeaf, options.l2) = (12, 0.2, 6, 5, 0.5)
    return options
  }

  private func scores(_ fit: (forest: Forest, start: Double), _ x: Matrix) -> [Double] {
    fit.forest.predict(x, pool, dividedBy: 1).map { $0 + fit.start }
  }

  /// Every value has a bin of its own there; scikit-learn keeps derivatives in single precision.
  @Test(arguments: ["classes", "numbers", "weighted"]) func scoresAreThoseOfScikitLearn(name: String) throws {
    let bytes = try #require(Files.bytes("\(Repository.root)/Tests/TrainingTests/Fixtures/boosted.json"))
    let json = try bytes.withUnsafeBufferPointer { try JSON.parse($0) }
    let values = (json["x"]?.array ?? []).flatMap { ($0.array ?? []).compactMap(\.double).map { Float($0 / 10) } }
    let x = Matrix(rows: values.count / 4, columns: 4, values: values)
    let targets = (json[name == "numbers" ? "z" : "y"]?.array ?? []).compactMap { $0.double.map { Float($0) } }
    var options = options
    options.loss = name == "numbers" ? .squares : .crossEntropy
    let weights = name == "weighted" ? (0..<x.rows).map { Float(1 + $0 % 3) } : []
    let found = scores(try BoostedFitter(options).fit(x, targets: targets, weights: weights, pool), x)
    let expected = (json[name]?.array ?? []).compactMap(\.double)
    #expect(expected.count == 150)
    for (row, pair) in zip(found, expected).enumerated() { #expect(abs(pair.0 - pair.1) < 2e-5, "row \(row): \(pair)") }
  }

  /// Splits and values of the first tree by their definition, from the rows themselves.
  @Test(arguments: [BoostedOptions.Loss.crossEntropy, .squares]) func treesAreThoseOfAPlainSearch(
    loss: BoostedOptions.Loss
  ) throws {
    let (x, labels) = FittingTables.ties(120, 5, seed: 11)
    let targets = loss == .squares ? (0..<120).map { x[$0, 0] * x[$0, 1] + x[$0, 2] } : labels
    var options = options
    (options.loss, options.trees) = (loss, 1)
    let (forest, start) = try BoostedFitter(options).fit(x, targets: targets, pool)
    let plain = PlainTree(x, targets.map { Double($0) }, options, start: start)
    #expect(forest.nodes.count == plain.nodes.count && forest.nodes.count == 11)
    for (found, expected) in zip(forest.nodes, plain.nodes) {
      #expect(found.feature == expected.feature && found.threshold == expected.threshold)
      #expect(found.left == expected.left && found.right == expected.right && found.weight == expected.weight)
      #expect(abs(found.value - expected.value) < 1e-12)
    }
  }

  @Test func treesAreTheSameAtAnyNumberOfThreads() throws {
    let (x, y) = FittingTables.ties(3000, 40, seed: 1)
    var options = BoostedOptions()
    options.trees = 10
    let one = try BoostedFitter(options).fit(x, targets: y, ThreadPool(threads: 1))
    for threads in [2, 3, 7] {
      let other = try BoostedFitter(options).fit(x, targets: y, ThreadPool(threads: threads))
      #expect(other.forest == one.forest && other.start == one.start)
    }
  }

  @Test func leavesAndDepthHaveTheirLimits() throws {
    let (x, y) = FittingTables.ties(500, 6, seed: 2)
    var options = options
    (options.leaves, options.maximumDepth, options.minimumLeaf) = (64, 3, 30)
    let forest = try BoostedFitter(options).fit(x, targets: y, pool).forest
    #expect(forest.depth == 3 && forest.trees == 12)
    #expect(forest.nodes.allSatisfy { !$0.isLeaf || $0.weight >= 30 })
    options.leaves = 2
    #expect(try BoostedFitter(options).fit(x, targets: y, pool).forest.nodes.count == 12 * 3)
  }

  /// Rows of weight 0 may hold anything; weights of 2 are rows that are there twice.
  @Test func weightsAreRepetitions() throws {
    let (x, y) = FittingTables.ties(200, 4, seed: 3)
    var noisy = x
    noisy[5, 1] = .nan
    let weights = (0..<200).map { Float($0 == 5 ? 0 : 1 + $0 % 2) }
    let repeated = (0..<200).flatMap { [Int](repeating: $0, count: Int(weights[$0])) }
    var options = options
    options.minimumLeaf = 1
    let weighted = scores(try BoostedFitter(options).fit(noisy, targets: y, weights: weights, pool), x)
    let plain = scores(try BoostedFitter(options).fit(x.rows(repeated), targets: repeated.map { y[$0] }, pool), x)
    for (a, b) in zip(weighted, plain) { #expect(abs(a - b) < 1e-9) }
  }

  /// Trees end where nothing is left to learn, and constant columns never split.
  @Test func aTableWithoutASplitGivesTheStart() throws {
    let x = Matrix(rows: 40, columns: 2, values: [Float](repeating: 3, count: 80))
    let y = (0..<40).map { Float($0 % 4 == 0 ? 1 : 0) }
    let fit = try BoostedFitter().fit(x, targets: y, pool)
    #expect(fit.forest.trees == 1 && fit.forest.nodes.count == 1)
    #expect(scores(fit, x).allSatisfy { abs($0 + 1.0986122886681098) < 1e-12 })
  }

  @Test func whatCannotBeFittedIsRefused() {
    let x = Matrix(rows: 3, columns: 1, values: [0, 1, 2])
    #expect(throws: TrainingError.self) { try BoostedFitter().fit(x, targets: [1, 1, 1], pool) }
    #expect(throws: TrainingError.self) { try BoostedFitter().fit(x, targets: [0, 1, 0.5], pool) }
    let bad = Matrix(rows: 2, columns: 1, values: [0, .infinity])
    #expect(throws: TrainingError.table(.value(row: 1, column: 0, value: .infinity))) {
      try BoostedFitter().fit(bad, targets: [0, 1], pool)
    }
  }
}

/// One boosted tree by the definition of gains, without histograms.
private struct PlainTree {
  var nodes: [Forest.Node] = []
  private let x: Matrix
  private let derivatives: [(g: Double, h: Double)]
  private let options: BoostedOptions

  private struct Leaf {
    var node: Int
    var rows: [Int]
    var split: (gain: Double, feature: Int, threshold: Float)?
  }

  init(_ x: Matrix, _ targets: [Double], _ options: BoostedOptions, start: Double) {
    (self.x, self.options) = (x, options)
    derivatives = targets.map {
      let rate = sigmoid(start)
      return options.loss == .squares ? (start - $0, 1) : (rate - $0, rate * (1 - rate))
    }
    var leaves: [Leaf] = []
    func open(_ rows: [Int]) {
      let (g, h) = sums(rows)
      nodes.append(Forest.Node(value: -options.rate * g / (h + options.l2), weight: Double(rows.count)))
      leaves.append(Leaf(node: nodes.count - 1, rows: rows, split: split(rows)))
    }
    open(Array(0..<x.rows))
    while leaves.count < options.leaves,
      let best = leaves.indices.filter({ leaves[$0].split != nil })
        .max(by: { leaves[$0].split?.gain ?? 0 < leaves[$1].split?.gain ?? 0 }),
      let split = leaves[best].split
    {
      let leaf = leaves.remove(at: best)
      nodes[leaf.node].feature = Int32(split.feature)
      nodes[leaf.node].threshold = split.threshold
      (nodes[leaf.node].left, nodes[leaf.node].right) = (Int32(nodes.count), Int32(nodes.count + 1))
      open(leaf.rows.filter { x[$0, split.feature] <= split.threshold })
      open(leaf.rows.filter { x[$0, split.feature] > split.threshold })
    }
  }

  private func sums(_ rows: [Int]) -> (g: Double, h: Double) {
    rows.reduce((0, 0)) { ($0.0 + derivatives[$1].g, $0.1 + derivatives[$1].h) }
  }

  private func part(_ rows: [Int]) -> Double {
    let (g, h) = sums(rows)
    return g * g / (h + options.l2)
  }

  private func split(_ rows: [Int]) -> (gain: Double, feature: Int, threshold: Float)? {
    var best: (gain: Double, feature: Int, threshold: Float)?
    for feature in 0..<x.columns {
      let values = Set(rows.map { x[$0, feature] }).sorted()
      for (low, high) in zip(values, values.dropFirst()) {
        let left = rows.filter { x[$0, feature] <= low }
        let right = rows.filter { x[$0, feature] > low }
        guard min(left.count, right.count) >= options.minimumLeaf else { continue }
        let gain = part(left) + part(right) - part(rows)
        if gain > best?.gain ?? 1e-12 { best = (gain, feature, Float((Double(low) + Double(high)) / 2)) }
      }
    }
    return best
  }
}
