import Arrays
import Attribution
import Bytes
import Models
import Testing
import Workbench

/// The selection of an explanation, and the classes without it, beside the counts of a reference in PyTorch on the
/// same weights: all 36 pairs of six molecules and six sequences. `Fixtures/ablation.json` was written by a copy of the
/// reference's function `ablate`.
@Suite struct AblationTests {
  private struct Expected {
    let json: JSON
    func numbers(_ name: String) -> [Float] { (json[name]?.array ?? []).compactMap(\.double).map { Float($0) } }
    func count(_ name: String) -> Int { json[name]?.int ?? -1 }
  }

  private let data: AffinityData
  private let reference: JSON
  private let pairs = (0..<36).map { ($0 / 6, $0 % 6) }

  init() throws {
    data = try AffinityData()
    let path = "\(Repository.root)/Tests/ModelsTests/Fixtures/ablation.json"
    reference = try #require(Files.bytes(path)).withUnsafeBufferPointer { try JSON.parse($0) }
  }

  /// The network with a head of two logits, whose bias is that of the reference here.
  private func network(_ name: String) throws -> Network {
    let base = try data.choice(name)
    var choice = try MethodChoice("two-logit:base=FILE,positive-above=7")
    _ = choice.values.set("base", to: base.text)
    var network = try #require(try choice.plan(AffinityData.ports(base))).network(seed: 1)
    for entry in network.parameters.entries where !entry.name.hasPrefix("output.") {
      network.parameters.set(entry.name, to: data.fixture["\(name).w.\(entry.name)"])
    }
    network.parameters.set("output.weight", to: data.fixture["\(name).head.weight"])
    network.parameters.set("output.bias", to: Expected(json: try #require(reference[name])).numbers("bias"))
    return network
  }

  /// The rows of each side that are selected in a pair.
  private func selected(_ one: Explanation, _ pair: Int, _ method: AttributionMethod, _ letters: Int) -> [[Int]] {
    ["a.nodes", "b.tokens"].map { port in
      let values = one.attribution[port] ?? []
      let scores = method.rowScore.scores(values, width: port == "a.nodes" ? 78 : 16)
      let marks = Selection.meanPlusDeviation.marks(port == "a.nodes" ? scores : Array(scores.prefix(letters)))
      return marks.indices.filter { marks[$0] }
    }
  }

  @Test(
    arguments: ["gin", "gcn", "lstm", "gat"], ["saliency", "guided", "lrp"])
  func countsOfTheReference(name: String, method: String) throws {
    let whole = Expected(json: try #require(reference[name]))
    guard let json = whole.json["methods"]?[method] else { return }
    let (expected, classes) = (Expected(json: json), whole.numbers("classes"))
    let names = ["saliency": "saliency", "guided": "guided-backprop", "lrp": "lrp"]
    let way = try #require(try AttributionMethod(names[method] ?? ""))
    let network = try network(name)
    let batch = data.batch(name, pairs)
    #expect(network.score(batch, Tape(threads: 1))[.bag].map { $0 > 0 ? 1 : 0 } == classes)
    let explainer = try Explainer(model: network, method: way, threads: 1)
    let ablation = try #require(Ablation(network, threads: 1))
    var (sizes, without): ([[Float]], [[Float]]) = ([[], []], [[], []])
    for (pair, one) in explainer.explain(batch, offsets: batch.segments("bag"), all: true).enumerated() {
      let single = data.batch(name, [pairs[pair]])
      let letters = (single.tokens("b.tokens") ?? []).count { $0 > 0 }
      for (side, rows) in selected(one, pair, way, letters).enumerated() {
        sizes[side].append(Float(rows.count))
        without[side].append(ablation.score(single, without: rows, of: side == 0 ? "a.nodes" : "b.tokens"))
      }
    }
    // Equal atoms of a molecule tie in the maximum of GAT: a rounding error says which of them is selected.
    for (side, words) in [("atoms", "drug"), ("residues", "protein")].enumerated() where name != "gat" || side == 1 {
      #expect(sizes[side] == expected.numbers("\(words.0)_of"), "\(name), \(method): selected \(words.0)")
      close(without[side], expected.numbers("without_\(words.0)"), 2e-5, "\(name), \(method): without \(words.0)")
      let changed = zip(without[side], classes).count { ($0 > 0 ? 1 : 0) != $1 }
      #expect(changed == expected.count(words.1), "\(name), \(method): changed without \(words.0)")
    }
  }
}
