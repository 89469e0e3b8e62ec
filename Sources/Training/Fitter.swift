import Arrays
import Bytes
import Models
import Tensors

/// The result of a fitter for labelled examples.
public struct Fitted: Sendable {
  /// The model.
  public var model: any Model
  /// The figures of a fit by gradients; nil for others.
  public var outcome: TrainingOutcome?
  /// Facts for the card of the model, by name.
  public var notes: [String: String] = [:]

  /// A model with these facts.
  public init(_ model: any Model, outcome: TrainingOutcome? = nil, notes: [String: String] = [:]) {
    (self.model, self.outcome, self.notes) = (model, outcome, notes)
  }
}

/// An algorithm that fits a model to the training examples of a split.
public protocol Fitter: Sendable {
  /// Fits a model; a fitter without epochs ignores `state` and most of `observer`.
  ///
  /// - Throws: `TrainingError`; `TrainingStopped` when the observer cancels; what the observer throws.
  func fit(
    _ store: any BatchStore, _ split: ValidationSplit, from state: TrainingState?, _ observer: Trainer.Observer
  ) throws -> Fitted
}

/// Fits a network of layers by gradients.
public struct GradientFitter: Fitter {
  /// The trainer.
  public let trainer: Trainer
  /// The model of an attempt, from 1: each has other initial weights.
  public let makeModel: @Sendable (_ attempt: Int) throws -> any Differentiable

  /// A fitter of what `makeModel` makes.
  public init(_ trainer: Trainer, makeModel: @escaping @Sendable (_ attempt: Int) throws -> any Differentiable) {
    (self.trainer, self.makeModel) = (trainer, makeModel)
  }

  /// Trains on batches of the training examples and chooses the epoch by the validation examples.
  public func fit(
    _ store: any BatchStore, _ split: ValidationSplit, from state: TrainingState?, _ observer: Trainer.Observer
  ) throws -> Fitted {
    let (model, outcome) = try trainer.train(
      store: store, split: split, makeModel: makeModel, from: state, observer: observer)
    return Fitted(model, outcome: outcome)
  }
}

extension MethodChoice {
  /// The fitter of this method for a store's ports: gradients, or another one within rounds that find the witnesses of
  /// examples of several units. Attempt a starts from weights that the plan's seed and a determine.
  ///
  /// Throws `ModelError` for ports or settings that it can't take, `TrainingError.wrongLabels` for another kind of
  /// label.
  public func fitter(_ ports: [PortSpec], _ objective: any Objective, _ plan: TrainingPlan) throws -> any Fitter {
    let goal = objective.goal
    guard method.goals.contains(goal) else {
      throw TrainingError.wrongLabels(
        method: "--architecture \(method.name)", reason: "can't learn labels of the kind \(goal.rawValue)",
        hint: positiveAbove != nil
          ? "--loss ce"
          : Methods.all.filter { $0.goals.contains(goal) && $0.readsSame(as: method) }.map(\.name)
            .joined(separator: ", "))
    }
    _ = try self.plan(ports)
    switch fitting {
    case .gradients:
      try checkPooling(goal)
      let trainer = Trainer(plan: plan, objective: objective)
      @Sendable func seed(_ attempt: Int) -> UInt64 { RandomStream.hash("attempt \(attempt)", seed: plan.seed) }
      if try cut(ports, seed: 0) != nil {
        return HeadFitter(trainer: trainer) { [self] attempt in
          guard let cut = try cut(ports, seed: seed(attempt)) else { preconditionFailure("a network with a head") }
          return cut
        }
      }
      let gradients = GradientFitter(trainer) { [self] attempt in try model(ports, seed: seed(attempt)) }
      return isFittedInRounds ? WitnessLoop(gradients, .witness, plan, goal) : gradients
    case .columnPairs:
      let counts = try ColumnPairFitter(ports[0].names, prior: values.real("prior"), method: method.name)
      return WitnessLoop(counts, .max, plan, goal)
    default: return WitnessLoop(try tableFitter(ports, goal, seed: plan.seed), MIL(values), plan, goal)
    }
  }

  /// Refuses pools of probabilities where labels are numbers.
  private func checkPooling(_ goal: Goal) throws(TrainingError) {
    let pooling = values.text("pooling")
    guard goal == .number, pooling == "mean" || pooling == "noisy-or" else { return }
    throw .wrongLabels(
      method: "--architecture \(text)", reason: "pools probabilities, and the labels are numbers",
      hint: "pooling=mean-logit is the mean of the instances' numbers")
  }

  private func tableFitter(_ ports: [PortSpec], _ goal: Goal, seed: UInt64) throws -> any TableFitter {
    switch fitting {
    case .gradients, .columnPairs: preconditionFailure("a method that is fitted to a table")
    case .newton(let loss): LinearTableFitter(loss: loss, choice: self, ports: ports)
    case .trees: ForestTableFitter(options: try forestOptions(goal, seed: seed), mil: MIL(values))
    case .boosting:
      BoostedTableFitter(options: try boostedOptions(goal), isBalanced: values.flag("balanced"), mil: MIL(values))
    case .bestColumn: BestColumnFitter(choice: self, ports: ports)
    case .moments: NaiveBayesFitter(smoothing: values.real("smoothing"), mil: MIL(values))
    }
  }

