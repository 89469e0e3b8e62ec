import Arrays
import Bytes
import Models
import Tensors

/// Fits a model of single units to examples of several, of which only the examples have labels: in rounds, each of
/// which takes the best unit of every positive example for its witness.
///
/// Unless that is asked for, every unit has the label of its example, in one fit.
///
/// 1. At first the units of positive examples of one unit are positive; where there is no such example, the units of
///    all positive examples. All units of negative examples are negative.
/// 2. The model is fitted, and the unit with the highest score in each positive example becomes its witness; ties go to
///    the unit whose row comes first.
/// 3. The model is fitted to the witnesses and all units of negative examples. 2 and 3 are repeated until the witnesses
///    are those of an earlier round, or `mostRounds` times.
///
/// In every round the rows are given to the fitter in an order that follows from their values: the witnesses and the
/// model do not depend on the order of the examples, to the last bit. Of units with the same score, the one with the
/// smaller values becomes the witness.
///
/// Examples of one unit, and units that have labels of their own, need one fit. Where the order of the sides has no
/// meaning, every row is given in both orders with half its weight, so that the fit does not depend on the order.
public struct WitnessLoop: Fitter {
  private let inner: any UnitFitter
  private let mil: MIL
  private let plan: TrainingPlan
  private let goal: Goal
  /// The most rounds.
  public static let mostRounds = 100

  init(_ inner: any UnitFitter, _ mil: MIL, _ plan: TrainingPlan, _ goal: Goal) {
    (self.inner, self.mil, self.plan, self.goal) = (inner, mil, plan, goal)
  }

  /// Fits a model to the units of the training examples.
  public func fit(
    _ store: any BatchStore, _ split: ValidationSplit, from state: TrainingState?, _ observer: Trainer.Observer
  ) throws -> Fitted {
    try LabelCounts.check(goal, store, split)
    let table = UnitTable(store, split.train, bothOrders: plan.drawsOrder)
    let rest = UnitFit(
      store: store, validation: split.validation, pool: ThreadPool(threads: plan.threads), observer: observer)
    guard mil == .witness, table.isOfExamples, table.hasSeveral else {
      if let whole = inner as? any Fitter { return try whole.fit(store, split, from: state, observer) }
      return try inner.fit(table, rest)
    }
    guard goal == .binary else {
      throw TrainingError.wrongLabels(
        method: "this method", reason: "can't find the witnesses of examples of several units from numbers",
        hint: "mil=max or mil=mean, a network with --loss mse, or labels of the units (--learn-from instance)")
    }
    return try rounds(table, rest)
  }

  private func rounds(_ table: UnitTable, _ rest: UnitFit) throws -> Fitted {
    let tape = Tape(threads: plan.threads)
    let ranks = table.ranks
    var positives = table.first
    var seen: Set<[Int]> = []
    var end = "the most rounds"
    var fitted: Fitted?
    for _ in 1...Self.mostRounds {
      let rows = (table.negatives + positives).sorted { ranks[$0] < ranks[$1] }
      let fit = try inner.fit(table.rows(rows), rest)
      fitted = fit
      if rest.observer.isCancelled() { throw FittingStopped() }
      let scores = table.scores(fit.model, tape)
      let witnesses = table.witnesses(scores, ranks)
      if !seen.insert(witnesses).inserted {
        end = witnesses == positives ? "the witnesses stay" : "the witnesses are those of an earlier round"
        break
      }
      positives = witnesses
    }
    guard var fitted else { preconditionFailure("at least one round") }
    fitted.notes["witnesses"] = "\(seen.count) round\(seen.count == 1 ? "" : "s"), until \(end)"
    return fitted
  }
}

/// An algorithm that fits a model of single units to some units, each an example of its own.
protocol UnitFitter: Sendable {
  /// A model for these units.
  func fit(_ units: UnitTable, _ rest: UnitFit) throws -> Fitted
}

/// The settings of a fit to units.
struct UnitFit {
  /// The examples that the units come from.
  let store: any BatchStore
  /// Those that choose the epoch.
  let validation: [Int]
  let pool: ThreadPool
  let observer: Trainer.Observer
}

extension GradientFitter: UnitFitter {
  /// Trains on the units from fresh weights; the validation examples choose the epoch.
  func fit(_ units: UnitTable, _ rest: UnitFit) throws -> Fitted {
    let store = UnitStore(units: units, base: rest.store, examples: rest.validation)
    let split = ValidationSplit(train: Array(0..<units.count), validation: Array(units.count..<store.count))
    return try fit(store, split, from: nil, rest.observer)
  }
}

/// Units of a table as examples, and behind them some examples of a store. A batch holds the ones or the others.
private struct UnitStore: BatchStore {
  let units: UnitTable
  let base: any BatchStore
  let examples: [Int]

