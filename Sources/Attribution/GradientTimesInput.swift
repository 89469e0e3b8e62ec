import Arrays
import Models

/// The derivative of the logit in each feature, times the feature: ∂logit/∂x · x.
public struct GradientTimesInput: AttributionMethod {
  /// The word of `explain --method`.
  public let name = "gradient-x-input"
  /// A line without a stop.
  public let summary = "derivative of the logit times the feature"
  /// False: above 0 is what raises the logit, to first order.
  public let reportsMagnitude = false

  /// The method has no choices.
  public init() {}

  /// Takes x as the model gets it, after scaling: a feature of 0 has the attribution 0.
  public func attribution(_ model: any Differentiable, _ batch: Batch, _ tape: Tape) -> Matrix {
    var result = model.gradient(batch, .gradient, tape)
    batch.dense["x"]?.withUnsafeBufferPointer { x in
      result.withUnsafeMutableBufferPointer { values in
        for place in values.indices { values[place] *= x[place] }
      }
    }
    return result
  }
}
