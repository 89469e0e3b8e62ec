import Arrays
import Bytes
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The kind of label that a model predicts.
public enum Goal: String, Sendable, CaseIterable {
  /// Two classes, 0 and 1.
  case binary
  /// A number, such as an affinity.
  case number
}

/// The scale of a model's scores.
public enum ScoreScale: String, Sendable {
  /// Log odds of class 1; the sigmoid is its probability.
  case logit
  /// The probability of class 1.
  case probability
  /// The predicted number.
  case number

  /// The value of the column `score`: the probability of class 1, or the number. In Double, since a Float sigmoid is 1
  /// from a logit of 17 on.
  public func score(_ value: Float) -> Double { self == .logit ? sigmoid(Double(value)) : Double(value) }

  /// The log odds of class 1; nil where there are none, or where they are infinite.
  public func logit(_ value: Float) -> Double? {
    switch self {
    case .logit: return Double(value)
    case .number: return nil
    case .probability:
      let odds = Double(value) / (1 - Double(value))
      return odds > 0 && odds.isFinite ? log(odds) : nil
    }
  }
}

/// A way to fit and score models, by name, such as `idmil` or `forest`. A new one is a file with such a
/// value, a line in `Methods.all`, and where gradients do not fit it, a `Fitter` in Training.
public struct Method: Sendable {
  /// The algorithm that fits it.
  public enum Fitting: Sendable, Equatable {
    /// Gradients of a loss, batch by batch (`Trainer`).
    case gradients
    /// Newton's method (`NewtonLinear`).
    case newton(LinearLoss)
    /// Trees (`ForestFitter`).
    case trees
    /// Trees, each for what those before it leave (`BoostedFitter`).
    case boosting
    /// Means and variances of the classes (`NaiveBayesFitter`).
    case moments
    /// The order of each column (`BestColumnFitter`).
    case bestColumn
    /// Counts of pairs of columns (`ColumnPairFitter`).
    case columnPairs
  }

  /// A method's own defaults of a training run by gradients; options override them.
  public struct Defaults: Sendable, Equatable {
    /// The loss for two classes, such as `ce`.
    public var loss: String?
    /// The optimiser with its settings.
    public var optimiser: String?
    /// The examples in a batch.
    public var batch: Int?
    /// The largest number of epochs.
    public var epochs: Int?
    /// The number of epochs without a better one after which training stops.
    public var patience: Int?
  }

  /// The form of a method's models: a network of layers, or other tensors.
  enum Form: Sendable {
    /// A network of layers; `engine` may make a faster engine of it.
    case network(
      plan: @Sendable ([PortSpec], SettingValues) throws -> NetworkPlan,
      engine: (@Sendable (Network, SettingValues) -> (any Differentiable)?)?)
    /// A model of other tensors, which it reads from a file with a prefix before their names.
    case tensors(
      names: [String],
      read: @Sendable (TensorFile, FileForm, _ refuse: (String) -> any Error) throws -> any Model)
  }

  /// The facts of a card that the tensors of a model depend on.
  struct FileForm: Sendable {
    /// The text before the names of its tensors.
    let prefix: String
    /// The number of features of an instance.
    let features: Int
    let values: SettingValues
    let goal: Goal
  }

  /// The name in `--architecture`.
  public let name: String
  /// One line for `--list`.
  public let summary: String
  /// Formula, source, and what to know before using it.
  public let description: String
  /// The settings, in the order in which they are listed.
  public let settings: [Setting]
  /// The kinds of label it can predict.
  public let goals: [Goal]
  /// The inputs that it reads with these settings.
  public let inputs: @Sendable (SettingValues) -> [MethodInput]
  /// The algorithm that fits it with these settings.
  public let fitting: @Sendable (SettingValues) -> Fitting
  /// Its own defaults of a training run.
  public let defaults: Defaults
  /// Whether it reads the features as a row of each partner, side a before side b.
  public let readsSides: Bool
  /// Whether a score does not depend on the order of the partners, so that one order need not be averaged with the
  /// other.
  public let isSymmetric: Bool
  let form: Form
  private let binaryScale: ScoreScale

  init(
    _ name: String, _ summary: String, settings: [Setting], goals: [Goal] = Goal.allCases, readsSides: Bool = false,
    isSymmetric: Bool = false,
    inputs: @escaping @Sendable (SettingValues) -> [MethodInput] = { _ in [MethodInput(.pair, .dense)] }, form: Form,
    scale: ScoreScale = .logit, fitting: @escaping @Sendable (SettingValues) -> Fitting = { _ in .gradients },
    defaults: Defaults = Defaults(), description: String
  ) {
    (self.name, self.summary, self.description) = (name, summary, description)
    (self.settings, self.goals, self.inputs) = (settings, goals, inputs)
    (self.fitting, self.defaults, self.form, binaryScale) = (fitting, defaults, form, scale)
    (self.readsSides, self.isSymmetric) = (readsSides, isSymmetric)
  }

  /// Whether both read inputs of the same kinds with their default settings.
  public func readsSame(as other: Method) -> Bool {
    inputs(SettingValues(defaultsOf: settings)).map(\.port)
      == other.inputs(SettingValues(defaultsOf: other.settings)).map(\.port)
  }

  /// The scale of the scores of its models.
  public func scale(_ goal: Goal) -> ScoreScale { goal == .binary ? binaryScale : .number }
}

