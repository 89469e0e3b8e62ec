import Arrays
import Bytes
import Models
import Tensors
import Testing
import Workbench

/// Models of other form than a network: contributions that add up to the score, what is written is read, and crafted
/// files are refused.
@Suite struct InstanceModelTests {
  private let bayes = NaiveBayesModel(
    priors: [0.25, 0.75], means: [0, 1, 2, 3], variances: [1, 4, 0.5, 2], mil: .max)

  @Test func logOddsOfNaiveBayesAreThoseOfTheFormula() {
    let x = Matrix(rows: 1, columns: 2, values: [1, 5])
    // log 3 + ½ (log 1/0.5 + 1²/1 − 1²/0.5) + ½ (log 4/2 + 4²/4 − 2²/2)
    let expected = 1.0986122886681098 + 0.5 * (0.6931471805599453 + 1 - 2) + 0.5 * (0.6931471805599453 + 4 - 2)
    #expect(abs(bayes.scores(of: x, ThreadPool(threads: 1))[0] - expected) < 1e-12)
  }

  @Test func contributionsAndPriorsAddUpToTheScore() {
    let batch = randomBags([2, 3], features: 2, seed: 1)
    let (scores, ports) = bayes.contributions(batch, Tape(threads: 1))
    let parts = ports["x"]?.values ?? []
    for row in 0..<5 {
      #expect(abs(scores[.instance][row] - parts[2 * row] - parts[2 * row + 1] - 1.0986123) < 1e-5)
    }
  }

