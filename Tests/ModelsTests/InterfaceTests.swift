import Arrays
import Bytes
import Models
import Tensors
import Testing

/// The networks on two graphs beside a reference in PyTorch, in Double: two proteins of 7 and 9 residues with 4
/// neighbours each, 6 features a residue.
@Suite struct InterfaceTests {
  static let kinds = ["neia", "neiwa", "nea", "ngf", "dtnn", "dcnn"]
  static let runs =
    kinds.flatMap { ["\($0).dense", "\($0).hopi"] }
    + ["neia", "neiwa"].flatMap { kind in ["hopi2", "sum", "inprot"].map { "\(kind).\($0)" } }
  private let fixture: Fixture

  init() throws { fixture = try Fixture("interface.fixture.safetensors") }

  // MARK: The data of the reference

  private static let ports = [
    PortSpec("nodes", Axis("node"), .dense(width: 6)), PortSpec("edge_features", Axis("edge"), .dense(width: 2)),
  ]

  /// Whole numbers, which the file holds as such.
  private func integers(_ name: String) -> [Int32] { fixture[name].map { Int32($0) } }

  /// All pairs of a left and a right residue, or of any two; each is a bag of its own.
  private func batch(inProtein: Bool = false) -> Batch {
    let (rows, columns): (Range<Int32>, Range<Int32>) = inProtein ? (0..<16, 0..<16) : (0..<7, 7..<16)
    let pairs = rows.flatMap { row in columns.map { (row, $0) } }
    let from = integers("in.l.nb") + integers("in.r.nb").map { $0 + 7 }
    return Batch(
      count: [
        .bag: pairs.count, .instance: pairs.count, Axis("node"): 16, Axis("entity"): 2, Axis("edge"): 64,
        Axis("cell"): pairs.count,
      ],
      ports: [
        "nodes": .dense(Matrix(rows: 16, columns: 6, values: fixture["in.l.x"] + fixture["in.r.x"])),
        "edge_features": .dense(Matrix(rows: 64, columns: 2, values: fixture["in.l.ef"] + fixture["in.r.ef"])),
      ],
      relations: [
        "edges": .edges(into: (0..<64).map { $0 / 4 }, from: from), "graph": .segments([0, 7, 16]),
        "bag": .segments((0...Int32(pairs.count)).map { $0 }), "a.node": .index(pairs.map(\.0)),
        "b.node": .index(pairs.map(\.1)), "cell": .index((0..<Int32(pairs.count)).map { $0 }),
        "cells": .grid(rows: [rows.lowerBound, rows.upperBound], columns: [columns.lowerBound, columns.upperBound]),
      ])
  }

  private func choice(_ run: String, _ more: String = "") throws -> MethodChoice {
    let (kind, form) = (String(run.split(separator: ".")[0]), run.split(separator: ".")[1])
    let head = form == "dense" ? "dense" : "pairs"
    var text = "\(kind):standardize=no,dropout=0,hidden=7,blocks=2,inner=4,channels=0,head=\(head)"
    if form == "hopi2" { text += ",layers=2" }
    if form == "sum" { text += ",pair=sum" }
    if kind == "nea" || kind == "ngf" { text += ",width=5" }
    if kind == "dtnn" { text += ",factors=16" }
    return try MethodChoice(text + more)
  }

  private func network(_ run: String, _ more: String = "") throws -> Network {
    var network = try #require(try choice(run, more).plan(Self.ports)).network(seed: 1)
    for entry in network.parameters.entries {
      let values = values(run, "w", entry)
      #expect(values.count == entry.count, "\(run): \(entry.name)")
      network.parameters.set(entry.name, to: values)
    }
    return network
  }

