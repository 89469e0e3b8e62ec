import Arrays
import Bags
import Bytes
import CommandSupport
import Features
import Models
import Records
import Training

/// The plan of a run: the bags in memory, their split, their scale, and the options, all checked.
struct TrainPlan {
  let options: MilTrain
  let bags: PackedBags
  /// The bags as the model reads them.
  let store: any BatchStore
  let names: [String]?
  /// The exchange of partners that training draws and scoring averages; nil if the order matters or no feature is
  /// per-partner.
  let swap: ColumnSwap?
  let normalizer: Normalizer?
  let split: ValidationSplit
  let genes: TrainingGenes
  let pairs: TrainedPairs
  /// The digest of the bags as they were read, before scaling.
  let digest: String

  init(_ options: MilTrain, _ context: ToolContext) throws {
    if !options.files.dryRun && options.files.output == nil { throw TrainFailure.noOutput }
    let input = try options.bags.bagInput(context, splitsGenes: options.optimisation.splitsGenes)
    let state = try options.files.normalizer.map { try Normalizer.read($0) }
    let source = try state?.matched(input.source) ?? input.source
    let names = source.schema?.names
    if names == nil, let digest = source.digest { throw TrainFailure.digestOnly(digest) }
    if let names { try Self.check(options, features: names.count) }
    let isSymmetric = !options.order.ordered && !options.order.roles
    let swap = isSymmetric ? try names.flatMap(Self.swap) : nil
    if swap != nil, let apart = names?.first(where: Normalizer.isOfSeparateSides) {
      throw TrainFailure.sidesScaledApart(apart)
    }
    let given = try state.map { try Self.checked($0, for: names, swap) }
    let fillsMeans = options.bags.input.records.missing == .mean
    let chain = given == nil ? try Self.chain(options, names) : nil
    let meter = context.progress("bags read")
    let bags = try PackedBags.read(
      source, swap: swap, labelled: true, needsGenes: options.optimisation.splitsGenes, keepGaps: fillsMeans,
      isScaledLater: chain != nil,
      scale: given.map { .normalizer($0, fillsMeans: fillsMeans) } ?? .none,
      progress: { meter.update($0) })
    meter.finish()
    guard bags.count > 0 else { throw TrainFailure.noBags }
    if source.labels == .number { throw BagsError(.needsClasses("mil-train")) }
    if isSymmetric && names == nil { throw TrainFailure.sidesUnknown }
    split = Self.split(bags, options.optimisation, input.groups)
    if split.validation.isEmpty, options.optimisation.validation > 0 { context.warn(Self.nothingChooses) }
    if options.optimisation.splitsGenes { Self.reportCopies(bags, split, names, NoticeCounter(context)) }
    digest = bags.digest
    if let chain {
      let fitted = try bags.fit(Self.scaling(chain, options, swap), on: split.train, source: digest)
      (normalizer, store) = (fitted, try bags.scaled(by: fitted, fillsMeans: fillsMeans))
    } else {
      (normalizer, store) = (given, given == nil && fillsMeans ? bags.filled(from: split.train) : bags)
    }
    context.note("missing values took the mean of their feature in the training bags", count: input.gaps)
    if given == nil { for remark in normalizer?.remarks(ofConstants: false) ?? [] { context.warn(remark) } }
    if case .auto = options.files.standardize, let names, let warning = Self.partlyScaled(names) {
      context.warn(warning)
    }
    if let warning = Self.coarse(bags, chain == nil ? nil : normalizer, names) { context.warn(warning) }
    genes = Self.genes(bags)
    let (weights, keys) = (bags.weights, bags.keys)
    pairs = TrainedPairs(keys: split.train.lazy.filter { weights[$0] > 0 }.map { keys[$0] })
    (self.options, self.bags, self.names, self.swap) = (options, bags, names, swap)
  }

