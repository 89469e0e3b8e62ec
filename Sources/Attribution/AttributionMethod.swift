import Arrays
import Models

/// A way to say what each input of a unit did for its score, by derivatives.
public struct AttributionMethod: Sendable, Equatable {
  /// The word of `explain --method`.
  public let name: String
  /// One line without a full stop.
  public let summary: String
  /// Whether only the size of its values has a meaning, so that the sign is dropped at the end.
  public let reportsMagnitude: Bool
  /// Why every attribution of a unit can be 0.
  public let limit: String
  private let rule: Rule
  private let isTimesInput: Bool

  /// Saliency (Simonyan 2014): |∂score/∂x|. The sign is dropped at the end, after the mean over orders and models.
  public static let saliency = AttributionMethod(
    name: "saliency", summary: "size of the derivative of the logit", reportsMagnitude: true,
    limit: "the derivative is 0 there, as no active ReLU leads from a feature to the logit", rule: .gradient,
    isTimesInput: false)

  /// ∂score/∂x · x, with x as the model gets it, after scaling: a feature of 0 has the attribution 0, and to first
  /// order what is above 0 raises the score.
  public static let gradientTimesInput = AttributionMethod(
    name: "gradient-x-input", summary: "derivative of the logit times the feature", reportsMagnitude: false,
    limit: "each feature, or the derivative in it, is 0 there", rule: .gradient, isTimesInput: true)

  /// Guided backpropagation (Springenberg 2015): every ReLU passes g · [x > 0] · [g > 0]; the sign is kept. A model
  /// without ReLU gives its plain derivative.
  public static let guidedBackpropagation = AttributionMethod(
    name: "guided-backprop", summary: "derivative of the logit through what supports it", reportsMagnitude: false,
    limit: "guided backpropagation passes no negative derivative through a ReLU, and a network whose last weights are "
      + "negative has no others", rule: .guided, isTimesInput: false)

  /// Every method; a new one is a value here.
  public static let all = [saliency, gradientTimesInput, guidedBackpropagation]

  /// The method of a name; nil when there is none.
  public static func named(_ name: String) -> AttributionMethod? { all.first { $0.name == name } }

  /// The scores of a batch and, for each dense port, the attribution of each value in the score of its own unit, in
  /// inference mode. Units must not see each other, so that the gradient of the sum holds the gradient of each.
  func attribution(_ model: any Explainable, _ batch: Batch, _ tape: Tape) -> (Scores, [String: Matrix]) {
    var (scores, ports) = model.gradients(batch, rule, tape, from: Self.ones(model.unit))
    if isTimesInput { for name in ports.keys { ports[name]?.multiply(by: batch.dense(name)) } }
    return (scores, ports)
  }

  /// A start of 1 at the score of every unit.
  private static func ones(_ unit: Axis) -> (Scores) -> Start {
    { scores in
      let count = scores.values[unit].map { $0.rows * $0.columns } ?? 0
      return Start(unit, [Float](repeating: 1, count: count))
    }
  }
}
