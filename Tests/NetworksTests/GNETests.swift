import Bytes
import Networks
import Tensors
import Testing
import Workbench

/// The tensors of a safetensors file, as numbers.
struct Tensors {
  private var values: [String: [Double]] = [:]
  let shapes: [String: [Int]]

  init(_ name: String) throws {
    let bytes = try #require(Files.bytes("\(Repository.root)/Tests/NetworksTests/Fixtures/\(name)"))
    let length = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
    let header = try bytes[8..<8 + length].withUnsafeBufferPointer { try JSON.parse($0) }
    var shapes: [String: [Int]] = [:]
    for (name, tensor) in header.members ?? [] where name != "__metadata__" {
      let ends = tensor["data_offsets"]?.array?.compactMap(\.int) ?? [0, 0]
      let type = tensor["dtype"]?.string
      let size = type == "F64" ? 8 : 4
      values[name] = stride(from: ends[0], to: ends[1], by: size).map { place in
        let bits = (0..<size).reduce(UInt64(0)) { $0 | UInt64(bytes[8 + length + place + $1]) << (8 * UInt64($1)) }
        switch type {
        case "F64": return Double(bitPattern: bits)
        case "I32": return Double(Int32(truncatingIfNeeded: bits))
        default: return Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        }
      }
      shapes[name] = tensor["shape"]?.array?.compactMap(\.int)
    }
    self.shapes = shapes
  }

  /// The values of a tensor, which must be there.
  func callAsFunction(_ name: String) throws -> [Double] { try #require(values[name], "no tensor \(name)") }
}

/// GNE beside a reference in double precision (Fixtures/fx_gne.safetensors, from shared/bench/networks.py).
@Suite struct GNETests {
  let file: Tensors
  let pool = ThreadPool(threads: 2)
  private let nodes = 12
  private let columns = 7
  private let d = 6
  private let count = 8

  init() throws {
    file = try Tensors("fx_gne.safetensors")
  }

  private func network(_ lambda: Double) throws -> GNENetwork {
    let x = try file("in.expression")
    let profiles = Profiles(standardized: x.map { Float($0) }, columns: columns)
    let network = GNENetwork(nodes: nodes, dimension: d, lambda: lambda, profiles: profiles, pool)
    let names: [(GNENetwork.Part, String)] = [
      (.identity, "W_id"), (.attribute, "W_att"), (.hidden, "W_h"), (.output, "V"), (.bias, "b"),
    ]
    for (part, name) in names {
      for (place, value) in try file("w.\(name)").enumerated() { network.weights(part).start[place] = Float(value) }
    }
    return network
  }

  private func worst(_ found: [Float], _ wanted: [Double]) -> Double {
    found.count == wanted.count ? zip(found, wanted).reduce(0) { max($0, abs(Double($1.0) - $1.1)) } : .infinity
  }

