import Arrays
import Models
import Testing

/// Derivatives, guided backpropagation and relevance at the ports of networks of two sides, beside the reference, which
/// explains the logit of a class.
@Suite struct AffinityRelevanceTests {
  private let data: AffinityData
  private var fixture: Fixture { data.fixture }

  init() throws { data = try AffinityData() }

  /// The network whose output is the logit of a class.
  private func network(_ name: String, logitOf kind: Int) throws -> Network {
    var network = try data.network(name)
    let weights = fixture["\(name).head.weight"]
    let width = weights.count / 2
    network.parameters.set("output.weight", to: Array(weights[kind * width..<(kind + 1) * width]))
    network.parameters.set("output.bias", to: [fixture["\(name).head.bias"][kind]])
    return network
  }

  /// The attributions by `rule` of the logits of the pairs' own classes, by port, and the logits.
  private func explained(
    _ name: String, _ rule: Rule, _ change: (inout Network) -> Void = { _ in }
  ) throws -> (ports: [String: Matrix], logits: [Float]) {
    let (batch, kinds) = (data.batch(name), fixture["\(name).head.class"])
    var (ports, logits): ([String: Matrix], [Float]) = ([:], Array(repeating: 0, count: 6))
    for kind in 0..<2 {
      var network = try network(name, logitOf: kind)
      change(&network)
      let own = kinds.map { $0 == Float(kind) ? Float(1) : 0 }
      let part = network.gradients(batch, rule, Tape(threads: 1)) { scores in
        if case .relevance = rule { Start(.bag, zip(own, scores[.bag]).map { $0 * $1 }) } else { Start(.bag, own) }
      }
      for (row, logit) in part.scores[.bag].enumerated() { logits[row] += own[row] * logit }
      for (port, values) in part.ports { ports[port] = ports[port].map { sum($0, values) } ?? values }
    }
    return (ports, logits)
  }

  private func sum(_ one: Matrix, _ other: Matrix) -> Matrix {
    Matrix(rows: one.rows, columns: one.columns, values: zip(one.values, other.values).map { $0 + $1 })
  }

  /// One number per `width` values.
  private func sums(_ values: [Float], _ width: Int, _ term: (Float) -> Float = { $0 }) -> [Float] {
    stride(from: 0, to: values.count, by: width).map { start in
      values[start..<start + width].reduce(0) { $0 + term($1) }
    }
  }

  /// The 78 numbers of the atoms of each molecule, added up.
  private func moleculeSums(_ atoms: [Float]) -> [Float] {
    let offsets = fixture["in.offsets"].map { Int($0) }
    return zip(offsets, offsets.dropFirst()).flatMap { first, last in
      (0..<78).map { column in (first..<last).reduce(0) { $0 + atoms[$1 * 78 + column] } }
    }
  }

  @Test(arguments: AffinityData.networks, ["saliency", "guided", "lrp"])
  func scoresOfAtomsAndLetters(name: String, method: String) throws {
    let rules: [String: Rule] = ["saliency": .gradient, "guided": .guided, "lrp": .relevance(epsilon: 1e-6)]
    let rule = try #require(rules[method])
    let network = try data.network(name)
    if method == "lrp", let layer = network.obstacle(to: rule) {
      #expect(["lstm": "LSTM", "gat": "EdgeAttention", "gat_gcn": "EdgeAttention"][name] == layer)
      return
    }
    #expect(network.obstacle(to: rule) == nil)
    let (ports, logits) = try explained(name, rule)
    let kinds = fixture["\(name).head.class"]
    close(logits, kinds.indices.map { fixture["\(name).head.logits"][2 * $0 + Int(kinds[$0])] }, 2e-5, "logits")
    let terms: [String: (Float) -> Float] = ["saliency": { abs($0) }, "guided": { max(0, $0) }, "lrp": { $0 }]
    let term = try #require(terms[method])
    let first = name == "deepdta" ? "a.tokens" : "a.nodes"
    let a = try #require(ports[first]?.values)
    let b = try #require(ports["b.tokens"]?.values)
    if name == "gat" {
      // Equal atoms of a molecule tie in the maximum, and a rounding error says which of them has the derivative: the
      // sums over a molecule are the same.
      close(moleculeSums(a), fixture["gat.\(method).molecules"], 2e-5, "\(first)")
    } else {
      close(sums(a, name == "deepdta" ? 16 : 78, term), fixture["\(name).\(method).drug_score"], 2e-5, "\(first)")
    }
    close(sums(b, 16, term), fixture["\(name).\(method).residue_score"], 2e-5, "b.tokens")
    if name == "gin" && method == "lrp" {
      close(a, fixture["gin.lrp.drug"], 2e-5, "every number of an atom")
      close(b, fixture["gin.lrp.residues"], 2e-5, "every number of an embedded letter")
    }
  }

  /// Without biases, shifts and running means, relevance is the logit, pair by pair: at ε 1e-12 absolutely.
  @Test(arguments: ["gin", "gcn", "deepdta"]) func relevanceAddsUp(name: String) throws {
    for (epsilon, most) in [(1e-12, Float(2e-6)), (1e-6, 2e-5)] {
      let (ports, logits) = try explained(name, .relevance(epsilon: epsilon)) { network in
        for entry in network.parameters.entries where entry.name.hasSuffix("bias") || entry.name.hasSuffix("_mean") {
          network.parameters.set(entry.name, to: [Float](repeating: 0, count: entry.count))
        }
      }
      let batch = data.batch(name)
      let b = try sums(#require(ports["b.tokens"]?.values), 40 * 16)
      var a: [Float]
      if name == "deepdta" {
        a = try sums(#require(ports["a.tokens"]?.values), 60 * 16)
      } else {
        let atoms = try sums(#require(ports["a.nodes"]?.values), 78)
        let offsets = batch.segments("a.graph")
        a = zip(offsets, offsets.dropFirst()).map { atoms[Int($0)..<Int($1)].reduce(0, +) }
      }
      #expect(logits.contains { abs($0) > 1e-3 })
      for pair in 0..<6 {
        let rest = abs(a[pair] + b[pair] - logits[pair])
        #expect(rest < most, "\(name), ε \(epsilon), pair \(pair): \(rest) of \(logits[pair])")
      }
    }
  }
}