  /// The reference's values (`w`) or gradients (`g`) of a parameter.
  private func values(_ run: String, _ what: String, _ entry: Parameters.Entry) -> [Float] {
    let parts = entry.name.split(separator: ".").map(String.init)
    func own(_ name: String) -> [Float] { fixture["\(run).\(what).\(name)"] }
    /// The columns of a matrix of the dense head that belong to one node of a pair.
    func half(_ second: Bool) -> [Float] {
      let width = entry.shape[1]
      let all = own("d1.weight")
      return (0..<7).flatMap { row -> ArraySlice<Float> in
        let start = (2 * row + (second ? 1 : 0)) * width
        return all[start..<start + width]
      }
    }
    switch (parts[0], parts[1]) {
    case ("head", "first"): return parts[2] == "bias" ? own("d1.bias") : half(false)
    case ("head", "second"): return half(true)
    case ("output", let name): return own("d2.\(name)")
    case ("cells", "output"): return own("last.\(parts[2])")
    default: break
    }
    if parts[0] == "cells" {
      let (block, convolution) = ((Int(parts[1].dropFirst(5)) ?? 0) - 1, parts[2] == "conv1" ? "c1" : "c2")
      return own("blocks.\(block).\(convolution).\(parts[3])")
    }
    let kind = String(run.prefix { $0 != "." })
    let layer = "layers.\((Int(parts[0].dropFirst(kind.count)) ?? 0) - 1)"
    if kind == "dcnn" {
      let (all, hop) = (own("\(layer).w"), Int(parts[1].dropFirst(3)) ?? 0)
      return Array(all[hop * 6..<(hop + 1) * 6])
    }
    let names = [
      "neia.nodes.weight": "WN", "neia.edges.weight": "WE", "neiwa.nodes.weight": "WN", "neiwa.edges.weight": "WE",
      "neiwa.score.weight": "q", "nea.own.weight": "Wc", "nea.own.bias": "b", "nea.nodes.weight": "Wn",
      "nea.edges.weight": "We", "ngf.dense.weight": "W", "ngf.dense.bias": "b", "dtnn.nodes.weight": "Wcf",
      "dtnn.nodes.bias": "bf1", "dtnn.edges.weight": "Wdf", "dtnn.edges.bias": "bf2", "dtnn.out.weight": "Wfc",
    ]
    let found = own("\(layer).\(names["\(kind).\(parts[1]).\(parts[2])"] ?? "")")
    return parts[2] == "weight" ? transposed(found, rows: entry.shape[1]) : found
  }

  private func transposed(_ values: [Float], rows: Int) -> [Float] {
    let columns = values.count / rows
    return (0..<values.count).map { values[$0 % rows * columns + $0 / rows] }
  }

  private func close(_ found: [Float], _ expected: [Float], _ what: String) {
    let size = max(1, expected.reduce(0) { max($0, abs($1)) })
    let distance = difference(found, expected)
    #expect(distance <= 2e-5 * size, "\(what): \(distance) of \(size)")
  }

  // MARK: The reference

  @Test(arguments: runs) func logitsAndGradients(run: String) throws {
    let (network, batch) = (try network(run), batch(inProtein: run.hasSuffix("inprot")))
    let check = GradientCheck(network, batch)
    #expect(network.fault(in: batch) == nil)
    let logits = check.values()
    close(logits, fixture["\(run).logits"], "\(run): logits")
    #expect(check.values(threads: 3) == logits, "\(run): other bytes at three threads")
    // The loss on five pairs, in which a positive one counts three times.
    var (loss, start) = (Float(0), [Float](repeating: 0, count: logits.count))
    let pairs = integers("in.pairs").map { Int($0) }
    for (pair, label) in fixture["in.labels"].enumerated() {
      let (row, column) = (pairs[2 * pair], pairs[2 * pair + 1])
      let place = run.hasSuffix("inprot") ? row * 16 + column + 7 : row * 9 + column
      let probability = Float(sigmoid(Double(logits[place])))
      let sign: Double = label > 0 ? 1 : -1
      loss -= Float((label > 0 ? 3 : 1) * logSigmoid(sign * Double(logits[place]))) / 5
      start[place] = (label > 0 ? 3 * (probability - 1) : probability) / 5
    }
    close([loss], fixture["\(run).loss"], "\(run): loss")
    let gradient = check.gradients(start).parameters
    for entry in gradient.entries {
      close(gradient.values(entry.name) ?? [], values(run, "g", entry), "\(run): \(entry.name)")
    }
    #expect(gradient == check.gradients(start, threads: 3).parameters, "\(run): other gradients at three threads")
  }

  /// What becomes of the nodes of a graph by itself, kept, gives the bits of the whole network.
  @Test(arguments: runs) func keptNodes(run: String) throws {
    let (network, batch) = (try network(run), batch(inProtein: run.hasSuffix("inprot")))
    let kept = try #require(EncodedGraphs(network, node: Axis("node"), edge: Axis("edge")))
    let graphs = [("l", 7), ("r", 9)].map { name, size in
      let edges = (0..<Int32(4 * size)).map { $0 / 4 }
      let graph = Batch(
        count: [Axis("node"): size, Axis("edge"): 4 * size],
        ports: [
          "nodes": .dense(Matrix(rows: size, columns: 6, values: fixture["in.\(name).x"])),
          "edge_features": .dense(Matrix(rows: 4 * size, columns: 2, values: fixture["in.\(name).ef"])),
        ],
        relations: [
          "edges": .edges(into: edges, from: integers("in.\(name).nb")), "graph": .segments([0, Int32(size)]),
        ])
      return kept.encode(graph, Tape(threads: 1))
    }
    var joint = batch
    joint.ports = [:]
    joint.relations["edges"] = nil
    let (whole, parts) = (network.score(batch, Tape(threads: 1)), kept.score(joint, graphs, Tape(threads: 1)))
    #expect(parts[.instance] == whole[.instance] && parts[.bag] == whole[.bag])
    #expect(Set(whole[.instance]).count > 1)
  }

