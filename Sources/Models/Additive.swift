import Arrays

/// A model whose unit scores are a constant plus a contribution of each of its inputs, such as a forest (Saabas 2014).
public protocol Additive: Model {
  /// The scores of a batch, and for each dense port the contribution of each value to the score of its own unit,
  /// rows × width.
  func contributions(_ batch: Batch, _ tape: Tape) -> (scores: Scores, ports: [String: Matrix])
}

extension MeanOf: Additive {
  /// The mean of the contributions of all models and orders; those of exchanged sides are mapped back to the order
  /// given. All models must be `Additive`.
  public func contributions(_ batch: Batch, _ tape: Tape) -> (scores: Scores, ports: [String: Matrix]) {
    mean(of: batch, tape) { model, batch in
      guard let model = model as? any Additive else { preconditionFailure("a model with contributions") }
      return model.contributions(batch, tape)
    }
  }

  /// Whether every model is a sum of contributions.
  public var isAdditive: Bool { models.allSatisfy { $0 is any Additive } }
}
