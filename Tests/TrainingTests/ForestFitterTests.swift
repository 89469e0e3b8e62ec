import Arrays
import Bytes
import Models
import Tensors
import Testing
import Training
import Workbench

@Suite struct ForestFitterTests {
  private let pool = ThreadPool(threads: 2)

  private func fit(
    _ x: Matrix, _ y: [Float], weights: [Float] = [], threads: Int = 2, _ change: (inout ForestOptions) -> Void
  ) throws -> Forest {
    var options = ForestOptions()
    change(&options)
    return try ForestFitter(options).fit(x, targets: y, weights: weights, ThreadPool(threads: threads))
  }

  private static func oneExactTree(_ options: inout ForestOptions) {
    options.trees = 1
    options.isBootstrapped = false
    options.featuresPerSplit = .all
  }

  /// Every split of every column is tried, in the plain way.
  @Test(arguments: [1, 4]) func aTreeOfAllRowsAndColumnsTakesTheBestOfAllSplits(leaf: Int) throws {
    let (x, _) = FittingTables.ties(300, 5, seed: 1)
    var stream = RandomStream(seed: 9)
    let y = (0..<x.rows).map { Float(1000 + stream.normal()) + x[$0, 3] }
    let weights = y.map { _ in Float(0.5 + stream.uniform()) }
    let forest = try fit(x, y, weights: weights) {
      Self.oneExactTree(&$0)
      $0.criterion = .variance
      $0.minimumLeaf = leaf
      $0.maximumDepth = 7
    }
    #expect(forest.depth == 7)
    PlainSplits(x, y, weights, leaf: leaf).check(forest.nodes, 0, Array(0..<x.rows), depth: 7)
  }