  /// The options of a forest from the settings.
  private func forestOptions(_ goal: Goal, seed: UInt64) throws -> ForestOptions {
    var options = ForestOptions()
    options.trees = values.integer("trees")
    options.criterion = goal == .binary ? .gini : .variance
    switch values.text("features") {
    case "root": options.featuresPerSplit = .squareRoot
    case "third": options.featuresPerSplit = .third
    case "all": options.featuresPerSplit = .all
    default: options.featuresPerSplit = nil
    }
    options.minimumLeaf = values.integer("leaf")
    options.maximumDepth = values.integer("depth")
    options.isBootstrapped = values.flag("bootstrap")
    options.isBalanced = values.flag("balanced")
    options.bins = values.integer("bins")
    options.seed = seed
    try options.check()
    return options
  }
}

extension MethodChoice {
  /// The options of boosted trees from the settings.
  private func boostedOptions(_ goal: Goal) throws -> BoostedOptions {
    if goal == .number, values.flag("balanced") {
      throw ModelError.option(name: "balanced", value: "yes", allowed: "no, with labels that are numbers")
    }
    var options = BoostedOptions()
    options.loss = goal == .binary ? .crossEntropy : .squares
    (options.trees, options.rate, options.l2) = (values.integer("trees"), values.real("rate"), values.real("l2"))
    (options.leaves, options.minimumLeaf) = (values.integer("leaves"), values.integer("leaf"))
    (options.maximumDepth, options.bins) = (values.integer("depth"), values.integer("bins"))
    return options
  }
}

/// An algorithm that fits a model of single units to a table of them.
protocol TableFitter: UnitFitter {
  /// A model for the rows of `x`; `weights` has one number per row, or is empty where all are 1.
  func fit(_ x: Matrix, _ labels: [Float], _ weights: [Float], _ pool: ThreadPool) throws -> Fitted
}

extension TableFitter {
  func fit(_ units: UnitTable, _ rest: UnitFit) throws -> Fitted {
    try fit(units.x, units.rowLabels, units.rowWeights, rest.pool)
  }
}

/// Newton's method for `logistic` and `linear-svm`.
struct LinearTableFitter: TableFitter {
  let loss: LinearLoss
  let choice: MethodChoice
  let ports: [PortSpec]

  func fit(_ x: Matrix, _ labels: [Float], _ weights: [Float], _ pool: ThreadPool) throws -> Fitted {
    var newton = NewtonLinear()
    newton.loss = loss
    newton.c = choice.values.real("C")
    let x = choice.values.flag("products") ? Products.expanded(x) : x
    let weights = choice.values.flag("balanced") ? Self.balanced(labels, weights) : weights
    let fit = try newton.fit(x, labels: labels, weights: weights, pool)
    var model = try choice.model(ports, seed: 0)
    model.parameters.set("output.weight", to: fit.coefficients.map { Float($0) })
    model.parameters.set("output.bias", to: [Float(fit.intercept)])
    return Fitted(
      model,
      notes: [
        "fit": "Newton's method: objective \(NumberText.text(fit.objective)) after \(fit.steps) steps, "
          + "largest slope \(NumberText.text(fit.slope))"
      ])
  }

  /// Weights times W / (2 W_k) for class k, where W is the weight of all rows and W_k that of the class.
  static func balanced(_ labels: [Float], _ weights: [Float]) -> [Float] {
    let weights = weights.isEmpty ? [Float](repeating: 1, count: labels.count) : weights
    let mass = zip(labels, weights).reduce(into: (0.0, 0.0)) { sum, row in
      if row.0 > 0.5 { sum.1 += Double(row.1) } else { sum.0 += Double(row.1) }
    }
    let all = mass.0 + mass.1
    return zip(labels, weights).map { Float(Double($1) * all / (2 * ($0 > 0.5 ? mass.1 : mass.0))) }
  }
}

/// Trees for `forest`.
struct ForestTableFitter: TableFitter {
  let options: ForestOptions
  let mil: MIL

  func fit(_ x: Matrix, _ labels: [Float], _ weights: [Float], _ pool: ThreadPool) throws -> Fitted {
    // Equal weights are no weights: the trees are the same, and grow faster.
    let forest = try ForestFitter(options).fit(x, targets: labels, weights: weights.isEven ? [] : weights, pool)
    return Fitted(
      ForestModel(forest, mil: mil),
      notes: ["fit": "\(forest.trees) trees of \(forest.nodes.count) nodes, depth \(forest.depth)"])
  }
}

extension [Float] {
  /// Whether all are the same number above 0.
  var isEven: Bool { first.map { first in first > 0 && allSatisfy { $0 == first } } ?? true }
}
