import Bytes

/// The values of one input of a model.
public enum Port: Sendable, Equatable {
  /// Numbers: a row for each row of the port's axis.
  case dense(Matrix)
  /// Symbols, numbered from 0: the same number of them for each row of the port's axis.
  case tokens([Int32])
}

/// The form of one input of a model: what a batch must hold under its name.
public struct PortSpec: Sendable, Equatable {
  /// The kind of the values.
  public enum Kind: Sendable, Equatable {
    /// `width` numbers per row.
    case dense(width: Int)
    /// `length` symbols per row, each from 0 to below `symbols`.
    case tokens(symbols: Int, length: Int)
  }

  /// The key of the port in `Batch.ports`.
  public let name: String
  /// The axis of the rows.
  public let axis: Axis
  /// The kind of the values.
  public let kind: Kind
  /// The names of the columns of a dense port, where they are known. They are not part of its form.
  public let names: [String]

  /// A port of these properties.
  public init(_ name: String, _ axis: Axis, _ kind: Kind, names: [String] = []) {
    (self.name, self.axis, self.kind, self.names) = (name, axis, kind, names)
  }

  /// Whether both have the same name, axis and kind.
  public static func == (one: PortSpec, other: PortSpec) -> Bool {
    one.name == other.name && one.axis == other.axis && one.kind == other.kind
  }

  /// The numbers or symbols per row.
  public var width: Int {
    switch kind {
    case .dense(let width): width
    case .tokens(_, let length): length
    }
  }
}

/// The labels of a batch.
public struct Targets: Sendable, Equatable {
  /// The rows that have labels: the examples (bags), their units (instances), or the cells of a grid.
  public var axis: Axis
  /// One label per row of the axis: 0 or 1, or a number for regression.
  public var label: [Float]
  /// One weight per row of the axis; a row of weight 0 has no label, or was not drawn.
  public var weight: [Float]
  /// The number of rows of each example, in order; empty where each example has one.
  public var sizes: [Int]

  /// Labels on an axis; without weights each row counts 1.
  public init(_ axis: Axis, label: [Float], weight: [Float]? = nil, sizes: [Int] = []) {
    (self.axis, self.label, self.sizes) = (axis, label, sizes)
    self.weight = weight ?? [Float](repeating: 1, count: label.count)
    precondition(self.weight.count == label.count, "one weight per label")
  }

  /// The rows of each example.
  public var examples: [Range<Int>] {
    if sizes.isEmpty { return label.indices.map { $0..<$0 + 1 } }
    var start = 0
    return sizes.map { size in
      defer { start += size }
      return start..<start + size
    }
  }

  /// Adds the rows of others, of any axis.
  public mutating func append(_ others: Targets) {
    axis = others.axis
    label += others.label
    weight += others.weight
    sizes += others.sizes
  }

  /// No labels: a batch that is only scored.
  public static let none = Targets(.bag, label: [])
}

/// The input of a model for some examples: named axes, values on them, and relations between the rows of axes.
///
/// A batch of bags has the port `x` on `Axis.instance` and the relation `bag` (segments over the instances):
///
///     let x = Matrix(rows: 3, columns: 2, values: [1, 2, 3, 4, 5, 6])
///     let batch = Batch(bags: [0, 1, 3], x: x, label: [0, 1])   // one instance in the first bag, two in the second
public struct Batch: Sendable {
  /// The number of rows of each axis.
  public var count: [Axis: Int]
  /// The values by port.
  public var ports: [String: Port]
  /// Relations by name.
  public var relations: [String: Relation]
  /// The labels.
  public var targets: Targets

  /// A batch of these parts.
  public init(
    count: [Axis: Int], ports: [String: Port] = [:], relations: [String: Relation] = [:], targets: Targets = .none
  ) {
    (self.count, self.ports, self.relations, self.targets) = (count, ports, relations, targets)
  }

  /// A batch of bags: `x` is instances × features, bag i holds the rows `offsets[i]..<offsets[i + 1]`; the labels are
  /// those of the bags.
  public init(bags offsets: [Int32], x: Matrix, label: [Float] = [], weight: [Float]? = nil) {
    precondition(offsets.first == 0 && offsets.last.map(Int.init) == x.rows, "offsets span the instances")
    self.init(
      count: [.bag: offsets.count - 1, .instance: x.rows], ports: ["x": .dense(x)],
      relations: ["bag": .segments(offsets)], targets: Targets(.bag, label: label, weight: weight))
  }

  /// A batch of bags of one instance each: the rows of `x`.
  public init(singles x: Matrix) { self.init(bags: (0...Int32(x.rows)).map { $0 }, x: x) }