  @Test func bytesAreTheSameAtAnyNumberOfThreads() throws {
    let (x, y) = FittingTables.ties(400, 20, seed: 2)
    for criterion in ForestOptions.Criterion.allCases {
      func grown(_ threads: Int, seed: UInt64 = 1) throws -> Forest {
        try fit(x, y, weights: criterion == .gini ? [] : y.map { 1 + $0 }, threads: threads) {
          $0.criterion = criterion
          $0.seed = seed
        }
      }
      let one = try grown(1)
      for threads in [2, 3, 7] { #expect(try grown(threads) == one) }
      #expect(try grown(1, seed: 2) != one)
    }
  }

  @Test func aForestGrownToItsEndKnowsItsRows() throws {
    let (x, y) = FittingTables.ties(500, 10, seed: 3)
    let one = try fit(x, y, Self.oneExactTree)
    #expect(one.predict(x, pool) == y.map(Double.init), "rows differ in some column, so all leaves are pure")
    let forest = try fit(x, y) { $0.trees = 50 }
    #expect(FittingTables.areas(forest.predict(x, pool), y).auroc > 0.999)
    let new = FittingTables.ties(500, 10, seed: 4)
    #expect(FittingTables.areas(forest.predict(new.x, pool), new.y).auroc > 0.8)
  }

  @Test func weightsAreRepetitionsWhereNothingIsDrawn() throws {
    let (x, y) = FittingTables.ties(60, 4, seed: 5)
    let times = (0..<60).map { 1 + $0 % 3 }
    let repeated = (0..<60).flatMap { [Int](repeating: $0, count: times[$0]) }
    let all = Matrix(rows: repeated.count, columns: 4, values: repeated.flatMap { x.row($0) })
    let weighted = try fit(x, y, weights: times.map { Float($0) }, Self.oneExactTree)
    #expect(try fit(all, repeated.map { y[$0] }, Self.oneExactTree) == weighted)
  }

  @Test func rowsOfNoWeightDoNotMatter() throws {
    let (x, y) = FittingTables.ties(80, 3, seed: 6)
    let kept = (0..<80).filter { $0 % 4 != 1 }
    var noisy = x
    for row in 0..<80 where row % 4 == 1 { noisy[row, row % 3] = row % 8 == 1 ? .nan : 1e30 }
    let weights = (0..<80).map { Float($0 % 4 == 1 ? 0 : 1) }
    let less = Matrix(rows: kept.count, columns: 3, values: kept.flatMap { x.row($0) })
    // With weights all rows go by moments, not by counts: the same trees.
    #expect(try fit(noisy, y, weights: weights) { _ in } == (try fit(less, kept.map { y[$0] }) { _ in }))
  }

  @Test func balancedClassesHaveTheSameWeight() throws {
    let x = Matrix(rows: 8, columns: 1, values: [0, 0, 0, 0, 0, 0, 1, 1])
    let y: [Float] = [0, 0, 0, 0, 0, 1, 1, 0]
    let forest = try fit(x, y) {
      Self.oneExactTree(&$0)
      $0.isBalanced = true
    }
    // A row of class 0 weighs 8 / 12, one of class 1 8 / 4.
    let (zero, one) = (8.0 / 12, 2.0)
    #expect(forest.nodes.map(\.weight).elementsEqual([8, 5 * zero + one, zero + one]) { abs($0 - $1) < 1e-12 })
    let expected = [0.5, one / (5 * zero + one), one / (zero + one)]
    #expect(forest.nodes.map(\.value).elementsEqual(expected) { abs($0 - $1) < 1e-12 })
  }

  @Test func splitsThatGainNothingAreTakenToo() throws {
    let x = Matrix(rows: 4, columns: 2, values: [0, 0, 0, 1, 1, 0, 1, 1])
    let forest = try fit(x, [0, 1, 1, 0], Self.oneExactTree)
    #expect(forest.predict(x, pool) == [0, 1, 1, 0])
  }

  @Test func limitsAreKept() throws {
    let (x, y) = FittingTables.ties(300, 6, seed: 7)
    let shallow = try fit(x, y) { $0.maximumDepth = 3 }
    #expect(shallow.depth == 3)
    let coarse = try fit(x, y) { $0.minimumLeaf = 20 }
    #expect(coarse.nodes.allSatisfy { $0.weight >= 20 } && coarse.depth > 1)
    #expect(coarse.tree(0).first?.weight == 300)
  }

  /// More distinct values than bins, and one that most rows have.
  @Test func frequentValuesLeaveBinsForTheOthers() throws {
    let rows = 10_000
    let values = (0..<rows).map { $0 % 5 < 3 ? Float(0) : Float($0 - rows / 2) }
    let y = values.map { Float($0 > 2000 ? 1 : 0) }
    let x = Matrix(rows: rows, columns: 1, values: values)
    let forest = try fit(x, y) {
      Self.oneExactTree(&$0)
      $0.maximumDepth = 1
    }
    let wrong = zip(forest.predict(x, pool), y).count { ($0 > 0.5) != ($1 > 0.5) }
    // 4000 rows are shared out to some 250 bins.
    #expect(wrong <= 4000 / 240)
    let root = try #require(forest.nodes.first)
    #expect(abs(root.threshold - 2000) <= 2.5 * 4000 / 240)
    let zero = try fit(x, values.map { Float($0 >= 0 ? 1 : 0) }, Self.oneExactTree)
    #expect(zero.nodes.first?.threshold == -0.5 || (zero.nodes.first?.threshold ?? 1) < 0, "0 has a bin of its own")
  }

  @Test func thresholdsLieBetweenNeighbours() throws {
    for (low, high) in [
      (Float(1), Float(1).nextUp), (-Float.greatestFiniteMagnitude, .greatestFiniteMagnitude), (-0.0, 3),
    ] {
      let x = Matrix(rows: 2, columns: 1, values: [high, low])
      let forest = try fit(x, [1, 0], Self.oneExactTree)
      let threshold = try #require(forest.nodes.first).threshold
      #expect(threshold >= low && threshold < high)
      #expect(forest.predict(x, pool) == [1, 0])
    }
  }

  @Test func numbersThatDifferByLittleKeepTheirDigits() throws {
    let x = Matrix(rows: 4, columns: 1, values: [0, 1, 2, 3])
    let y: [Float] = [16_777_213, 16_777_213, 16_777_215, 16_777_214]
    let forest = try fit(x, y) {
      Self.oneExactTree(&$0)
      $0.criterion = .variance
    }
    #expect(forest.nodes.first?.threshold == 1.5 && forest.predict(x, pool) == y.map(Double.init))
  }

  @Test func whatCannotBeFittedIsRefused() throws {
    let x = Matrix(rows: 3, columns: 2, values: [0, 1, 2, 3, .nan, 5])
    let fitter = try ForestFitter()
    #expect(throws: TrainingError.self) { try fitter.fit(x, targets: [0, 1, 1], pool) }
    #expect(throws: TrainingError.table(.target(row: 1, value: 2, allowed: "0 and 1"))) {
      try fitter.fit(x, targets: [0, 2, 1], pool)
    }
    #expect(throws: TrainingError.oneClass(.init(positives: 3, weighted: 3, all: 3), validation: 0)) {
      try fitter.fit(x, targets: [1, 1, 1], pool)
    }
    #expect(throws: TrainingError.table(.weight(row: 2, value: -1))) {
      try fitter.fit(x, targets: [0, 1, 1], weights: [1, 1, -1], pool)
    }
    #expect(throws: TrainingError.table(.empty(rows: 0, columns: 2))) {
      try fitter.fit(x, targets: [0, 1, 1], weights: [0, 0, 0], pool)
    }
    #expect(throws: TrainingError.table(.empty(rows: 0, columns: 2))) {
      try fitter.fit(Matrix(rows: 0, columns: 2), targets: [], pool)
    }
    for change: (inout ForestOptions) -> Void in [
      { $0.trees = 0 }, { $0.trees = .max }, { $0.minimumLeaf = 0 }, { $0.maximumDepth = 0 }, { $0.bins = 1 },
      { $0.bins = 257 }, { $0.featuresPerSplit = .count(0) }, { ($0.criterion, $0.isBalanced) = (.variance, true) },
    ] {
      #expect(throws: ModelError.self) { try fit(x, [0, 1, 1], change) }
    }
  }

  /// 20 forests on pairs of yeast proteins: scikit-learn 1.9.1 has AUROC .7508 and AP .7342, with deviations .0100 and
  /// .0106 from seed to seed; means of 20 differ by less than 3 √2 deviations / √20.
  @Test(.enabled(if: Shared.root != nil, "skipped: the shared data are absent")) func yeastPairsAreLearntAsWell() throws
  {
    let pairs = try #require(FittingTables.pairs("guoyeast"))
    let (train, test) = (pairs.train, pairs.test)
    #expect(train.rows == 7127 && test.rows == 1781 && train.columns == 686)
    var (auroc, ap) = (0.0, 0.0)
    for seed in 1...20 {
      let forest = try fit(train, pairs.y.train) { $0.seed = UInt64(seed) }
      let areas = FittingTables.areas(forest.predict(test, pool), pairs.y.test)
      auroc += areas.auroc / 20
      ap += areas.ap / 20
    }
    #expect(abs(auroc - 0.7508) < 0.0095 && abs(ap - 0.7342) < 0.0101, "AUROC \(auroc), AP \(ap)")
  }
}

