import Arrays
import Models

/// Why one unit has its score: a number for each of its inputs.
public struct Explanation: Sendable, Equatable {
  /// The target that the unit belongs to, counted in the batch from 0.
  public var target: Int
  /// The unit, counted in its target from 0.
  public var unit: Int
  /// Whether the score of the target comes from this unit.
  public var isWitness: Bool
  /// The score that is explained; for a mean of orders or models the mean.
  public var score: Float
  /// The attention of the unit, where the model has one.
  public var attention: Float?
  /// For each port one number per column.
  public var attribution: [String: [Float]]
}

/// Explains the scores of the units that make the scores of targets, or of all units.
///
/// The ports of the model must lie on its unit axis. The mean of several orders or models is explained as such.
public final class Explainer {
  /// The units whose derivatives are in memory at a time.
  private static let blockRows = 32

  private let model: any Explainable
  private let method: AttributionMethod
  private let signed: Bool
  private let tape: Tape

  /// An explainer of `model`; `signed` keeps the sign also where the method reports sizes.
  public init(model: any Explainable, method: AttributionMethod, signed: Bool = false, threads: Int) {
    (self.model, self.method, self.signed) = (model, method, signed)
    tape = Tape(threads: threads)
  }

  /// The explanations of a batch, target by target: of the witnesses, or of all units.
  ///
  /// - Parameter offsets: target i has the units `offsets[i]..<offsets[i + 1]`.
  public func explain(_ batch: Batch, offsets: [Int32], all: Bool) -> [Explanation] {
    let scores = model.score(batch, tape)
    let units = scores[model.unit]
    var rows: [(target: Int, row: Int)] = []
    for target in 0..<offsets.count - 1 {
      let own = Int(offsets[target])..<Int(offsets[target + 1])
      let witness = scores.witness.map { Int($0[target]) }
      rows += (all || witness == nil ? Array(own) : [witness ?? 0]).map { (target, $0) }
    }
    var result: [Explanation] = []
    for start in stride(from: 0, to: rows.count, by: Self.blockRows) {
      let part = rows[start..<min(start + Self.blockRows, rows.count)]
      let ports = attribution(batch, part.map(\.row))
      for (place, (target, row)) in part.enumerated() {
        result.append(
          Explanation(
            target: target, unit: row - Int(offsets[target]),
            isWitness: scores.witness.map { Int($0[target]) == row } ?? false, score: units[row],
            attention: scores.attention?[row], attribution: ports.mapValues { $0.row(place) }))
      }
    }
    return result
  }

  /// The attributions of some units, one row each, by port.
  private func attribution(_ batch: Batch, _ rows: [Int]) -> [String: Matrix] {
    var part = batch.rows(rows, of: model.unit, ports: model.ports)
    // Each unit is a target of its own.
    part.count[model.target] = rows.count
    part.relations = batch.relations.mapValues { _ in .segments((0...rows.count).map(Int32.init)) }
    var (_, ports) = method.attribution(model, part, tape)
    if method.reportsMagnitude && !signed {
      for name in ports.keys { ports[name]?.takeMagnitudes() }
    }
    return ports
  }
}

extension Matrix {
  /// Multiplies by a table of the same size, value by value.
  mutating func multiply(by other: Matrix?) {
    guard let other else { return }
    withUnsafeMutableBufferPointer { values in
      other.withUnsafeBufferPointer { x in
        // Adding 0 makes a product of -0 a 0.
        for place in values.indices { values[place] = values[place] * x[place] + 0 }
      }
    }
  }

  /// Drops the signs.
  mutating func takeMagnitudes() {
    withUnsafeMutableBufferPointer { values in for place in values.indices { values[place] = abs(values[place]) } }
  }
}