/// The list of all methods.
public enum Methods {
  /// In the order of `mil-train --list`.
  public static let all: [Method] =
    [
      IDMIL.method, DMIL.method, MLP.method, TwoTower.method, Logistic.method, LinearSVM.method,
      NaiveBayesModel.method, ForestModel.method, BoostedModel.method, BestFeature.method,
      ColumnPairModel.method,
      GENER.method,
    ] + GraphDTA.methods + [DeepDTA.method, TwoLogit.method]
    + Interface.methods

  /// The method of a name; throws `ModelError.unknownMethod`.
  public static func find(_ name: String) throws(ModelError) -> Method {
    guard let found = all.first(where: { $0.name == name }) else {
      throw .unknownMethod(name, allowed: all.map(\.name))
    }
    return found
  }
}

/// A method with values for its settings: what the text `idmil:kernel=5,attention=no` names.
///
///     let network = try MethodChoice("mlp:hidden=32").network(features: 100, seed: 1)
public struct MethodChoice: Sendable, Equatable {
  /// The method.
  public let method: Method
  /// The values of its settings.
  public var values: SettingValues
  /// The parameters of the network that the setting `base` names; nil where there is none, or before `resolved`.
  var frozen: Parameters?

  /// A method with these values.
  public init(_ method: Method, _ values: SettingValues) { (self.method, self.values) = (method, values) }

  /// The method and the settings of a text; throws `ModelError.unknownMethod` or `SettingError`.
  public init(_ text: String) throws {
    let text = SettingText(text)
    method = try Methods.find(text.name)
    values = try SettingValues(
      text.words, of: method.settings, subject: text.name, guide: "mil-train --describe \(text.name)")
  }

  /// The text that names it, with the settings that differ from their defaults.
  public var text: String { values.changed.isEmpty ? method.name : "\(method.name):\(values.changed)" }

  /// The inputs that it reads.
  public var inputs: [MethodInput] { method.inputs(values) }

  /// The algorithm that fits it.
  public var fitting: Method.Fitting { method.fitting(values) }

  /// Whether both have the same name and values.
  public static func == (one: MethodChoice, other: MethodChoice) -> Bool {
    one.method.name == other.method.name && one.values == other.values
  }

  /// The ports of a model on dense rows of `features` numbers, one per instance of a bag.
  public static func ports(features: Int) -> [PortSpec] { [PortSpec("x", .instance, .dense(width: features))] }

  /// The ports of a model on dense rows with these columns.
  public static func ports(names: [String]) -> [PortSpec] {
    [PortSpec("x", .instance, .dense(width: names.count), names: names)]
  }

  /// Whether it is fitted by gradients in rounds that find witnesses (`WitnessLoop`).
  public var isFittedInRounds: Bool { fitting == .gradients && values.flag("rounds") }

  /// The plan of the layer network for these ports, without memory for parameters; nil where the method has none.
  /// Throws `ModelError` for ports it can't take, such as too few features.
  public func plan(_ ports: [PortSpec]) throws -> NetworkPlan? {
    guard ports.allSatisfy({ $0.width >= 1 }) else { throw ModelError.tooFewFeatures(0, least: 1, modules: 1) }
    for input in inputs { _ = try input.spec(in: ports, of: method.name) }
    if let other = ports.first(where: { port in !inputs.contains { $0.reads(port.name) } }) {
      throw ModelError.unreadPort(method: method.name, reads: inputs.map(\.description), other: other.name)
    }
    guard case .network(let plan, _) = method.form else { return nil }
    return try plan(ports, values)
  }

  /// The layer network for rows of `features` numbers: the reference for every faster engine. Throws `ModelError`.
  public func network(features: Int, seed: UInt64) throws -> Network {
    guard let plan = try plan(Self.ports(features: features)) else {
      preconditionFailure("\(method.name) is a network of layers")
    }
    return plan.network(seed: seed)
  }

  /// The fastest engine for these ports, with parameters started from `seed`. Throws `ModelError`.
  public func model(_ ports: [PortSpec], seed: UInt64) throws -> any Differentiable {
    guard let plan = try plan(ports), case .network(_, let engine) = method.form else {
      preconditionFailure("\(method.name) is a network of layers")
    }
    let network = plan.network(seed: seed)
    return engine?(network, values) ?? network
  }

  /// The same, for rows of `features` numbers.
  public func model(features: Int, seed: UInt64) throws -> any Differentiable {
    try model(Self.ports(features: features), seed: seed)
  }

  /// Reads a model of this method from the tensors whose names begin with `prefix`, and gives the names that it knows.
  /// Throws what `refuse` makes of the reason where they are not those of such a model.
  func read(
    _ file: TensorFile, prefix: String, _ ports: [PortSpec], _ goal: Goal, _ refuse: (String) -> any Error
  ) throws -> (model: any Model, names: [String]) {
    let needed = try plan(ports)?.ports ?? Self.ports(features: ports[0].width)
    guard needed.sorted(by: { $0.name < $1.name }) == ports.sorted(by: { $0.name < $1.name }) else {
      throw refuse("its ports are not those of its model")
    }
    switch method.form {
    case .network:
      guard let plan = try plan(ports) else { preconditionFailure("a network has a plan") }
      let parameters = try file.parameters(plan.requests, prefix: prefix, refuse)
      var model = try model(ports, seed: 0)
      model.parameters = parameters
      return (model, plan.requests.map { prefix + $0.name })
    case .tensors(let names, let read):
      let form = Method.FileForm(prefix: prefix, features: ports[0].width, values: values, goal: goal)
      return (try read(file, form, refuse), names.map { prefix + $0 })
    }
  }
}
