import Arrays

/// Logistic regression on every instance, maximum over the bag; on bags of one it is IIIDB's model.
/// Its L2 penalty belongs to the objective it is trained with.
enum Logistic: Architecture {
  static let name = "logistic"
  static let summary = "logistic regression on every instance, maximum over the bag"
  static let optionNames: Set<String> = []

  static func plan(features: Int, _ options: ArchitectureOptions) throws -> NetworkPlan {
    var figure = NetworkBuilder()
    let x = figure.input("x", Shape(.instance, positions: features))
    let logit = try figure.add("output", Dense(to: 1), x)
    let bag = try figure.add("max", SegmentMaximum("bag", .bag), logit)
    return figure.plan(unit: logit, target: bag)
  }
}
