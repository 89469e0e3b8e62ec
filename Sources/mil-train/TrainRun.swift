import Arrays
import Bags
import Bytes
import CommandSupport
import Evaluation
import Models
import Records
import Training

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A training run: from the data to the written model.
struct TrainRun {
  let plan: TrainPlan
  let data: TrainData
  let context: ToolContext
  /// The folder of the checkpoints, if the run keeps any.
  let folder: CheckpointFolder?

  init(_ plan: TrainPlan, _ data: TrainData, _ context: ToolContext, folder: CheckpointFolder?) {
    (self.plan, self.data, self.context, self.folder) = (plan, data, context, folder)
  }

  var options: MilTrain { data.options }
  var seed: UInt64 { options.optimisation.seed }

  /// Trains on all bags and writes the model.
  func run() throws {
    guard let path = options.files.output else { throw TrainFailure.noOutput }
    if options.validation.calibrate != nil, data.goal == .number {
      throw ToolFailure.usage("--calibrate makes probabilities, and labels are numbers")
    }
    let scaled = try parts()
    let checkpoint = try resumed(plan.recipes[0], scaled)
    let log = try openLog(scaled, checkpoint)
    Signals.hold()
    do {
      let best = try chosen(scaled, log, from: checkpoint)
      var members = best.ensemble?.members ?? [best.fitted]
      if best.ensemble == nil {
        for member in 1..<max(1, options.validation.repeat) {
          members.append(try fit(best.recipe, scaled, seed: seed &+ UInt64(member), log: log).fitted)
        }
        for member in members { if let outcome = member.outcome { warn(outcome, best.recipe) } }
      }
      try write(members, best, scaled, to: path)
      if let outcome = members[0].outcome, members.count == 1 { try log?.write(kept: outcome) }
      try log?.close()
      // Only a person at a terminal wants to know what was kept.
      if context.isStderrTerminal, let outcome = members.last?.outcome { context.say(summary(outcome, path)) }
    } catch {
      try log?.close()
      throw error
    }
  }

  /// All bags in their parts, on the scale of those that train.
  func parts() throws -> ScaledData {
    let split = try data.split(Array(0..<data.bags.count), plan.validation, seed: seed)
    if split.validation.isEmpty, !plan.validation.isEmpty { context.warn(TrainFailure.nothingChooses) }
    if let leak = data.leak(split.validation, "validation") { context.warn(leak) }
    if plan.validation.splitsGenes { data.reportCopies(split, NoticeCounter(context)) }
    return try data.scaled(split, context)
  }

  /// A recipe with what it made.
  struct Result {
    let recipe: Recipe
    let point: String
    let fitted: Fitted
    /// The cost by which recipes are compared, the less the better.
    let cost: Double
    /// Of an ensemble its kinds and all members, one kind after the other; nil for a single method.
    var ensemble: (card: EnsembleCard, members: [Fitted])?
  }

  /// The result of the best recipe on the validation bags; the only one's without `--grid`.
  func chosen(_ scaled: ScaledData, _ log: EpochLog?, from checkpoint: Checkpoint?) throws -> Result {
    if !data.kinds.isEmpty { return try ensemble(scaled, log) }
    var best: Result?
    for (recipe, point) in zip(plan.recipes, plan.points) {
      let result = try fit(recipe, scaled, point: point, seed: seed, from: checkpoint, log: log)
      if plan.recipes.count > 1 { try log?.write(point: point, cost: result.cost) }
      if best.map({ result.cost < $0.cost }) ?? true { best = result }
    }
    guard let best else { preconditionFailure("at least one recipe") }
    return best
  }

  // MARK: One fit

  /// The trainer of a recipe, whose plan fitters without batches follow too.
  func trainer(_ recipe: Recipe, seed: UInt64) -> Trainer {
    let scale = recipe.choice.method.scale(data.goal)
    let training = plan.training(
      recipe, seed: seed, drawsOrder: data.swap != nil && !recipe.choice.method.isSymmetric, scale: scale)
    return Trainer(plan: training, objective: recipe.objective(data.goal))
  }

  /// Fits a recipe to a split.
  func fit(
    _ recipe: Recipe, _ scaled: ScaledData, point: String = "", seed: UInt64, from checkpoint: Checkpoint? = nil,
    log: EpochLog? = nil
  ) throws -> Result {
    let trainer = trainer(recipe, seed: seed)
    let training = trainer.plan
    let fitter = try recipe.choice.fitter(scaled.ports, recipe.objective(data.goal), training)
    if recipe.choice.fitting == .gradients {
      try recipe.choice.model(scaled.ports, seed: 0).prepare(forAttribution: false, threads: training.threads)
    }
    let facts = folder == nil ? RunFacts() : data.facts(recipe, plan, scaled)
    let fitted = try watched(fitter, training, facts, checkpoint, scaled, log, recipe)
    return Result(
      recipe: recipe, point: point, fitted: fitted,
      cost: plan.recipes.count == 1 ? 0 : cost(fitted, recipe, trainer, scaled))
  }

