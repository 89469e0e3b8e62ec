import Arrays
import Models
import Tensors

/// Fits the head of a network whose other layers stay as they are: their values are computed once for each example.
struct HeadFitter: Fitter {
  /// The trainer of the head.
  let trainer: Trainer
  /// The network of an attempt, from 1: each has a head of other initial weights.
  let makeNetwork: @Sendable (_ attempt: Int) throws -> CutNetwork

  /// Trains on the values below the head and returns the whole network.
  func fit(
    _ store: any BatchStore, _ split: ValidationSplit, from state: TrainingState?, _ observer: Trainer.Observer
  ) throws -> Fitted {
    let cut = try makeNetwork(1)
    let features = FeatureStore(store, split.train + split.validation, cut, threads: trainer.plan.threads)
    var inner = observer
    inner.lastGood = { model in
      if let head = model as? Network { observer.lastGood(cut.network(head.parameters)) }
    }
    let (head, outcome) = try trainer.train(
      store: features, split: split, makeModel: { try makeNetwork($0).head }, from: state, observer: inner)
    return Fitted(cut.network(head.parameters), outcome: outcome)
  }
}

/// Examples whose units are rows of numbers that were computed before.
struct FeatureStore: BatchStore {
  /// The examples that are computed at a time.
  private static let blockSize = 512

  private let base: any BatchStore
  private let x: Matrix
  private let port: PortSpec
  /// The first row of each example, -1 where it has none here.
  private let starts: [Int]

  /// The values below the head of a network, of these examples.
  init(_ base: any BatchStore, _ examples: [Int], _ cut: CutNetwork, threads: Int) {
    let tape = Tape(threads: threads)
    var (values, rows): ([Float], Int) = ([], 0)
    var starts = [Int](repeating: -1, count: base.count)
    values.reserveCapacity(examples.count * cut.head.ports[0].width)
    for first in stride(from: 0, to: examples.count, by: Self.blockSize) {
      let block = Array(examples[first..<min(first + Self.blockSize, examples.count)])
      values += cut.features(of: base.batch(block, nil), tape).values
      for example in block {
        starts[example] = rows
        rows += base.size(of: example)
      }
    }
    (self.base, self.starts, port) = (base, starts, cut.head.ports[0])
    x = Matrix(rows: rows, columns: port.width, values: values)
  }

  /// The number of examples of the store that they come from.
  var count: Int { base.count }
  /// The values.
  var ports: [PortSpec] { [port] }
  /// The labels of the examples.
  func targets(of examples: [Int]) -> Targets { base.targets(of: examples) }
  /// The number of units of an example.
  func size(of example: Int) -> Int { base.size(of: example) }

  /// A batch of these examples, all of which were computed.
  func batch(_ examples: [Int], _ draw: Draw?) -> Batch {
    var batch = Batch(grouping: examples.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int32(base.size(of: $1))) })
    let rows = examples.flatMap { starts[$0]..<starts[$0] + base.size(of: $0) }
    batch.ports[port.name] = .dense(x.rows(rows))
    batch.targets = targets(of: examples)
    return batch
  }
}
