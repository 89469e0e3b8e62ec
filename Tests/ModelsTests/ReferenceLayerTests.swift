import Arrays
import Bytes
import Models
import Tensors
import Testing

/// Whole networks of the layers beside a reference in PyTorch, in Double: outputs, and gradients in all parameters.
///
/// Sizes are small: six molecules of 151 atoms, proteins of 40 letters; two proteins of 7 and 9 residues.
@Suite struct ReferenceLayerTests {
  private let fixture: Fixture
  private let pair = Axis.drug

  init() throws { fixture = try Fixture("layers.fixture.safetensors") }

  private func integers(_ name: String) -> [Int32] { fixture[name].map { Int32($0) } }

  // MARK: Affinity

  private func drugs() -> Batch {
    let edges = integers("in.edges")
    return batch(
      [.atom: 151, .drug: 6], ["x": Matrix(rows: 151, columns: 78, values: fixture["in.x"])],
      tokens: ["letters": integers("in.tokens")],
      [
        "bonds": .edges(into: Array(edges[334...]), from: Array(edges[..<334])),
        "drug": .segments(integers("in.offsets")),
      ])
  }

  /// The network of a name: drug and protein branch, and the head.
  private func affinity(_ name: String) throws -> (check: GradientCheck, names: [String: String]) {
    var names = ["conv.embedding": "emb.weight", "emb.weight": "emb.weight"]
    var check = try GradientCheck(drugs()) { figure in
      var x = figure.input("x", Shape(.atom, positions: 1, channels: 78))
      if name == "gat" {
        x = try figure.add("elu", ELU(), figure.add("gat1", EdgeAttention("bonds", to: 10, heads: 2), x))
        x = try figure.add("relu", ReLU(), figure.add("gat2", EdgeAttention("bonds", to: 12), x))
        x = try figure.add("fc_g1", Dense(to: 12), figure.add("pool", SegmentPool(.maximum, "drug", .drug), x))
      } else {
        for layer in 0..<5 {
          let z = try figure.add("z\(layer)", Add(), x, figure.add("sum\(layer)", EdgeSum("bonds"), x))
          let h = try figure.add("relu\(layer)", ReLU(), figure.add("gin\(layer)_l1", Dense(to: 8), z))
          let k = try figure.add("relu\(layer)b", ReLU(), figure.add("gin\(layer)_l2", Dense(to: 8), h))
          x = try figure.add("bn\(layer)", BatchNorm(), k)
          names["bn\(layer).running_mean"] = "bn\(layer).mean"
          names["bn\(layer).running_var"] = "bn\(layer).var"
        }
        x = try figure.add("fc_xd", Dense(to: 12), figure.add("pool", SegmentPool(.sum, "drug", .drug), x))
      }
      x = try figure.add("drug", ReLU(), x)
      let letters = figure.tokens("letters", .drug, length: 40, symbols: 26)
      var protein: NetworkBuilder.Handle
      if name == "lstm" {
        protein = try figure.add("lstm", LSTM(to: 8), figure.add("emb", Embedding(width: 16), letters))
      } else {
        protein = try figure.add("conv", TokenConvolution(embedding: 16, filters: 4, kernel: 4), letters)
        if name == "gat" { protein = try figure.add("convrelu", ReLU(), protein) }
      }
      let both = try figure.add("both", Concatenate(), x, figure.add("fc_xt", Dense(to: 12), protein))
      let h = try figure.add("h1", ReLU(), figure.add("fc1", Dense(to: 16), both))
      return try figure.add("out", Dense(to: 1), figure.add("h2", ReLU(), figure.add("fc2", Dense(to: 8), h)))
    }
    for entry in check.network.parameters.entries {
      let values = fixture["\(name).w.\(names[entry.name] ?? entry.name)"]
      #expect(values.count == entry.count, "\(name): \(entry.name)")
      check.network.parameters.set(entry.name, to: values)
    }
    return (check, names)
  }

  @Test(arguments: ["gin", "gat", "lstm"]) func affinityNetworks(name: String) throws {
    var (check, names) = try affinity(name)
    #expect(check.network.fault(in: check.batch) == nil)
    close(check.values(), fixture["\(name).out.eval"], 2e-5, "\(name) in inference")
    check.mode = .training(seed: 1, epoch: 1, batch: 1)
    let out = check.values()
    close(out, fixture["\(name).out.train"], 5e-5, "\(name) in training")
    // The gradient of the mean squared error.
    let start = zip(out, fixture["in.y"]).map { 2 * ($0 - $1) / 6 }
    let gradient = check.gradients(start).parameters
    for entry in gradient.entries where entry.kind == .weight {
      close(
        gradient.values(entry.name) ?? [], fixture["\(name).g.\(names[entry.name] ?? entry.name)"], 2e-4,
        "\(name): \(entry.name)")
    }
  }

  /// Equal to a share of the largest value.
  private func close(_ found: [Float], _ expected: [Float], _ share: Float, _ what: String) {
    let size = max(1, expected.reduce(0) { max($0, abs($1)) })
    #expect(difference(found, expected) <= share * size, "\(what): \(difference(found, expected)) of \(size)")
  }

