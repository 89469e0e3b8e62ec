import Bags
import Bytes
import CommandSupport
import Features
import Models
import Training

/// The model card: what the model file says about the run.
extension TrainData {
  /// The card of some models; `isWhole` is false where the run ended early.
  func card(
    _ members: [Fitted], _ result: TrainRun.Result, _ plan: TrainPlan, _ scaled: ScaledData, isWhole: Bool
  ) -> ModelCard {
    var card = ModelCard(
      result.recipe.choice, goal: goal,
      ports: ports, order: order,
      seed: options.optimisation.seed, remedy: remedy(members[0], result.recipe, scaled, isWhole: isWhole),
      trainingData: digest, toolVersion: "mil-train \(millraceVersion)", normalizer: scaled.normalizer?.json,
      notes: notes(members, result, plan, scaled))
    card.ensemble = result.ensemble?.card
    card.singleFeature = singleFeature(scaled)
    let blocks = options.bags.features.blocks.map { (try? BlockSpec(parsing: $0))?.encoding }
    if !blocks.contains(nil) { card.encoders = blocks.compactMap { $0 } }
    return card
  }

  /// The most instances that the best single feature is chosen on.
  private static let sampled = 4096

  /// The best single feature of the training bags, of which it sees evenly spaced ones where they have many instances;
  /// nil for labels that are numbers, and for graphs and sequences.
  private func singleFeature(_ scaled: ScaledData) -> SingleFeature? {
    guard goal == .binary, entities == nil else { return nil }
    let train = scaled.split.train
    let total = train.reduce(0) { $0 + scaled.bagStore.size(of: $1) }
    let step = max(1, (total + Self.sampled - 1) / Self.sampled)
    let sample = scaled.bagStore.batch(stride(from: 0, to: train.count, by: step).map { train[$0] }, nil)
    guard let x = sample.dense(scaled.ports[0].name) else { return nil }
    let bags = sample.segments("bag")
    let labels = sample.targets.label.enumerated().flatMap { bag, label in
      [Float](repeating: label, count: Int(bags[bag + 1] - bags[bag]))
    }
    let threads = ThreadOptions.count(options.optimisation.threads)
    return SingleFeature(bestOf: x, labels: labels, swap: swap, threads: threads)
  }

  /// The inputs, with the names of their columns.
  private var ports: [ModelCard.Port] {
    guard let entities else { return [.init("x", features: names ?? (1...bags.width).map { "x\($0)" })] }
    return entities.ports.map { port in
      switch port.kind {
      case .dense: .init(port.name, port.axis, features: entities.features(of: port.name))
      case .tokens(let symbols, let length): .init(port.name, port.axis, symbols: symbols, length: length)
      }
    }
  }

  private func remedy(_ fitted: Fitted, _ recipe: Recipe, _ scaled: ScaledData, isWhole: Bool) -> String {
    guard isWhole else { return "stopped: the loss was no finite number any more" }
    guard let outcome = fitted.outcome, goal == .binary, recipe.choice.positiveAbove == nil else {
      return "none needed"
    }
    let isChosen = !scaled.split.validation.isEmpty
    return
      "output bias set so that half of the training bags start on either side of the rest point, and fitted to the "
      + "\(isChosen ? "validation" : "training") bags after each epoch; "
      + (isChosen ? "best epoch by their \(options.validation.chooseBy ?? "loss"); " : "last epoch; ")
      + "restart when recall or specificity there is at most 0.1 at the rest point: "
      + "\(outcome.attempts) attempt\(outcome.attempts == 1 ? "" : "s"), "
      + (outcome.isCollapsed ? "collapsed all the same" : "not collapsed")
  }

