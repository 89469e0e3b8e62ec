import Arrays
import Bytes
import Models
import Testing
import Workbench

/// Ensembles of several kinds of member: their scores, their file, and files that no training wrote.
@Suite struct EnsembleTests {
  private let folder = Scratch.folder()
  private let names = ["p.a.x", "p.a.y", "p.b.x", "p.b.y", "q.a.z", "q.b.z", "r"]

  private func file() throws -> ModelFile {
    let towers = try MethodChoice("two-tower:hidden=5")
    let mlp = try MethodChoice("mlp:hidden=4")
    let kinds = [
      EnsembleCard.Kind(towers, columns: [0, 1, 2, 3, 6], members: 2, weight: 0.75),
      EnsembleCard.Kind(mlp, columns: [0, 2, 4, 5], members: 1, weight: 2),
    ]
    var models: [any Model] = []
    for kind in kinds {
      for _ in 0..<kind.members {
        let ports = MethodChoice.ports(names: kind.columns.map { names[$0] })
        models.append(try kind.choice.model(ports, seed: UInt64(models.count + 1)))
      }
    }
    var card = ModelCard(
      towers, ports: [ModelCard.Port("x", features: names)], order: .symmetric, seed: 1, remedy: "", trainingData: "",
      toolVersion: "")
    card.ensemble = EnsembleCard(
      kinds, offset: -0.5, history: EnsembleCard.History(offset: 0.25, score: 1.5, history: 0.5))
    return ModelFile(card: card, models: models)
  }

  private func read(_ file: TensorFile) throws -> ModelFile {
    let path = "\(folder)/m.safetensors"
    #expect(Files.write(file.bytes(), to: path))
    return try ModelFile.read(path)
  }

  private func tensors(_ bytes: [UInt8]) throws -> TensorFile {
    let path = "\(folder)/t.safetensors"
    #expect(Files.write(bytes, to: path))
    return try TensorFile(reading: path)
  }

  private func columns(_ batch: Batch, _ columns: [Int]) -> Batch {
    var part = batch
    if let x = batch.dense("x") { part.ports["x"] = .dense(x.columns(columns)) }
    return part
  }

  @Test func scoresAreTheWeightedSumOfTheKindsMeans() throws {
    let file = try file()
    let batch = randomBags([2, 1, 3], features: 7, seed: 4)
    let (tape, kinds) = (Tape(threads: 1), file.card.ensemble?.kinds ?? [])
    let each = zip(file.models, [kinds[0], kinds[0], kinds[1]]).map {
      $0.score(columns(batch, $1.columns), tape)[.instance]
    }
    let got = file.model.score(batch, tape)
    for row in 0..<6 {
      let expected = -0.5 + 0.75 * (each[0][row] + each[1][row]) / 2 + 2 * each[2][row]
      #expect(abs(got[.instance][row] - expected) < 1e-5)
    }
    #expect(got[.bag] == [max(got[.instance][0], got[.instance][1]), got[.instance][2], got[.instance][3...].max()])
  }

