import Bytes

/// A linear support vector machine on every instance: liblinear's with the squared hinge loss.
enum LinearSVM {
  static let method = Method(
    "linear-svm", "a linear support vector machine on every instance, maximum over the bag",
    settings: [Logistic.c, Logistic.balanced, Logistic.products, MIL.setting],
    goals: [.binary], form: .network(plan: Logistic.plan, engine: nil), fitting: { _ in .newton(.squaredHinge) },
    description: """
      margin of an instance m = w . x + b; of a bag: the maximum of its instances.
      The minimum of (|w|^2 + b^2) / 2 + C * sum of max(0, 1 - t m)^2, t = 1 or -1, is found by Newton's method: the
      squared hinge, with b in the penalty, as liblinear and scikit-learn's LinearSVC have them (Fan 2008). Bags of
      several instances as for logistic. The column logit is the margin and score its sigmoid, which orders bags as the
      margin does and is above 0.5 where that is above 0; it is no probability.
      """)
}
