import Arrays
import Bytes
import CommandSupport
import Evaluation
import ModelSupport
import Models
import Training

/// A run's method, loss, optimiser and batch size: one point of `--grid`.
struct Recipe {
  var choice: MethodChoice
  /// The loss for two classes, or the one that was given.
  var loss: TrainingChoice<any Objective>
  /// Whether the loss was given; if not, numbers have the mean squared error.
  let isLossGiven: Bool
  var optimiser: TrainingChoice<OptimiserPlan>
  var batch: Int

  /// The objective for these labels.
  func objective(_ goal: Goal) -> any Objective { isLossGiven || goal == .binary ? loss.made : SquaredError() }
  /// The name of the loss, with its settings.
  func lossText(_ goal: Goal) -> String { isLossGiven || goal == .binary ? loss.text : "mse" }

  /// Sets a setting of the method, the loss or the optimiser, or the batch size; throws for one that none has.
  mutating func set(_ key: String, to value: String) throws {
    func has(_ values: SettingValues?) -> Bool { values?.settings.contains { $0.name == key } ?? false }
    let isAllowed: Bool
    if choice.positiveAbove != nil, has(choice.values) {
      throw ToolFailure.usage("--grid \(key): the frozen network and the classes are the same in all runs")
    }
    if key == "batch" {
      batch = Int(value) ?? 0
      isAllowed = (1...1_000_000).contains(batch)
    } else if has(choice.values) {
      isAllowed = choice.values.set(key, to: value)
    } else if choice.fitting == .gradients, has(loss.values) {
      isAllowed = loss.values.set(key, to: value)
    } else if choice.fitting == .gradients, has(optimiser.values) {
      isAllowed = optimiser.values.set(key, to: value)
    } else {
      throw ToolFailure.usage(
        "--grid \(key): neither the method nor its loss or optimiser has this setting",
        hint: "mil-train --describe \(choice.method.name)")
    }
    guard isAllowed else {
      throw ToolFailure.usage(
        "--grid \(key): \(Diagnostic.quoted(value)) is not allowed", hint: "mil-train --describe \(choice.method.name)")
    }
  }
}

/// The options of a run, checked before anything is read.
struct TrainPlan {
  /// The model whose network is frozen, where the method names one.
  let base: ModelFile?
  /// The runs among which the validation bags choose: one without `--grid`.
  let recipes: [Recipe]
  /// The values of `--grid` in each of `recipes`, such as `kernel=3`.
  let points: [String]
  let validation: ValidationRule
  let folds: FoldRule?
  /// The bags that each member of an ensemble holds out, which choose its epoch; nil for a single method.
  let memberValidation: ValidationRule?
  /// The figure that chooses epochs and settings; nil is the loss.
  let criterion: ChosenFigure?
  /// The most instances of a bag that networks see in an epoch; nil is all.
  var drawnInstances: Int? {
    options.optimisation.drawInstances
      ?? (options.method.preset != nil && options.method.labelLevel != .instance ? Self.usualInstances : nil)
  }
  private static let usualInstances = 16
  /// The patience of a member whose method has no own: others make up for one that stops early.
  private static let patienceOfMembers = 4
  private let options: MilTrain

