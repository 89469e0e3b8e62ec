import Arrays
import Bytes

/// Logistic regression on every instance, maximum over the bag; on bags of one it is IIIDB's model.
enum Logistic {
  static let method = Method(
    "logistic", "logistic regression on every instance, maximum over the bag",
    settings: [
      Setting("C", .real(1e-9...1e9, default: 1), "weight of the loss against the penalty, as in scikit-learn"),
      .flag("balanced", default: false, "classes count alike, whatever their sizes"),
      Setting("solver", .choice(["newton", "gradients"]), "the minimum itself, or batches as networks are trained"),
    ],
    goals: [.binary], form: .network(plan: plan, engine: nil),
    fitting: { $0.text("solver") == "newton" ? .newton : .gradients },
    description: """
      logit of an instance = w . x + b; of a bag: the maximum of its instances.
      newton minimises |w|^2 / 2 + C * sum of log(1 + exp(-t (w . x + b))), t = 1 or -1; b is not penalised. Bags of
      several instances are fitted in rounds: the best instance of each positive bag is its witness, and all instances
      of negative bags are negative, until the witnesses stay (mil-train(1), WITNESSES).
      gradients trains it like a network, with --loss, --optimiser, --batch and --epochs; C and balanced do not apply.
      IIIDB is logistic:C=0.8 on bags of one instance.
      """)

  @Sendable private static func plan(_ ports: [PortSpec], _ values: SettingValues) throws -> NetworkPlan {
    var figure = NetworkBuilder()
    let x = figure.input("x", Shape(.instance, positions: ports[0].width))
    let logit = try figure.add("output", Dense(to: 1), x)
    let bag = try figure.add("max", SegmentMaximum("bag", .bag), logit)
    return figure.plan(unit: logit, target: bag)
  }
}
