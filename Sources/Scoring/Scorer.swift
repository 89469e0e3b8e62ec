import Arrays
import Models

/// Scores batches in inference mode, reusing memory from batch to batch.
public final class Scorer {
  private let model: any Predictor
  /// Whether every unit is scored in both orders of its sides and the logits are averaged.
  public let bothOrders: Bool
  private let tape: Tape

  /// Makes a scorer on `threads` threads, at least 1; the scores do not depend on the number.
  public init(model: any Predictor, bothOrders: Bool, threads: Int) {
    self.model = model
    self.bothOrders = bothOrders
    tape = Tape(threads: threads)
  }

  /// Returns the scores of a batch.
  ///
  /// - Parameters:
  ///   - batch: the units as given.
  ///   - exchanged: the same units with their sides exchanged; required if `bothOrders` is true, ignored otherwise.
  public func score(_ batch: Batch, exchanged: @autoclosure () -> Batch?) -> Output {
    let given = model.score(batch, tape)
    guard bothOrders else { return given }
    guard let other = exchanged() else { preconditionFailure("both orders need the exchanged batch") }
    return model.mean(of: given, and: model.score(other, tape), grouping: batch, tape)
  }

  /// The scores of bags whose instances were scored in parts: bag i holds `units[offsets[i]..<offsets[i + 1]]`.
  public func join(_ units: [Float], attention: [Float]?, offsets: [Int32]) -> Output {
    model.join(units, attention: attention, Batch(bags: offsets), tape)
  }
}