  /// Throws usage errors.
  init(_ options: MilTrain) throws {
    let given = options.optimisation
    let (choice, base) = try options.method.choice().resolved()
    self.base = base
    let defaults = choice.method.defaults
    let isGradient = choice.fitting == .gradients
    if choice.isFittedInRounds, options.checkpoints.folder != nil {
      throw ToolFailure.usage("--checkpoint does not apply to --architecture \(choice.text), which is fitted in rounds")
    }
    if !isGradient {
      let without = given.needingGradients + [(options.checkpoints.folder != nil, "--checkpoint")]
      if let (_, name) = without.first(where: \.isSet) {
        throw ToolFailure.usage(
          "\(name) does not apply to --architecture \(choice.text), which is not fitted in batches")
      }
    }
    let recipe = Recipe(
      choice: choice, loss: try TrainingChoice(given.loss ?? defaults.loss ?? "cfce", of: Losses.all, option: "--loss"),
      isLossGiven: given.loss != nil,
      optimiser: try TrainingChoice(
        given.optimiser ?? defaults.optimiser ?? "adam", of: Optimisers.all, option: "--optimiser"),
      batch: given.batch ?? defaults.batch ?? (choice.takesNodePairs ? 1 : 128))
    if !isGradient, recipe.isLossGiven, recipe.loss.entry.name != "mse" {
      throw ToolFailure.usage(
        "--loss \(recipe.loss.text) does not apply to --architecture \(choice.text), which is not fitted in batches",
        hint: "--loss mse says that labels are numbers; balanced=yes balances classes")
    }
    (recipes, points) = try Self.grid(options.validation.grid, around: recipe)
    let isEnsemble = options.method.isEnsemble
    if isEnsemble { try Self.checkEnsemble(options) }
    memberValidation = isEnsemble ? try ValidationRule(options.validation.validation ?? "genes:0.19") : nil
    let text = options.validation.validation ?? (isGradient || recipes.count > 1 ? "0.2" : "0")
    validation = try isEnsemble ? .bags(0) : ValidationRule(text)
    if let patience = given.patience, patience > 0, validation.isEmpty, !isEnsemble {
      throw ToolFailure.usage(
        "--patience \(patience) does not apply with --validation 0, which keeps the last epoch")
    }
    if options.validation.calibrate != nil, validation.isEmpty {
      throw ToolFailure.usage("--calibrate needs validation bags: it is fitted on them", hint: "--validation 0.2")
    }
    folds = try options.validation.crossValidate.map { try FoldRule($0) }
    if base != nil, folds != nil {
      throw ToolFailure.usage(
        "--cross-validate does not apply to --architecture two-logit: its base has seen the pairs of every fold")
    }
    criterion = try (options.validation.chooseBy ?? (isEnsemble ? "auroc" : nil)).flatMap { try Self.criterion($0) }
    if let criterion, criterion.isMedian, options.method.labelLevel != .instance {
      throw ToolFailure.usage(
        "--choose-by \(criterion.name) is a median over bags of labelled instances", hint: "--learn-from instance")
    }
    if given.drawInstances != nil, options.method.labelLevel == .instance || choice.takesNodePairs {
      throw ToolFailure.usage("--draw-instances does not apply where instances have labels of their own")
    }
    let isSingle = recipes.count == 1 && options.validation.repeat == 1 && folds == nil
    if options.checkpoints.folder != nil, !isSingle {
      throw ToolFailure.usage("--checkpoint keeps one run: it does not apply with --grid, --repeat or --cross-validate")
    }
    if options.files.output == nil, folds == nil, !options.files.dryRun { throw TrainFailure.noOutput }
    self.options = options
  }

  /// All combinations of the values of `--grid`, the last option fastest.
  private static func grid(_ texts: [String], around recipe: Recipe) throws -> ([Recipe], [String]) {
    var recipes = [recipe]
    var points = [""]
    for text in texts {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let values = parts.count == 2 ? parts[1].split(separator: ",", omittingEmptySubsequences: false) : []
      guard !values.isEmpty, Set(values).count == values.count else {
        throw ToolFailure.usage("--grid \(Diagnostic.quoted(text)) is not key=v1,v2 with different values")
      }
      var (nextRecipes, nextPoints) = ([Recipe](), [String]())
      for (recipe, point) in zip(recipes, points) {
        for value in values {
          var changed = recipe
          try changed.set(parts[0], to: String(value))
          nextRecipes.append(changed)
          nextPoints.append((point.isEmpty ? "" : point + ",") + "\(parts[0])=\(value)")
        }
      }
      (recipes, points) = (nextRecipes, nextPoints)
    }
    return (recipes, points)
  }

