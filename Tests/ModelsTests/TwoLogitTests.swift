import Arrays
import Models
import Tensors
import Testing

/// Two logits on the frozen layers of a network, beside the reference in PyTorch.
@Suite struct TwoLogitTests {
  private let data: AffinityData
  private var fixture: Fixture { data.fixture }

  init() throws { data = try AffinityData() }

  /// The choice of a head on a reference network.
  private func choice(_ base: String) throws -> MethodChoice {
    var choice = try MethodChoice("two-logit:base=FILE,positive-above=7")
    _ = choice.values.set("base", to: base)
    return choice
  }

  /// The network with the weights of the reference and of its head.
  private func network(_ name: String) throws -> Network {
    let base = try data.choice(name)
    let choice = try choice(base.text)
    var network = try #require(try choice.plan(AffinityData.ports(base))).network(seed: 1)
    for entry in network.parameters.entries {
      let isHead = entry.name.hasPrefix("output.")
      let values = fixture[isHead ? "\(name).head.\(entry.name.dropFirst(7))" : "\(name).w.\(entry.name)"]
      #expect(values.count == entry.count, "\(name): \(entry.name)")
      network.parameters.set(entry.name, to: values)
    }
    return network
  }

  @Test(arguments: AffinityData.networks) func logitsAndGradientsOfTheHead(name: String) throws {
    let (network, batch) = (try network(name), data.batch(name))
    let cut = try #require(CutNetwork(network))
    #expect(cut.head.parameters.weightCount == fixture["\(name).head.weight"].count + 2)
    let features = cut.features(of: batch, Tape(threads: 1))
    close(features.values, fixture["\(name).head.features"], 2e-5, "\(name): features")
    let tape = Tape(threads: 1)
    var rows = Batch(grouping: (0...6).map { $0 })
    rows.ports["features"] = .dense(features)
    let scores = cut.head.forward(rows, .inference, tape)
    let logits = fixture["\(name).head.logits"]
    close(scores.values[Scores.logits]?.values ?? [], logits, 2e-5, "\(name): logits")
    let margins = (0..<6).map { logits[2 * $0 + 1] - logits[2 * $0] }
    close(scores[.bag], margins, 2e-5, "\(name): margins")
    #expect(scores[.bag] == network.score(batch, tape)[.bag], "\(name): the head is that of the whole network")
    // The weighted cross entropy of the classes as one of the margins.
    let kinds = fixture["\(name).head.class"]
    let weights = kinds.map { fixture["\(name).head.class_weight"][Int($0)] }
    let all = weights.reduce(0, +)
    let slope = (0..<6).map { row -> Float in
      let sign: Float = kinds[row] > 0.5 ? 1 : -1
      return -sign * weights[row] / all * Float(sigmoid(Double(-sign * margins[row])))
    }
    _ = cut.head.forward(rows, .training(seed: 1, epoch: 1, batch: 1), tape)
    var gradient = cut.head.parameters.zeros()
    cut.head.backward(rows, Start(.bag, slope), tape, into: &gradient)
    for kind in ["weight", "bias"] {
      close(gradient.values("output.\(kind)") ?? [], fixture["\(name).head.g.\(kind)"], 1e-4, "\(name): \(kind)")
    }
  }

  /// The attribution of the logit of a class, from a start at the two logits.
  @Test(arguments: AffinityData.networks, ["saliency", "guided", "lrp"])
  func theLogitOfAClassIsExplained(name: String, method: String) throws {
    let rules: [String: Rule] = ["saliency": .gradient, "guided": .guided, "lrp": .relevance(epsilon: 1e-6)]
    let (network, rule) = (try network(name), try #require(rules[method]))
    if network.obstacle(to: rule) != nil { return }
    let kinds = fixture["\(name).head.class"].map { Int($0) }
    let found = network.gradients(data.batch(name), rule, Tape(threads: 1)) { scores in
      let logits = scores.values[Scores.logits] ?? Matrix(rows: 6, columns: 2)
      var slope = Matrix(rows: 6, columns: 2)
      for (row, kind) in kinds.enumerated() { slope[row, kind] = method == "lrp" ? logits[row, kind] : 1 }
      return Start(Scores.logits, slope)
    }
    let letters = try #require(found.ports["b.tokens"]?.values)
    let scores = stride(from: 0, to: letters.count, by: 16).map { start in
      letters[start..<start + 16].reduce(Float(0)) { sum, value in
        sum + (method == "saliency" ? abs(value) : method == "guided" ? max(0, value) : value)
      }
    }
    close(scores, fixture["\(name).\(method).residue_score"], 2e-5, "\(name), \(method)")
  }

  /// The score of a model file's network in blocks, and cut at its entities.
  @Test func scoresInScreens() throws {
    let network = try network("gin")
    let pairs = (0..<150).map { ($0 % 6, $0 / 6 % 6) }
    let batch = data.batch("gin", pairs)
    let tape = Tape(threads: 1)
    let blocks = network.score(batch, tape)
    #expect(blocks[.bag] == network.forward(batch, .inference, tape)[.bag])
    let cut = try #require(EncodedNetwork(network))
    #expect(cut.width(of: "a") > 0 && cut.width(of: "b") > 0)
  }

  @Test func whatCanHaveNoHeadIsRefused() throws {
    let ports = AffinityData.ports(try data.choice("gin"))
    let texts = ["", "nothing", "mlp", "forest", "two-logit", "graphdta-gin:layers=900", "nea", "graphdta-gin:x"]
    for base in texts + [String(repeating: "two-logit:base=", count: 100_000)] {
      let choice = try choice(base)
      #expect(throws: ModelError.self, "\(base.prefix(40))") { try choice.plan(ports) }
    }
  }
}