  @Test(arguments: ["log-uniform", "uniform", "degree"], [5, 9])
  func samplersExpectTheCountsOfTheReference(_ kind: String, _ tries: Int) throws {
    let sampler = NegativeSampler(try #require(NegativeSampler.Kind(rawValue: kind)), degrees: try file("in.degree"))
    #expect(zip(sampler.probabilities, try file("\(kind).tries\(tries).Q")).allSatisfy { abs($0 - $1) < 1e-12 })
    for (node, wanted) in try file("\(kind).tries\(tries).expected").enumerated() {
      #expect(abs(sampler.expected(node, count: 5, tries: tries) - wanted) < 1e-12)
    }
  }

  @Test func drawsAreDistinctAndAsFrequentAsTheirProbabilities() {
    let sampler = NegativeSampler(.logUniform, degrees: [Double](repeating: 1, count: 30))
    var random = RandomStream(seed: 1)
    var first = [Double](repeating: 0, count: 30)
    for _ in 0..<30_000 {
      let (nodes, tries) = sampler.draw(5, &random)
      #expect(Set(nodes).count == 5 && tries >= 5)
      first[nodes[0]] += 1
    }
    let chi = zip(first, sampler.probabilities).reduce(0) {
      $0 + ($1.0 - 30_000 * $1.1) * ($1.0 - 30_000 * $1.1) / (30_000 * $1.1)
    }
    #expect(abs(chi - 29) < 4 * (2 * 29.0).squareRoot())
    #expect(sampler.draw(50, &random).nodes.count == 30)
  }

  @Test(arguments: [1, 0.4, 0], [false, true])
  func lossesAndGradientsAreThoseOfTheReference(_ lambda: Double, _ isMasked: Bool) throws {
    let kinds =
      lambda == 1 ? [("log-uniform", 5), ("log-uniform", 9), ("uniform", 9), ("degree", 9)] : [("log-uniform", 9)]
    for (kind, tries) in kinds {
      let prefix =
        "lam\(lambda == 0.4 ? "0.4" : String(Int(lambda))).\(kind).tries\(tries).\(isMasked ? "masked" : "plain")."
      guard file.shapes[prefix + "loss"] != nil else { continue }
      try check(prefix, lambda, try file("\(kind).tries\(tries).expected"), isMasked)
    }
  }

  private func check(_ prefix: String, _ lambda: Double, _ expected: [Double], _ isMasked: Bool) throws {
    let network = try network(lambda)
    let isKnown = (0..<nodes).map { $0 != 3 }
    let (genes, neighbors) = (try file("in.gene").map { Int($0) }, try file("in.true").map { Int($0) })
    // Those with a profile come first, unless the profiles don't enter.
    let order =
      lambda == 0
      ? Array(0..<count) : (0..<count).filter { isKnown[genes[$0]] } + (0..<count).filter { !isKnown[genes[$0]] }
    let logs = expected.map { Float(logarithm($0)) }
    let negatives = try file("in.negatives").map { Int($0) }
    let batch = GNENetwork.Batch(
      nodes: order.map { genes[$0] }, neighbors: order.map { neighbors[$0] }, negatives: negatives,
      neighborCounts: order.map { logs[neighbors[$0]] }, negativeCounts: negatives.map { logs[$0] })
    let mask = try file("in.mask").map { Float(2 * $0) }
    func half(_ side: Int) -> [Float] { order.flatMap { row in (0..<d).map { mask[row * 2 * d + side * d + $0] } } }
    let losses = network.backward(batch, dropout: isMasked ? (half(0), half(1)) : nil)
    let wanted = try file(prefix + "loss_each")
    #expect(worst(losses, order.map { wanted[$0] }) < 1e-5)
    let names: [(GNENetwork.Part, String)] = [
      (.identity, "W_id"), (.hidden, "W_h"), (.output, "V"), (.bias, "b"), (.attribute, "W_att"),
    ]
    for (part, name) in names where part != .attribute || lambda > 0 {
      #expect(worst(network.fullGradient(part), try file(prefix + "g." + name)) < 1e-5, "\(prefix)\(name)")
    }
  }

  @Test(arguments: [1, 0.4, 0]) func embeddingsAreThoseOfTheReference(_ lambda: Double) throws {
    let name = "lam\(lambda == 0.4 ? "0.4" : String(Int(lambda))).out.y"
    #expect(worst(try network(lambda).embedding(), try file(name)) < 1e-5)
  }

  /// Idle steps taken together are those of Adam taken one by one.
  @Test func lazyStepsAreThoseOfAdam() {
    let adam = LazyAdam(rate: 0.01, steps: 400)
    var random = RandomStream(seed: 4)
    var (w, m, v) = (
      [Float](repeating: 1, count: 20), [Float](repeating: 0, count: 20), [Float](repeating: 0, count: 20)
    )
    var (w2, m2, v2) = (
      [Double](repeating: 1, count: 20), [Double](repeating: 0, count: 20), [Double](repeating: 0, count: 20)
    )
    var last = 0
    for step in 1...400 {
      let isTouched = random.uniform() < 0.05 || step == 1
      let gradient = (0..<20).map { _ in isTouched ? Float(random.normal()) * 0.01 : 0 }
      if isTouched {
        adam.take(step, last: last, gradient: gradient, count: 20, first: &m, second: &v, weight: &w)
        last = step
      }
      for place in 0..<20 {
        let g = Double(gradient[place])
        m2[place] = 0.9 * m2[place] + 0.1 * g
        v2[place] = 0.999 * v2[place] + 0.001 * g * g
        let (c1, c2) = (1 - power(0.9, step), 1 - power(0.999, step))
        w2[place] -= 0.01 * (m2[place] / c1) / ((v2[place] / c2).squareRoot() + 1e-8)
      }
    }
    adam.take(400, last: last, gradient: nil, count: 20, first: &m, second: &v, weight: &w)
    for place in 0..<20 {
      #expect(abs(Double(w[place]) - w2[place]) < 1e-5)
      #expect(abs(Double(v[place]) - v2[place]) < 5e-6 * abs(v2[place]))
    }
  }

  private func power(_ x: Double, _ n: Int) -> Double { (0..<n).reduce(1) { product, _ in product * x } }

  /// A run that is cut after an epoch goes on to the same bytes, at any number of threads.
  @Test func runsGoOnFromTheirState() throws {
    let graph = try randomGraph(300, 0.03, seed: 6)
    var random = RandomStream(seed: 8)
    let profiles = Profiles(count: 300, columns: 9) { $0 % 3 == 0 ? nil : (0..<9).map { _ in random.normal() } }
    var method = GNE()
    (method.dimension, method.epochs, method.batch) = (16, 4, 64)
    let validation = (0..<100).map { LabelledPair($0, $0 + 100, isEdge: $0 % 2 == 0) }
    func task(_ threads: Int) -> EmbeddingTask {
      var task = EmbeddingTask(graph, seed: 3, pool: ThreadPool(threads: threads))
      task.profiles = profiles
      return task
    }
    let whole = try GNETrainer(method, task(1), validation: validation)
    while !whole.isDone { try whole.epoch() }
    let first = try GNETrainer(method, task(2), validation: validation)
    try first.epoch()
    let second = try GNETrainer(method, task(4), validation: validation)
    try second.resume(
      Dictionary(uniqueKeysWithValues: first.state.map { ($0.name, $0.values) }), reports: first.reports)
    while !second.isDone { try second.epoch() }
    #expect(whole.embedding.values == second.embedding.values && whole.reports == second.reports)
    #expect(whole.reports.last.map { $0.loss < whole.reports[0].loss } == true)
    #expect(throws: NetworkError.self) { try second.resume([:], reports: []) }
    #expect(throws: NetworkError.self) { try GNETrainer(method, EmbeddingTask(graph), validation: []) }
  }
}