  @Test func naiveBayesIsReadAndCraftedFilesAreRefused() throws {
    let card = ModelCard(
      try MethodChoice("naive-bayes:mil=max"), ports: [ModelCard.Port("x", features: ["f", "g"])], order: .ordered,
      seed: 1, remedy: "", trainingData: "", toolVersion: "")
    let file = ModelFile(card: card, models: [bayes])
    let again = try read(file)
    #expect(again == file && again.card.scale == .logit && (again.models[0] as? NaiveBayesModel)?.mil == .max)
    for (priors, means, variances) in [
      ([0.5, 0.4], [0, 1, 2, 3], [1, 1, 1, 1]), ([1, 0], [0, 1, 2, 3], [1, 1, 1, 1]),
      ([0.5, 0.5], [0, .nan, 2, 3], [1, 1, 1, 1]), ([0.5, 0.5], [0, 1, 2, 3], [1, 1, 0, 1]),
      ([0.5, 0.5], [0, 1, 2, 3], [1, -1, 1, 1]), ([0.5, 0.5], [0, 1, 2, 3], [1, .infinity, 1, 1]),
    ] as [([Double], [Double], [Double])] {
      let tensors = try TensorFile(reading: temporary(file.bytes())).tensors
      let changed = tensors.map { tensor in
        let values = ["class.prior": priors, "class.mean": means, "class.variance": variances][tensor.name]
        return values.map { TensorFile.Tensor(tensor.name, .f64, tensor.shape, $0) } ?? tensor
      }
      #expect(throws: ModelError.self) { try read(file, changed) }
    }
    #expect(throws: ModelError.self) {
      var other = file
      other.card.ports = [ModelCard.Port("x", features: ["f"])]
      return try read(other)
    }
  }

  private func boosted(_ scale: ScoreScale) throws -> BoostedModel {
    let leaf = { (value: Double) in Forest.Node(value: value, weight: 2) }
    let root = Forest.Node(feature: 1, threshold: 0.5, left: 1, right: 2, value: 0.25, weight: 4)
    return BoostedModel(
      try Forest(features: 2, trees: [[root, leaf(-0.5), leaf(1)], [leaf(0.125)]]), start: -2, scale: scale,
      mil: .mean)
  }

  /// Leaves are added to the start; contributions with the start and the roots add up to the score.
  @Test func boostedTreesAreSummed() throws {
    let batch = Batch(bags: [0, 2], x: Matrix(rows: 2, columns: 2, values: [0, 0, 0, 1]))
    let (scores, ports) = try boosted(.logit).contributions(batch, Tape(threads: 1))
    #expect(scores[.instance] == [-2.375, -0.875] && scores.witness == nil)
    #expect(ports["x"]?.values == [0, -0.75, 0, 0.75])
    let rate = (sigmoid(-2.375) + sigmoid(-0.875)) / 2
    #expect(abs(sigmoid(Double(scores[.bag][0])) - rate) < 1e-6)
    #expect(try boosted(.number).score(batch, Tape(threads: 1))[.bag] == [-1.625])
  }

  @Test(arguments: Goal.allCases) func boostedTreesAreReadAndCraftedFilesAreRefused(goal: Goal) throws {
    let card = ModelCard(
      try MethodChoice("boosted:mil=mean"), goal: goal, ports: [ModelCard.Port("x", features: ["f", "g"])],
      order: .ordered, seed: 1, remedy: "", trainingData: "", toolVersion: "")
    let model = try boosted(goal == .binary ? .logit : .number)
    let file = ModelFile(card: card, models: [model])
    let again = try read(file)
    let batch = Batch(bags: [0, 2], x: Matrix(rows: 2, columns: 2, values: [0, 0, 0, 1]))
    #expect(again == file && again.card.scale == (goal == .binary ? .logit : .number))
    #expect(again.model.score(batch, Tape(threads: 1)) == model.score(batch, Tape(threads: 1)))
    let tensors = try TensorFile(reading: temporary(file.bytes())).tensors
    for start in [
      TensorFile.Tensor("start", .f64, [1], [Double.nan]), TensorFile.Tensor("start", .f64, [2], [0.0, 1]),
    ] {
      #expect(throws: ModelError.self) { try read(file, tensors.filter { $0.name != "start" } + [start]) }
    }
    #expect(throws: ModelError.self) { try read(file, tensors.filter { $0.name != "start" }) }
    let child = TensorFile.Tensor("node.right", .i64, [4], [Int64(0), 0, 0, 0])
    #expect(throws: ModelError.self) { try read(file, tensors.map { $0.name == "node.right" ? child : $0 }) }
  }

  private let rule = ColumnPairModel(
    features: 4, pairs: [.init(0, 2, logit: -1), .init(0, 3, logit: 2), .init(1, 3, logit: 2)], base: -0.5)

  /// The best pair of columns counts, and its columns share what it adds.
  @Test func aRuleOfPairsTakesTheBest() {
    let x = Matrix(
      rows: 5, columns: 4, values: [1, 0, 2, 0, 1, 1, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1, -1, 3])
    let batch = Batch(bags: [0, 2, 5], x: x)
    let (scores, ports) = rule.contributions(batch, Tape(threads: 1))
    #expect(scores[.instance] == [-1, 2, -0.5, -0.5, 2] && scores[.bag] == [2, 2] && scores.witness == [1, 4])
    let expected: [[Float]] = [
      [-0.25, 0, -0.25, 0], [1.25, 0, 0, 1.25], [0, 0, 0, 0], [0, 0, 0, 0], [0, 1.25, 0, 1.25],
    ]
    #expect(ports["x"]?.values == expected.flatMap { $0 })
  }

  @Test func aRuleIsReadAndCraftedFilesAreRefused() throws {
    let card = ModelCard(
      try MethodChoice("diip"), ports: [ModelCard.Port("x", features: ["d.a.p", "d.a.q", "d.b.p", "d.b.q"])],
      order: .symmetric, seed: 1, remedy: "", trainingData: "", toolVersion: "")
    let file = ModelFile(card: card, models: [rule])
    #expect(try read(file) == file)
    let tensors = try TensorFile(reading: temporary(file.bytes())).tensors
    func whole(_ name: String, _ values: [Int64]) -> TensorFile.Tensor {
      TensorFile.Tensor(name, .i64, [values.count], values)
    }
    func real(_ name: String, _ values: [Double]) -> TensorFile.Tensor {
      TensorFile.Tensor(name, .f64, [values.count], values)
    }
    for tensor in [
      whole("pair.first", [0, 0, 4]), whole("pair.first", [0, 0, -1]), whole("pair.first", [0, 1, 0]),
      whole("pair.second", [3, 3, 3]), whole("pair.second", [2, 3]), real("pair.logit", [1, .nan, 2]),
      real("pair.logit", [1]), real("base", [.infinity]), real("base", [1, 2]),
    ] {
      let changed = tensors.map { $0.name == tensor.name ? tensor : $0 }
      #expect(throws: ModelError.self, "\(tensor.name) \(tensor.shape)") { try read(file, changed) }
    }
    #expect(throws: ModelError.self) { try read(file, tensors.filter { $0.name != "base" }) }
  }

  private let folder = Scratch.folder()

  private func temporary(_ bytes: [UInt8]) -> String {
    let path = "\(folder)/model"
    #expect(Files.write(bytes, to: path))
    return path
  }

  /// The model that is read from a file, or from one with other tensors.
  private func read(_ file: ModelFile, _ tensors: [TensorFile.Tensor]? = nil) throws -> ModelFile {
    var bytes = file.bytes()
    if let tensors {
      bytes = TensorFile(metadata: try TensorFile(reading: temporary(bytes)).metadata, tensors: tensors).bytes()
    }
    return try ModelFile.read(temporary(bytes))
  }
}
