import Arrays
import Models

/// Why one instance has its logit: a number for each of its features.
public struct Explanation: Sendable, Equatable {
  /// The bag, counted in the batch from 0.
  public var bag: Int
  /// The instance, counted in its bag from 0.
  public var instance: Int
  /// Whether the bag has its logit from this instance.
  public var isWitness: Bool
  /// The logit that is explained; for a symmetric model the mean of both orders.
  public var logit: Float
  /// Where the model has one.
  public var attention: Float?
  /// One number a feature, in the order given.
  public var attribution: [Float]
}

/// Explains the logits of the instances that make the scores of bags, or of all instances.
public final class Explainer {
  /// The instances whose derivatives are in memory at a time.
  private static let blockRows = 32

  private let model: any Differentiable
  private let method: AttributionMethod
  private let swap: ColumnSwap?
  private let signed: Bool
  private let tape: Tape

  /// - Parameters:
  ///   - swap: for a symmetric model the exchange of its features' sides: then the mean of the logits of both orders is
  ///     explained, and what belongs to the exchanged order is mapped back to the order given.
  ///   - signed: keep the sign also where the method reports sizes.
  public init(
    model: any Differentiable, method: AttributionMethod, swap: ColumnSwap?, signed: Bool = false, threads: Int
  ) {
    (self.model, self.method, self.swap, self.signed) = (model, method, swap, signed)
    tape = Tape(threads: threads)
  }

  /// The explanations of a batch of bags, bag by bag: of the witnesses, or of all instances.
  ///
  /// `exchanged` is the same batch with the sides exchanged; needed for a symmetric model, else not looked at.
  public func explain(_ batch: Batch, exchanged: Batch?, all: Bool) -> [Explanation] {
    let orders = swap == nil ? [batch] : [batch, exchanged].compactMap { $0 }
    precondition(swap == nil || orders.count == 2, "a symmetric model needs both orders")
    let output = score(orders)
    let offsets = batch.segments("bag").map(Int.init)
    var rows: [(bag: Int, row: Int)] = []
    for (bag, witness) in output.witness.enumerated() {
      let own = all ? Array(offsets[bag]..<offsets[bag + 1]) : [Int(witness)]
      rows += own.map { (bag, $0) }
    }
    var result: [Explanation] = []
    for start in stride(from: 0, to: rows.count, by: Self.blockRows) {
      let part = rows[start..<min(start + Self.blockRows, rows.count)]
      let values = attribution(orders.map { self.part(of: $0, part.map(\.row)) })
      for (place, one) in part.enumerated() {
        result.append(
          Explanation(
            bag: one.bag, instance: one.row - offsets[one.bag], isWitness: Int(output.witness[one.bag]) == one.row,
            logit: output.unitLogit[one.row], attention: output.attention?[one.row], attribution: values.row(place)))
      }
    }
    return result
  }

  private func score(_ orders: [Batch]) -> Output {
    let given = model.score(orders[0], tape)
    return orders.count == 1
      ? given : model.mean(of: given, and: model.score(orders[1], tape), grouping: orders[0], tape)
  }

  /// Some instances of a batch, each as a bag of its own.
  private func part(of batch: Batch, _ rows: [Int]) -> Batch {
    guard let x = batch.dense["x"] else { preconditionFailure("a batch of features x") }
    let values = x.withUnsafeBufferPointer { all in rows.flatMap { all[$0 * x.columns..<($0 + 1) * x.columns] } }
    return Batch(
      bags: (0...rows.count).map(Int32.init), x: Matrix(rows: rows.count, columns: x.columns, values: values))
  }

  /// The attribution of one order, or the mean of both in the order given.
  private func attribution(_ orders: [Batch]) -> Matrix {
    var result = method.attribution(model, orders[0], tape)
    if let swap {
      let other = method.attribution(model, orders[1], tape)
      for row in 0..<result.rows {
        for (column, source) in swap.source.enumerated() { result[row, source] += other[row, column] }
      }
    }
    let share: Float = swap == nil ? 1 : 0.5
    let sizes = method.reportsMagnitude && !signed
    result.withUnsafeMutableBufferPointer { values in
      for place in values.indices { values[place] = sizes ? abs(values[place] * share) : values[place] * share }
    }
    return result
  }
}