  /// Refuses, before anything is read, an architecture that can't take this number of features.
  private static func check(_ options: MilTrain, features: Int) throws {
    _ = try Architectures.plan(
      options.architecture.architecture.name, features: features, options: options.architecture.sizes)
  }

  /// The exchange of partners for these features; nil if none is per-partner.
  private static func swap(_ names: [String]) throws -> ColumnSwap? {
    guard let swap = ColumnSwap(names: names) else {
      throw TrainFailure.unpaired(ColumnSwap.obstacle(in: names) ?? "a column has no partner")
    }
    return swap.effective
  }

  private static func split(
    _ bags: PackedBags, _ options: OptimisationOptions, _ groups: GeneGroups?
  ) -> ValidationSplit {
    switch options.validationBy {
    case .bag:
      return .byGroup(labels: bags.labels, groups: bags.keys, fraction: options.validation, seed: options.seed)
    case .gene:
      let hashes = bags.genes.map { RandomStream.hash(groups?.name(of: $0) ?? $0) }
      let pairs = (0..<bags.count).map { bag -> (UInt64, UInt64) in
        let (a, b) = (Int(bags.geneA[bag]), Int(bags.geneB[bag]))
        return (a < 0 ? bags.keys[bag] : hashes[a], b < 0 ? bags.keys[bag] : hashes[b])
      }
      return .byPartner(keys: pairs, fraction: options.validation, seed: options.seed)
    }
  }

  /// Counts and names the genes of validation bags that have the same features as a gene of a training bag.
  private static func reportCopies(
    _ bags: PackedBags, _ split: ValidationSplit, _ names: [String]?, _ tally: NoticeCounter
  ) {
    var isTrained = [Bool](repeating: false, count: bags.genes.count)
    for bag in split.train {
      isTrained[Int(bags.geneA[bag])] = true
      isTrained[Int(bags.geneB[bag])] = true
    }
    for (gene, copy) in bags.copies(names).crossing({ isTrained[$0] }, isReported: { !$0 }) {
      tally.countHeldOutCopy(bags.genes[gene], of: bags.genes[copy])
    }
    tally.close()
  }

  private static var nothingChooses: Diagnostic {
    Diagnostic(
      .data, "there are no validation bags to choose the epoch: the last epoch is kept",
      hint: "a larger --validation, or another --seed")
  }

  /// The genes of all labelled bags, validation bags included, because they chose the epoch.
  private static func genes(_ bags: PackedBags) -> TrainingGenes {
    var genes = TrainingGenes()
    for bag in 0..<bags.count where bags.geneA[bag] >= 0 && bags.geneB[bag] >= 0 {
      genes.add(
        bags.genes[Int(bags.geneA[bag])], bags.genes[Int(bags.geneB[bag])], positive: bags.labels[bag] > 0.5)
    }
    return genes
  }
}

/// The model and the trainer of the plan.
extension TrainPlan {
  /// The model of an attempt; each attempt has other initial weights.
  func model(_ attempt: Int) throws -> any Differentiable {
    try Architectures.model(
      options.architecture.architecture.name, features: bags.width, options: options.architecture.sizes,
      seed: RandomStream.hash("attempt \(attempt)", seed: options.optimisation.seed))
  }

  var trainer: Trainer {
    let given = options.optimisation
    var plan = TrainingPlan()
    plan.batchSize = given.batch
    plan.epochs = given.epochs
    plan.patience = given.epochsWithoutGain
    plan.learningRate = Float(given.learningRate)
    plan.weightDecay = Float(given.weightDecay)
    plan.seed = given.seed
    plan.threads = ThreadOptions.count(given.threads)
    plan.drawsOrder = swap != nil
    return Trainer(plan: plan, objective: objective)
  }

  private var objective: any Objective {
    switch options.optimisation.loss {
    case .ce: BagLoss.crossEntropy
    case .cce: BagLoss.classBalanced
    case .cfce: BagLoss.classBalancedFocal(gamma: options.optimisation.focus)
    }
  }
}
