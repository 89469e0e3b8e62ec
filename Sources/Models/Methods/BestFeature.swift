import Arrays
import Bytes

/// The best single feature, a baseline: what one column alone says.
enum BestFeature {
  static let method = Method(
    "best-feature", "the one feature whose order fits the labels best, a baseline",
    settings: [MIL.setting], goals: [.binary], form: .network(plan: plan, engine: nil),
    fitting: { _ in .bestColumn },
    description: """
      score of an instance = + or - (x - mean) / deviation of one column, plus the log odds of label 1.
      The column, and the sign, is that whose AUROC on the training instances is farthest from 1/2; of several the
      first. A bag has the maximum of its instances. The score orders; it is no probability. A method that is not
      better has not shown that it learned more than this one number.
      """)

  @Sendable private static func plan(_ ports: [PortSpec], _ values: SettingValues) throws -> NetworkPlan {
    var figure = NetworkBuilder()
    let x = figure.input("x", Shape(.instance, positions: ports[0].width))
    return try Logistic.end(figure, x, values)
  }
}