  /// The grouping of instances into bags alone, without features: bag i holds the rows `offsets[i]..<offsets[i + 1]`.
  public init(grouping offsets: [Int32]) {
    precondition(offsets.first == 0, "offsets begin with 0")
    self.init(
      count: [.bag: offsets.count - 1, .instance: offsets.last.map(Int.init) ?? 0],
      relations: ["bag": .segments(offsets)])
  }

  /// The offsets of a relation of segments.
  public func segments(_ name: String) -> [Int32] {
    guard case .segments(let offsets)? = relations[name] else { preconditionFailure("a batch with segments \(name)") }
    return offsets
  }

  /// The numbers of a dense port; nil where the batch has no dense port of this name.
  public func dense(_ name: String) -> Matrix? {
    if case .dense(let matrix)? = ports[name] { matrix } else { nil }
  }

  /// The symbols of a token port; nil where the batch has no token port of this name.
  public func tokens(_ name: String) -> [Int32]? {
    if case .tokens(let tokens)? = ports[name] { tokens } else { nil }
  }
}

extension Batch {
  /// The same examples with the columns of some dense ports exchanged.
  public func exchanged(_ swaps: [String: ColumnSwap]) -> Batch {
    var result = self
    for (name, swap) in swaps {
      guard let matrix = dense(name) else { preconditionFailure("a batch with the dense port \(name)") }
      result.ports[name] = .dense(swap.apply(to: matrix))
    }
    return result
  }

  /// Some rows of one axis, in this order, without labels: for models that treat these rows one by one. Of the
  /// relations only `indices` stay, by which the rows point to those of other axes; ports of other axes do not.
  public func rows(_ rows: [Int], of axis: Axis, ports specs: [PortSpec], indices: [String] = []) -> Batch {
    var ports: [String: Port] = [:]
    for spec in specs where spec.axis == axis {
      switch self.ports[spec.name] {
      case .dense(let matrix)?: ports[spec.name] = .dense(matrix.rows(rows))
      case .tokens(let tokens)?:
        ports[spec.name] = .tokens(rows.flatMap { tokens[$0 * spec.width..<($0 + 1) * spec.width] })
      case nil: preconditionFailure("a batch with the port \(spec.name)")
      }
    }
    var result = Batch(count: [axis: rows.count], ports: ports)
    if indices.isEmpty { return result }
    result.count.merge(count) { own, _ in own }
    for name in indices {
      let all = index(name)
      result.relations[name] = .index(rows.map { all[$0] })
    }
    return result
  }
}

/// The random choices behind one training batch.
public struct Draw: Sendable, Equatable {
  /// The seed of the run.
  public var seed: UInt64
  /// The epoch, from 1.
  public var epoch: Int
  /// For each example whether its two sides are exchanged; nil exchanges none.
  public var swapped: [Bool]?
  /// Negatives to draw for each positive, where the store draws negatives; nil takes all.
  public var negatives: Int?
  /// For each example the most of its units to draw; nil takes all.
  public var limits: [Int]?

  /// A draw of these choices.
  public init(
    seed: UInt64, epoch: Int, swapped: [Bool]? = nil, negatives: Int? = nil, limits: [Int]? = nil
  ) {
    (self.seed, self.epoch, self.swapped) = (seed, epoch, swapped)
    (self.negatives, self.limits) = (negatives, limits)
  }

  /// The units that are drawn of an example of `size` units, the `place`-th of the batch, ascending; nil for all.
  public func units(of example: Int, at place: Int, size: Int) -> [Int]? {
    guard let most = limits?[place], most < size else { return nil }
    var stream = RandomStream(seed: seed, 0x756e_6974_73, UInt64(epoch), UInt64(example))
    // Selection sampling: each unit is taken with the chance that is left for it (Knuth 3.4.2, algorithm S).
    var (chosen, rest) = ([Int](), most)
    for unit in 0..<size where rest > 0 && stream.next() % UInt64(size - unit) < UInt64(rest) {
      chosen.append(unit)
      rest -= 1
    }
    return chosen
  }
}

/// The data of a training run: examples (bags, pairs, complexes) that can be put together to batches in any order.
public protocol BatchStore: Sendable {
  /// The number of examples.
  var count: Int { get }
  /// The inputs that every batch has.
  var ports: [PortSpec] { get }
  /// The labels and weights of these examples in this order, on the axis that training learns from; weight 0 where a
  /// row has no label.
  func targets(of examples: [Int]) -> Targets
  /// The number of units (instances) of an example.
  func size(of example: Int) -> Int
  /// A batch of these examples in this order; `draw` holds the random choices of training, nil for scoring.
  func batch(_ examples: [Int], _ draw: Draw?) -> Batch
}

extension BatchStore {
  /// The labels and weights of all examples, in order.
  public var targets: Targets { targets(of: Array(0..<count)) }
}
