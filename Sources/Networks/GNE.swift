import Bytes
import Evaluation
import Tensors

/// GNE (Kishan, Li, Cui and Haake 2019): vectors that predict a node's neighbours from the node itself and its profile.
///
/// Trained by a softmax over the true neighbour and some shared negatives, less the logarithm of the expected counts;
/// every edge is a sample in both directions, batches are shuffled, the optimiser is Adam.
public struct GNE: EmbeddingMethod {
  /// The number of columns.
  public var dimension = 128
  /// The weight of the profiles; 0: topology only.
  public var lambda = 1.0
  /// The negatives of a batch.
  public var negatives = 10
  /// The distribution of negatives.
  public var sampler = NegativeSampler.Kind.logUniform
  /// The samples of a batch; what is left of an epoch waits for another one.
  public var batch = 256
  /// The learning rate.
  public var rate = 0.005
  /// The most epochs.
  public var epochs = 20
  /// The epochs without a gain, by validation, that are let pass.
  public var patience = 2
  /// The share of c that is dropped in training.
  public var dropout = 0.5

  /// The settings of the paper's code.
  public init() {}

  /// y = h + V after the last epoch; throws as `GNETrainer` does.
  public func embed(_ task: EmbeddingTask) throws -> Embedding {
    let trainer = try GNETrainer(self, task, validation: [])
    while !trainer.isDone { try trainer.epoch() }
    return trainer.embedding
  }
}

/// A pair of nodes and whether it is an edge.
public struct LabelledPair: Sendable, Equatable {
  /// The numbers of the nodes.
  public var (a, b): (Int, Int)
  /// Whether the nodes are neighbours.
  public var isEdge: Bool

  /// A pair.
  public init(_ a: Int, _ b: Int, isEdge: Bool) { (self.a, self.b, self.isEdge) = (a, b, isEdge) }

  /// The AUROC of the pairs by the products of their vectors; nil where they are all of one kind.
  public static func auroc(_ pairs: [LabelledPair], by embedding: Embedding) -> Double? {
    Judgement(scores: pairs.map { embedding.product($0.a, $0.b) }, labels: pairs.map(\.isEdge)).value(.auroc)
  }
}

/// A run of GNE, epoch by epoch.
public final class GNETrainer {
  /// The figures of an epoch.
  public struct Report: Sendable, Equatable {
    /// The mean loss of its samples.
    public var loss: Double
    /// The AUROC of the validation pairs, taken above one half; nil without such pairs.
    public var auroc: Double?

    /// A report.
    public init(loss: Double, auroc: Double?) { (self.loss, self.auroc) = (loss, auroc) }
  }

  /// The reports of all epochs so far.
  public private(set) var reports: [Report] = []
  private let method: GNE
  private let task: EmbeddingTask
  private let validation: [LabelledPair]
  private let network: GNENetwork
  private let adam: LazyAdam
  private let sampler: NegativeSampler
  private var moments: [GNENetwork.Part: (first: Buffer<Float>, second: Buffer<Float>)] = [:]
  private var (lastIdentity, lastOutput): ([Int32], [Int32])
  private var samples: [(Int32, Int32)]
  private let batches: Int
  private var step = 0
  private var best: [Float]?
  private var bestEpoch = 0

  /// A run from fresh weights. Throws `NetworkError` where λ is above 0 and there are no profiles.
  public init(_ method: GNE, _ task: EmbeddingTask, validation: [LabelledPair]) throws {
    if method.lambda > 0, task.profiles == nil {
      throw NetworkError(
        .unusable(method: "gne", reason: "no profiles for lambda above 0", hint: "--expression FILE, or gne:lambda=0"))
    }
    (self.method, self.task, self.validation) = (method, task, validation)
    let graph = task.graph
    network = GNENetwork(
      nodes: graph.count, dimension: method.dimension, lambda: method.lambda, profiles: task.profiles, task.pool)
    sampler = NegativeSampler(method.sampler, degrees: (0..<graph.count).map { Double(graph.degree($0)) })
    samples = (0..<graph.count).flatMap { node in graph.neighbors[graph.row(node)].map { (Int32(node), $0) } }
    batches = max(1, samples.count / method.batch)
    adam = LazyAdam(rate: method.rate, steps: batches * method.epochs)
    lastIdentity = [Int32](repeating: 0, count: graph.count)
    lastOutput = lastIdentity
    start()
  }

