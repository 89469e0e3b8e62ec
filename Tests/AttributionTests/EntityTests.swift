import Arrays
import Attribution
import Bytes
import Models
import Tensors
import Testing

/// Units that point to entities: two graphs of 3 and 2 nodes, two rows of symbols, three pairs of them.
@Suite struct EntityTests {
  private func pairs() -> Batch {
    var stream = RandomStream(seed: 4)
    var batch = Batch(
      count: [
        .bag: 3, .instance: 3, Axis("a"): 2, Axis("a.node"): 5, Axis("a.edge"): 6, Axis("b"): 2,
      ])
    batch.ports["a.nodes"] = .dense(
      Matrix(rows: 5, columns: 4, values: (0..<20).map { _ in Float(stream.normal()) }))
    batch.ports["b.tokens"] = .tokens([1, 2, 3, 0, 0, 2, 2, 1, 4, 0])
    batch.relations = [
      "a": .index([1, 0, 1]), "b": .index([0, 0, 1]), "bag": .segments([0, 1, 2, 3]), "a.graph": .segments([0, 3, 5]),
      "a.edges": .edges(into: [0, 1, 1, 2, 3, 4], from: [1, 0, 2, 1, 4, 3]),
    ]
    return batch
  }

  private func network(_ protein: String = "positions") throws -> Network {
    let choice = try MethodChoice(
      "graphdta-gin:layers=2,hidden=6,width=4,embedding=5,filters=3,kernel=2,length=5,head1=8,head2=6,memory=3,"
        + "protein=\(protein)")
    let ports = [
      PortSpec("a.nodes", Axis("a.node"), .dense(width: 4)),
      PortSpec("b.tokens", Axis("b"), .tokens(symbols: 26, length: 5)),
    ]
    return try #require(try choice.plan(ports)).network(seed: 3)
  }

  @Test func unitsGetEntitiesOfTheirOwn() {
    let specs = [
      PortSpec("a.nodes", Axis("a.node"), .dense(width: 4)),
      PortSpec("b.tokens", Axis("b"), .tokens(symbols: 26, length: 5)),
    ]
    let part = pairs().separated([2, 1], of: .instance, ports: specs)
    #expect(part.count[Axis("a")] == 2 && part.count[Axis("a.node")] == 5 && part.count[Axis("a.edge")] == 6)
    #expect(part.index("a") == [0, 1] && part.index("b") == [0, 1])
    #expect(part.segments("a.graph") == [0, 2, 5])
    #expect(part.edges("a.edges").into == [0, 1, 2, 3, 3, 4] && part.edges("a.edges").from == [1, 0, 3, 2, 4, 3])
    #expect(part.tokens("b.tokens") == [2, 2, 1, 4, 0, 1, 2, 3, 0, 0])
    #expect(part.dense("a.nodes")?.values == pairs().dense("a.nodes")?.rows([3, 4, 0, 1, 2]).values)
    #expect(part.relations["bag"] == nil)
  }

  @Test func eachUnitIsExplainedByItself() throws {
    let (network, batch) = (try network(), pairs())
    let explainer = try Explainer(model: network, method: .saliency, signed: true, threads: 1)
    let found = explainer.explain(batch, offsets: batch.segments("bag"), all: false)
    #expect(found.map(\.score) == network.score(batch, Tape(threads: 1))[.instance])
    #expect(found.map { $0.attribution["a.nodes"]?.count } == [8, 12, 8])
    #expect(found.allSatisfy { $0.attribution["b.tokens"]?.count == 25 && $0.absorbed == nil })
    // A step of one number of a node of pair 2, which shares its graph with pair 0.
    var moved = batch
    var nodes = try #require(batch.dense("a.nodes"))
    nodes[4, 2] += 1e-2
    moved.ports["a.nodes"] = .dense(nodes)
    let scores = network.score(moved, Tape(threads: 1))[.instance]
    for unit in [0, 2] {
      let slope = (scores[unit] - found[unit].score) / 1e-2
      #expect(abs(slope - (found[unit].attribution["a.nodes"]?[6] ?? .nan)) < 1e-3)
    }
  }

  @Test func relevanceAndWhatBiasesTookMakeTheScore() throws {
    let (network, batch) = (try network(), pairs())
    let method = try #require(try AttributionMethod("lrp:epsilon=1e-9"))
    let explainer = try Explainer(model: network, method: method, threads: 1)
    for one in explainer.explain(batch, offsets: batch.segments("bag"), all: true) {
      let sum = one.attribution.values.joined().reduce(0, +)
      let absorbed = try #require(one.absorbed)
      #expect(abs(sum + absorbed - one.score) < 1e-5 && abs(absorbed) > 1e-6)
    }
    #expect(AttributionMethod.guidedBackpropagation.rowScore.scores([1, -2, -3, 4], width: 2) == [1, 4])
    #expect(AttributionMethod.relevance.rowScore.scores([1, -2, -3, 4], width: 2) == [-1, 1])
  }

  @Test func aLayerWithoutARuleIsRefused() throws {
    let error = #expect(throws: AttributionError.self) {
      try Explainer(model: network("lstm"), method: .relevance, threads: 1)
    }
    #expect(error?.kind == .noRule(layer: "LSTM"))
    // Other methods take the same model, and a node is left out as a whole.
    let occlusion = try Explainer(model: network("lstm"), method: .occlusion, threads: 1)
    let batch = pairs()
    let found = occlusion.explain(batch, offsets: batch.segments("bag"), all: true)
    #expect(found.map { $0.attribution["a.nodes"]?.count } == [2, 3, 2])
    var nodes = try #require(batch.dense("a.nodes"))
    for column in 0..<4 { nodes[1, column] = 0 }
    var without = batch
    without.ports["a.nodes"] = .dense(nodes)
    let change = found[1].score - (try network("lstm").score(without, Tape(threads: 1))[.instance][1])
    #expect(abs(change - (found[1].attribution["a.nodes"]?[1] ?? .nan)) < 1e-6)
  }
}
