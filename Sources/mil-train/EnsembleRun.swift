import Arrays
import Bytes
import CommandSupport
import Models
import Training

/// Training of an ensemble: members of several kinds, each with genes of its own held out.
extension TrainRun {
  /// The fewest pairs of either class on which epochs or weights are chosen.
  private static let fewest = 50
  private static let fewestForWeights = 25

  /// A member's part of the bags: the split, the genes of what trains it, and the bags that choose its epoch.
  private struct Part {
    let split: ValidationSplit
    let genes: TrainingGenes
    /// The held-out pairs of two genes that training has not seen.
    let unseen: [Int]
    /// Half of them, or of all held-out pairs, which choose the epoch.
    let chooses: [Int]
    /// The other held-out pairs, which set the weights: a choice flatters what it was made by.
    let weighs: [Int]
  }

  /// Trains all members on the training bags of `scaled`, and fits the weights of the kinds to what members held out.
  func ensemble(_ scaled: ScaledData, _ log: EpochLog?) throws -> Result {
    let given = options.validation.repeat
    let times = data.kinds.map { $0.kind.times ?? (given > 1 ? given : MemberKind.usual) }
    if options.validation.repeat > 1, options.method.preset == nil, data.kinds.contains(where: { $0.kind.times != nil })
    {
      throw ToolFailure.usage("--repeat and a number of --member: give one of them")
    }
    let parts = try (0..<(times.max() ?? 1)).map { try part(scaled, seed: seed &+ UInt64($0)) }
    if let leak = data.leak(Set(parts.flatMap(\.split.validation)), "validation") { context.warn(leak) }
    var (kinds, members) = ([EnsembleCard.Kind](), [Fitted]())
    var (held, learned) = ([[[Float]]](), [[[Float]]]())
    for (number, (kind, columns)) in data.kinds.enumerated() {
      let own = own(scaled, columns)
      let recipe = recipe(of: kind, bags: scaled.split.train.count)
      held.append([])
      learned.append([])
      for (place, part) in parts.prefix(times[number]).enumerated() {
        let split = ValidationSplit(train: part.split.train, validation: part.chooses)
        let seed = RandomStream.hash("member \(number) \(place)", seed: seed)
        log?.begin(own.store.targets(of: split.validation), member: members.count)
        let fitted = try fit(recipe, own.with(split), seed: seed, log: log).fitted
        members.append(fitted)
        let trainer = trainer(recipe, seed: seed)
        let outputs = trainer.outputs(of: part.weighs, fitted.model, own.bagStore)
        held[number].append(outputs)
        learned[number].append(
          options.method.labelLevel == .bag ? outputs : trainer.outputs(of: part.weighs, fitted.model, own.store))
      }
      kinds.append(EnsembleCard.Kind(kind.choice, columns: columns, members: times[number]))
    }
    var card = EnsembleCard(kinds)
    var fitted = Fitted(members[0].model)
    fitted.notes["weights"] = try weigh(&card, learned, parts, scaled.store)
    card.history = try history(card, held, parts)
    fitted.model = card.model(members.map(\.model), width: data.bags.width, swap: data.swap)
    return Result(
      recipe: recipe(of: data.kinds[0].kind, bags: scaled.split.train.count), point: "", fitted: fitted, cost: 0,
      ensemble: (card, members))
  }

  /// The part of a member: epochs are chosen on held-out pairs of two unseen genes where there are enough.
  private func part(_ scaled: ScaledData, seed: UInt64) throws -> Part {
    let rule = plan.memberValidation ?? plan.validation
    let split = try data.split(scaled.split.train, rule, seed: seed)
    if split.validation.isEmpty { throw TrainFailure.nothingHeldOut }
    let genes = data.genes(of: split.train)
    let bags = data.bags
    let unseen = split.validation.filter { bag in
      guard let a = data.gene(bags.geneA[bag]), let b = data.gene(bags.geneB[bag]) else { return false }
      return genes.part(of: a, b) == .bothUnseen
    }
    let pool = has(Self.fewest, unseen.map { data.bags.labels[$0] }) ? unseen : split.validation
    let half = pool.indices.filter { $0 % 2 == 0 }.map { pool[$0] }
    let chose = Set(half)
    return Part(
      split: split, genes: genes, unseen: unseen, chooses: half, weighs: split.validation.filter { !chose.contains($0) }
    )
  }

  private func has(_ least: Int, _ labels: [Float]) -> Bool {
    let positives = labels.count { $0 > 0.5 }
    return positives >= least && labels.count - positives >= least
  }

  /// The data with the columns of a kind.
  private func own(_ scaled: ScaledData, _ columns: [Int]) -> ScaledData {
    let names = (data.names ?? []).isEmpty ? [] : columns.map { data.names?[$0] ?? "" }
    return ScaledData(
      store: ColumnStore(scaled.store, columns: columns), bagStore: ColumnStore(scaled.bagStore, columns: columns),
      ports: MethodChoice.ports(names: names), normalizer: scaled.normalizer, split: scaled.split)
  }