  /// The start: `identity` even in ±1, the other weights normal, the biases 0.
  private func start() {
    for (number, part) in GNENetwork.Part.allCases.enumerated() {
      let weights = network.weights(part)
      let (first, second) = (Buffer<Float>(), Buffer<Float>())
      first.fill(weights.count, with: 0)
      second.fill(weights.count, with: 0)
      moments[part] = (first, second)
      guard part != .bias else { continue }
      var random = RandomStream(seed: task.seed, 31, UInt64(number))
      for place in 0..<weights.count {
        weights.start[place] = Float(part == .identity ? 2 * random.uniform() - 1 : random.normal())
      }
    }
  }

  /// Whether all epochs have run, or validation has not gained for longer than `patience`.
  public var isDone: Bool {
    reports.count >= method.epochs || !validation.isEmpty && reports.count - bestEpoch > method.patience
  }

  /// The embedding of the best epoch by validation; without validation, that of the last one.
  public var embedding: Embedding { made(best ?? network.embedding()) }

  private func made(_ values: [Float]) -> Embedding { Embedding("gne", dimension: method.dimension, values: values) }

  /// Runs an epoch. Throws `NetworkError` where the embedding is no longer finite.
  public func epoch() throws {
    let number = reports.count
    var random = RandomStream(seed: task.seed, 37, UInt64(number))
    var order = Array(samples.indices)
    random.shuffle(&order)
    let size = min(method.batch, samples.count)
    var sum = 0.0
    for batch in 0..<batches {
      let losses = network.backward(
        self.batch(order[batch * size..<(batch + 1) * size], &random), dropout: dropout(number, batch, size))
      sum += losses.reduce(0) { $0 + Double($1) }
      update()
      task.progress(number * batches + batch + 1, method.epochs * batches)
    }
    catchUp()
    let current = network.embedding()
    guard current.allSatisfy(\.isFinite) else { throw NetworkError(.notFinite(method: "gne", epoch: number + 1)) }
    let auroc = LabelledPair.auroc(validation, by: made(current)).map { max($0, 1 - $0) }
    let before = reports.compactMap(\.auroc).max() ?? -1
    reports.append(Report(loss: sum / Double(batches * size), auroc: auroc))
    if let auroc, auroc > before { (best, bestEpoch) = (current, reports.count) }
  }

  /// The batch of these samples, those of nodes with a profile first.
  private func batch(_ order: ArraySlice<Int>, _ random: inout RandomStream) -> GNENetwork.Batch {
    let isKnown = method.lambda > 0 ? task.profiles?.isKnown : nil
    let chosen = order.map { samples[$0] }
    let sorted =
      isKnown.map { known in
        chosen.filter { known[Int($0.0)] } + chosen.filter { !known[Int($0.0)] }
      } ?? chosen
    let (drawn, tries) = sampler.draw(method.negatives, &random)
    func count(_ node: Int) -> Float {
      Float.logarithm(max(sampler.expected(node, count: drawn.count, tries: tries), 1e-30))
    }
    return GNENetwork.Batch(
      nodes: sorted.map { Int($0.0) }, neighbors: sorted.map { Int($0.1) }, negatives: drawn,
      neighborCounts: sorted.map { count(Int($0.1)) }, negativeCounts: drawn.map(count))
  }

  private func dropout(_ epoch: Int, _ batch: Int, _ size: Int) -> GNENetwork.Dropout? {
    guard method.dropout > 0 else { return nil }
    let count = size * method.dimension
    func factors(_ layer: Int) -> [Float] {
      DropoutMask(probability: method.dropout, seed: task.seed, epoch: epoch, batch: batch, layer: layer)
        .factors(count)
    }
    return (factors(0), method.lambda > 0 ? factors(1) : [])
  }

