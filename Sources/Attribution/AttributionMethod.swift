import Arrays
import Bytes
import Models

/// A way to say what each input of a unit did for its score.
public struct AttributionMethod: Sendable, Equatable {
  /// The ways to compute an attribution.
  enum Way: Sendable, Equatable {
    /// A backward pass under a rule; `timesInput` multiplies by the input.
    case derivative(Rule, timesInput: Bool)
    /// The score minus the score with inputs set to 0: each column by itself, or each group of columns.
    case occlusion(ofGroups: Bool)
    /// The contributions of an `Additive` model.
    case contributions
  }

  /// The word of `explain --method`.
  public let name: String
  /// One line without a full stop.
  public let summary: String
  /// Whether only the size of its values has a meaning, so that the sign is dropped at the end.
  public let reportsMagnitude: Bool
  /// Why every attribution of a unit can be 0.
  public let limit: String
  /// The function of the numbers of one row, such as a node of a graph or an embedded token, that is its score.
  public let rowScore: RowScore
  /// The settings behind the name, as in `occlusion:by=block`.
  public let settings: [Setting]
  private(set) var way: Way

  /// A number for a row of attributions.
  public enum RowScore: Sendable, Equatable {
    /// The sum of all.
    case sum
    /// The sum of those above 0.
    case positive

    /// The numbers of some rows of `width` attributions each.
    public func scores(_ attributions: [Float], width: Int) -> [Float] {
      stride(from: 0, to: attributions.count, by: width).map { start in
        attributions[start..<start + width].reduce(0) { self == .sum ? $0 + $1 : $0 + max(0, $1) }
      }
    }
  }

  private init(
    _ name: String, _ summary: String, reportsMagnitude: Bool = false, rowScore: RowScore = .sum,
    settings: [Setting] = [], _ way: Way, limit: String
  ) {
    (self.name, self.summary, self.reportsMagnitude) = (name, summary, reportsMagnitude)
    (self.rowScore, self.settings, self.way, self.limit) = (rowScore, settings, way, limit)
  }

  /// Saliency (Simonyan 2014): |∂score/∂x|. The sign is dropped at the end, after the mean over orders and models.
  public static let saliency = AttributionMethod(
    "saliency", "size of the derivative of the logit", reportsMagnitude: true,
    .derivative(.gradient, timesInput: false),
    limit: "the derivative is 0 there, as no active ReLU leads from a feature to the logit")

  /// ∂score/∂x · x, with x as the model gets it, after scaling: a feature of 0 has the attribution 0, and to first
  /// order what is above 0 raises the score.
  public static let gradientTimesInput = AttributionMethod(
    "gradient-x-input", "derivative of the logit times the feature", .derivative(.gradient, timesInput: true),
    limit: "each feature, or the derivative in it, is 0 there")

  /// Guided backpropagation (Springenberg 2015): every ReLU passes g · [x > 0] · [g > 0]; the sign is kept. A model
  /// without ReLU gives its plain derivative.
  public static let guidedBackpropagation = AttributionMethod(
    "guided-backprop", "derivative of the logit through what supports it", rowScore: .positive,
    .derivative(.guided, timesInput: false),
    limit: "guided backpropagation passes no negative derivative through a ReLU, and a network whose last weights are "
      + "negative has no others")

  /// Layer-wise relevance propagation (Bach 2015) with the z-rule: the score is shared out among the inputs, layer by
  /// layer, in proportion to what each gives to the sum behind it; biases take their share.
  public static let relevance = AttributionMethod(
    "lrp", "shares of the score, handed back layer by layer; biases take some",
    settings: [Setting("epsilon", .real(1e-30...1, default: 1e-6), "added to the size of each divisor")],
    .derivative(.relevance(epsilon: 1e-6), timesInput: false),
    limit: "the score is 0 there, or biases took all of it")

