import Arrays
import Models

/// Guided backpropagation (Springenberg 2015): every ReLU passes g · [x > 0] · [g > 0]; the sign is kept.
public struct GuidedBackpropagation: AttributionMethod {
  public let name = "guided-backprop"
  public let summary = "derivative of the logit through what supports it"
  public let reportsMagnitude = false

  /// The method has no choices.
  public init() {}

  public func attribution(_ model: any Differentiable, _ batch: Batch, _ tape: Tape) -> Matrix {
    model.gradient(batch, .guided, tape)
  }
}
