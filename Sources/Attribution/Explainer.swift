import Arrays
import Models
import Tensors

/// Why one unit has its score: a number for each of its inputs.
public struct Explanation: Sendable, Equatable {
  /// The target that the unit belongs to, counted in the batch from 0.
  public var target: Int
  /// The unit, counted in its target from 0.
  public var unit: Int
  /// Whether the score of the target comes from this unit.
  public var isWitness: Bool
  /// The score; for a mean of orders or models the mean.
  public var score: Float
  /// The number that is explained: the score, or where the model has a logit for each of two classes that of the class
  /// it predicts.
  public var explained: Float
  /// The attention of the unit, where the model has one.
  public var attention: Float?
  /// For each port one number per column, or per group of columns; of a port of entities those of all rows of the
  /// unit's entity (the nodes of its graph, its embedded tokens), one row after another.
  public var attribution: [String: [Float]]
  /// The score less the sum of all attributions, where these share it out (`AttributionMethod.sharesScore`): the share
  /// of biases, and rounding; else nil.
  public var absorbed: Float?
}

/// Explains the scores of the units that make the scores of targets, or of all units.
///
/// The ports of the model lie on its unit axis, or on axes of entities that units point to (`Batch.separated`), and
/// each unit is explained with entities of its own: so the gradient of the sum of their scores holds the gradient of
/// each. The mean of several orders or models is explained as such. Where units are pairs of rows of one axis `node`, a
/// batch has one unit, and its attributions are those of all rows.
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
    if case .derivative(let rule, _) = method.way {
      try (model as? any Explainable)?.prepare(forAttribution: true, threads: threads)
      if case .relevance = rule { try BLAS.prepare(threads: threads) }
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

  /// The scores and attributions of some units; unit i has the rows `rows[port]?[i]` of a port, or else row i.
  private struct Part {
    var scores: Scores
    var ports: [String: Matrix]
    var rows: [String: [Range<Int>]] = [:]

    /// The logit of the class that is predicted; nil of a model with one output.
    func logit(_ unit: Int) -> Float? {
      scores.values[Scores.logits].map { max($0[unit, 0], $0[unit, 1]) }
    }

    func attributions(_ unit: Int) -> [String: [Float]] {
      var result: [String: [Float]] = [:]
      for (name, matrix) in ports {
        result[name] = rows[name].map { matrix.rows($0[unit]).values } ?? matrix.row(unit)
      }
      return result
    }
  }

  /// The explanations of some units, which ascend; `scores` holds the scores of all units and the witnesses.
  private func explanations(_ rows: [Int], _ parts: [Part], _ scores: Scores, _ offsets: [Int32]) -> [Explanation] {
    let units = scores[model.unit]
    var target = 0
    return rows.enumerated().map { place, row in
      while Int(offsets[target + 1]) <= row { target += 1 }
      let part = parts[place / Self.blockRows]
      let attribution = part.attributions(place % Self.blockRows)
      let shared = attribution.values.joined().reduce(0) { $0 + Double($1) }
      let explained = part.logit(place % Self.blockRows) ?? units[row]
      return Explanation(
        target: target, unit: row - Int(offsets[target]),
        isWitness: scores.witness.map { Int($0[target]) == row } ?? false, score: units[row], explained: explained,
        attention: scores.attention?[row], attribution: attribution,
        absorbed: method.sharesScore ? Float(Double(explained) - shared) : nil)
    }
  }

  /// The scores and attributions of some units, one row each, in blocks.
  private func attributions(_ batch: Batch, _ rows: [Int]) -> [Part] {
    stride(from: 0, to: rows.count, by: Self.blockRows).map { start in
      let units = alone(batch, Array(rows[start..<min(start + Self.blockRows, rows.count)]))
      var part = attribution(units)
      part.rows = self.rows(units)
      if dropsSign {
        for name in part.ports.keys { part.ports[name]?.takeMagnitudes() }
      }
      return part
    }
  }

  /// Some units of a batch, each the only one of its target.
  private func alone(_ batch: Batch, _ rows: [Int]) -> Batch {
    if sharesNodes {
      precondition(batch.count[model.unit] == 1, "pairs of nodes are explained one by one")
      return batch
    }
    var part = batch.separated(rows, of: model.unit, ports: model.ports)
    part.count[model.target] = rows.count
    for (name, relation) in batch.relations where part.relations[name] == nil {
      if case .segments = relation { part.relations[name] = .segments((0...rows.count).map(Int32.init)) }
    }
    return part
  }

  /// The rows of each unit in the ports whose rows are the nodes of its entity.
  private func rows(_ units: Batch) -> [String: [Range<Int>]] {
    var result: [String: [Range<Int>]] = [:]
    if sharesNodes {
      for spec in model.ports { result[spec.name] = [0..<(units.count[spec.axis] ?? 0)] }
      return result
    }
    for spec in model.ports where spec.axis.name.hasSuffix(".node") {
      guard case .segments(let offsets)? = units.relations["\(spec.axis.name.dropLast(5)).graph"] else { continue }
      result[spec.name] = zip(offsets, offsets.dropFirst()).map { Int($0)..<Int($1) }
    }
    return result
  }

  /// Whether units are pairs of rows of one axis, which have no entity of their own.
  private var sharesNodes: Bool { model.ports.contains { $0.axis.name == "node" } }

  private func attribution(_ batch: Batch) -> Part {
    switch method.way {
    case .derivative(let rule, let timesInput):
      guard let model = model as? any Explainable else { preconditionFailure("a model that was checked") }
      let classes = predicted(batch, rule)
      var (scores, ports) = model.gradients(batch, rule, tape) { scores in
        if let logits = scores.values[Scores.logits], let classes { return Self.start(logits, classes, rule) }
        let units = scores[model.unit]
        if case .relevance = rule { return Start(model.unit, units) }
        return Start(model.unit, [Float](repeating: 1, count: units.count))
      }
      if timesInput {
        // Symbols are no numbers that a derivative could be multiplied by.
        for name in ports.keys { ports[name] = batch.dense(name).flatMap { ports[name]?.times($0) } }
      }
      return Part(scores: scores, ports: ports)
    case .contributions:
      guard let model = model as? any Additive else { preconditionFailure("a model that was checked") }
      let (scores, ports) = model.contributions(batch, tape)
      return Part(scores: scores, ports: ports)
    case .occlusion: return occlusion(batch)
    }
  }

  /// The class of each unit of a model with a logit for each of two classes; nil of other models.
  private func predicted(_ batch: Batch, _ rule: Rule) -> [Int]? {
    let first = (model as? MeanOf)?.models.first ?? model
    guard (first as? Network)?.hasLogits == true else { return nil }
    return model.score(batch, tape)[model.unit].map { $0 > 0 ? 1 : 0 }
  }

  /// The start at the logit of each unit's class.
  private static func start(_ logits: Matrix, _ classes: [Int], _ rule: Rule) -> Start {
    var slope = Matrix(rows: logits.rows, columns: logits.columns)
    for (row, column) in classes.enumerated() {
      if case .relevance = rule { slope[row, column] = logits[row, column] } else { slope[row, column] = 1 }
    }
    return Start(Scores.logits, slope)
  }

  /// The score of each unit minus its score with a group of columns set to 0; 0 where they are 0 already. Of a node all
  /// columns are a group.
  private func occlusion(_ batch: Batch) -> Part {
    let scores = model.score(batch, tape)
    let whole = scores[model.unit]
    let nodes = rows(batch)
    var ports: [String: Matrix] = [:]
    for spec in model.ports {
      guard let x = batch.dense(spec.name) else { continue }
      let all = Array(0..<x.columns)
      let groups =
        nodes[spec.name] != nil ? [all] : method.isOfGroups ? self.groups[spec.name] ?? [] : all.map { [$0] }
      let ranges = nodes[spec.name] ?? whole.indices.map { $0..<$0 + 1 }
      var result = Matrix(rows: x.rows, columns: groups.count)
      let open = ranges.enumerated().flatMap { unit, range in
        range.flatMap { row in
          groups.indices.filter { groups[$0].contains { x[row, $0] != 0 } }.map { (unit, row: row, group: $0) }
        }
      }
      for start in stride(from: 0, to: open.count, by: Self.occludedRows) {
        let part = open[start..<min(start + Self.occludedRows, open.count)]
        var units = alone(batch, part.map(\.0))
        guard var changed = units.dense(spec.name) else { continue }
        let starts = rows(units)[spec.name]?.map(\.lowerBound) ?? Array(0..<part.count)
        for (place, one) in part.enumerated() {
          let row = starts[place] + one.row - ranges[one.0].lowerBound
          for column in groups[one.group] { changed[row, column] = 0 }
        }
        units.ports[spec.name] = .dense(changed)
        for (one, score) in zip(part, model.score(units, tape)[model.unit]) {
          result[one.row, one.group] = whole[one.0] - score
        }
      }
      ports[spec.name] = result
    }
    return Part(scores: scores, ports: ports)
  }
}

extension Matrix {
  /// The product with a table of the same size, value by value.
  fileprivate func times(_ other: Matrix) -> Matrix {
    var result = self
    result.withUnsafeMutableBufferPointer { values in
      other.withUnsafeBufferPointer { x in
        // Adding 0 makes a product of -0 a 0.
        for place in values.indices { values[place] = values[place] * x[place] + 0 }
      }
    }
    return result
  }

  /// Drops the signs.
  fileprivate mutating func takeMagnitudes() {
    withUnsafeMutableBufferPointer { values in for place in values.indices { values[place] = abs(values[place]) } }
  }
}
