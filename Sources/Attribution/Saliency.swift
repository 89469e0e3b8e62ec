import Arrays
import Models

/// Saliency (Simonyan 2014): the size of the derivative of the logit in each feature, |∂logit/∂x|.
public struct Saliency: AttributionMethod {
  public let name = "saliency"
  public let summary = "size of the derivative of the logit"
  public let reportsMagnitude = true

  /// The method has no choices.
  public init() {}

  public func attribution(_ model: any Differentiable, _ batch: Batch, _ tape: Tape) -> Matrix {
    model.gradient(batch, .gradient, tape)
  }
}
