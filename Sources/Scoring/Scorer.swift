import Arrays
import Models

/// Scores batches in inference mode, in order; holds the memory that is used again from batch to batch.
public final class Scorer {
  private let model: any Predictor
  /// Whether every unit is scored in both orders of its sides and the logits are averaged.
  public let bothOrders: Bool
  private let tape: Tape

  /// Scores on so many threads, at least 1; the scores are the same for any number.
  public init(model: any Predictor, bothOrders: Bool, threads: Int) {
    self.model = model
    self.bothOrders = bothOrders
    tape = Tape(threads: threads)
  }

  /// The scores of a batch.
  ///
  /// - Parameters:
  ///   - batch: the units as given.
  ///   - exchanged: the same units with their sides exchanged; needed where `bothOrders` is true, else not looked at.
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
