import Arrays
import Bags
import Bytes
import CommandSupport
import Features
import Models
import Records
import Training

/// The validated values of a run: the bags in memory, how they are split, and what is trained on them.
struct TrainPlan {
  let options: MilTrain
  let bags: PackedBags
  let names: [String]?
  /// The exchange of sides that training draws and scoring averages; nil where order matters or nothing has a side.
  let swap: ColumnSwap?
  let normalizer: Normalizer?
  let split: ValidationSplit
  let genes: TrainingGenes
  let pairs: TrainedPairs
  /// Of the bags as they were read.
  let digest: String

  init(_ options: MilTrain, _ context: ToolContext) throws {
    if !options.files.dryRun && options.files.output == nil { throw TrainFailure.noOutput }
    let input = try options.bags.bagInput(context, splitsGenes: options.optimisation.splitsGenes)
    let source = input.source
    let names = source.schema?.names
    if names == nil, let digest = source.digest { throw TrainFailure.digestOnly(digest) }
    if let names { try Self.check(options, features: names.count) }
    let isSymmetric = !options.order.ordered && !options.order.roles
    let swap = isSymmetric ? try names.flatMap(Self.swap) : nil
    if swap != nil, let apart = names?.first(where: Normalizer.isOfSeparateSides) {
      throw TrainFailure.sidesScaledApart(apart)
    }
    let given = try options.files.normalizer.map { try NormalizerFile.load($0, for: names, swap) }
    let fillsMeans = options.bags.input.records.missing == .mean
    let chain = given == nil ? try Self.chain(options, names) : nil
    let meter = context.progress("bags read")
    let bags = try PackedBags.read(
      source, swap: swap, labelled: true, needsGenes: options.optimisation.splitsGenes, keepGaps: fillsMeans,
      isScaledLater: chain != nil,
      normalize: given.map { normalizer in { try normalizer.apply($0, fillsMeans: fillsMeans) } },
      progress: { meter.update($0) })
    meter.finish()
    guard bags.count > 0 else { throw TrainFailure.noBags }
    if isSymmetric && names == nil { throw TrainFailure.sidesUnknown }
    split = Self.split(bags, options.optimisation, input.groups)
    if split.validation.isEmpty, options.optimisation.validation > 0 { context.warn(Self.nothingChooses) }
    if options.optimisation.splitsGenes { Self.reportCopies(bags, split, names, NoticeCounter(context)) }
    digest = bags.digest
    if let chain {
      normalizer = try Self.fit(chain, options, bags, digest, split, swap, names)
    } else {
      normalizer = given
    }
    if normalizer == nil, fillsMeans { bags.fillGaps(from: split.train) }
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

  /// Refuses an architecture that can't take so many features before anything is read.
  private static func check(_ options: MilTrain, features: Int) throws {
    _ = try Architectures.plan(
      options.architecture.architecture.name, features: features, options: options.architecture.sizes)
  }

  /// The exchange of sides that these features allow; nil where none has a side.
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
      return .byGene(genes: pairs, fraction: options.validation, seed: options.seed)
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
      .data, "no bag is there to choose the epoch: the last one is kept",
      hint: "a larger --validation, or another --seed")
  }

  /// The scaling to be fitted on the training bags; nil where the features stay as they are. With `--missing mean` a
  /// normaliser fills missing values, and is fitted for that alone where `--standardize` says none.
  private static func chain(_ options: MilTrain, _ names: [String]?) throws -> ScalingChain? {
    let isDone = names?.contains(where: Normalizer.isNormalized) ?? false
    let chain: ScalingChain
    switch options.files.standardize {
    case .auto where isDone: return nil
    case .auto: chain = ScalingChain(.zscore)
    case .methods(let methods)
    where methods.methods.isEmpty && (isDone || options.bags.input.records.missing != .mean):
      return nil
    case .methods(let methods): chain = methods
    }
    if isDone { throw TrainFailure.normalizedTwice }
    return chain
  }

  /// Fits a normaliser on the instances of the training bags and applies it to all, in Double.
  private static func fit(
    _ chain: ScalingChain, _ options: MilTrain, _ bags: PackedBags, _ digest: String, _ split: ValidationSplit,
    _ swap: ColumnSwap?, _ names: [String]?
  ) throws -> Normalizer {
    let missing = options.bags.input.records.missing
    var plan = ScalingPlan(chain)
    plan.exchange = swap?.source
    plan.missing = missing
    var fit = try NormalizerFit(plan, names: names, width: bags.width)
    var row = [Double](repeating: 0, count: bags.width)
    try row.withUnsafeMutableBufferPointer { row in
      for bag in split.train {
        for instance in bags.instances(of: bag) {
          bags.copyRow(instance, into: row)
          try fit.add(UnsafeBufferPointer(row))
        }
      }
    }
    let normalizer = try fit.normalizer(source: digest)
    try bags.transform { try normalizer.apply($0, fillsMeans: missing == .mean) }
    return normalizer
  }

  /// The warning of features whose spread 32-bit numbers don't hold: fewer than 256 of them lie in it.
  private static func coarse(_ bags: PackedBags, _ fitted: Normalizer?, _ names: [String]?) -> Diagnostic? {
    let ranges = bags.ranges
    let coarse = ranges.indices.filter { column in
      var spread = ranges[column].high - ranges[column].low
      // Quartiles may lie much closer than extremes.
      if let fitted, fitted.groups[fitted.groupOf[column]].chain.before.isEmpty,
        let quartiles = fitted.statistics[column].quartiles, quartiles.upper > quartiles.lower
      {
        spread = quartiles.upper - quartiles.lower
      }
      return spread > 0 && spread < 256 * ranges[column].step
    }
    guard let first = coarse.first else { return nil }
    let range = ranges[first]
    return Diagnostic(
      .data,
      "\(Diagnostic.quoted(names?[first] ?? "feature \(first + 1)")) lies between \(NumberText.text(range.low)) and "
        + "\(NumberText.text(range.high)), where 32-bit numbers are \(NumberText.text(range.step)) apart: they don't hold "
        + "its spread" + (coarse.count > 1 ? ", nor that of \(coarse.count - 1) more features" : ""),
      hint: "subtract a constant from it, or scale it before or in training (--standardize zscore)")
  }

  /// The warning of features that get no scale because others have one; nil where all or none have.
  private static func partlyScaled(_ names: [String]) -> Diagnostic? {
    let bare = names.filter { !Normalizer.isNormalized($0) }
    guard let first = bare.first, let scaled = names.first(where: Normalizer.isNormalized) else { return nil }
    return Diagnostic(
      .data,
      "\(bare.count) of \(names.count) features stay as they are, such as \(Diagnostic.quoted(first)), for others are "
        + "scaled already, such as \(Diagnostic.quoted(scaled))",
      hint: "scale the bags, not one of the tables they are made of: then all features have a scale")
  }

  /// Every labelled bag counts, those that chose the epoch too: the model has seen their genes.
  private static func genes(_ bags: PackedBags) -> TrainingGenes {
    var genes = TrainingGenes()
    for bag in 0..<bags.count where bags.geneA[bag] >= 0 && bags.geneB[bag] >= 0 {
      genes.add(
        bags.genes[Int(bags.geneA[bag])], bags.genes[Int(bags.geneB[bag])], positive: bags.labels[bag] > 0.5)
    }
    return genes
  }
}

/// What is trained, in the words of Models and Training.
extension TrainPlan {
  /// The model of an attempt; every attempt starts from other weights.
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