  /// Without the second division, beside the nodes of the reference through a head that copies them.
  @Test func undividedWeights() throws {
    let (printed, whole) = (try network("neiwa.hopi"), try network("neiwa.hopi", ",divide=no"))
    let values = [printed, whole].map { GradientCheck($0, batch()).values() }
    #expect(difference(values[0], values[1]) > 1e-3)
    let x = Matrix(rows: 16, columns: 6, values: fixture["in.l.x"] + fixture["in.r.x"])
    var check = try GradientCheck(batch()) { figure in
      let x = figure.input("nodes", Shape(Axis("node"), positions: 1, channels: 6))
      let e = figure.input("edge_features", Shape(Axis("edge"), positions: 1, channels: 2))
      let nodes = try figure.add("nodes", Dense(to: 6, bias: false), x)
      let from = try figure.add("from", Gather("edges", edges: Axis("edge"), .from), nodes)
      let sum = try figure.add("sum", Add(), from, figure.add("edges", Dense(to: 6, bias: false), e))
      let z = try figure.add("tanh", Tanh(), sum)
      let score = try figure.add("score", Dense(to: 1, bias: false), z)
      let share = try figure.add("share", GroupSoftmax("edges"), score)
      let near = try figure.add(
        "near", EdgeSum("edges", into: Axis("node")), figure.add("weighed", Gate(), share, z))
      return try figure.add("out", Add(), x, near)
    }
    for entry in whole.parameters.entries where entry.name.hasPrefix("neiwa1.") {
      check.network.parameters.set(
        String(entry.name.dropFirst("neiwa1.".count)), to: whole.parameters.values(entry.name) ?? [])
    }
    #expect(x.rows == 16)
    close(Array(check.values()[..<42]), fixture["neiwa.no_1_over_n.nodes.l"], "nodes")
  }

  // MARK: Tiles

  /// A grid in tiles, beside the same by layers of their own: values, gradients, dropout, in training and inference.
  @Test(arguments: [PairGrid.Form.concatenated, .sum], [1, 3, 4, 128]) func tiles(form: PairGrid.Form, side: Int) throws
  {
    let cell = Axis("cell")
    var graphs = batch()
    // Two grids of 3 × 5 and 4 × 2 cells over one axis of nodes.
    graphs.count[cell] = 23
    graphs.relations["cells"] = .grid(rows: [0, 3, 7], columns: [8, 13, 15])
    graphs.ports["nodes"] = .dense(normal(16, 3, seed: 7))
    func input(_ figure: inout NetworkBuilder) -> NetworkBuilder.Handle {
      figure.input("nodes", Shape(Axis("node"), positions: 1, channels: 3))
    }
    var whole = try GradientCheck(graphs) { figure in
      let x = input(&figure)
      var q = try figure.add("grid", PairGrid(form, "cells", cell), x, x)
      let channels = q.shape.channels
      for block in 1...2 {
        let name = "cells.block\(block)"
        let relu = try figure.add(
          "\(name).relu", ReLU(), figure.add("\(name).conv1", Convolution2D(to: 4, kernel: 3, "cells"), q))
        let dropped = try figure.add("\(name).dropout", Dropout(0.4, number: 4 + block), relu)
        let back = try figure.add("\(name).conv2", Convolution2D(to: channels, kernel: 3, "cells"), dropped)
        q = try figure.add("\(name).relu2", ReLU(), figure.add("\(name).sum", Add(), q, back))
      }
      return try figure.add("cells.output", Dense(to: 1), q)
    }
    var tiled = try GradientCheck(graphs) { figure in
      let size = GridBlocks.Size(form, blocks: 2, inner: 4, kernel: 3, dropout: 0.4)
      return try figure.add("cells", GridBlocks(size, "cells", cell, mask: 5, tile: side), input(&figure))
    }
    #expect(tiled.network.parameters.entries == whole.network.parameters.entries)
    tiled.network.parameters = whole.network.parameters
    for mode in [Mode.inference, .training(seed: 3, epoch: 1, batch: 2)] {
      (whole.mode, tiled.mode) = (mode, mode)
      #expect(difference(tiled.values(), whole.values()) <= 1e-6)
      let (one, other) = (tiled.gradients(), whole.gradients())
      for entry in one.parameters.entries {
        close(one.parameters.values(entry.name) ?? [], other.parameters.values(entry.name) ?? [], entry.name)
      }
      for rule in [Rule.gradient, .guided] {
        let maps = [tiled, whole].map { check in
          check.network.gradients(graphs, rule, Tape(threads: 1)) { _ in
            Start(cell, [Float](repeating: 1, count: 23))
          }.ports["nodes"]?.values ?? []
        }
        close(maps[0], maps[1], "\(rule)")
      }
    }
    tiled.run("tiles of \(side)", most: 6, step: 5e-4, tolerance: 1e-2, kinks: true)
  }

