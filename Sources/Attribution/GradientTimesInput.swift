import Arrays
import Models

/// The derivative of the logit in each feature, times the feature: ∂logit/∂x · x.
public struct GradientTimesInput: AttributionMethod {
  public let name = "gradient-x-input"
  public let summary = "derivative of the logit times the feature"
  public let reportsMagnitude = false

  /// The method has no choices.
  public init() {}

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