  var count: Int { units.count + examples.count }
  var ports: [PortSpec] { base.ports }

  /// The examples of the base that these are; nil where all are units.
  private func based(_ chosen: [Int]) -> [Int]? {
    guard let first = chosen.first, first >= units.count else { return nil }
    return chosen.map { examples[$0 - units.count] }
  }

  func targets(of chosen: [Int]) -> Targets {
    if let based = based(chosen) { return base.targets(of: based) }
    return Targets(
      base.targets(of: []).axis, label: chosen.map { units.labels[$0] }, weight: chosen.map { units.weights[$0] })
  }

  func size(of example: Int) -> Int { example < units.count ? 1 : base.size(of: examples[example - units.count]) }

  func batch(_ chosen: [Int], _ draw: Draw?) -> Batch {
    if let based = based(chosen) { return base.batch(based, draw) }
    let rows = chosen.enumerated().map { place, unit in
      units.isDoubled && draw?.swapped?[place] == true ? unit + units.count : unit
    }
    var batch = Batch(singles: units.x.rows(rows))
    batch.targets = targets(of: chosen)
    return batch
  }
}

/// The error thrown when the observer cancels a fit that keeps no state.
public struct FittingStopped: Error {}

/// The units of some examples as rows of a table.
struct UnitTable {
  /// The rows, and behind them the same rows with their sides exchanged where `isDoubled`.
  var x: Matrix
  /// The label and the weight of each unit: its own, or that of its example.
  var labels, weights: [Float]
  /// Example i has the units `offsets[i]..<offsets[i + 1]`; a tested unit of an example is one of its own.
  var offsets: [Int]
  let isDoubled: Bool
  /// Whether the labels are those of examples, not of units.
  let isOfExamples: Bool

  /// The units of examples that have a weight.
  init(_ store: any BatchStore, _ examples: [Int], bothOrders: Bool) {
    let targets = store.targets(of: examples)
    var sizes = examples.map { store.size(of: $0) }
    let units = sizes.reduce(0, +)
    // An example has at least one unit: equal counts mean a label for each example.
    isOfExamples = targets.label.count == examples.count || targets.label.count != units
    if isOfExamples, targets.label.count != examples.count { sizes = Self.groups(store, examples) }
    offsets = sizes.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    if isOfExamples {
      labels = zip(targets.label, sizes).flatMap { [Float](repeating: $0, count: $1) }
      weights = zip(targets.weight, sizes).flatMap { [Float](repeating: $0, count: $1) }
    } else {
      (labels, weights) = (targets.label, targets.weight)
    }
    isDoubled = bothOrders
    x = Self.rows(store, examples, units, bothOrders: bothOrders)
  }

  /// The sizes of the groups of units that have a label each, where some examples are of several.
  private static func groups(_ store: any BatchStore, _ examples: [Int]) -> [Int] {
    stride(from: 0, to: examples.count, by: 256).flatMap { start -> [Int] in
      let batch = store.batch(Array(examples[start..<min(start + 256, examples.count)]), nil)
      for case .segments(let ends) in batch.relations.values where ends.count == batch.targets.label.count + 1 {
        return zip(ends, ends.dropFirst()).map { Int($1 - $0) }
      }
      preconditionFailure("groups of units with a label each")
    }
  }

  private init(_ x: Matrix, _ labels: [Float], _ weights: [Float], isDoubled: Bool) {
    (self.x, self.labels, self.weights, offsets) = (x, labels, weights, [])
    (self.isDoubled, isOfExamples) = (isDoubled, false)
  }

  /// The dense port of batches of the examples, one after the other.
  private static func rows(_ store: any BatchStore, _ examples: [Int], _ units: Int, bothOrders: Bool) -> Matrix {
    precondition(store.ports.count == 1, "one port of numbers")
    let port = store.ports[0]
    var x = Matrix(uninitializedRows: bothOrders ? 2 * units : units, columns: port.width)
    x.withUnsafeMutableBufferPointer { out in
      var filled = 0
      for isExchanged in bothOrders ? [false, true] : [false] {
        for start in stride(from: 0, to: examples.count, by: 256) {
          let part = Array(examples[start..<min(start + 256, examples.count)])
          let swapped = [Bool](repeating: true, count: part.count)
          let batch = store.batch(part, isExchanged ? Draw(seed: 0, epoch: 0, swapped: swapped) : nil)
          guard let rows = batch.dense(port.name) else { preconditionFailure("a port of numbers") }
          rows.withUnsafeBufferPointer { from in
            guard let from = from.baseAddress, let to = out.baseAddress else { return }
            (to + filled).update(from: from, count: rows.rows * port.width)
          }
          filled += rows.rows * port.width
        }
      }
    }
    return x
  }