  /// Training on few cells computes these alone: values and derivatives are those of the whole grids.
  @Test(arguments: [PairGrid.Form.concatenated, .sum], [(2, 3), (1, 5), (1, 1)])
  func fewCells(form: PairGrid.Form, size: (blocks: Int, kernel: Int)) throws {
    var graphs = batch()
    let wanted: [Int32] = [0, 31 * 29 + 39, 450, 451, 450, 28, 31 * 29 + 3]
    graphs.count.merge([Axis("node"): 74, Axis("cell"): 31 * 29 + 10 * 4, .instance: wanted.count]) { $1 }
    graphs.relations["cells"] = .grid(rows: [0, 31, 41], columns: [41, 70, 74])
    graphs.relations["cell"] = .index(wanted)
    graphs.ports["nodes"] = .dense(normal(74, 3, seed: 7))
    func check(_ wanted: String?) throws -> GradientCheck {
      var check = try GradientCheck(graphs) { figure in
        let x = figure.input("nodes", Shape(Axis("node"), positions: 1, channels: 3))
        let size = GridBlocks.Size(form, blocks: size.blocks, inner: 4, kernel: size.kernel, dropout: 0.4)
        let cells = try figure.add("cells", GridBlocks(size, "cells", Axis("cell"), mask: 5, wanted: wanted), x)
        return try figure.add("out", Gather("cell", .instance), cells)
      }
      check.mode = .training(seed: 3, epoch: 1, batch: 2)
      return check
    }
    let (few, whole) = (try check("cell"), try check(nil))
    #expect(difference(few.values(), whole.values()) <= 1e-5)
    let (one, other) = (few.gradients(), whole.gradients())
    for entry in one.parameters.entries {
      close(one.parameters.values(entry.name) ?? [], other.parameters.values(entry.name) ?? [], entry.name)
    }
    close(one.ports["nodes"]?.values ?? [], other.ports["nodes"]?.values ?? [], "nodes")
    #expect(
      few.network.score(graphs, Tape(threads: 1))[.instance] == whole.network.score(graphs, Tape(threads: 1))[.instance]
    )
    few.run("few cells", most: 6, step: 5e-4, tolerance: 1e-2, kinks: true)
  }

  /// The same bytes in tiles of any size.
  @Test func bytesOfTiles() throws {
    var graphs = batch()
    graphs.count[Axis("node")] = 60
    graphs.count[Axis("cell")] = 31 * 29
    graphs.relations["cells"] = .grid(rows: [0, 31], columns: [31, 60])
    graphs.ports["nodes"] = .dense(normal(60, 4, seed: 1))
    let values = try [3, 10, 29, 128].map { side in
      try GradientCheck(graphs) { figure in
        let size = GridBlocks.Size(.concatenated, blocks: 2, inner: 5, kernel: 5)
        return try figure.add(
          "cells", GridBlocks(size, "cells", Axis("cell"), mask: 0, tile: side),
          figure.input("nodes", Shape(Axis("node"), positions: 1, channels: 4)))
      }.values()
    }
    #expect(values.allSatisfy { $0 == values[0] } && Set(values[0]).count > 800)
  }

  // MARK: Properties

  /// On 2 × 2 pairs and a few channels, so that few kinks of ReLUs lie near.
  @Test(arguments: (kinds + ["sign"]).flatMap { ["\($0):head=dense", "\($0):head=pairs,blocks=1,channels=3"] })
  func centralDifferences(text: String) throws {
    let kind = text.prefix { $0 != ":" }
    let settings = [
      "nea": "width=4", "ngf": "width=4", "dtnn": "factors=4", "dcnn": "hops=1", "sign": "hops=1,sequence=1",
    ]
    let own = settings[String(kind)].map { "," + $0 } ?? ""
    let plan = try #require(
      try MethodChoice("\(text),layers=2,hidden=4,inner=3,dropout=0.2\(own)").plan(Self.ports))
    var graphs = batch()
    for axis in [.bag, .instance, Axis("cell")] { graphs.count[axis] = 4 }
    graphs.ports["nodes"] = .dense(normal(16, 6, seed: 2))
    graphs.relations.merge([
      "bag": .segments([0, 1, 2, 3, 4]), "cell": .index([0, 1, 2, 3]), "a.node": .index([0, 0, 1, 1]),
      "b.node": .index([7, 8, 7, 8]), "cells": .grid(rows: [0, 2], columns: [7, 9]),
    ]) { $1 }
    var check = GradientCheck(plan.network(seed: 4), graphs)
    check.mode = .training(seed: 1, epoch: 1, batch: 1)
    check.run(text, most: 6, step: 1e-3, tolerance: 1e-2, kinks: true)
  }

  /// The exchange of the proteins exchanges the logits of the dense head.
  @Test(arguments: kinds) func bothOrders(kind: String) throws {
    let network = try network("\(kind).dense")
    var other = batch()
    (other.relations["a.node"], other.relations["b.node"]) = (other.relations["b.node"], other.relations["a.node"])
    let tape = Tape(threads: 1)
    close(network.score(other, tape)[.instance], network.score(batch(), tape)[.instance], kind)
  }

  /// Scores of many instances in blocks, which need no memory for all of them, are those of one run.
  @Test(arguments: runs) func instancesInBlocks(run: String) throws {
    let (network, tape) = (try network(run), Tape(threads: 2))
    var many = batch(inProtein: run.hasSuffix("inprot"))
    let times = 5
    let count = (many.count[.instance] ?? 0) * times
    many.count[.instance] = count
    many.count[.bag] = 1
    many.relations["bag"] = .segments([0, Int32(count)])
    for name in ["a.node", "b.node", "cell"] {
      many.relations[name] = .index((0..<times).flatMap { _ in many.index(name) })
    }
    let scores = network.score(many, tape)
    #expect(scores.values[.instance] == network.forward(many, .inference, Tape(threads: 1)).values[.instance])
    #expect(scores[.bag] == [scores[.instance].max() ?? 0])
  }

  /// SIGN without standardized columns is DCNN with factors of 1, where no column is below 0.
  @Test func signTakesWalksAsTheyAre() throws {
    let settings = "standardize=no,dropout=0,hidden=7,hops=2"
    var walks = try #require(try MethodChoice("dcnn:\(settings)").plan(Self.ports)).network(seed: 3)
    var sign = try #require(try MethodChoice("sign:\(settings),input-dropout=0").plan(Self.ports)).network(seed: 4)
    for entry in walks.parameters.entries {
      let values = walks.parameters.values(entry.name) ?? []
      if entry.name.hasPrefix("dcnn") {
        walks.parameters.set(entry.name, to: values.map { _ in 1 })
      } else {
        sign.parameters.set(entry.name, to: values)
      }
    }
    let tape = Tape(threads: 1)
    close(sign.score(batch(), tape)[.instance], walks.score(batch(), tape)[.instance], "sign")
  }

  @Test func widthsAndSizes() throws {
    func shapes(_ text: String, _ name: String) throws -> [[Int]] {
      let plan = try #require(try MethodChoice(text).plan(Self.ports))
      return plan.requests.filter { $0.name.hasSuffix(name) }.map(\.shape)
    }
    #expect(try shapes("nea:layers=4", "own.weight") == [[256, 6], [256, 256], [512, 256], [512, 512]])
    #expect(try shapes("ngf:layers=3", "dense.weight") == [[256, 6], [256, 256], [512, 256]])
    #expect(try shapes("dtnn:layers=2", "out.weight") == [[6, 256], [6, 512]])
    #expect(try shapes("dcnn:layers=2", "hop2.weight") == [[6], [18]])
    #expect(try shapes("neia:head=pairs,channels=16,inner=8", "conv1.weight") == [[8, 32, 3, 3]])
    #expect(try shapes("neia:head=pairs,pair=sum,kernel=5", "conv2.weight") == [[16, 16, 5, 5]])
  }

  @Test func edgesWithoutFeatures() throws {
    for kind in Self.kinds {
      let nodes = Array(Self.ports[..<1])
      if kind == "ngf" || kind == "dcnn" {
        #expect(try MethodChoice(kind).plan(nodes) != nil)
      } else {
        #expect(throws: ModelError.self) { try MethodChoice(kind).plan(nodes) }
      }
      #expect(try MethodChoice(kind).plan(Self.ports)?.ports.map(\.name).sorted() == ["edge_features", "nodes"])
    }
  }
}
