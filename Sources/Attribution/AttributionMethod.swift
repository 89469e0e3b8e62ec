import Arrays
import Models

/// A way to say what each feature of an instance did for its logit: the logit's derivative under a rule for ReLUs,
/// perhaps times the feature.
public struct AttributionMethod: Sendable, Equatable {
  /// The word of `explain --method`.
  public let name: String
  /// One line without a full stop.
  public let summary: String
  /// Whether only the magnitude of a value has a meaning, so that `Explainer` drops the sign.
  public let reportsMagnitude: Bool
  /// Why every attribution of an instance can be 0.
  public let limit: String
  private let rule: Rule
  private let isTimesInput: Bool

  /// Saliency (Simonyan 2014): |∂logit/∂x|. The map of the paper is one of absolute values.
  public static let saliency = AttributionMethod(
    name: "saliency", summary: "size of the derivative of the logit", reportsMagnitude: true,
    limit: "the derivative is 0 there, as no active ReLU leads from a feature to the logit", rule: .gradient,
    isTimesInput: false)

  /// The derivative times the feature as the model gets it, after scaling: ∂logit/∂x · x. Above 0 is what raises the
  /// logit, to first order; a feature of 0 has the attribution 0.
  public static let gradientTimesInput = AttributionMethod(
    name: "gradient-x-input", summary: "derivative of the logit times the feature", reportsMagnitude: false,
    limit: "each feature, or the derivative in it, is 0 there", rule: .gradient, isTimesInput: true)

  /// Guided backpropagation (Springenberg 2015): every ReLU passes g · [x > 0] · [g > 0]; the sign is kept. A model
  /// without ReLU gives its plain derivative.
  public static let guidedBackpropagation = AttributionMethod(
    name: "guided-backprop", summary: "derivative of the logit through what supports it", reportsMagnitude: false,
    limit: "guided backpropagation passes no negative derivative through a ReLU, and a network whose last weights are "
      + "negative has no others", rule: .guided, isTimesInput: false)

  /// All methods, in the order they are listed.
  public static let all = [saliency, gradientTimesInput, guidedBackpropagation]

  /// The method of a name, nil when there is none.
  public static func named(_ name: String) -> AttributionMethod? { all.first { $0.name == name } }

  /// The attribution of every feature to the logit of its own instance, instances × features, in inference mode.
  public func attribution(_ model: any Differentiable, _ batch: Batch, _ tape: Tape) -> Matrix {
    // Instances do not see each other in inference mode: the gradient of the sum holds the gradient of each.
    let logits = model.forward(batch, .inference, tape).unitLogit
    let ones = [Float](repeating: 1, count: logits.count)
    guard var result = model.attribution(batch, .unit(ones), rule, tape)["x"], let x = batch.dense["x"] else {
      preconditionFailure("a model of features x")
    }
    guard isTimesInput else { return result }
    x.withUnsafeBufferPointer { x in
      result.withUnsafeMutableBufferPointer { values in
        for place in values.indices { values[place] *= x[place] }
      }
    }
    return result
  }
}
