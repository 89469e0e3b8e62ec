import Arrays
import Models

/// Guided backpropagation (Springenberg 2015): every ReLU passes g · [x > 0] · [g > 0]; the sign is kept.
public struct GuidedBackpropagation: AttributionMethod {
  /// The word of `explain --method`.
  public let name = "guided-backprop"
  /// A line without a stop.
  public let summary = "derivative of the logit through what supports it"
  /// False: the sign tells which way a change of the feature raises the logit.
  public let reportsMagnitude = false

  /// The method has no choices.
  public init() {}

  /// Runs back under `Rule.guided`; a model without ReLU gives its plain derivative.
  public func attribution(_ model: any Differentiable, _ batch: Batch, _ tape: Tape) -> Matrix {
    model.gradient(batch, .guided, tape)
  }
}