  /// The cost by which recipes are compared: the criterion on the validation bags, or their loss: that of training, or
  /// for models without one the cross entropy or the squared error of their scores.
  private func cost(
    _ fitted: Fitted, _ recipe: Recipe, _ trainer: Trainer, _ scaled: ScaledData
  ) -> Double {
    if plan.criterion == nil, let outcome = fitted.outcome { return outcome.loss }
    let outputs = trainer.outputs(of: scaled.split.validation, fitted.model, scaled.store)
    let targets = scaled.store.targets(of: scaled.split.validation)
    if let criterion = trainer.plan.criterion { return criterion.cost(criterion.value(outputs, targets)) }
    let scale = recipe.choice.method.scale(data.goal)
    var (sum, mass) = (0.0, 0.0)
    for (row, output) in outputs.enumerated() where targets.weight[row] > 0 {
      let (score, label, weight) = (scale.score(output), Double(targets.label[row]), Double(targets.weight[row]))
      let rate = min(max(score, 1e-7), 1 - 1e-7)
      sum += weight * (scale == .number ? (score - label) * (score - label) : -log(label > 0.5 ? rate : 1 - rate))
      mass += weight
    }
    return sum / mass
  }

  /// Fits with a progress meter, checkpoints, the log, and signals heard.
  private func watched(
    _ fitter: any Fitter, _ training: TrainingPlan, _ facts: RunFacts, _ checkpoint: Checkpoint?, _ scaled: ScaledData,
    _ log: EpochLog?, _ recipe: Recipe
  ) throws -> Fitted {
    func kept(_ state: TrainingState) -> Checkpoint {
      Checkpoint(facts: facts, epochs: training.epochs, log: log?.mark, state: state)
    }
    var observer = Trainer.Observer()
    observer.epoch = { try log?.write($0) }
    observer.isCancelled = { Signals.stop != nil }
    if let folder { observer.state = { try folder.save(kept($0)) } }
    observer.stateInterval = options.checkpoints.checkpoint?.every ?? .max
    let bags = scaled.split.train.count
    let earlier = checkpoint.map { ($0.state.epoch - 1) * bags + min($0.state.batches * training.batchSize, bags) }
    let meter = context.progress("bags trained", total: bags * training.epochs, before: earlier ?? 0)
    observer.progress = { epoch, done, all in meter.update((epoch - 1) * all + done, detail: "epoch \(epoch)") }
    var lastGood: (any Model)?
    observer.lastGood = { lastGood = $0 }
    defer { meter.finish() }
    do {
      return try fitter.fit(scaled.store, scaled.split, from: checkpoint?.state, observer)
    } catch let error as TrainingError {
      meter.finish()
      if let lastGood, let path = options.files.output, plan.recipes.count == 1,
        options.validation.repeat == 1, data.kinds.isEmpty
      {
        let result = Result(recipe: recipe, point: "", fitted: Fitted(lastGood), cost: 0)
        try write([Fitted(lastGood)], result, scaled, isWhole: false, to: path)
      }
      throw error
    } catch let stopped as TrainingStopped {
      meter.finish()
      try folder?.save(kept(stopped.state))
      throw stoppedFailure(Self.place(stopped.state))
    } catch is FittingStopped {
      meter.finish()
      throw stoppedFailure("while witnesses were found")
    }
  }

  /// The checkpoint from which the run continues; nil if it starts.
  private func resumed(_ recipe: Recipe, _ scaled: ScaledData) throws -> Checkpoint? {
    guard options.checkpoints.resume, let folder else { return nil }
    let facts = data.facts(recipe, plan, scaled)
    let training = trainer(recipe, seed: seed).plan
    let layout = try recipe.choice.trained(scaled.ports)
    let split = scaled.split
    let outputs = scaled.store.targets(of: split.validation.isEmpty ? split.train : split.validation).label.count
    let found = try folder.newest(
      { path in
        try Checkpoint.read(path, facts: facts, plan: training, split: split, outputs: outputs, layout: layout)
      }, warn: context.warn)
    guard let (checkpoint, path) = found else {
      context.say("no checkpoint in \(folder.path): the run starts")
      return nil
    }
    context.say("the run continues from \(path), \(Self.place(checkpoint.state))")
    return checkpoint
  }

