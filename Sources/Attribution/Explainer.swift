import Arrays
import Models

/// The attribution of one instance's logit to each of its features.
public struct Explanation: Sendable, Equatable {
  /// The bag's index in the batch, from 0.
  public var bag: Int
  /// The instance's index in its bag, from 0.
  public var instance: Int
  /// Whether this instance is the bag's witness: its logit is the bag's.
  public var isWitness: Bool
  /// The logit that is explained; for a symmetric model the mean of both orders.
  public var logit: Float
  /// The attention value; nil for a model without attention.
  public var attention: Float?
  /// One attribution per feature, in the order of the given batch.
  public var attribution: [Float]
}

/// Explains the logits of the witnesses of bags, or of all instances.
public final class Explainer {
  /// The number of instances explained at a time.
  private static let blockRows = 32

  private let model: any Differentiable
  private let method: AttributionMethod
  private let swap: ColumnSwap?
  private let signed: Bool
  private let tape: Tape

  /// - Parameters:
  ///   - swap: for a symmetric model the exchange of its features' sides: the mean of the logits of both orders is
  ///     explained, and attributions of the exchanged order are mapped back to the given order.
  ///   - signed: whether to keep the sign for a method that reports magnitudes.
  public init(
    model: any Differentiable, method: AttributionMethod, swap: ColumnSwap?, signed: Bool = false, threads: Int
  ) {
    (self.model, self.method, self.swap, self.signed) = (model, method, swap, signed)
    tape = Tape(threads: threads)
  }

  /// The explanations of a batch of bags, bag by bag: of the witnesses, or of all instances.
  ///
  /// `exchanged` is the same batch with the sides exchanged; required for a symmetric model, ignored otherwise.
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

  /// Returns instances of a batch, each as one bag.
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
