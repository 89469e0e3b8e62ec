import Arrays
import Bytes
import Models
import Testing

/// The methods for pairs of entities beside a reference in PyTorch, in Double: six molecules of 151 atoms in all, six
/// sequences of 40 letters, small layers.
@Suite struct AffinityTests {
  static let networks = AffinityData.networks
  private let data: AffinityData
  private var fixture: Fixture { data.fixture }

  init() throws { data = try AffinityData() }

  // MARK: The reference

  @Test(arguments: networks) func outputsAndGradients(name: String) throws {
    let network = try data.network(name)
    var check = GradientCheck(network, data.batch(name))
    #expect(network.fault(in: check.batch) == nil)
    close(check.values(), fixture["\(name).out.eval"], 2e-5, "\(name) in inference")
    check.mode = .training(seed: 1, epoch: 1, batch: 1)
    let out = check.values()
    close(out, fixture["\(name).out.train"], 2e-5, "\(name) in training")
    #expect(check.values(threads: 3) == out, "\(name): other bytes at three threads")
    let loss = zip(out, fixture["in.y"]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / 6
    close([loss], fixture["\(name).loss.train"], 2e-5, "\(name): loss")
    let start = zip(out, fixture["in.y"]).map { 2 * ($0 - $1) / 6 }
    let gradient = check.gradients(start).parameters
    for entry in gradient.entries where entry.kind == .weight {
      let expected = fixture["\(name).g.\(entry.name)"]
      close(gradient.values(entry.name) ?? [], expected, 1e-4, "\(name): \(entry.name)")
    }
    #expect(gradient == check.gradients(start, threads: 3).parameters, "\(name): other gradients at three threads")
    let tape = Tape(threads: 1)
    var after = network
    _ = after.forward(check.batch, check.mode, tape)
    after.parameters.commit(tape.statistics)
    for entry in network.parameters.entries where entry.kind == .buffer {
      close(after.parameters.values(entry.name) ?? [], fixture["\(name).after.\(entry.name)"], 2e-5, entry.name)
    }
  }

  /// The numbers of parameters of the published networks; GCN: its batch norms are not among them.
  @Test func publishedSizes() throws {
    let counts = [
      "graphdta-gin": 1_297_505, "graphdta-gcn": 2_062_767, "graphdta-gat": 1_460_845, "graphdta-gat-gcn": 4_749_573,
      "graphdta-gin:protein=lstm": 694_337,
    ]
    for (text, count) in counts {
      let choice = try MethodChoice(text)
      let plan = try #require(try choice.plan(AffinityData.ports(choice)))
      #expect(plan.network(seed: 1).parameters.weightCount == count, "\(text)")
    }
  }

  // MARK: Distinct entities

  /// Pairs that share molecules and sequences, beside the same pairs with entities of their own: outputs, gradients,
  /// running statistics, dropout among them (the two masks of rows in GAT's graph layers apart).
  @Test(arguments: networks) func entitiesAreComputedOnce(name: String) throws {
    let network = try data.network(name, dropout: name == "gat" ? 0 : 0.3)
    let pairs = [(0, 1), (1, 1), (1, 2), (2, 0), (1, 0), (0, 4), (5, 4)]
    let mode = Mode.training(seed: 3, epoch: 2, batch: 4)
    let runs = [true, false].map { distinct in
      let tape = Tape(threads: 1)
      let batch = data.batch(name, pairs, distinct: distinct)
      #expect(network.fault(in: batch) == nil)
      let out = network.forward(batch, mode, tape)[.bag]
      var gradient = network.parameters.zeros()
      network.backward(batch, Start(.bag, out.map { $0 - 6 }), tape, into: &gradient)
      return (out: out, gradient: gradient, statistics: tape.statistics)
    }
    close(runs[0].out, runs[1].out, 1e-5, "\(name): outputs")
    for entry in runs[0].gradient.entries {
      close(
        runs[0].gradient.values(entry.name) ?? [], runs[1].gradient.values(entry.name) ?? [], 5e-5,
        "\(name): \(entry.name)")
    }
    #expect(runs[0].statistics.isEmpty == !["gin", "lstm"].contains(name))
    for (one, other) in zip(runs[0].statistics, runs[1].statistics) {
      close(one.values, other.values, 1e-5, "\(name): statistics")
    }
  }

  /// The order of a molecule's atoms is without meaning.
  @Test(arguments: networks.filter { $0 != "deepdta" }) func atomsInAnyOrder(name: String) throws {
    let network = try data.network(name)
    let batch = data.batch(name)
    var other = batch
    let offsets = batch.segments("a.graph")
    var order: [Int] = []
    for (start, end) in zip(offsets, offsets.dropFirst()) { order += (start..<end).reversed().map { Int($0) } }
    var place = [Int32](repeating: 0, count: order.count)
    for (new, old) in order.enumerated() { place[old] = Int32(new) }
    other.ports["a.nodes"] = batch.dense("a.nodes").map { .dense($0.rows(order)) }
    let (into, from) = batch.edges("a.edges")
    other.relations["a.edges"] = .edges(into: into.map { place[Int($0)] }, from: from.map { place[Int($0)] })
    let tape = Tape(threads: 1)
    close(network.score(other, tape)[.bag], network.score(batch, tape)[.bag], 1e-5, name)
  }

  // MARK: Forms that the reference has not

  @Test(arguments: [
    "graphdta-gin:hidden=6,layers=2,protein=conv3,eps=0.5", "graphdta-gcn:hidden=4,dense=5,layers=2,protein=conv3",
    "graphdta-gat:hidden=4,heads=2,protein=lstm,memory=5,padded=no",
  ])
  func centralDifferences(text: String) throws {
    let sizes = "width=6,embedding=8,filters=3,kernel=3,length=40,head1=9,head2=5,dropout=0.2"
    let choice = try MethodChoice("\(text),\(sizes)")
    let plan = try #require(try choice.plan(AffinityData.ports(choice)))
    var check = GradientCheck(plan.network(seed: 4), data.batch("gin", [(0, 1), (1, 1), (1, 3), (0, 3)]))
    // Equal atoms would meet the kink of a ReLU all at once.
    check.batch.ports["a.nodes"] = .dense(normal(check.batch.count[Axis("a.node")] ?? 0, 78, seed: 3))
    check.mode = .training(seed: 1, epoch: 1, batch: 1)
    check.run(text, most: 6, step: 1e-4, tolerance: 1.5e-2)
  }

  // MARK: Faults

  @Test func missingInputs() throws {
    func fault(_ text: String, _ ports: [PortSpec]) -> String? {
      do {
        _ = try MethodChoice(text).plan(ports)
        return nil
      } catch { return (error as? ModelError)?.diagnostic.message }
    }
    let rows = MethodChoice.ports(features: 5)
    #expect(
      fault("graphdta-gin", rows)
        == "graphdta-gin needs a graph on side a; the data has x")
    let nodes = PortSpec("a.nodes", Axis("a.node"), .dense(width: 78))
    let tokens = PortSpec("b.tokens", Axis("b"), .tokens(symbols: 26, length: 100))
    #expect(
      fault("graphdta-gin", [nodes, tokens])
        == "graphdta-gin needs a sequence on side b (1000 letters of the alphabet graphdta); "
        + "the data has b.tokens with 100 of 26 symbols on b")
    #expect(fault("graphdta-gin:length=100", [nodes, tokens]) == nil)
    #expect(
      fault("graphdta-gin:length=100", [nodes, tokens] + rows)
        == "graphdta-gin does not read x; it reads a graph on side a and a sequence on side b (100 letters of the "
        + "alphabet graphdta)")
    #expect(fault("mlp", [nodes]) == "mlp needs features of the pair; the data has a.nodes")
  }

  @Test func batchesWithoutARelation() throws {
    let network = try data.network("gin")
    for (relation, expected) in [
      ("a.edges", "relation a.edges: is not edges of the batch"), ("a", "is no index of the batch"),
      ("b", "relation b: is no index of the batch"), ("a.graph", "relation a.graph: is not segments of the batch"),
      ("bag", "relation bag: is not segments of the batch"),
    ] {
      var batch = data.batch("gin")
      batch.relations[relation] = nil
      #expect(network.fault(in: batch)?.hasSuffix(expected) == true, "\(relation)")
    }
  }
}