  /// The number of units.
  var count: Int { labels.count }
  /// Whether an example has several units.
  var hasSeveral: Bool { count > offsets.count - 1 }
  /// The examples as ranges of units.
  private var examples: [Range<Int>] { zip(offsets, offsets.dropFirst()).map { $0..<$1 } }
  /// The units that share a label: those of an example, or each by itself where units have labels of their own.
  var ranges: [Range<Int>] { isOfExamples ? examples : (0..<count).map { $0..<$0 + 1 } }
  /// The units of negative examples.
  var negatives: [Int] { labels.indices.filter { labels[$0] <= 0.5 } }
  /// The units of positive examples of one unit, or of all positive examples where there is none.
  var first: [Int] {
    let positive = examples.filter { !$0.isEmpty && labels[$0.lowerBound] > 0.5 && weights[$0.lowerBound] > 0 }
    let single = positive.filter { $0.count == 1 }
    return (single.isEmpty ? positive : single).flatMap { Array($0) }
  }

  /// The label of each row.
  var rowLabels: [Float] { isDoubled ? labels + labels : labels }
  /// The weight of each row: half that of its unit where the unit has two rows.
  var rowWeights: [Float] { isDoubled ? (weights + weights).map { $0 / 2 } : weights }

  /// The table of some units.
  func rows(_ units: [Int]) -> UnitTable {
    let both = isDoubled ? units + units.map { $0 + count } : units
    return UnitTable(
      x.rows(both), units.map { labels[$0] }, units.map { weights[$0] }, isDoubled: isDoubled)
  }

  /// The score of each unit, the mean of both orders where there are two rows of it.
  func scores(_ model: any Model, _ tape: Tape) -> [Float] {
    let all = model.score(Batch(singles: x), tape)[model.unit]
    return isDoubled ? (0..<count).map { (all[$0] + all[$0 + count]) / 2 } : all
  }

  /// The number of each unit in the order of the values in their rows, from the first column on.
  var ranks: [Int] {
    var ranks = [Int](repeating: 0, count: count)
    x.withUnsafeBufferPointer { values in
      let columns = x.columns
      let order = (0..<count).sorted { one, other in
        for column in 0..<columns {
          let (a, b) = (values[one * columns + column], values[other * columns + column])
          if a != b { return a < b }
        }
        return (labels[one], weights[one], one) < (labels[other], weights[other], other)
      }
      for (rank, unit) in order.enumerated() { ranks[unit] = rank }
    }
    return ranks
  }

  /// The unit of the highest score in each positive example; of those with the same score the one of the least rank.
  func witnesses(_ scores: [Float], _ ranks: [Int]) -> [Int] {
    examples.compactMap { range in
      guard let start = range.first, labels[start] > 0.5, weights[start] > 0 else { return nil }
      return range.reduce(start) { best, unit in
        (scores[unit], -ranks[unit]) > (scores[best], -ranks[best]) ? unit : best
      }
    }
  }
}

/// A store whose labels are those of the units of its examples (`--learn-from instance`).
public struct UnitLabelStore: BatchStore {
  private let base: any BatchStore
  /// The label of each unit of all examples, not a number where it has none.
  private let labels: [Float]
  private let offsets: [Int]
  private let axis: Axis

  /// The examples of `base` with the labels of their units, which lie on `axis`: a number per unit, not a number where
  /// it has none.
  public init(_ base: any BatchStore, labels: [Float], on axis: Axis) {
    (self.base, self.labels, self.axis) = (base, labels, axis)
    offsets = (0..<base.count).reduce(into: [0]) { $0.append($0[$0.count - 1] + base.size(of: $1)) }
    precondition(offsets[base.count] == labels.count, "one label per unit")
  }

  /// The number of examples.
  public var count: Int { base.count }
  /// Those of the examples.
  public var ports: [PortSpec] { base.ports }
  /// The number of units of an example.
  public func size(of example: Int) -> Int { base.size(of: example) }

  /// The labels of the units of these examples; weight 0 where one has none.
  public func targets(of examples: [Int]) -> Targets {
    let labels = examples.flatMap { self.labels[offsets[$0]..<offsets[$0 + 1]] }
    return Targets(
      axis, label: labels.map { $0.isNaN ? 0 : $0 }, weight: labels.map { $0.isNaN ? 0 : 1 },
      sizes: examples.map { offsets[$0 + 1] - offsets[$0] })
  }

  /// A batch of these examples with the labels of their units.
  public func batch(_ examples: [Int], _ draw: Draw?) -> Batch {
    var batch = base.batch(examples, draw)
    batch.targets = targets(of: examples)
    return batch
  }
}
