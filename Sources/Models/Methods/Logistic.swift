import Arrays
import Bytes

/// The loss of a linear model of two classes.
public enum LinearLoss: Sendable, Equatable {
  /// log(1 + e^−m) of the margin m: a logistic regression.
  case logistic
  /// max(0, 1 − m)²: a support vector machine, liblinear's with the "L2 loss".
  case squaredHinge
}

/// Logistic regression on every instance, maximum over the bag; on bags of one it is IIIDB's model.
enum Logistic {
  static let c = Setting(
    "C", .real(1e-9...1e9, default: 1), "weight of the loss against the penalty, as in scikit-learn")
  static let balanced = Setting.flag("balanced", default: false, "classes count alike, whatever their sizes")
  static let products = Setting.flag(
    "products", default: false, "add the products of all pairs of features, each cut off at 5 and -5")
  /// The most features whose products are taken.
  private static let mostMultiplied = 256

  static let method = Method(
    "logistic", "logistic regression on every instance, maximum over the bag",
    settings: [
      c, balanced, products, MIL.setting,
      Setting("solver", .choice(["newton", "gradients"]), "the minimum itself, or batches as networks are trained"),
    ],
    goals: [.binary], form: .network(plan: plan, engine: nil),
    fitting: { $0.text("solver") == "newton" ? .newton(.logistic) : .gradients },
    description: """
      logit of an instance = w . x + b; of a bag: the maximum of its instances.
      newton minimises |w|^2 / 2 + C * sum of log(1 + exp(-t (w . x + b))), t = 1 or -1; b is not penalised. Bags of
      several instances are fitted in rounds: the best instance of each positive bag is its witness, and all instances
      of negative bags are negative, until the witnesses stay (mil-train(1), WITNESSES).
      gradients trains it like a network, with --loss, --optimiser, --batch and --epochs; C and balanced do not apply,
      and the loss sees the pooled score of a bag, with mil=mean the mean, else the maximum.
      With products=yes x are the features, cut off at 5 and -5, and all products of two of them, squares too.
      IIIDB is logistic:C=0.8 on bags of one instance.
      """)

  /// A dense layer to one number, and the pool of a bag.
  @Sendable static func plan(_ ports: [PortSpec], _ values: SettingValues) throws -> NetworkPlan {
    var figure = NetworkBuilder()
    var x = figure.input("x", Shape(.instance, positions: ports[0].width))
    if values.flag("products") {
      guard ports[0].width <= mostMultiplied else {
        throw ModelError.option(
          name: "products", value: "yes",
          allowed: "no, or at most \(mostMultiplied) features: these are \(ports[0].width)")
      }
      x = try figure.add("products", Products(), x)
    }
    return try end(figure, x, values)
  }

  /// The rest of the figure behind its columns.
  static func end(_ figure: NetworkBuilder, _ x: NetworkBuilder.Handle, _ values: SettingValues) throws -> NetworkPlan {
    var figure = figure
    let logit = try figure.add("output", Dense(to: 1), x)
    let bag =
      try MIL(values) == .mean
      ? figure.add("mean", SegmentPool(.meanProbability, "bag", .bag), logit)
      : figure.add("max", SegmentMaximum("bag", .bag), logit)
    return figure.plan(unit: logit, target: bag)
  }
}
