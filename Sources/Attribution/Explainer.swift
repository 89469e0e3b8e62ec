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
  /// For each port one number per column, or per group of columns.
  public var attribution: [String: [Float]]
}

/// Explains the scores of the units that make the scores of targets, or of all units.
///
/// The ports of the model must lie on its unit axis, and units must not see each other, so that the gradient of the sum
/// of their scores holds the gradient of each. The mean of several orders or models is explained as such.
public final class Explainer {
  /// The units whose attributions are computed at a time.
  private static let blockRows = 32
  /// The rows with inputs set to 0 that are scored at a time.
  private static let occludedRows = 256

  private let model: any Model
  private let method: AttributionMethod
  private let groups: [String: [[Int]]]
  private let dropsSign: Bool
  private let tape: Tape

  /// An explainer of `model`.
  ///
  /// - Parameters:
  ///   - groups: for each dense port the groups of columns that a method which `isOfGroups` explains together.
  ///   - signed: keeps the sign also where the method reports sizes.
  /// - Throws: `AttributionError` for a model that the method can't explain; `BLASFailure` where there is not enough
  ///   memory for derivatives.
  public init(
    model: any Model, method: AttributionMethod, groups: [String: [[Int]]] = [:], signed: Bool = false, threads: Int
  ) throws {
    try method.check(model)
    if case .derivative = method.way {
      try (model as? any Explainable)?.prepare(forAttribution: true, threads: threads)
    }
    (self.model, self.method, self.groups) = (model, method, groups)
    dropsSign = method.reportsMagnitude && !signed
    tape = Tape(threads: threads)
  }

  /// The explanations of a batch, target by target: of the witnesses, or of all units.
  ///
  /// Where every unit is explained, one run forward gives scores and attributions; else the witnesses are found first.
  /// - Parameter offsets: target i has the units `offsets[i]..<offsets[i + 1]`.
  public func explain(_ batch: Batch, offsets: [Int32], all: Bool) -> [Explanation] {
    let targets = offsets.count - 1
    let units = Array(0..<Int(offsets[targets]))
    if all || units.count == targets {
      let parts = attributions(batch, units)
      let scores = model.join(Scores.joined(parts.map(\.scores), on: model.unit), batch, tape)
      return explanations(units, parts, scores, offsets)
    }
    let scores = model.score(batch, tape)
    let rows = scores.witness.map { $0.map(Int.init) } ?? units
    return explanations(rows, attributions(batch, rows), scores, offsets)
  }

  private typealias Part = (scores: Scores, ports: [String: Matrix])

  /// The explanations of some units, which ascend; `scores` holds the scores of all units and the witnesses.
  private func explanations(_ rows: [Int], _ parts: [Part], _ scores: Scores, _ offsets: [Int32]) -> [Explanation] {
    let units = scores[model.unit]
    var target = 0
    return rows.enumerated().map { place, row in
      while Int(offsets[target + 1]) <= row { target += 1 }
      let ports = parts[place / Self.blockRows].ports
      return Explanation(
        target: target, unit: row - Int(offsets[target]),
        isWitness: scores.witness.map { Int($0[target]) == row } ?? false, score: units[row],
        attention: scores.attention?[row], attribution: ports.mapValues { $0.row(place % Self.blockRows) })
    }
  }

  /// The scores and attributions of some units, one row each, in blocks.
  private func attributions(_ batch: Batch, _ rows: [Int]) -> [Part] {
    stride(from: 0, to: rows.count, by: Self.blockRows).map { start in
      var part = attribution(alone(batch, Array(rows[start..<min(start + Self.blockRows, rows.count)])))
      if dropsSign {
        for name in part.ports.keys { part.ports[name]?.takeMagnitudes() }
      }
      return part
    }
  }

  /// Some units of a batch, each the only one of its target.
  private func alone(_ batch: Batch, _ rows: [Int]) -> Batch {
    var part = batch.rows(rows, of: model.unit, ports: model.ports)
    part.count[model.target] = rows.count
    part.relations = batch.relations.mapValues { _ in .segments((0...rows.count).map(Int32.init)) }
    return part
  }

  private func attribution(_ batch: Batch) -> Part {
    switch method.way {
    case .derivative(let rule, let timesInput):
      guard let model = model as? any Explainable else { preconditionFailure("a model that was checked") }
      var (scores, ports) = model.gradients(batch, rule, tape) { scores in
        Start(model.unit, [Float](repeating: 1, count: scores[model.unit].count))
      }
      if timesInput { for name in ports.keys { ports[name]?.multiply(by: batch.dense(name)) } }
      return (scores, ports)
    case .contributions:
      guard let model = model as? any Additive else { preconditionFailure("a model that was checked") }
      return model.contributions(batch, tape)
    case .occlusion: return occlusion(batch)
    }
  }

  /// The score of each unit minus its score with a group of columns set to 0; 0 where they are 0 already.
  private func occlusion(_ batch: Batch) -> Part {
    let scores = model.score(batch, tape)
    let whole = scores[model.unit]
    var ports: [String: Matrix] = [:]
    for spec in model.ports {
      guard let x = batch.dense(spec.name) else { continue }
      let groups = method.isOfGroups ? self.groups[spec.name] ?? [] : (0..<x.columns).map { [$0] }
      var result = Matrix(rows: x.rows, columns: groups.count)
      let open = (0..<x.rows).flatMap { row in
        groups.indices.filter { groups[$0].contains { x[row, $0] != 0 } }.map { (row: row, group: $0) }
      }
      for start in stride(from: 0, to: open.count, by: Self.occludedRows) {
        let part = open[start..<min(start + Self.occludedRows, open.count)]
        var rows = alone(batch, part.map(\.row))
        guard var changed = rows.dense(spec.name) else { continue }
        for (place, one) in part.enumerated() {
          for column in groups[one.group] { changed[place, column] = 0 }
        }
        rows.ports[spec.name] = .dense(changed)
        for (one, score) in zip(part, model.score(rows, tape)[model.unit]) {
          result[one.row, one.group] = whole[one.row] - score
        }
      }
      ports[spec.name] = result
    }
    return (scores, ports)
  }
}

extension Scores {
  /// The scores and notes of one axis of several runs, one run after another.
  fileprivate static func joined(_ runs: [Scores], on unit: Axis) -> Scores {
    var notes: [String: [Float]] = [:]
    for name in runs.first?.notes.keys.map({ $0 }) ?? [] { notes[name] = runs.flatMap { $0.notes[name] ?? [] } }
    return Scores(unit: unit, runs.flatMap { $0[unit] }, notes: notes)
  }
}

extension Matrix {
  /// Multiplies by a table of the same size, value by value.
  fileprivate mutating func multiply(by other: Matrix?) {
    guard let other else { return }
    withUnsafeMutableBufferPointer { values in
      other.withUnsafeBufferPointer { x in
        // Adding 0 makes a product of -0 a 0.
        for place in values.indices { values[place] = values[place] * x[place] + 0 }
      }
    }
  }

  /// Drops the signs.
  fileprivate mutating func takeMagnitudes() {
    withUnsafeMutableBufferPointer { values in for place in values.indices { values[place] = abs(values[place]) } }
  }
}