  /// A step of Adam: rows of nodes that the batch touched, all other weights.
  private func update() {
    step += 1
    let d = method.dimension
    rows(.identity, network.touched, d, &lastIdentity)
    let before = lastOutput
    rows(.output, network.touchedOutputs, d, &lastOutput)
    lastOutput = before
    rows(.bias, network.touchedOutputs, 1, &lastOutput)
    let parts: [GNENetwork.Part] = method.lambda > 0 ? [.hidden, .attribute] : [.hidden]
    for part in parts {
      guard let (first, second) = moments[part] else { continue }
      let (weights, gradient) = (network.weights(part), network.gradient(part))
      nonisolated(unsafe) let pointers = (weights.start, gradient.start, first.start, second.start)
      let (adam, step) = (adam, step)
      task.pool.forEachBlock(weights.count, size: 4096) { _, range, _ in
        let start = range.lowerBound
        adam.take(
          step, last: step - 1, gradient: pointers.1 + start, count: range.count, first: pointers.2 + start,
          second: pointers.3 + start, weight: pointers.0 + start)
      }
    }
  }

  private func rows(_ part: GNENetwork.Part, _ nodes: [Int], _ width: Int, _ last: inout [Int32]) {
    guard let (first, second) = moments[part] else { return }
    let (weights, gradient) = (network.weights(part), network.gradient(part))
    for (row, node) in nodes.enumerated() {
      let place = node * width
      if row + 2 < nodes.count {
        let next = nodes[row + 2] * width
        NetworkKernels.prefetch(weights.start + next, count: width)
        NetworkKernels.prefetch(first.start + next, count: width)
        NetworkKernels.prefetch(second.start + next, count: width)
      }
      adam.take(
        step, last: Int(last[node]), gradient: gradient.start + row * width, count: width,
        first: first.start + place, second: second.start + place, weight: weights.start + place)
      last[node] = Int32(step)
    }
  }

  /// Takes the idle steps of all rows.
  private func catchUp() {
    let d = method.dimension
    for (part, width) in [(GNENetwork.Part.identity, d), (.output, d), (.bias, 1)] {
      guard let (first, second) = moments[part] else { continue }
      let weights = network.weights(part)
      for node in 0..<task.graph.count {
        adam.take(
          step, last: Int(part == .identity ? lastIdentity[node] : lastOutput[node]), gradient: nil, count: width,
          first: first.start + node * width, second: second.start + node * width, weight: weights.start + node * width)
      }
    }
    lastIdentity = lastIdentity.map { _ in Int32(step) }
    lastOutput = lastIdentity
  }
}

// MARK: The state between two epochs

extension GNETrainer {
  /// The numbers of a run between two epochs, by name.
  public var state: [(name: String, values: [Float])] {
    var all: [(name: String, values: [Float])] = []
    for part in GNENetwork.Part.allCases {
      all.append(("weight.\(part)", Array(network.weights(part).elements)))
      if let (first, second) = moments[part] {
        all += [("first.\(part)", Array(first.elements)), ("second.\(part)", Array(second.elements))]
      }
    }
    if let best { all.append(("best", best)) }
    return all
  }

  /// Goes on from a state after as many epochs as there are reports. Throws `NetworkError` where it does not fit.
  public func resume(_ state: [String: [Float]], reports: [Report]) throws {
    func values(_ name: String, _ count: Int) throws -> [Float] {
      guard let values = state[name], values.count == count else {
        throw NetworkError(.state(reason: "\(name) is missing or of another size"))
      }
      return values
    }
    guard reports.count <= method.epochs else { throw NetworkError(.state(reason: "it has more epochs than the run")) }
    for part in GNENetwork.Part.allCases {
      guard let (first, second) = moments[part] else { continue }
      let weights = network.weights(part)
      for (buffer, name) in [(weights, "weight"), (first, "first"), (second, "second")] {
        let found = try values("\(name).\(part)", weights.count)
        for place in found.indices { buffer.start[place] = found[place] }
      }
    }
    self.reports = reports
    step = reports.count * batches
    lastIdentity = lastIdentity.map { _ in Int32(step) }
    lastOutput = lastIdentity
    let most = reports.compactMap(\.auroc).max()
    bestEpoch = (reports.firstIndex { $0.auroc == most && most != nil } ?? -1) + 1
    best = bestEpoch > 0 ? try values("best", task.graph.count * method.dimension) : nil
  }
}

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension Float {
  /// The natural logarithm, rounded once.
  static func logarithm(_ x: Double) -> Float { Float(log(x)) }
}