  // MARK: Interfaces

  private func complex() -> Batch {
    let (left, right) = (integers("interface.in.l.nb"), integers("interface.in.r.nb").map { $0 + 7 })
    let into = (0..<16).flatMap { [Int32](repeating: Int32($0), count: 4) }
    return batch(
      [.atom: 16, .bond: 64, .cell: 63],
      [
        "x": Matrix(rows: 16, columns: 6, values: fixture["interface.in.l.x"] + fixture["interface.in.r.x"]),
        "e": Matrix(rows: 64, columns: 2, values: fixture["interface.in.l.ef"] + fixture["interface.in.r.ef"]),
      ], ["near": .edges(into: into, from: left + right), "grid": .grid(rows: [0, 7], columns: [7, 16])])
  }

  /// z = tanh(W_N x_j + W_E e_ij) of every edge.
  private func messages(_ figure: inout NetworkBuilder) throws -> (x: NetworkBuilder.Handle, z: NetworkBuilder.Handle) {
    let x = figure.input("x", Shape(.atom, positions: 1, channels: 6))
    let near = try figure.add(
      "near", Gather("near", edges: .bond, .from), figure.add("layers.0.WN", Dense(to: 6, bias: false), x))
    let edge = try figure.add(
      "layers.0.WE", Dense(to: 6, bias: false), figure.input("e", Shape(.bond, positions: 1, channels: 2)))
    return (x, try figure.add("z", Tanh(), figure.add("sum", Add(), near, edge)))
  }

  /// Sets the weights of a reference; matrices of its graph layers are transposed.
  private func set(_ check: inout GradientCheck, _ prefix: String) {
    for entry in check.network.parameters.entries {
      let short = entry.name.hasPrefix("layers.") ? String(entry.name.dropLast(".weight".count)) : entry.name
      let values = fixture["\(prefix).w.\(short)"]
      #expect(values.count == entry.count, "\(entry.name)")
      check.network.parameters.set(entry.name, to: turned(values, entry))
    }
  }

  private func turned(_ values: [Float], _ entry: Parameters.Entry) -> [Float] {
    guard entry.name.hasPrefix("layers."), let rows = entry.shape.first, let columns = entry.shape.last else {
      return values
    }
    return (0..<values.count).map { values[$0 % columns * rows + $0 / columns] }
  }

  @Test func highOrderPairs() throws {
    var check = try GradientCheck(complex()) { figure in
      let (x, z) = try messages(&figure)
      let nodes = try figure.add("nodes", Add(), x, figure.add("mean", EdgeMean("near", into: .atom), z))
      var q = try figure.add("q", PairGrid(.concatenated, "grid", .cell), nodes, nodes)
      for block in 0..<2 {
        let h = try figure.add(
          "h\(block)", ReLU(), figure.add("blocks.\(block).c1", Convolution2D(to: 4, kernel: 3, "grid"), q))
        let c = try figure.add("blocks.\(block).c2", Convolution2D(to: 12, kernel: 3, "grid"), h)
        q = try figure.add("q\(block)", ReLU(), figure.add("r\(block)", Add(), q, c))
      }
      return try figure.add("last", Convolution2D(to: 1, kernel: 1, "grid"), q)
    }
    set(&check, "neia.hopi")
    let logits = check.values()
    close(logits, fixture["neia.hopi.logits"], 1e-5, "logits")
    // Weighted cross-entropy of five cells, positives three times.
    var start = [Float](repeating: 0, count: 63)
    let pairs = integers("interface.in.pairs").map(Int.init)
    for (number, label) in fixture["interface.in.labels"].enumerated() {
      let cell = pairs[2 * number] * 9 + pairs[2 * number + 1]
      let p = Float(sigmoid(Double(logits[cell])))
      start[cell] += (label == 1 ? 3 * (p - 1) : p) / 5
    }
    let gradient = check.gradients(start).parameters
    for entry in gradient.entries {
      let short = entry.name.hasPrefix("layers.") ? String(entry.name.dropLast(".weight".count)) : entry.name
      close(gradient.values(entry.name) ?? [], turned(fixture["neia.hopi.g.\(short)"], entry), 2e-5, entry.name)
    }
  }

  @Test func attentionOfNeighbours() throws {
    var check = try GradientCheck(complex()) { figure in
      let (x, z) = try messages(&figure)
      let share = try figure.add("share", GroupSoftmax("near"), figure.add("layers.0.q", Dense(to: 1, bias: false), z))
      let mean = try figure.add("mean", EdgeMean("near", into: .atom), figure.add("gate", Gate(), share, z))
      return try figure.add("nodes", Add(), x, mean)
    }
    set(&check, "neiwa.dense")
    close(check.values(), fixture["neiwa.dense.nodes.l"] + fixture["neiwa.dense.nodes.r"], 1e-5, "nodes")
  }
}