  private func openLog(_ scaled: ScaledData, _ checkpoint: Checkpoint?) throws -> EpochLog? {
    guard let path = options.files.log else { return nil }
    let log = try EpochLog(
      path: path, after: checkpoint?.log, isResumed: checkpoint != nil,
      targets: scaled.store.targets(of: scaled.split.validation),
      goal: data.goal)
    if !log.isWhole {
      context.warn(
        Diagnostic(
          .success, "this is not the log that the run wrote up to its checkpoint: a new log begins",
          at: SourceLocation(source: path)))
    }
    return log
  }

  /// The position in the run, for messages.
  private static func place(_ state: TrainingState) -> String {
    let attempt = state.attempt > 1 ? " of attempt \(state.attempt)" : ""
    return state.batches == 0
      ? "after epoch \(state.epoch - 1)\(attempt)" : "in epoch \(state.epoch)\(attempt), after batch \(state.batches)"
  }

  private func stoppedFailure(_ place: String) -> TrainFailure {
    .stopped(
      Signals.stop ?? .terminated, at: place, checkpoint: folder?.path, model: options.files.output ?? "the model")
  }

  // MARK: Results

  private func write(
    _ members: [Fitted], _ result: Result, _ scaled: ScaledData, isWhole: Bool = true, to path: String
  ) throws {
    let card = data.card(members, result, plan, scaled, isWhole: isWhole)
    let labelled = scaled.split.train + scaled.split.validation
    var file = ModelFile(
      card: card, models: members.map(\.model), genes: data.genes(of: labelled),
      pairs: data.pairs(of: scaled.split.train))
    file.odds = data.odds(of: scaled.split.train)
    // What the frozen network has seen, its head has seen too.
    if let base = plan.base {
      file.genes.addSeen(base.genes)
      file.pairs = file.pairs.union(base.pairs)
    }
    switch options.files.trainedPairs {
    case .exact: break
    case .filter: file.pairs = file.pairs.filtered
    case .none: file.pairs = TrainedPairs()
    }
    if isWhole { calibrate(&file, result.recipe, scaled) }
    let output = try OutputFile.open(path: path)
    defer { output.discard() }
    try output.sink.write(file.bytes())
    try output.commit()
  }

  /// Adds the rule of `--calibrate`, or says why there is none.
  private func calibrate(_ file: inout ModelFile, _ recipe: Recipe, _ scaled: ScaledData) {
    guard let method = options.validation.calibrate else { return }
    let outputs = trainer(recipe, seed: seed).outputs(of: scaled.split.validation, file.model, scaled.store)
    let targets = scaled.store.targets(of: scaled.split.validation)
    let rows = outputs.indices.filter { targets.weight[$0] > 0 }
    let calibration = Calibration(
      method, scores: rows.map { Double(outputs[$0]) }, labels: rows.map { targets.label[$0] > 0.5 })
    guard let calibration, calibration.isRising else {
      let reason = calibration == nil ? "are of one class" : "score lower the more of them are positive"
      return context.warn(
        Diagnostic(.data, "the model is not calibrated: the validation bags \(reason)", hint: "--validation 0.2"))
    }
    file.card.calibration = calibration
    file.card.notes["calibrated on"] = "\(rows.count) validation bags"
  }

  private func summary(_ outcome: TrainingOutcome, _ path: String) -> String {
    "epoch \(outcome.bestEpoch) of \(outcome.epochsRun) kept in \(path)"
      + (data.goal == .number
        ? ": loss \(NumberText.fixed(outcome.loss, digits: 4)) on the bags that chose it"
        : ": recall \(NumberText.fixed(outcome.recall, digits: 2)), "
          + "specificity \(NumberText.fixed(outcome.specificity, digits: 2)) on the bags that chose it")
  }

  /// Warns of a model that has collapsed, or that calls nearly every bag by one class at probability 0.5.
  func warn(_ outcome: TrainingOutcome, _ recipe: Recipe) {
    guard outcome.isCollapsed || outcome.isOneSided else { return }
    let figures =
      "(recall \(NumberText.fixed(outcome.recall, digits: 2)), "
      + "specificity \(NumberText.fixed(outcome.specificity, digits: 2)))"
    if outcome.isCollapsed {
      return context.warn(
        Diagnostic(
          .data, "the model calls nearly every bag by one class \(figures) after \(outcome.attempts) attempts",
          hint: "choose a threshold other than 0.5, another --seed, or --architecture mlp"))
    }
    // Few of all pairs of nodes interact: nobody calls them at 0.5.
    if recipe.choice.takesNodePairs { return }
    context.warn(
      Diagnostic(
        .data,
        "at 0.5 the model calls nearly every bag by one class \(figures), as --loss "
          + "\(recipe.lossText(data.goal)) keeps to the frequency of the classes",
        hint: "choose a threshold other than 0.5, or --loss cce or cfce"))
  }
}