/// All splits of a table's rows by weighted variance, found without bins or sums by bin.
private struct PlainSplits {
  private let x: Matrix
  private let y: [Double]
  private let w: [Double]
  private let leaf: Int

  init(_ x: Matrix, _ y: [Float], _ weights: [Float], leaf: Int) {
    (self.x, self.y, w) = (x, y.map(Double.init), weights.map(Double.init))
    self.leaf = leaf
  }

  private func mean(_ rows: [Int]) -> (value: Double, weight: Double) {
    let weight = rows.reduce(0) { $0 + w[$1] }
    return (rows.reduce(0) { $0 + w[$1] * y[$1] } / weight, weight)
  }

  /// Σ w (y − mean)².
  private func spread(_ rows: [Int]) -> Double {
    let mean = mean(rows).value
    return rows.reduce(0) { $0 + w[$1] * (y[$1] - mean) * (y[$1] - mean) }
  }

  private func splits(_ rows: [Int]) -> [(spread: Double, column: Int, threshold: Float)] {
    (0..<x.columns).flatMap { column -> [(spread: Double, column: Int, threshold: Float)] in
      let values = Set(rows.map { x[$0, column] }).sorted()
      return zip(values, values.dropFirst()).compactMap { low, high in
        let sides = [rows.filter { x[$0, column] <= low }, rows.filter { x[$0, column] > low }]
        guard sides.allSatisfy({ $0.count >= leaf }) else { return nil }
        return (sides.reduce(0) { $0 + spread($1) }, column, Float((Double(low) + Double(high)) / 2))
      }
    }
  }

  /// Expects of the node and all below it the mean of their rows, and a split that leaves the least spread, if any
  /// split exists above the depth limit.
  ///
  /// Several splits may leave the least: few rows are often parted alike by two columns.
  func check(_ nodes: [Forest.Node], _ place: Int, _ rows: [Int], depth: Int) {
    let (node, (value, weight)) = (nodes[place], mean(rows))
    #expect(abs(node.value - value) < 1e-9 && abs(node.weight - weight) < 1e-9)
    let all = depth > 0 ? splits(rows) : []
    guard let least = all.map(\.spread).min() else {
      #expect(node.feature < 0, "no split exists")
      return
    }
    let taken = all.first { $0.column == Int(node.feature) && $0.threshold == node.threshold }
    guard let taken else {
      Issue.record("node \(place) splits feature \(node.feature) at \(node.threshold), where no two values part")
      return
    }
    #expect(taken.spread <= least + 1e-9, "node \(place)")
    check(nodes, Int(node.left), rows.filter { x[$0, taken.column] <= taken.threshold }, depth: depth - 1)
    check(nodes, Int(node.right), rows.filter { x[$0, taken.column] > taken.threshold }, depth: depth - 1)
  }
}
