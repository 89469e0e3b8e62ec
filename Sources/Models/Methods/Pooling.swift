import Arrays
import Bytes

/// A pooling of the instances of a bag in a network.
///
/// Every pool is a function of numbers that each instance has by itself, so that a bag may be scored in parts: its
/// logit, and with attention the number e whose shares e^(e_k) / Σ e^(e_j) weigh the logits. For Ilse, Tomczak and
/// Welling (2018) the bag's logit is c · Σ a_k h_k + b; shares add up to 1, so that it is Σ a_k (c · h_k + b).
enum Pooling: String, CaseIterable {
  case max, mean
  case meanLogit = "mean-logit"
  case logSumExp = "log-sum-exp"
  case noisyOr = "noisy-or"
  case attention
  case gatedAttention = "gated-attention"

  /// The settings of a network.
  static let settings = [
    Setting(
      "pooling", .choice(allCases.map(\.rawValue)),
      "the score of a bag: the maximum; the mean of the probabilities, or of the logits; (1/4) log mean exp(4 logit); "
        + "noisy-or; shares from attention"),
    .flag(
      "rounds", default: false,
      "train in rounds on the witnesses of positive bags and all instances of negative bags, as methods of single "
        + "instances are fitted; with pooling=max"),
  ]

  /// Lines for the description of a method.
  static let description = """
    pooling of logits u and probabilities p = sigmoid(u) of a bag's n instances: max u; mean: the logit of mean p;
    mean-logit: mean u; log-sum-exp: (1/4) log(mean exp(4 u)); noisy-or: the logit of 1 - product of (1 - p);
    attention: sum of a u with a = softmax over the bag of w . tanh(V h + b), 64 units, for the values h that the last
    layer reads, gated-attention with tanh(V h + b) * sigmoid(U h + c) (Ilse 2018). mean and noisy-or take two classes.
    """

  /// The pooling that settings name. Throws `ModelError.option` for rounds with another pooling than the maximum.
  init(_ values: SettingValues) throws(ModelError) {
    self = Pooling(rawValue: values.text("pooling")) ?? .max
    guard self == .max || !values.flag("rounds") else {
      throw .option(name: "rounds", value: "yes", allowed: "no, with pooling=\(rawValue)")
    }
  }

  /// Whether the score of a bag grows by what is added to all of its logits.
  private var keepsShifts: Bool { self != .mean && self != .noisyOr }

  /// Ends a network whose last layer reads `h`: the logit of each instance, and the pool of a bag.
  func end(_ figure: inout NetworkBuilder, _ h: NetworkBuilder.Handle, gate: NetworkBuilder.Handle? = nil) throws
    -> NetworkPlan
  {
    if self == .attention || self == .gatedAttention {
      let energy = try figure.attentionEnergy("pool", h, hidden: 64, gated: self == .gatedAttention)
      let logit = try figure.add("output", Dense(to: 1), h)
      let shares = try figure.add("pool.softmax", GroupSoftmax("bag"), energy)
      let weighted = try figure.add("pool.gate", Gate(), shares, logit)
      let bag = try figure.add("pool.sum", SegmentPool(.sum, "bag", .bag), weighted)
      return figure.plan(unit: logit, target: bag, attention: shares, energy: energy)
    }
    // The trainer shifts the scores of bags by the parameter `output.bias`, which must then add to them.
    let logit = try figure.add(keepsShifts ? "output" : "logit", Dense(to: 1), h)
    let bag = try pool(&figure, logit)
    return figure.plan(unit: logit, target: bag, attention: gate)
  }

  private func pool(_ figure: inout NetworkBuilder, _ logit: NetworkBuilder.Handle) throws -> NetworkBuilder.Handle {
    let kind: SegmentPool.Kind
    switch self {
    case .mean: kind = .meanProbability
    case .meanLogit: kind = .mean
    case .logSumExp: kind = .logSumExp(r: 4)
    case .noisyOr: kind = .noisyOr
    case .max, .attention, .gatedAttention: return try figure.add("max", SegmentMaximum("bag", .bag), logit)
    }
    return try figure.add("pool", SegmentPool(kind, "bag", .bag), logit)
  }
}
