import Arrays
import Models

/// What each feature of an instance did for its logit. A new method is a file with such a type, and a line in
/// `AttributionMethods.all`.
public protocol AttributionMethod: Sendable {
  /// The name it is asked for by.
  var name: String { get }
  /// What it is, in a line.
  var summary: String { get }
  /// Whether only the size of its values has a meaning, so that the sign is dropped at the end.
  var reportsMagnitude: Bool { get }
  /// The attribution of every feature in the logit of its own instance, instances × features, in inference mode.
  func attribution(_ model: any Differentiable, _ batch: Batch, _ tape: Tape) -> Matrix
}

/// All methods, by name.
public enum AttributionMethods {
  /// Every method there is.
  public static let all: [any AttributionMethod] = [Saliency(), GradientTimesInput(), GuidedBackpropagation()]

  /// The method of a name, nil when there is none.
  public static func named(_ name: String) -> (any AttributionMethod)? { all.first { $0.name == name } }
}

extension Differentiable {
  /// What `rule` brings from the logit of each instance back to that instance's features.
  func gradient(_ batch: Batch, _ rule: Rule, _ tape: Tape) -> Matrix {
    // Instances do not see each other in inference mode: the gradient of the sum holds the gradient of each.
    let logits = forward(batch, .inference, tape).unitLogit
    let ones = [Float](repeating: 1, count: logits.count)
    guard let x = attribution(batch, .unit(ones), rule, tape)["x"] else { preconditionFailure("a model of features x") }
    return x
  }
}
