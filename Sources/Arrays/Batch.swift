/// The input of one pass of a model: the row counts of named axes, values by port, and relations between axes.
///
/// A batch of bags has the port `x` on `Axis.instance` (instances × features) and the relation `bag` (segments over the
/// instances); labels and weights have one value per bag.
public struct Batch: Sendable {
  /// The number of rows of each axis.
  public var count: [Axis: Int]
  /// Matrices by port, with one row per row of the port's axis.
  public var dense: [String: Matrix]
  /// Sequences of symbol numbers by port.
  public var tokens: [String: [Int32]]
  /// Relations by name.
  public var relations: [String: Relation]
  /// One label per row of the target axis.
  public var label: [Float]
  /// One weight per row of the target axis; 0 marks a row without a label.
  public var weight: [Float]

  /// Makes a batch; arguments left out are empty.
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

/// A data set of labelled units (bags) from which batches are made in any order.
public protocol BatchStore: Sendable {
  /// The number of units.
  var count: Int { get }
  /// One label per unit.
  var labels: [Float] { get }
  /// One weight per unit, 0 for a unit without a label; empty if all weights are 1.
  var weights: [Float] { get }
  /// The number of columns of each port.
  var ports: [String: Int] { get }
  /// The number of instances of a unit.
  func size(of unit: Int) -> Int
  /// Returns a batch of these units in this order; the two sides of unit i are exchanged where `swapped[i]` is true.
  func batch(_ units: [Int], swapped: [Bool]?) -> Batch
}

extension BatchStore {
  /// Empty: every unit has the weight 1.
  public var weights: [Float] { [] }
}
