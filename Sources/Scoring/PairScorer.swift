import Arrays
import Models

/// Scores pairs of numbered partners in inference mode and in order; values that depend on one partner are computed
/// once for all its pairs. The scores equal those of `Scorer` for whole rows, to the last bit.
public final class PairScorer {
  /// Writes the features of a partner to both sides of a row; the values of shared columns are ignored.
  public typealias Row = (_ partner: Int32, _ row: UnsafeMutableBufferPointer<Float>) throws -> Void

  /// The number of instances scored together.
  private static let slice = 2048
  /// The number of partner rows made together.
  private static let rows = 64

  private let whole: any Model
  private let tape: Tape
  private let model: any PairModel
  private let bothOrders: Bool
  private let features: Int
  private let store: PartnerStore
  private let row: Row

  /// - Parameters:
  ///   - model: a model of rows; of a symmetric one (`MeanOf` with an exchange) both orders of each pair are scored.
  ///   - pairs: the model for pairs, where the caller has one.
  ///   - memory: the bytes for kept values; when they are full, further partners are computed again when needed.
  public init(
    model: any Model, pairs: (any PairModel)? = nil, columns: PairColumns, threads: Int, memory: Int,
    row: @escaping Row
  ) {
    whole = model
    tape = Tape(threads: 1)
    let mean = model as? MeanOf
    let single = mean?.models.count == 1 ? mean?.models[0] : model
    if let pairs {
      (self.model, bothOrders) = (pairs, false)
    } else if let ensemble = model as? Ensemble {
      (self.model, bothOrders) = (EnsemblePairs(ensemble, columns, threads: threads), false)
    } else if let own = (single as? any PairPredictor)?.paired(columns, threads: threads) {
      (self.model, bothOrders) = (own, mean?.exchange.isEmpty == false)
    } else {
      (self.model, bothOrders) = (AssembledPairs(model, columns, threads: threads), false)
    }
    self.row = row
    features = columns.owners.count
    store = PartnerStore(width: self.model.keptWidth, bytes: memory)
  }

  /// Returns the scores of a batch; rethrows the errors of `row`.
  public func score(_ batch: PairBatch) throws -> Scores {
    var parts: [Scores] = []
    for start in stride(from: 0, to: batch.count, by: Self.slice) {
      let range = start..<min(start + Self.slice, batch.count)
      try admit(Array(batch.first[range]) + Array(batch.second[range]))
      parts.append(score(batch, range))
    }
    return whole.join(.joined(parts, on: whole.unit), batch.grouping, tape)
  }

  private func score(_ batch: PairBatch, _ range: Range<Int>) -> Scores {
    let first = batch.first[range].map { store.kept($0) }
    let second = batch.second[range].map { store.kept($0) }
    return batch.shared.withUnsafeBufferPointer { all in
      guard let start = all.baseAddress else { preconditionFailure("a table has memory") }
      let shared = start + range.lowerBound * batch.shared.columns
      let given = model.score(KeptPairs(first: first, second: second, shared: shared))
      guard bothOrders else { return given }
      let other = model.score(KeptPairs(first: second, second: first, shared: shared))
      return .mean(of: [given, other], on: model.unit)
    }
  }

  private func admit(_ partners: [Int32]) throws {
    try store.admit(partners) { numbers, kept in
      var rows = Matrix(uninitializedRows: min(Self.rows, numbers.count), columns: features)
      for start in stride(from: 0, to: numbers.count, by: Self.rows) {
        let some = numbers[start..<min(start + Self.rows, numbers.count)]
        try rows.withUnsafeMutableBufferPointer { x in
          guard let x = x.baseAddress else { return }
          for (place, number) in some.enumerated() {
            try row(number, UnsafeMutableBufferPointer(start: x + place * features, count: features))
          }
          model.keep(x, count: some.count, to: kept + start * model.keptWidth)
        }
      }
    }
  }
}
