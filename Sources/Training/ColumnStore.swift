import Arrays
import Models

/// A store whose batches hold some columns of the one dense port of another's.
public struct ColumnStore: BatchStore {
  private let base: any BatchStore
  private let columns: [Int]

  /// The examples of `base` with these columns.
  public init(_ base: any BatchStore, columns: [Int]) { (self.base, self.columns) = (base, columns) }

  /// The number of examples.
  public var count: Int { base.count }
  /// The port of the columns.
  public var ports: [PortSpec] { MethodChoice.ports(features: columns.count) }
  /// The number of units of an example.
  public func size(of example: Int) -> Int { base.size(of: example) }
  /// Those of the examples.
  public func targets(of examples: [Int]) -> Targets { base.targets(of: examples) }

  /// The batch of these examples with the columns alone.
  public func batch(_ examples: [Int], _ draw: Draw?) -> Batch {
    var batch = base.batch(examples, draw)
    let name = base.ports[0].name
    guard let all = batch.dense(name) else { preconditionFailure("a batch with the port \(name)") }
    batch.ports[name] = .dense(all.columns(columns))
    return batch
  }
}

/// A store whose tested units are examples of their own: of an example with labelled units each unit becomes a group of
/// one with its own label, weight 0 where it has none; other examples stay as they are (`--learn-from both`).
public struct TestedUnitStore: BatchStore {
  private let base: any BatchStore
  private let labels: [Float]
  private let offsets: [Int]
  private let isTested: [Bool]
  private let relation: String
  private let axis: Axis

  /// The examples of `base`, whose units the relation groups on `axis`; `labels` has a number per unit, not a number
  /// where it has none.
  public init(_ base: any BatchStore, labels: [Float], grouping relation: String, on axis: Axis) {
    (self.base, self.labels, self.relation, self.axis) = (base, labels, relation, axis)
    let offsets = (0..<base.count).reduce(into: [0]) { $0.append($0[$0.count - 1] + base.size(of: $1)) }
    precondition(offsets[base.count] == labels.count, "one label per unit")
    isTested = (0..<base.count).map { labels[offsets[$0]..<offsets[$0 + 1]].contains { !$0.isNaN } }
    self.offsets = offsets
  }

  /// The number of examples.
  public var count: Int { base.count }
  /// Those of the examples.
  public var ports: [PortSpec] { base.ports }
  /// The number of units of an example.
  public func size(of example: Int) -> Int { base.size(of: example) }

  /// The labels of the units of tested examples, and those of the other examples.
  public func targets(of examples: [Int]) -> Targets {
    let whole = base.targets(of: examples)
    var result = Targets(axis, label: [])
    for (place, example) in examples.enumerated() {
      if isTested[example] {
        let own = labels[offsets[example]..<offsets[example + 1]]
        result.label += own.map { $0.isNaN ? 0 : $0 }
        result.weight += own.map { $0.isNaN ? 0 : 1 }
      } else {
        result.label.append(whole.label[place])
        result.weight.append(whole.weight[place])
      }
    }
    return result
  }

  /// A batch of these examples, the units of tested ones in groups of their own; of those all are taken.
  public func batch(_ examples: [Int], _ draw: Draw?) -> Batch {
    var draw = draw
    if let limits = draw?.limits {
      draw?.limits = zip(examples, limits).map { isTested[$0] ? base.size(of: $0) : $1 }
    }
    var batch = base.batch(examples, draw)
    let groups = batch.segments(relation)
    var segments: [Int32] = [0]
    for (place, example) in examples.enumerated() {
      let (start, size) = (groups[place], Int(groups[place + 1] - groups[place]))
      if isTested[example] {
        segments += (1...size).map { start + Int32($0) }
      } else {
        segments.append(start + Int32(size))
      }
    }
    batch.relations[relation] = .segments(segments)
    batch.count[axis] = segments.count - 1
    batch.targets = targets(of: examples)
    return batch
  }
}