  private func notes(
    _ members: [Fitted], _ result: TrainRun.Result, _ plan: TrainPlan, _ scaled: ScaledData
  ) -> [String: String] {
    let (summary, split) = (summary, scaled.split)
    let labels = goal == .binary ? "\(summary.positives) positive" : "labels are numbers"
    let rule = options.validation.validation ?? (plan.validation.isEmpty ? "0" : "0.2")
    var notes = [
      "bags": "\(summary.bags), \(labels), \(summary.instances) instances",
      "split": "\(split.train.count) train, \(split.validation.count) validation by \(rule)",
    ]
    for (key, value) in members[0].notes { notes[key] = value }
    if let most = plan.drawnInstances, summary.largestBag > most {
      notes["instances"] = "at most \(most) of a bag in an epoch, drawn anew in each"
    }
    if let base = plan.base { notes["base"] = Self.description(of: base) }
    if options.method.labelLevel == .instance {
      var labelled = summary.labelledInstances
      if case .nodes? = entities { labelled = split.train.reduce(0) { $0 + scaled.store.size(of: $1) } }
      notes["learned from"] = "\(labelled) labelled instances"
    }
    if plan.recipes.count > 1 {
      notes["grid"] =
        "\(result.point), the best of \(plan.recipes.count) by validation \(options.validation.chooseBy ?? "loss")"
    }
    if let ensemble = result.ensemble { return notes.merging(Self.notes(of: ensemble.card, result, self, plan)) { $1 } }
    guard let outcome = members[0].outcome else { return notes }
    notes["loss"] = result.recipe.lossText(goal)
    notes["optimiser"] = "\(Self.full(result.recipe.optimiser)), batch \(result.recipe.batch)"
    let several = outcome.attempts > 1
    notes["epoch"] =
      "\(outcome.bestEpoch) of \(outcome.epochsRun)"
      + (several ? " of attempt \(outcome.keptAttempt) of \(outcome.attempts)" : "")
    let figures =
      goal == .number
      ? "loss \(NumberText.text(outcome.loss))"
      : "recall \(NumberText.fixed(outcome.recall, digits: 3)), "
        + "specificity \(NumberText.fixed(outcome.specificity, digits: 3)) at 0.5"
        + (result.recipe.choice.positiveAbove == nil ? ", its offset fitted to the same bags" : "")
    notes[split.validation.isEmpty ? "training" : "validation"] =
      figures + (several ? ", the best of \(outcome.attempts) attempts by their loss on them" : "")
    return notes
  }

  /// A description that tells a base from others: its training data, and the digest of its file's bytes.
  private static func description(of base: ModelFile) -> String {
    var digest = SHA256()
    digest.update(base.bytes())
    return "model \(SHA256.hex(Array(digest.finish().prefix(6)))), trained on data \(base.card.trainingData.prefix(12))"
  }

  /// The lines of the card on an ensemble.
  private static func notes(
    of card: EnsembleCard, _ result: TrainRun.Result, _ data: TrainData, _ plan: TrainPlan
  ) -> [String: String] {
    let kinds = zip(data.kinds, card.kinds).map { given, kind in
      "\(kind.members) × \(given.kind.text) (\(kind.columns.count) features, weight "
        + "\(NumberText.fixed(kind.weight, digits: 3)))"
    }
    var notes = [
      "members": kinds.joined(separator: ", "),
      "held out by each member": data.options.validation.validation ?? "genes:0.19",
      "weights of the kinds": result.fitted.notes["weights"] ?? "", "loss": result.recipe.lossText(data.goal),
      "optimiser": full(result.recipe.optimiser), "split": "all train",
    ]
    if let history = card.history {
      notes["history of seen genes"] =
        "log odds \(NumberText.fixed(history.offset, digits: 3)) + "
        + "\(NumberText.fixed(history.score, digits: 3)) logit + "
        + "\(NumberText.fixed(history.history, digits: 3)) history, fitted to held-out pairs of one seen gene"
    }
    return notes
  }

  /// The name of a choice with all its settings.
  private static func full<Made>(_ choice: TrainingChoice<Made>) -> String {
    choice.values.members.reduce(choice.entry.name) { "\($0), \($1.name) \($1.value)" }
  }

