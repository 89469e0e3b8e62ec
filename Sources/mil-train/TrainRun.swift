import Bytes
import CommandSupport
import Dispatch
import Evaluation
import Models
import Records
import Training

/// Trains as the plan says and writes the model.
struct TrainRun {
  let plan: TrainPlan
  let context: ToolContext

  func run() throws {
    let options = plan.options
    guard let path = options.files.output else { throw TrainFailure.noOutput }
    // Opened before the work, so that a place that can't be written is known before it.
    let output = try OutputFile.open(path: path)
    defer { output.discard() }
    let log = try options.files.log.map { path in
      try TrainingLog(path: path, labels: plan.split.validation.map { plan.bags.labels[$0] > 0.5 })
    }
    var observer = Trainer.Observer()
    observer.epoch = { try log?.write($0) }
    let meter = context.progress("bags trained", total: plan.split.train.count * plan.trainer.plan.epochs)
    observer.progress = { epoch, done, all in meter.update((epoch - 1) * all + done, detail: "epoch \(epoch)") }
    var lastGood: (any Differentiable)?
    do {
      let (model, outcome) = try plan.trainer.train(
        store: plan.bags, split: plan.split, makeModel: plan.model, observer: observer, lastGood: &lastGood)
      meter.finish()
      if outcome.isCollapsed { context.warn(collapse(outcome)) }
      try write(model, outcome, to: output)
      // A file says nothing; a person at a terminal wants to know what was kept.
      if context.isStderrTerminal { context.say(summary(outcome, path)) }
      try log?.close()
    } catch let error as TrainingError {
      meter.finish()
      if let lastGood { try write(lastGood, nil, to: output) }
      try log?.close()
      throw error
    }
  }

  private func write(_ model: any Differentiable, _ outcome: TrainingOutcome?, to output: FileOutput) throws {
    let file = ModelFile(card: plan.card(outcome), parameters: model.parameters, genes: plan.genes)
    try output.sink.write(file.bytes())
    try output.commit()
  }

  private func summary(_ outcome: TrainingOutcome, _ path: String) -> String {
    "epoch \(outcome.bestEpoch) of \(outcome.epochsRun) kept in \(path): "
      + "recall \(NumberText.fixed(outcome.recall, digits: 2)), "
      + "specificity \(NumberText.fixed(outcome.specificity, digits: 2)) on the bags that chose it"
  }

  private func collapse(_ outcome: TrainingOutcome) -> Diagnostic {
    Diagnostic(
      .data,
      "the model calls nearly every bag by one class (recall \(NumberText.fixed(outcome.recall, digits: 2)), "
        + "specificity \(NumberText.fixed(outcome.specificity, digits: 2))) after \(outcome.attempts) attempts",
      hint: "choose a threshold other than 0.5, another --seed, or --architecture mlp")
  }
}