  /// Members that are not symmetric score both orders; two towers need not.
  @Test func theOrderOfPartnersMeansNothing() throws {
    let (file, swap) = (try file(), try #require(ColumnSwap(names: names)))
    let batch = randomBags([2, 1, 3], features: 7, seed: 5)
    let tape = Tape(threads: 1)
    let model = file.model(swap: swap)
    let (given, other) = (model.score(batch, tape), model.score(batch.exchanged(["x": swap]), tape))
    for bag in 0..<3 { #expect(abs(given[.bag][bag] - other[.bag][bag]) < 1e-6) }
    #expect(file.model.score(batch, tape) != file.model.score(batch.exchanged(["x": swap]), tape))
    let alone = try MethodChoice("two-tower").model(MethodChoice.ports(names: names), seed: 1)
    #expect(alone.score(batch, tape)[.bag] == alone.score(batch.exchanged(["x": swap]), tape)[.bag])
  }

  @Test func gradientsAreThoseOfTheSum() throws {
    let model = try #require(try file().model as? Ensemble)
    let batch = randomBags([1, 1], features: 7, seed: 6)
    let tape = Tape(threads: 1)
    let (_, ports) = model.gradients(batch, .gradient, tape) { Start(.instance, $0[.instance].map { _ in 1 }) }
    let (gradient, x) = (try #require(ports["x"]), try #require(batch.dense("x")))
    for row in 0..<2 {
      for column in 0..<7 {
        func score(_ step: Float) -> Float {
          var (moved, values) = (batch, x)
          values[row, column] += step
          moved.ports["x"] = .dense(values)
          return model.score(moved, tape)[.instance][row]
        }
        let slope = (score(1e-3) - score(-1e-3)) / 2e-3
        #expect(abs(gradient[row, column] - slope) < 2e-3 * max(1, abs(slope)), "row \(row), column \(column)")
      }
    }
  }

  @Test func whatIsWrittenIsRead() throws {
    let file = try file()
    let written = try tensors(file.bytes())
    #expect(written.metadata["format_version"] == "4")
    let again = try read(written)
    #expect(again == file && again.bytes() == file.bytes())
    let batch = randomBags([2, 1], features: 7, seed: 4)
    #expect(again.model.score(batch, Tape(threads: 1)) == file.model.score(batch, Tape(threads: 1)))
  }

  /// A card that says of the members what no training could have written is refused.
  @Test(arguments: [
    ("\"weight\":0.75", "\"weight\":-1"), ("\"weight\":0.75", "\"weight\":1e999"), ("[0,4]", "[0,5]"),
    ("[0,4]", "[6,4]"), ("[0,4]", "[0,0]"), ("[0,4]", "[0,9223372036854775807]"), ("[0,4]", "[3,1]"),
    ("[0,4]", "[0,3]"),
    ("\"members\":2", "\"members\":3"), ("\"members\":2", "\"members\":0"), ("two-tower", "forest"),
    ("two-tower", "idmil"), ("\"hidden\":\"5\"", "\"hidden\":\"6\""), ("\"offset\":-0.5", "\"offset\":null"),
    ("\"pooling\":\"max\"", "\"pooling\":\"mean\""), ("\"score\":1.5", "\"score\":0"),
    ("\"history\":0.5", "\"history\":-0.5"), ("\"kinds\":", "\"kind\":"),
  ])
  func craftedCardsAreRefused(text: String, other: String) throws {
    let written = try tensors(try file().bytes())
    var metadata = written.metadata
    let card = try #require(metadata["ensemble"])
    let range = try #require(card.firstRange(of: text), "\(text) is in the card: \(card)")
    metadata["ensemble"] = card.replacingCharacters(in: range, with: other)
    #expect(throws: ModelError.self, "\(other)") {
      try read(TensorFile(metadata: metadata, tensors: written.tensors))
    }
  }

  @Test func versionAndEnsembleGoTogether() throws {
    let written = try tensors(try file().bytes())
    for (key, value) in [("format_version", "2"), ("ensemble", nil), ("goal", "number"), ("members", "2")] {
      var metadata = written.metadata
      metadata[key] = value
      #expect(throws: ModelError.self, "\(key)") { try read(TensorFile(metadata: metadata, tensors: written.tensors)) }
    }
  }

  @Test func aRuleOfHistoryKeepsTheOrderOfStrangers() {
    let rule = EnsembleCard.History(offset: -1, score: 0.5, history: 2)
    #expect(rule?.logOdds(3, history: 0) == 0.5 && rule?.logOdds(3, history: -1) == -1.5)
    #expect(EnsembleCard.History(offset: 0, score: 0, history: 1) == nil)
    #expect(EnsembleCard.History(offset: .nan, score: 1, history: 1) == nil)
  }
}

extension String {
  /// The text with a range replaced.
  fileprivate func replacingCharacters(in range: Range<String.Index>, with other: String) -> String {
    self[..<range.lowerBound] + other + self[range.upperBound...]
  }
}