  /// Refuses options that an ensemble has no use for.
  private static func checkEnsemble(_ options: MilTrain) throws {
    let without = [
      (!options.validation.grid.isEmpty, "--grid"), (options.validation.calibrate != nil, "--calibrate"),
      (options.checkpoints.folder != nil, "--checkpoint"),
    ]
    if let (_, name) = without.first(where: \.0) {
      throw ToolFailure.usage(
        "\(name) does not apply to an ensemble (--preset, --member)",
        hint: name == "--calibrate" ? "its weights are fitted to what its members hold out" : nil)
    }
  }

  private static func criterion(_ text: String) throws -> ChosenFigure? {
    if text == "loss" { return nil }
    guard let figure = ChosenFigure(text) else {
      throw ToolFailure.usage(
        "--choose-by \(Diagnostic.quoted(text)) is not a figure that can choose",
        hint: (["loss"] + ChosenFigure.names).joined(separator: ", "))
    }
    return figure
  }

  /// The settings of a run of a recipe.
  func training(_ recipe: Recipe, seed: UInt64, drawsOrder: Bool, scale: ScoreScale) -> TrainingPlan {
    let (given, defaults) = (options.optimisation, recipe.choice.method.defaults)
    var plan = TrainingPlan()
    plan.batchSize = recipe.batch
    plan.epochs = given.epochs ?? defaults.epochs ?? plan.epochs
    let usual = options.method.isEnsemble ? Self.patienceOfMembers : plan.patience
    plan.patience = given.patience ?? defaults.patience ?? usual
    plan.optimiser = recipe.optimiser.made
    plan.criterion = criterion.map { $0.criterion(scale) }
    plan.seed = seed
    plan.threads = ThreadOptions.count(given.threads)
    plan.drawsOrder = drawsOrder
    plan.unitsPerExample = drawnInstances
    if recipe.choice.takesNodePairs { plan.negatives = recipe.choice.values.integer("negatives") }
    return plan
  }
}

/// The figure that `--choose-by` names: one of all labels, or the median over the bags of a figure of their instances.
struct ChosenFigure {
  let name: String
  let metric: Metric
  /// Whether it is a median over bags.
  let isMedian: Bool

  /// The medians, by name.
  private static let medians: KeyValuePairs = ["medauc": Metric.auroc, "medauprc": .auprc]

  /// The figures that order models: each has a direction, and calling everything by one class does not make it best.
  static var names: [String] {
    let others = ["precision", "recall", "specificity", "ece"]
    return Metric.all.filter { $0.direction != .none && !$0.isCount && $0.top == nil && !others.contains($0.name) }
      .map(\.name) + medians.map(\.key)
  }

  /// The figure of this name; nil for others than `names`.
  init?(_ name: String) {
    guard Self.names.contains(name) else { return nil }
    let median = Self.medians.first { $0.key == name }?.value
    guard let metric = median ?? Metric.named(name) else { return nil }
    (self.name, self.metric, isMedian) = (name, metric, median != nil)
  }

  /// The figure as a criterion of training, for outputs on a scale.
  func criterion(_ scale: ScoreScale) -> Criterion {
    Criterion(name, isHigherBetter: metric.direction == .higher) { outputs, targets in
      guard isMedian else { return value(outputs, targets, targets.label.indices, scale) }
      return Spread(targets.examples.map { value(outputs, targets, $0, scale) }).median
    }
  }

  private func value(_ outputs: [Float], _ targets: Targets, _ rows: Range<Int>, _ scale: ScoreScale) -> Double? {
    let rows = rows.filter { targets.weight[$0] > 0 }
    let scores = rows.map { scale.score(outputs[$0]) }
    switch metric.goal {
    case .classes: return Judgement(scores: scores, labels: rows.map { targets.label[$0] > 0.5 }).value(metric)
    case .numbers:
      return NumberJudgement(scores: scores, labels: rows.map { Double(targets.label[$0]) }).value(metric)
    }
  }
}
