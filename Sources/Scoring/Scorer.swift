import Arrays
import Models

/// Scores batches in inference mode, reusing memory from batch to batch.
public final class Scorer {
  private let model: any Model
  private let tape: Tape

  /// Makes a scorer on `threads` threads, at least 1; the scores do not depend on the number.
  public init(model: any Model, threads: Int) {
    self.model = model
    tape = Tape(threads: threads)
  }

  /// Returns the scores of a batch.
  public func score(_ batch: Batch) -> Scores { model.score(batch, tape) }

  /// Returns the scores of targets whose units were scored in parts; `grouping` is a batch without ports.
  public func join(_ units: Scores, _ grouping: Batch) -> Scores { model.join(units, grouping, tape) }
}
