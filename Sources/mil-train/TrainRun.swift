import Bytes
import CommandSupport
import Dispatch
import Evaluation
import Models
import Records
import Training

/// A training run: from the plan to the written model.
struct TrainRun {
  let plan: TrainPlan
  let context: ToolContext
  /// The folder of the checkpoints, if the run keeps any.
  let folder: CheckpointFolder?

  func run() throws {
    guard let path = plan.options.files.output else { throw TrainFailure.noOutput }
    try plan.model(1).prepare(forAttribution: false, threads: plan.trainer.plan.threads)
    let facts = folder == nil ? RunFacts() : plan.facts
    let checkpoint = try resumed(facts)
    let log = try openLog(checkpoint)
    func kept(_ state: TrainingState) -> Checkpoint {
      Checkpoint(facts: facts, epochs: plan.trainer.plan.epochs, log: log?.mark, state: state)
    }
    var observer = Trainer.Observer()
    observer.epoch = { try log?.write($0) }
    observer.isCancelled = { Signals.stop != nil }
    if let folder { observer.state = { try folder.save(kept($0)) } }
    observer.stateInterval = plan.options.checkpoints.every ?? .max
    let bags = plan.split.train.count
    let earlier = checkpoint.map {
      ($0.state.epoch - 1) * bags + min($0.state.batches * plan.trainer.plan.batchSize, bags)
    }
    let meter = context.progress("bags trained", total: bags * plan.trainer.plan.epochs, before: earlier ?? 0)
    observer.progress = { epoch, done, all in meter.update((epoch - 1) * all + done, detail: "epoch \(epoch)") }
    var lastGood: (any Differentiable)?
    Signals.hold()
    do {
      let (model, outcome) = try plan.trainer.train(
        store: plan.store, split: plan.split, makeModel: plan.model, from: checkpoint?.state, observer: observer,
        lastGood: &lastGood)
      meter.finish()
      if outcome.isCollapsed || outcome.isOneSided { context.warn(collapse(outcome)) }
      try write(model, outcome, to: path)
      try log?.write(kept: outcome)
      // Only a person at a terminal wants to know what was kept.
      if context.isStderrTerminal { context.say(summary(outcome, path)) }
    } catch let error as TrainingError {
      meter.finish()
      if let lastGood { try write(lastGood, nil, to: path) }
      try log?.close()
      throw error
    } catch let stopped as TrainingStopped {
      meter.finish()
      try folder?.save(kept(stopped.state))
      try log?.close()
      throw failure(stopped.state, path)
    }
    try log?.close()
  }

  /// The checkpoint from which the run continues; nil if it starts.
  private func resumed(_ facts: RunFacts) throws -> Checkpoint? {
    guard plan.options.checkpoints.resume, let folder else { return nil }
    let layout = try plan.model(1).parameters
    let found = try folder.newest(
      { path in
        try Checkpoint.read(path, facts: facts, plan: plan.trainer.plan, split: plan.split, layout: layout)
      }, warn: context.warn)
    guard let (checkpoint, path) = found else {
      context.say("no checkpoint in \(folder.path): the run starts")
      return nil
    }
    context.say("the run continues from \(path), \(place(checkpoint.state))")
    return checkpoint
  }

  private func openLog(_ checkpoint: Checkpoint?) throws -> EpochLog? {
    guard let path = plan.options.files.log else { return nil }
    let log = try EpochLog(
      path: path, after: checkpoint?.log, isResumed: checkpoint != nil,
      labels: plan.split.validation.map { plan.bags.labels[$0] > 0.5 })
    if !log.isWhole {
      context.warn(
        Diagnostic(
          .success, "this is not the log that the run wrote up to its checkpoint: a new log begins",
          at: SourceLocation(source: path)))
    }
    return log
  }

  /// The position in the run, for messages.
  private func place(_ state: TrainingState) -> String {
    let attempt = state.attempt > 1 ? " of attempt \(state.attempt)" : ""
    return state.batches == 0
      ? "after epoch \(state.epoch - 1)\(attempt)" : "in epoch \(state.epoch)\(attempt), after batch \(state.batches)"
  }

  private func failure(_ state: TrainingState, _ path: String) -> TrainFailure {
    .stopped(Signals.stop ?? .terminated, at: place(state), checkpoint: folder?.path, model: path)
  }

  private func write(_ model: any Differentiable, _ outcome: TrainingOutcome?, to path: String) throws {
    let file = ModelFile(card: plan.card(outcome), parameters: model.parameters, genes: plan.genes, pairs: plan.pairs)
    let output = try OutputFile.open(path: path)
    defer { output.discard() }
    try output.sink.write(file.bytes())
    try output.commit()
  }

  private func summary(_ outcome: TrainingOutcome, _ path: String) -> String {
    "epoch \(outcome.bestEpoch) of \(outcome.epochsRun) kept in \(path): "
      + "recall \(NumberText.fixed(outcome.recall, digits: 2)), "
      + "specificity \(NumberText.fixed(outcome.specificity, digits: 2)) on the bags that chose it"
  }

  /// The warning of a model that has collapsed, or that calls nearly every bag by one class at probability 0.5.
  private func collapse(_ outcome: TrainingOutcome) -> Diagnostic {
    let figures =
      "(recall \(NumberText.fixed(outcome.recall, digits: 2)), "
      + "specificity \(NumberText.fixed(outcome.specificity, digits: 2)))"
    if outcome.isCollapsed {
      return Diagnostic(
        .data, "the model calls nearly every bag by one class \(figures) after \(outcome.attempts) attempts",
        hint: "choose a threshold other than 0.5, another --seed, or --architecture mlp")
    }
    return Diagnostic(
      .data,
      "at 0.5 the model calls nearly every bag by one class \(figures), as --loss "
        + "\(plan.options.optimisation.loss.rawValue) keeps to the frequency of the classes",
      hint: "choose a threshold other than 0.5, or --loss cce or cfce")
  }
}
