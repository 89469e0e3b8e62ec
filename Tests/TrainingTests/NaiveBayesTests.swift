import Arrays
import Bytes
import Models
import Tensors
import Testing
import Training
import Workbench

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Naive Bayes beside an independent implementation and a plain one, and its rounds of witnesses (SIB-MIL).
@Suite struct NaiveBayesTests {
  private let pool = ThreadPool(threads: 2)

  private func fixture(_ name: String) throws -> [(name: String, set: JSON)] {
    let bytes = try #require(Files.bytes("\(Repository.root)/Tests/TrainingTests/Fixtures/\(name).json"))
    let json = try bytes.withUnsafeBufferPointer { try JSON.parse($0) }
    return (json["sets"]?.members ?? []).map { ($0.0, $0.1) }
  }

  private func rows(_ set: JSON, _ name: String) -> [[Double]] {
    (set[name]?.array ?? []).map { ($0.array ?? []).compactMap(\.double) }
  }

  private func table(_ set: JSON) -> Matrix {
    let rows = rows(set, "X")
    return Matrix(rows: rows.count, columns: rows[0].count, values: rows.flatMap { $0.map { Float($0) } })
  }

  /// The fixture's values are in double precision, ours are rounded to single: hence 1e-6, and 1e-5 for the densities.
  @Test func modelsAreThoseOfTheFixture() throws {
    var met = 0
    for (name, set) in try fixture("naive-bayes") {
      let (x, y) = (table(set), (set["y"]?.array ?? []).compactMap { $0.double.map { Float($0) } })
      guard let expected = set["model"], expected["classes"]?.array?.count == 2 else {
        #expect(throws: TrainingError.self, "\(name)") { try NaiveBayesFitter().model(x, labels: y, pool) }
        continue
      }
      let model = try NaiveBayesFitter().model(x, labels: y, pool)
      func close(_ found: [Double], _ key: String) {
        let expected = expected[key]?.array ?? []
        let values = expected.flatMap { $0.double.map { [$0] } ?? ($0.array ?? []).compactMap(\.double) }
        #expect(found.count == values.count)
        for (a, b) in zip(found, values) { #expect(abs(a - b) <= 1e-7 + 1e-6 * abs(b), "\(name) \(key)") }
      }
      close(model.priors, "prior")
      close(model.means, "mean")
      close(model.variances, "var")
      // With two records every variance is the smoothing alone, and rounding of a value is no longer small.
      if name != "two_records" {
        for (row, joint) in zip(model.joint(x), rows(set, "joint")) {
          #expect(abs(row.0 - joint[0]) < 1e-5 * max(1, abs(joint[0])), "\(name)")
          #expect(abs(row.1 - joint[1]) < 1e-5 * max(1, abs(joint[1])), "\(name)")
        }
      }
      met += 1
    }
    #expect(met == 6)
  }

  /// Weighted means and variances by their definition.
  @Test func weightsAreRepetitions() throws {
    let (x, y) = FittingTables.ties(60, 4, seed: 2)
    let times = (0..<60).map { 1 + $0 % 3 }
    let repeated = (0..<60).flatMap { [Int](repeating: $0, count: times[$0]) }
    let weighted = try NaiveBayesFitter().model(x, labels: y, weights: times.map { Float($0) }, pool)
    let plain = try NaiveBayesFitter().model(x.rows(repeated), labels: repeated.map { y[$0] }, pool)
    for (a, b) in zip(
      weighted.priors + weighted.means + weighted.variances, plain.priors + plain.means + plain.variances)
    {
      #expect(abs(a - b) < 1e-12)
    }
  }

  @Test func scoresAreTheDifferenceOfTheJointDensities() throws {
    let (x, y) = FittingTables.ties(300, 5, seed: 3)
    let model = try NaiveBayesFitter().model(x, labels: y, pool)
    let scores = model.scores(of: x, pool)
    for (score, joint) in zip(scores, model.joint(x)) { #expect(abs(score - (joint.1 - joint.0)) < 1e-9) }
    #expect(model.scores(of: x, ThreadPool(threads: 1)) == scores)
  }

  /// Bags of the fixture as a store.
  private func bags(_ set: JSON) -> ToyBags {
    let (rows, offsets) = (rows(set, "X"), (set["offsets"]?.array ?? []).compactMap(\.int))
    var store = ToyBags(
      bags: 0, seed: 1, width: rows[0].count, most: 1, positive: 1, deviation: 1, high: 0..<0, by: 0)
    store.labels = (set["y"]?.array ?? []).compactMap { $0.double.map { Float($0) } }
    store.rows = zip(offsets, offsets.dropFirst()).map { rows[$0..<$1].map { $0.map { Float($0) } } }
    return store
  }

  private func fit(_ store: ToyBags, _ method: String = "naive-bayes") throws -> Fitted {
    let fitter = try MethodChoice(method).fitter(store.ports, ClassLoss.crossEntropy, TrainingPlan())
    let all = ValidationSplit(train: Array(0..<store.count), validation: [])
    return try fitter.fit(store, all, from: nil, Trainer.Observer())
  }

  /// SIB-MIL: the last witnesses, the number of rounds, the reason of the end and the scores are those of the fixture.
  @Test func witnessesAreThoseOfTheFixture() throws {
    var met = 0
    for (name, set) in try fixture("witness") {
      let store = bags(set)
      guard let result = set["result"], let rounds = result["rounds"]?.array, let last = rounds.last?.array else {
        #expect(throws: TrainingError.self, "\(name)") { try fit(store) }
        continue
      }
      let fitted = try fit(store)
      let scores = fitted.model.score(store.batch(Array(0..<store.count), nil), Tape(threads: 1))
      let witness = try #require(scores.witness)
      let positive = store.labels.indices.filter { store.labels[$0] > 0.5 }
      #expect(positive.map { Int(witness[$0]) } == last.compactMap(\.int), "\(name)")
      #expect(fitted.notes["witnesses"]?.hasPrefix("\(rounds.count - 1) round") == true, "\(name): \(fitted.notes)")
      let expected = (result["bag_scores"]?.array ?? []).compactMap(\.double)
      for (a, b) in zip(scores[.bag], expected) { #expect(abs(Double(a) - b) < 1e-5 * max(1, abs(b)), "\(name)") }
      met += 1
    }
    #expect(met == 5)
  }

  /// Bags and their instances in any order: the same model, to the last bit.
  @Test(arguments: [
    "naive-bayes", "linear-svm", "logistic", "forest:trees=5", "boosted:trees=5,leaf=3", "best-feature",
  ])
  func roundsDoNotDependOnTheOrder(method: String) throws {
    var store = ToyBags(bags: 60, seed: 4, width: 4, most: 5, positive: 3, deviation: 1, high: 0..<1, by: 2)
    store.rows[3].append(store.rows[3][0])
    let one = try fit(store, method)
    let tensors = one.model.tensors(prefix: "")
    store.rows = store.rows.map { $0.reversed() }.reversed()
    store.labels = store.labels.reversed()
    let other = try fit(store, method)
    #expect(other.model.tensors(prefix: "") == tensors && other.notes == one.notes)
  }

  /// Every instance has the label of its bag, and the score of a bag is the maximum or the mean of the probabilities.
  @Test(arguments: ["naive-bayes", "linear-svm", "logistic", "forest:trees=5", "best-feature"])
  func instancesCanHaveTheLabelOfTheirBag(method: String) throws {
    let store = ToyBags(bags: 90, seed: 4, width: 4, most: 5, positive: 2, deviation: 1, high: 0..<2, by: 2)
    func scores(_ mil: String) throws -> Scores {
      let model = try fit(store, method + (method.contains(":") ? "," : ":") + "mil=\(mil)").model
      return model.score(store.batch(Array(0..<store.count), nil), Tape(threads: 1))
    }
    let (largest, mean) = (try scores("max"), try scores("mean"))
    #expect(largest[.instance] == mean[.instance] && largest.witness != nil && mean.witness == nil)
    let isLogit = method != "forest:trees=5"
    var start = 0
    for (bag, rows) in store.rows.enumerated() {
      let units = largest[.instance][start..<start + rows.count].map { Double($0) }
      #expect(largest[.bag][bag] == units.max().map { Float($0) })
      let rate = units.reduce(0) { $0 + (isLogit ? sigmoid($1) : $1) } / Double(rows.count)
      let found = isLogit ? sigmoid(Double(mean[.bag][bag])) : Double(mean[.bag][bag])
      #expect(abs(found - rate) < 1e-6)
      start += rows.count
    }
  }
}
