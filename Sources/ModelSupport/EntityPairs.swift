import Arrays
import Bags
import Models

/// Scores pairs of entities, with what a network makes of each entity kept for all its pairs.
///
/// The row of a partner holds the number of its entity on either side, −1 where it has none. Several networks score as
/// their mean.
public final class EntityPairs: PairModel {
  private let networks: [EncodedNetwork]
  private let entities: EntityPorts
  private let tape: Tape
  /// For each side its column in a row, and for each network where its values begin in the kept ones.
  private let sides: [(side: Side, column: Int, starts: [Int])]
  /// The number of floats kept per partner.
  public let keptWidth: Int
  private static let slice = 256

  /// The model of a stream, cut at its entities; nil for a model that can't be cut.
  public init?(_ model: StreamModel, threads: Int) {
    guard case .sides(let entities)? = model.entities else { return nil }
    let models = (model.model as? MeanOf)?.models ?? [model.model]
    let networks = models.compactMap { ($0 as? Network).flatMap { EncodedNetwork($0) } }
    guard networks.count == models.count else { return nil }
    (self.networks, self.entities, tape) = (networks, entities, Tape(threads: threads))
    var width = 0
    sides = entities.columns.map { side, column in
      let starts = networks.map { network in
        defer { width += network.width(of: side.rawValue) }
        return width
      }
      return (side, column, starts)
    }
    keptWidth = width
  }

  /// Encodes the entities of the partners.
  public func keep(_ rows: UnsafePointer<Float>, count: Int, to kept: UnsafeMutablePointer<Float>) {
    for (side, column, starts) in sides {
      let partners = (0..<count).filter { rows[$0 * sides.count + column] >= 0 }
      if partners.isEmpty { continue }
      let batch = entities.batch(of: partners.map { Int(rows[$0 * sides.count + column]) }, on: side)
      for (network, start) in zip(networks, starts) {
        let values = network.encode(batch, side.rawValue, tape)
        values.withUnsafeBufferPointer { from in
          guard let from = from.baseAddress else { return }
          for (row, partner) in partners.enumerated() {
            (kept + partner * keptWidth + start).update(from: from + row * values.columns, count: values.columns)
          }
        }
      }
    }
  }

  /// The axis of the pairs.
  public var unit: Axis { networks[0].unit }

  /// The scores of pairs, a slice at a time.
  public func score(_ pairs: KeptPairs) -> Scores {
    var logits: [Float] = []
    for start in stride(from: 0, to: pairs.count, by: Self.slice) {
      let range = start..<min(start + Self.slice, pairs.count)
      let runs = networks.indices.map { number in
        var kept: [String: [UnsafePointer<Float>]] = [:]
        for (side, _, starts) in sides {
          let all = side == .a ? pairs.first : pairs.second
          kept[side.rawValue] = range.map { all[$0] + starts[number] }
        }
        return networks[number].score(kept, tape).logit
      }
      logits +=
        runs.count == 1
        ? runs[0] : Matrix.mean(of: runs.map { Matrix(rows: $0.count, columns: 1, values: $0) }).values
    }
    return Scores(unit: unit, logits)
  }
}
