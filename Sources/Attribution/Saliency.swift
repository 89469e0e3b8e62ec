import Arrays
import Models

/// Saliency (Simonyan 2014): the size of the derivative of the logit in each feature, |∂logit/∂x|.
public struct Saliency: AttributionMethod {
  /// The word of `explain --method`.
  public let name = "saliency"
  /// A line without a stop.
  public let summary = "size of the derivative of the logit"
  /// True: the map of the paper is one of absolute values.
  public let reportsMagnitude = true

  /// The method has no choices.
  public init() {}

  /// The derivative with its sign, which `Explainer` drops unless it is asked to keep it.
  public func attribution(_ model: any Differentiable, _ batch: Batch, _ tape: Tape) -> Matrix {
    model.gradient(batch, .gradient, tape)
  }
}
