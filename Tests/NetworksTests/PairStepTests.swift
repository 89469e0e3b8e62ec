import Bytes
import Networks
import Tensors
import Testing

/// Steps of LINE and skip-gram: the plain twin beside the reference's gradients, the kernels beside the twin.
@Suite struct PairStepTests {
  private func values(_ json: JSON?) -> [Double] { json?.array?.flatMap { Toy.numbers($0) } ?? [] }

  @Test func stepsAreTheGradientsOfLINE() throws {
    let toy = try Toy()
    let (u, c) = (values(toy.json["line_U"]), values(toy.json["line_C"]))
    let width = u.count / toy.nodes
    let cases = try #require(toy.json["line"]?.array)
    #expect(cases.count == 4)
    for item in cases {
      let isShared = item["order"]?.int == 1
      let negatives = try #require(item["negatives"]?.array).compactMap(\.int)
      let pair = (input: try #require(item["i"]?.int), output: try #require(item["j"]?.int))
      let steps = PairSteps(group: 8, negatives: negatives.count, skipsInput: false)
      var (inputs, outputs) = (u, c)
      steps.takePlainly(
        [pair], drawn: negatives, inputs: &inputs, outputs: &outputs, dimension: width, isShared: isShared, rate: 1)
      for (place, wanted) in values(item["dU"]).enumerated() {
        #expect(abs(u[place] - inputs[place] - wanted) < 1e-12)
      }
      for (place, wanted) in values(item["dC"]).enumerated() {
        #expect(abs(c[place] - outputs[place] - wanted) < 1e-12)
      }
    }
  }

  /// All strengths give the same bits, and these are near the twin's numbers; with repeated negatives, with negatives
  /// that are left out, and with more targets than fit one go.
  @Test(arguments: [(128, 5), (64, 5), (20, 5), (128, 1), (33, 13)], [false, true])
  func kernelsGiveTheNumbersOfTheTwin(_ size: (dimension: Int, negatives: Int), _ isShared: Bool) throws {
    let (dimension, rows, count, group) = (size.dimension, 40, 300, 8)
    let stride = PairSteps.stride(dimension)
    var random = RandomStream(seed: UInt64(dimension))
    let pairs = (0..<count).map { _ in
      let input = random.below(rows)
      return (input: input, output: (input + 1 + random.below(rows - 1)) % rows)
    }
    let drawn = (0..<ThreadPool.blocks(count, size: group) * size.negatives).map { _ in random.below(rows) }
    var inputs = (0..<rows * dimension).map { _ in random.normal() / 4 }
    var outputs = (0..<rows * dimension).map { _ in random.normal() / 4 }
    var results: [[Float]] = []
    for strength in FusedKernels.Strength.allCases {
      guard let kernels = FusedKernels(strength) else { continue }
      let (u, c) = (Buffer<Float>(), Buffer<Float>())
      u.fill(rows * stride, with: 0)
      c.fill(rows * stride, with: 0)
      for place in inputs.indices {
        u.start[place / dimension * stride + place % dimension] = Float(inputs[place])
        c.start[place / dimension * stride + place % dimension] = Float(outputs[place])
      }
      PairSteps(group: group, negatives: size.negatives, skipsInput: isShared, kernels: kernels).take(
        pairs.flatMap { [Int32($0.input), Int32($0.output)] }, count: count, drawn: drawn.map(Int32.init),
        inputs: u.start, outputs: isShared ? u.start : c.start, stride: stride, rate: 0.05)
      results.append(Array(u.elements) + Array(c.elements))
    }
    #expect(results.allSatisfy { $0 == results[0] })
    PairSteps(group: group, negatives: size.negatives, skipsInput: isShared).takePlainly(
      pairs, drawn: drawn, inputs: &inputs, outputs: &outputs, dimension: dimension, isShared: isShared, rate: 0.05)
    for place in inputs.indices {
      let index = place / dimension * stride + place % dimension
      #expect(abs(Double(results[0][index]) - inputs[place]) < 2e-5)
      if !isShared { #expect(abs(Double(results[0][rows * stride + index]) - outputs[place]) < 2e-5) }
    }
    #expect(results[0].indices.allSatisfy { $0 % stride < dimension || results[0][$0] == 0 })
  }
}

/// The methods as a whole.
@Suite struct EmbeddingTests {
  static let methods = [
    "node2vec:dimension=16,walks=2,length=20", "line:dimension=16,samples=20000", "svd:dimension=8",
  ]

  @Test(arguments: methods) func sameBytesAtAnyNumberOfThreads(_ text: String) throws {
    // 600 nodes are four parts.
    let graph = try randomGraph(600, 0.02, seed: 3)
    let method = try MethodCatalog.method(text).method
    let results = try [1, 2, 4].map { threads in
      try method.embed(EmbeddingTask(graph, seed: 7, pool: ThreadPool(threads: threads))).values
    }
    #expect(results[0] == results[1] && results[0] == results[2])
    if !text.hasPrefix("svd") { #expect(try method.embed(EmbeddingTask(graph, seed: 8)).values != results[0]) }
  }

  /// Neighbours are nearer than others: two groups of nodes with many edges within and few between.
  @Test(arguments: methods, [false, true]) func neighboursAreNear(_ text: String, _ isWeighted: Bool) throws {
    var random = RandomStream(seed: 11)
    var builder = GraphBuilder(isWeighted: isWeighted)
    for a in 0..<60 {
      for b in 0..<a where random.uniform() < (a % 2 == b % 2 ? 0.5 : 0.02) {
        try builder.edge("\(a)", "\(b)", weight: isWeighted ? 1 + Double(random.below(3)) : 1)
      }
    }
    builder.node("alone")
    let graph = try builder.build()
    let embedding = try MethodCatalog.method(text).method.embed(EmbeddingTask(graph, seed: 1))
    var (within, between) = ((0.0, 0.0), (0.0, 0.0))
    for a in 0..<60 {
      for b in 0..<a {
        let product = embedding.product(a, b)
        if Int(graph.nodes[a])! % 2 == Int(graph.nodes[b])! % 2 {
          within = (within.0 + product, within.1 + 1)
        } else {
          between = (between.0 + product, between.1 + 1)
        }
      }
    }
    #expect(within.0 / within.1 > between.0 / between.1 + 0.01)
    let alone = try #require(graph.nodes.firstIndex(of: "alone"))
    #expect((0..<embedding.dimension).allSatisfy { embedding.values[alone * embedding.dimension + $0] == 0 })
  }
}
