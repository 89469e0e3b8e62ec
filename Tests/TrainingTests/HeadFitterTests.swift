import Arrays
import Bytes
import Models
import Tensors
import Testing
import Training
import Workbench

/// The head of two logits, fitted on the values that the frozen layers of a network give once.
@Suite struct HeadFitterTests {
  /// Every text of side a with every one of side b; the class depends on a letter of either side, with some noise.
  private struct TextPairs: BatchStore {
    let ports: [PortSpec]
    private let texts: [[[Int32]]]
    let labels: [Float]

    init(_ ports: [PortSpec]) {
      var random = RandomStream(seed: 5)
      texts = ports.map { port in
        guard case .tokens(let symbols, let length) = port.kind else { return [] }
        return (0..<12).map { _ in (0..<length).map { _ in Int32(1 + random.below(symbols - 1)) } }
      }
      let first = texts.map { side in side.map { $0[0] } }
      labels = (0..<144).map { pair in
        let rises = first[0][pair / 12] % 2 == 0
        return random.below(5) == 0 ? Float(random.below(2)) : rises == (first[1][pair % 12] % 2 == 0) ? 1 : 0
      }
      self.ports = ports
    }

    var count: Int { labels.count }
    func targets(of pairs: [Int]) -> Targets { Targets(.bag, label: pairs.map { labels[$0] }) }
    func size(of pair: Int) -> Int { 1 }

    func batch(_ pairs: [Int], _ draw: Draw?) -> Batch {
      var batch = Batch(grouping: (0...Int32(pairs.count)).map { $0 })
      for (side, port) in ports.enumerated() {
        let own = pairs.map { side == 0 ? $0 / 12 : $0 % 12 }
        let rows = Set(own).sorted()
        batch.count[port.axis] = rows.count
        batch.ports[port.name] = .tokens(rows.flatMap { texts[side][$0] })
        batch.relations[port.axis.name] = .index(own.map { Int32(rows.firstIndex(of: $0) ?? 0) })
      }
      batch.targets = targets(of: pairs)
      return batch
    }
  }

  private let base: Network
  private let choice: MethodChoice
  private let store: TextPairs

  init() throws {
    let method = try MethodChoice(
      "deepdta:embedding=6,filters=3,smiles-kernel=2,kernel=3,smiles-length=9,length=14,head1=12,head2=7,dropout=0.5")
    let ports = method.inputs.map { input -> PortSpec in
      guard case .tokens(_, let symbols, let length) = input.form else { preconditionFailure("texts") }
      return PortSpec(input.port, input.rows, .tokens(symbols: symbols, length: length))
    }
    base = try #require(try method.plan(ports)).network(seed: 3)
    let card = ModelCard(
      method, goal: .number,
      ports: zip(ports, method.inputs).map { port, input in
        guard case .tokens(_, let symbols, let length) = input.form else { preconditionFailure("texts") }
        return ModelCard.Port(port.name, port.axis, symbols: symbols, length: length)
      }, order: .roles, seed: 3, remedy: "", trainingData: "", toolVersion: "")
    let path = "\(Scratch.folder())/base.safetensors"
    try #require(Files.write(ModelFile(card: card, models: [base]).bytes(), to: path))
    choice = try MethodChoice("two-logit:base=\(path),positive-above=7").resolved().choice
    store = TextPairs(ports)
  }

  private func fit(
    epochs: Int, threads: Int = 1, validation: [Int] = [], _ observer: Trainer.Observer = Trainer.Observer(),
    from state: TrainingState? = nil
  ) throws -> (model: Network, outcome: TrainingOutcome) {
    var plan = TrainingPlan()
    (plan.batchSize, plan.epochs, plan.patience, plan.threads, plan.restarts) = (48, epochs, 0, threads, 0)
    plan.optimiser.learningRate = 0.05
    let fitter = try choice.fitter(store.ports, ClassLoss.crossEntropy, plan)
    let split = ValidationSplit(train: (0..<store.count).filter { !validation.contains($0) }, validation: validation)
    let fitted = try fitter.fit(store, split, from: state, observer)
    return (try #require(fitted.model as? Network), try #require(fitted.outcome))
  }

  private func margins(_ network: Network) -> [Float] {
    network.score(store.batch(Array(0..<store.count), nil), Tape(threads: 1))[.bag]
  }

  private func loss(_ margins: [Double]) -> Double {
    zip(margins, store.labels).reduce(0) { $0 - logSigmoid($1.1 > 0.5 ? $1.0 : -$1.0) } / Double(margins.count)
  }

  @Test func onlyTheHeadChanges() throws {
    let model = try fit(epochs: 5).model
    for entry in base.parameters.entries where !entry.name.hasPrefix("output.") {
      #expect(model.parameters.values(entry.name) == base.parameters.values(entry.name), "\(entry.name)")
    }
    #expect(model.parameters.values("output.weight")?.count == 14)
    #expect(model.parameters.values("output.bias")?.count == 2)
  }

  /// Two logits differ by a logistic regression on the values below: Newton's minimum of the same loss.
  @Test func theHeadReachesTheMinimumOfALogisticRegression() throws {
    let cut = try #require(try choice.cut(store.ports, seed: 1))
    let x = cut.features(of: store.batch(Array(0..<store.count), nil), Tape(threads: 1))
    var newton = NewtonLinear()
    newton.c = 1e6
    newton.scaling = .none
    let fit = try newton.fit(x, labels: store.labels, ThreadPool(threads: 1))
    let least = loss(
      (0..<x.rows).map { row in
        (0..<x.columns).reduce(fit.intercept) { $0 + fit.coefficients[$1] * Double(x[row, $1]) }
      })
    let start = loss(margins(cut.whole).map { Double($0) })
    let reached = loss(margins(try self.fit(epochs: 600).model).map { Double($0) })
    #expect(reached >= least - 1e-6)
    #expect(reached - least < 0.25 * (start - least), "\(start) to \(reached), the least is \(least)")
  }

  @Test func threadsChangeNothing() throws {
    let validation = Array(100..<144)
    let (one, outcome) = try fit(epochs: 6, validation: validation)
    #expect(try fit(epochs: 6, threads: 3, validation: validation).model.parameters == one.parameters)
    #expect((1...6).contains(outcome.bestEpoch))
  }

  @Test func aRunGoesOnFromAState() throws {
    var states: [TrainingState] = []
    var observer = Trainer.Observer()
    observer.state = { states.append($0) }
    let whole = try fit(epochs: 6, observer).model
    #expect(states.count == 6)
    #expect(try fit(epochs: 6, from: states[2]).model.parameters == whole.parameters)
  }
}
