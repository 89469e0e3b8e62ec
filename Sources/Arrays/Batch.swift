/// What a model eats at once: named row spaces, values on them, and how rows of one relate to rows of another.
///
/// A batch of bags has the port `x` on `Axis.instance` and the relation `bag` (segments over the instances);
/// its labels and weights stand on `Axis.bag`.
public struct Batch: Sendable {
  /// The number of rows of each axis.
  public var count: [Axis: Int]
  /// Numbers by port, a row for each row of the port's axis.
  public var dense: [String: Matrix]
  /// Symbols by port.
  public var tokens: [String: [Int32]]
  /// Relations by name.
  public var relations: [String: Relation]
  /// One label a row of the target axis.
  public var label: [Float]
  /// One weight a row of the target axis; 0 says that the row has no label.
  public var weight: [Float]

  /// A batch of parts; what is left out is empty.
  public init(
    count: [Axis: Int], dense: [String: Matrix] = [:], tokens: [String: [Int32]] = [:],
    relations: [String: Relation] = [:], label: [Float] = [], weight: [Float] = []
  ) {
    self.count = count
    self.dense = dense
    self.tokens = tokens
    self.relations = relations
    self.label = label
    self.weight = weight
  }

  /// A batch of bags: `x` is instances × features, bag i holds the rows `offsets[i]..<offsets[i + 1]`.
  public init(bags offsets: [Int32], x: Matrix, label: [Float] = [], weight: [Float]? = nil) {
    precondition(offsets.first == 0 && offsets.last.map(Int.init) == x.rows, "offsets span the instances")
    self.init(
      count: [.bag: offsets.count - 1, .instance: x.rows], dense: ["x": x], relations: ["bag": .segments(offsets)],
      label: label, weight: weight ?? [Float](repeating: 1, count: label.count))
  }

  /// The grouping of instances into bags alone, without features: bag i holds the rows `offsets[i]..<offsets[i + 1]`.
  public init(bags offsets: [Int32]) {
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
}

/// Everything a trainer may ask of the data: units (bags) that are put together to batches in any order.
public protocol BatchStore: Sendable {
  /// The number of units.
  var count: Int { get }
  /// One label a unit.
  var labels: [Float] { get }
  /// One weight a unit, 0 where it has no label; empty means all 1.
  var weights: [Float] { get }
  /// The width of every port.
  var ports: [String: Int] { get }
  /// The number of instances of a unit.
  func size(of unit: Int) -> Int
  /// A batch of these units in this order; where `swapped` says so, the unit's two sides are exchanged.
  func batch(_ units: [Int], swapped: [Bool]?) -> Batch
}

extension BatchStore {
  /// Empty, as for a store that knows no weights: every unit counts 1.
  public var weights: [Float] { [] }
}