  /// The recipe of a kind: cross entropy, so that the scores of all kinds are log odds, and larger batches for more
  /// bags.
  private func recipe(of kind: MemberKind, bags: Int) -> Recipe {
    let defaults = kind.choice.method.defaults
    var recipe = plan.recipes[0]
    recipe.choice = kind.choice
    if !recipe.isLossGiven, let loss = try? TrainingChoice("ce", of: Losses.all, option: "--loss") {
      recipe.loss = loss
    }
    if options.optimisation.optimiser == nil,
      let optimiser = try? TrainingChoice(
        defaults.optimiser ?? "adam", of: Optimisers.all, option: "--optimiser")
    {
      recipe.optimiser = optimiser
    }
    let usual = defaults.batch ?? 128
    recipe.batch = options.optimisation.batch ?? (bags > 100_000 ? 4 : bags > 20_000 ? 2 : 1) * usual
    return recipe
  }

  // MARK: Weights

  /// Fits the weights of the kinds to the outputs of members (by kind and member) for what they learn from (tested
  /// instances, where they do, or pairs) of the pairs that set the weights; returns what was done in words.
  private func weigh(
    _ card: inout EnsembleCard, _ outputs: [[[Float]]], _ parts: [Part], _ store: any BatchStore
  ) throws -> String {
    let shared = parts.prefix(outputs.map(\.count).min() ?? 0)
    var rows: [(member: Int, place: Int, label: Float, isUnseen: Bool)] = []
    for (member, part) in shared.enumerated() {
      let unseen = Set(part.unseen)
      var place = 0
      for bag in part.weighs {
        let targets = store.targets(of: [bag])
        for (label, weight) in zip(targets.label, targets.weight) {
          if weight > 0 { rows.append((member, place, label, unseen.contains(bag))) }
          place += 1
        }
      }
    }
    func columns(_ rows: [(member: Int, place: Int, label: Float, isUnseen: Bool)]) -> [[Float]] {
      outputs.map { outputs in rows.map { outputs[$0.member][$0.place] } }
    }
    var chosen = rows.filter(\.isUnseen)
    let isOfUnseen = has(Self.fewest, chosen.map(\.label))
    if !isOfUnseen { chosen = rows }
    let fit = try StackingFit(
      columns: columns(chosen), labels: chosen.map(\.label), least: Self.fewestForWeights, alike: true)
    if let fit {
      card.offset = fit.offset
      for kind in card.kinds.indices { card.kinds[kind].weight = fit.factors[kind] }
      let noun = options.method.labelLevel == .bag ? "pairs" : "pairs or tested instances"
      return "fitted to \(chosen.count) held-out \(noun)\(isOfUnseen ? " of two genes not seen" : "")"
    }
    // Logits as they are; probabilities, about 1/2, spread as widely as the logits do, or by their steepest slope.
    let spread = columns(rows).map(StackingFit.deviation)
    let isLogit = data.kinds.map { $0.kind.choice.method.scale(.binary) == .logit }
    let logits = spread.indices.filter { isLogit[$0] && spread[$0] > 0 }
    let usual = logits.reduce(0) { $0 + spread[$1] } / Double(max(1, logits.count))
    for kind in card.kinds.indices {
      let factor = isLogit[kind] ? 1 : usual > 0 && spread[kind] > 0 ? usual / spread[kind] : 4
      card.kinds[kind].weight = factor / Double(card.kinds.count)
      if !isLogit[kind] { card.offset -= card.kinds[kind].weight / 2 }
    }
    return "equal: too few pairs were held out"
  }

  /// The rule that adds what the training labels of a seen gene say, fitted to the outputs of members (by kind and
  /// member) for those pairs that set the weights which have a seen gene.
  private func history(_ card: EnsembleCard, _ held: [[[Float]]], _ parts: [Part]) throws -> EnsembleCard.History? {
    var (scores, histories, labels): ([Float], [Float], [Float]) = ([], [], [])
    for (member, part) in parts.prefix(held.map(\.count).min() ?? 0).enumerated() {
      let unseen = Set(part.unseen)
      for (place, bag) in part.weighs.enumerated() where !unseen.contains(bag) {
        let score = card.kinds.indices.reduce(card.offset) {
          $0 + card.kinds[$1].weight * Double(held[$1][member][place])
        }
        let (a, b) = (data.gene(data.bags.geneA[bag]) ?? "", data.gene(data.bags.geneB[bag]) ?? "")
        scores.append(Float(score))
        histories.append(Float(part.genes.history(of: a, b)))
        labels.append(data.bags.labels[bag])
      }
    }
    let fit = try StackingFit(columns: [scores, histories], labels: labels, least: Self.fewestForWeights)
    return fit.flatMap { EnsembleCard.History(offset: $0.offset, score: $0.factors[0], history: $0.factors[1]) }
  }
}

extension ScaledData {
  /// The same data in other parts.
  func with(_ split: ValidationSplit) -> ScaledData {
    ScaledData(store: store, bagStore: bagStore, ports: ports, normalizer: normalizer, split: split)
  }
}
