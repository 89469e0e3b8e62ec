import Bytes
import Evaluation

extension Calibration {
  /// The rule as JSON: its method and its numbers.
  var json: JSON {
    func list(_ values: [Double]) -> JSON { .array(values.map(JSON.number)) }
    return switch self {
    case .platt(let a, let b): .object(["method": .string("platt"), "a": .number(a), "b": .number(b)])
    case .isotonic(let scores, let values):
      .object(["method": .string("isotonic"), "scores": list(scores), "values": list(values)])
    }
  }

  /// The rule of JSON text; nil where it is none that could have been fitted.
  init?(_ json: JSON) {
    func numbers(_ key: String) -> [Double]? {
      guard let list = json[key]?.array, !list.isEmpty else { return nil }
      let numbers = list.compactMap(\.double)
      return numbers.count == list.count && numbers.allSatisfy(\.isFinite) ? numbers : nil
    }
    switch json["method"]?.string {
    case "platt":
      guard let a = json["a"]?.double, let b = json["b"]?.double, a.isFinite, b.isFinite, a <= 0
      else { return nil }
      self = .platt(a: a, b: b)
    case "isotonic":
      guard let scores = numbers("scores"), let values = numbers("values"), scores.count == values.count,
        zip(scores, scores.dropFirst()).allSatisfy({ $0 < $1 }),
        zip(values, values.dropFirst()).allSatisfy({ $0 <= $1 }),
        values[0] >= 0, values[values.count - 1] <= 1
      else { return nil }
      self = .isotonic(scores: scores, values: values)
    default: return nil
    }
  }
}

/// The scale of a model's outputs, with the rule that makes probabilities of them where the card has one.
public struct CalibratedScale: Sendable {
  /// The scale of the outputs.
  public let scale: ScoreScale
  /// The rule; nil where the scale alone makes scores.
  public let calibration: Calibration?

  /// A scale of outputs, calibrated or not.
  public init(_ scale: ScoreScale, _ calibration: Calibration? = nil) {
    (self.scale, self.calibration) = (scale, calibration)
  }

  /// The value of the column `score`.
  public func score(_ output: Float) -> Double { calibration?.probability(Double(output)) ?? scale.score(output) }

  /// The log odds of class 1 by the model itself, without the rule; nil where there are none.
  public func logit(_ output: Float) -> Double? { scale.logit(output) }
}