  /// The facts that determine the bytes of the model, which a resumed run must be given again. Threads, paths and the
  /// interval of checkpoints are not among them, nor is the number of epochs, which may be raised.
  func facts(_ recipe: Recipe, _ plan: TrainPlan, _ scaled: ScaledData) -> RunFacts {
    let given = options.optimisation
    var facts = RunFacts()
    facts.add("version", "mil-train \(millraceVersion)")
    facts.add("--architecture", recipe.choice.text)
    if let base = plan.base { facts.add("base", Self.description(of: base)) }
    facts.add("--loss", recipe.lossText(goal))
    facts.add("--optimiser", recipe.optimiser.text)
    facts.add("--batch", String(recipe.batch))
    facts.add("--patience", String(given.patience ?? recipe.choice.method.defaults.patience ?? TrainingPlan().patience))
    if let most = plan.drawnInstances { facts.add("--draw-instances", String(most)) }
    facts.add("--choose-by", options.validation.chooseBy ?? "loss")
    facts.add("--validation", options.validation.validation ?? "0.2")
    facts.add("--learn-from", options.method.labelLevel.rawValue)
    switch plan.validation {
    case .bags: break
    case .genes where options.bags.splits.geneGroups == nil: break
    default:
      let held = scaled.split.validation.map(String.init).joined(separator: ",")
      facts.add("validation bags", Self.digest(held))
    }
    if let method = options.validation.calibrate { facts.add("--calibrate", method.rawValue) }
    facts.add("--seed", String(given.seed))
    facts.add("--order", order.rawValue)
    facts.add("features", "\(bags.width), digest \(names.map(SHA256.digest12) ?? "none")")
    let summary = bags.summary
    facts.add("bags", "\(summary.bags), \(summary.positives) positive, \(summary.instances) instances")
    facts.add("scale", scaled.normalizer.map { "\($0.summary), digest \(Self.digest($0.json))" } ?? "none")
    facts.add("digest of the bags", digest)
    return facts
  }

  private static func digest(_ text: String) -> String {
    var digest = SHA256()
    digest.update(text)
    return SHA256.hex(Array(digest.finish().prefix(6)))
  }
}

extension TrainRun {
  /// The output of `--dry-run`: one fact per line.
  func description() throws -> String {
    let recipe = plan.recipes[0]
    let scaled = try parts()
    let (summary, split) = (data.summary, scaled.split)
    var facts: [(String, String)] = [
      ("bags", String(summary.bags)), ("labels", data.goal.rawValue), ("positive", String(summary.positives)),
      ("instances", String(summary.instances)), ("largest bag", String(summary.largestBag)),
      ("genes", String(summary.genes)), ("features", String(data.bags.width)),
      ("train", "\(split.train.count) bags"), ("validation", "\(split.validation.count) bags"),
      ("architecture", recipe.choice.text),
    ]
    if recipe.choice.fitting == .gradients { facts += try gradientFacts(recipe, scaled) }
    facts += [
      (
        "order of partners",
        data.order == .symmetric && data.swap == nil ? "no per-partner features" : data.order.rawValue
      ), ("normaliser", scaled.normalizer?.summary ?? "none"),
      ("memory of the features", Self.mebibytes(summary.bytes)), ("memory at the peak", Self.mebibytes(peakMemory)),
    ]
    return facts.map { "\($0.0)\t\($0.1)\n" }.joined()
  }

  private func gradientFacts(_ recipe: Recipe, _ scaled: ScaledData) throws -> [(String, String)] {
    let summary = data.summary
    if plan.base != nil {
      let head = try recipe.choice.trained(scaled.ports)
      return [("weights", "\(head.weightCount), those of the base are frozen")]
    }
    let model = try recipe.choice.model(scaled.ports, seed: 0)
    let trainer = trainer(recipe, seed: seed)
    let training = trainer.plan
    let batch = Double(training.batchSize * summary.instances) / Double(max(1, summary.bags))
    let state = trainer.rehearse(store: scaled.store, split: scaled.split, model: model)
    let checkpoint = Checkpoint(facts: RunFacts(), epochs: training.epochs, log: nil, state: state).bytes().count
    return [
      ("weights", String(model.parameters.weightCount)), ("instances a batch", NumberText.fixed(batch, digits: 0)),
      ("a checkpoint", Self.mebibytes(checkpoint)),
    ]
  }

  private static func mebibytes(_ bytes: Int) -> String {
    NumberText.fixed(Double(bytes) / 0x1p20, digits: bytes < 100 << 20 ? 1 : 0) + " MiB"
  }
}
