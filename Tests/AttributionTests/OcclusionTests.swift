import Arrays
import Attribution
import Bytes
import Models
import Tensors
import Testing

/// A linear model of three columns without derivatives: what only a sum of contributions is.
private struct Sum: Additive {
  let weights: [Float]
  var ports: [PortSpec] { [PortSpec("x", .instance, .dense(width: weights.count))] }
  var unit: Axis { .instance }
  var target: Axis { .bag }

  func score(_ batch: Batch, _ tape: Tape) -> Scores { contributions(batch, tape).scores }

  func join(_ units: Scores, _ grouping: Batch, _ tape: Tape) -> Scores {
    var result = units
    let (values, offsets) = (units[unit], grouping.segments("bag").map(Int.init))
    let best = zip(offsets, offsets.dropFirst()).map { start, end in
      (start..<end).max { values[$0] < values[$1] } ?? start
    }
    result.values[target] = Matrix(rows: best.count, columns: 1, values: best.map { values[$0] })
    result.witness = best.map(Int32.init)
    return result
  }

  func contributions(_ batch: Batch, _ tape: Tape) -> (scores: Scores, ports: [String: Matrix]) {
    var x = batch.dense("x") ?? Matrix(rows: 0, columns: weights.count)
    for row in 0..<x.rows { for column in weights.indices { x[row, column] *= weights[column] } }
    let sums = (0..<x.rows).map { x.row($0).reduce(0.5, +) }
    return (join(Scores(unit: unit, sums), batch, tape), ["x": x])
  }

  func tensors(prefix: String) -> [TensorFile.Tensor] { [] }
}

@Suite struct OcclusionTests {
  private let batch = Batch(
    bags: [0, 2, 3], x: Matrix(rows: 3, columns: 3, values: [1, 0, 2, 3, 1, 1, 0, 0, 0]))

  private func x(_ one: Explanation) -> [Float] { one.attribution["x"] ?? [] }

  @Test func occlusionOfASumGivesItsTerms() throws {
    let model = Sum(weights: [2, -1, 0.5])
    let explainer = try Explainer(model: model, method: .occlusion, threads: 1)
    let found = explainer.explain(batch, offsets: [0, 2, 3], all: true)
    #expect(found.map(x) == [[2, 0, 1], [6, -1, 0.5], [0, 0, 0]])
    #expect(found.map(\.score) == [3.5, 6, 0.5] && found.map(\.isWitness) == [false, true, true])
    let path = try Explainer(model: model, method: .path, threads: 1)
    #expect(path.explain(batch, offsets: [0, 2, 3], all: true) == found)
    #expect(path.explain(batch, offsets: [0, 2, 3], all: false) == found.filter(\.isWitness))
  }

  @Test func groupsOfColumnsAreLeftOutTogether() throws {
    let method = try #require(try AttributionMethod("occlusion:by=block"))
    #expect(method.isOfGroups && method.name == "occlusion")
    let explainer = try Explainer(
      model: Sum(weights: [2, -1, 0.5]), method: method, groups: ["x": [[0, 2], [1]]], threads: 1)
    #expect(explainer.explain(batch, offsets: [0, 2, 3], all: false).map(x) == [[6.5, -1], [0, 0]])
  }

  /// Beside the definition: one row is scored again for each feature.
  @Test func occlusionOfANetworkIsTheDifferenceOfTwoScores() throws {
    let model = try MethodChoice("mlp").network(features: 3, seed: 4)
    let found = try Explainer(model: model, method: .occlusion, threads: 2)
      .explain(batch, offsets: [0, 2, 3], all: true)
    for (row, one) in found.enumerated() {
      let given = batch.dense("x")?.row(row) ?? []
      for column in 0..<3 {
        var changed = given
        changed[column] = 0
        func score(_ row: [Float]) -> Float {
          model.score(Batch(bags: [0, 1], x: Matrix(rows: 1, columns: 3, values: row)), Tape(threads: 1))[.bag][0]
        }
        #expect(abs(x(one)[column] - (score(given) - score(changed))) < 1e-6)
        if given[column] == 0 { #expect(x(one)[column] == 0) }
      }
    }
  }

  @Test func oneRunGivesTheScoresOfTwo() throws {
    let model = try MethodChoice("mlp").network(features: 3, seed: 4)
    let scores = model.score(batch, Tape(threads: 1))
    for all in [true, false] {
      for one in try Explainer(model: model, method: .saliency, threads: 1)
        .explain(batch, offsets: [0, 2, 3], all: all)
      {
        let row = one.target == 0 ? one.unit : 2
        #expect(abs(one.score - scores[.instance][row]) < 1e-6)
        #expect(one.isWitness == (scores.witness?[one.target] == Int32(row)))
      }
    }
  }

  @Test func aMethodThatTheModelCannotGiveIsRefused() throws {
    func error(_ model: any Model, _ method: AttributionMethod) -> AttributionError? {
      do {
        _ = try Explainer(model: model, method: method, threads: 1)
        return nil
      } catch { return error as? AttributionError }
    }
    let (sum, network) = (Sum(weights: [1]), try MethodChoice("mlp").network(features: 1, seed: 1))
    #expect(error(sum, .saliency)?.kind == .noDerivatives)
    #expect(error(sum, .saliency)?.diagnostic.hint == "--method path, or --method occlusion")
    #expect(error(MeanOf([sum, sum]), .guidedBackpropagation)?.kind == .noDerivatives)
    #expect(error(network, .path)?.kind == .noContributions)
    #expect(error(MeanOf([network]), .path)?.kind == .noContributions)
    for method in [AttributionMethod.occlusion, .path] { #expect(error(MeanOf([sum, sum]), method) == nil) }
  }

  @Test func settingsOfMethodsAreRead() throws {
    #expect(try AttributionMethod("occlusion:by=feature") == .occlusion)
    #expect(try AttributionMethod("shap") == nil)
    #expect(throws: SettingError.self) { try AttributionMethod("occlusion:by=gene") }
    #expect(throws: SettingError.self) { try AttributionMethod("saliency:by=block") }
  }
}