  /// Occlusion (Zeiler and Fergus 2014): the score minus the score with a feature, or all features of a block, set to 0
  /// after scaling. Any model can be explained so.
  public static let occlusion = AttributionMethod(
    "occlusion", "change of the score where a feature, or a block of them, is set to 0",
    settings: [Setting("by", .choice(["feature", "block"]), "what is set to 0 at a time")],
    .occlusion(ofGroups: false), limit: "each feature is 0 there, or the score does not change without it")

  /// The exact contributions of a model that is a sum of them: those along the paths of trees (Saabas 2014), or the
  /// terms of naive Bayes. With the constant of the model they add up to the score.
  public static let path = AttributionMethod(
    "path", "contributions that add up to the score: along the paths of trees, or of naive Bayes", .contributions,
    limit: "no tree has a split on its path")

  /// Every method; a new one is a value here.
  public static let all = [saliency, gradientTimesInput, guidedBackpropagation, relevance, occlusion, path]

  /// The method of a name; nil when there is none.
  public static func named(_ name: String) -> AttributionMethod? { all.first { $0.name == name } }

  /// Reads a name with settings, such as `occlusion:by=block`; nil for an unknown name. Throws `SettingError`.
  public init?(_ text: String) throws(SettingError) {
    let parts = SettingText(text)
    guard let method = Self.named(parts.name) else { return nil }
    let values = try SettingValues(
      parts.words, of: method.settings, subject: method.name, guide: "explain --help lists the methods")
    self = method
    if case .derivative(.relevance, let timesInput) = way {
      way = .derivative(.relevance(epsilon: values.real("epsilon")), timesInput: timesInput)
    }
    if case .occlusion = way { way = .occlusion(ofGroups: values.text("by") == "block") }
  }

  /// Whether it gives one attribution for each group of columns, not for each column.
  public var isOfGroups: Bool { way == .occlusion(ofGroups: true) }

  /// Whether its attributions add up to the score, but for what biases took.
  public var sharesScore: Bool {
    if case .derivative(.relevance, _) = way { true } else { false }
  }

  /// Throws `AttributionError` for a model that the method can't explain.
  func check(_ model: any Model) throws(AttributionError) {
    let isAdditive = (model as? MeanOf)?.isAdditive ?? (model is any Additive)
    switch way {
    case .derivative(let rule, _):
      let isExplainable =
        (model as? MeanOf)?.isExplainable ?? (model as? Ensemble)?.isExplainable ?? (model is any Explainable)
      if !isExplainable { throw AttributionError(.noDerivatives, method: name, isAdditive: isAdditive) }
      if let layer = (model as? any Explainable)?.obstacle(to: rule) {
        throw AttributionError(.noRule(layer: layer), method: name, isAdditive: isAdditive)
      }
    case .contributions:
      if !isAdditive { throw AttributionError(.noContributions, method: name, isAdditive: false) }
    case .occlusion: return
    }
  }
}

/// The error of a model that a method can't explain.
public struct AttributionError: Diagnosable, Equatable {
  /// The kinds of error.
  public enum Kind: Sendable, Equatable {
    /// The model has no derivatives in its inputs.
    case noDerivatives
    /// The model is no sum of contributions.
    case noContributions
    /// The model has a layer that relevance can't go back through.
    case noRule(layer: String)
  }
  /// The reason.
  public let kind: Kind
  let method: String
  /// Whether the model has contributions.
  let isAdditive: Bool

  init(_ kind: Kind, method: String, isAdditive: Bool) {
    (self.kind, self.method, self.isAdditive) = (kind, method, isAdditive)
  }

  /// The message for the user, with the methods that the model can be explained by; status 64.
  public var diagnostic: Diagnostic {
    switch kind {
    case .noDerivatives:
      Diagnostic(
        .usage, "--method \(method): this model has no derivatives",
        hint: (isAdditive ? "--method path, or " : "") + "--method occlusion")
    case .noRule(let layer):
      Diagnostic(
        .usage, "--method \(method): no rule leads relevance through this model's layer \(layer)",
        hint: "--method saliency, or --method gradient-x-input")
    case .noContributions:
      Diagnostic(
        .usage, "--method \(method): this model has no contributions that add up to its score",
        hint: "--method gradient-x-input, or --method occlusion")
    }
  }
}
