import Bytes
import CommandSupport
import Features
import Models
import Training

/// The model card: what the model file says about the run.
extension TrainPlan {
  func card(_ outcome: TrainingOutcome?) -> ModelCard {
    ModelCard(
      architecture: options.architecture.architecture.name, options: options.architecture.sizes,
      ports: [.init("x", features: names ?? (1...bags.width).map { "x\($0)" })], order: order,
      seed: options.optimisation.seed, remedy: remedy(outcome), trainingData: digest,
      toolVersion: "mil-train \(millraceVersion)", normalizer: normalizer?.json, notes: notes(outcome))
  }

  private var order: ModelCard.Order {
    options.order.ordered ? .ordered : options.order.roles ? .roles : .symmetric
  }

  private func remedy(_ outcome: TrainingOutcome?) -> String {
    guard let outcome else { return "stopped: the loss was no finite number any more" }
    let isChosen = !split.validation.isEmpty
    return
      "output bias set so that half of the training bags start on either side of the rest point, and fitted to the "
      + "\(isChosen ? "validation" : "training") bags after each epoch; "
      + (isChosen ? "best epoch by their loss; " : "last epoch; ")
      + "restart when recall or specificity there is at most 0.1 at the rest point: "
      + "\(Self.attempts(outcome)), \(outcome.isCollapsed ? "collapsed all the same" : "not collapsed")"
  }

  private static func attempts(_ outcome: TrainingOutcome) -> String {
    "\(outcome.attempts) attempt\(outcome.attempts == 1 ? "" : "s")"
  }

  private func notes(_ outcome: TrainingOutcome?) -> [String: String] {
    let given = options.optimisation
    let summary = bags.summary
    var notes = [
      "loss": given.loss == .cfce ? "cfce, gamma \(NumberText.text(given.focus))" : given.loss.rawValue,
      "bags": "\(summary.bags), \(summary.positives) positive, \(summary.instances) instances",
      "split": "\(split.train.count) train, \(split.validation.count) validation by \(given.validationBy.rawValue)",
      "optimiser":
        "adam, learning rate \(NumberText.text(given.learningRate)), batch \(given.batch), "
        + "weight decay \(NumberText.text(given.weightDecay))",
    ]
    if let outcome {
      let several = outcome.attempts > 1
      notes["epoch"] =
        "\(outcome.bestEpoch) of \(outcome.epochsRun)"
        + (several ? " of attempt \(outcome.keptAttempt) of \(outcome.attempts)" : "")
      notes[split.validation.isEmpty ? "training" : "validation"] =
        "recall \(NumberText.fixed(outcome.recall, digits: 3)), "
        + "specificity \(NumberText.fixed(outcome.specificity, digits: 3)) at 0.5, its offset fitted to the same bags"
        + (several ? ", the best of \(outcome.attempts) attempts by their loss on them" : "")
    }
    return notes
  }

  /// The output of `--dry-run`: one fact per line.
  func description() throws -> String {
    let summary = bags.summary
    let model = try model(1)
    let batch = Double(trainer.plan.batchSize * summary.instances) / Double(max(1, summary.bags))
    let state = trainer.rehearse(store: store, split: split, model: model)
    let checkpoint = Checkpoint(facts: RunFacts(), epochs: trainer.plan.epochs, log: nil, state: state).bytes().count
    let facts: [(String, String)] = [
      ("bags", String(summary.bags)), ("positive", String(summary.positives)),
      ("instances", String(summary.instances)), ("largest bag", String(summary.largestBag)),
      ("genes", String(summary.genes)), ("features", String(bags.width)),
      ("train", "\(split.train.count) bags"), ("validation", "\(split.validation.count) bags"),
      ("architecture", options.architecture.architecture.name), ("weights", String(model.parameters.weightCount)),
      ("order of partners", order == .symmetric && swap == nil ? "no per-partner features" : order.rawValue),
      ("normaliser", normalizer?.summary ?? "none"),
      ("instances a batch", NumberText.fixed(batch, digits: 0)),
      ("memory of the features", Self.mebibytes(summary.bytes)),
      ("memory at the peak", Self.mebibytes(peakMemory)), ("a checkpoint", Self.mebibytes(checkpoint)),
    ]
    return facts.map { "\($0.0)\t\($0.1)\n" }.joined()
  }

  private static func mebibytes(_ bytes: Int) -> String {
    NumberText.fixed(Double(bytes) / 0x1p20, digits: bytes < 100 << 20 ? 1 : 0) + " MiB"
  }
}
