import Arrays
import Bags
import Bytes
import CommandSupport
import Features
import ModelSupport
import Models
import Records
import Training

/// The bags of a run, in memory once, as they were read: every fold and seed is fitted on views of them.
struct TrainData {
  let options: MilTrain
  let bags: PackedBags
  let names: [String]?
  /// The kinds of member of an ensemble, each with its columns; empty for a single method.
  let kinds: [(kind: MemberKind, columns: [Int])]
  /// The kind of the labels that are learned.
  let goal: Goal
  /// The meaning of the order of the partners.
  let order: ModelCard.Order
  /// The exchange of partners that training draws and scoring averages; nil if the order matters or no feature is
  /// per-partner.
  let swap: ColumnSwap?
  /// The inputs of a method that reads graphs or sequences, whose numbers are the features of the bags; nil for rows.
  let entities: EntityInput?
  /// The labels of node pairs, where these are the instances.
  private let nodeLabels: NodePairLabels?
  /// The normaliser that was given, whose scale the bags have.
  private let given: Normalizer?
  /// The scale to be fitted on the training bags of each run.
  private let chain: ScalingChain?
  private let groups: GeneGroups?
  private let tap: ColumnTap
  /// The keys of the pairs of `--validation file:PAIRS`.
  private let named: Set<UInt64>
  /// The digest of the bags as they were read, before scaling.
  let digest: String

  init(_ options: MilTrain, _ plan: TrainPlan, _ context: ToolContext) throws {
    var options = options
    let columns = [plan.validation.column, plan.memberValidation?.column, plan.folds?.column].compactMap { $0 }
    for name in columns where name != "fold" && name != "part" && !options.bags.input.records.keep.contains(name) {
      options.bags.input.records.keep.append(name)
    }
    let splitsGenes =
      plan.validation.splitsGenes || plan.memberValidation?.splitsGenes == true || plan.folds?.splitsGenes == true
    let choice = plan.recipes[0].choice
    // A method that reads another thing of each side can't have them exchanged.
    let isOfSides = choice.takesEntities && !choice.takesNodePairs
    if isOfSides, options.method.order == .symmetric { throw TrainFailure.notSymmetric(choice.method.name) }
    let order = options.method.order ?? (isOfSides ? .roles : .symmetric)
    self.order = order
    let contacts = choice.takesNodePairs ? options.bags.pairing.instances : nil
    if contacts != nil {
      if options.bags.pairing.testedOnly { throw TrainFailure.onlyLabelled }
      options.bags.pairing.instances = nil
    }
    let input = try options.bags.bagInput(
      context, splitsGenes: splitsGenes, takesEntities: choice.takesEntities,
      positiveAbove: choice.positiveAbove)
    (entities, nodeLabels) = try Self.entities(choice, input, contacts, context)
    if entities != nil, let option = options.files.scaling {
      throw TrainFailure.unscaled(option, choice.method.name)
    }
    let state = try options.files.normalizer.map { try Normalizer.read($0) }
    let source = try state?.matched(input.source) ?? input.source
    names = source.schema?.names
    if names == nil, let digest = source.digest { throw TrainFailure.digestOnly(digest) }
    if let names {
      let ports = entities?.ports ?? MethodChoice.ports(names: names)
      for recipe in plan.recipes where plan.memberValidation == nil {
        if recipe.choice.method.readsSides, ColumnSwap(names: names)?.exchangesHalves != true {
          throw TrainFailure.notOfSides(recipe.choice.method.name)
        }
        _ = try recipe.choice.plan(ports)
      }
    }
    kinds = try Self.kinds(options, names)
    let isSymmetric = order == .symmetric
    swap = isSymmetric ? try names.flatMap(Self.swap) : nil
    if swap != nil, let apart = names?.first(where: Normalizer.isOfSeparateSides) {
      throw TrainFailure.sidesScaledApart(apart)
    }
    given = try state.map { [names, swap] in try Self.checked($0, for: names, swap) }
    let fillsMeans = options.bags.input.records.missing == .mean
    chain = given == nil && entities == nil ? try Self.chain(options, names) : nil
    tap = ColumnTap(
      source, columns: columns, keep: options.bags.input.records.keep, keepsIds: plan.folds != nil)
    let meter = context.progress("bags read")
    bags = try PackedBags.read(
      tap, swap: swap, labelled: options.method.labelLevel != .instance && nodeLabels == nil, needsGenes: splitsGenes,
      keepGaps: fillsMeans,
      isScaledLater: chain != nil,
      scale: given.map { .normalizer($0, fillsMeans: fillsMeans) } ?? .none,
      progress: { meter.update($0) })
    meter.finish()
    guard bags.count > 0 else { throw TrainFailure.noBags }
    if isSymmetric && names == nil { throw TrainFailure.sidesUnknown }
    digest = [entities?.digest, nodeLabels?.digest].compactMap { $0 }.reduce(bags.digest) { $1($0) }
    groups = input.groups
    named = try Self.named(plan.memberValidation ?? plan.validation)
    goal = try Self.goal(plan, tap.labels)
    if let criterion = plan.criterion, (criterion.metric.goal == .numbers) != (goal == .number) {
      throw TrainFailure.otherCriterion(criterion.name, goal.rawValue)
    }
    self.options = options
    context.note("missing values took the mean of their feature in the training bags", count: input.gaps)
    if case .auto = options.files.standardize, entities == nil, let names, let warning = Self.partlyScaled(names) {
      context.warn(warning)
    }
  }

  /// The inputs of a method that reads graphs or sequences, nil for a method of rows; and the labels of node pairs, of
  /// the table at `contacts`.
  private static func entities(
    _ choice: MethodChoice, _ input: BagInput, _ contacts: String?, _ context: ToolContext
  ) throws -> (EntityInput?, NodePairLabels?) {
    guard choice.takesEntities else { return (nil, nil) }
    guard let bags = input.pairBags else { throw TrainFailure.noEntities(choice.inputs.map(\.description)) }
    let tally = NoticeCounter(context)
    defer { tally.close() }
    let entities = try EntityInput(bags.blocks, for: choice, tally)
    guard case .nodes(let pairs) = entities else { return (entities, nil) }
    guard let contacts else { throw TrainFailure.noNodeLabels(choice.method.name) }
    let table = try TableReader(Input.open(contacts))
    return (entities, try NodePairLabels(reading: table, bags.blocks[0], pairs, tally))
  }

  /// The kinds of member of an ensemble with the columns that each reads. Throws for methods that can't read them.
  private static func kinds(_ options: MilTrain, _ names: [String]?) throws -> [(kind: MemberKind, columns: [Int])] {
    guard options.method.isEnsemble else { return [] }
    guard let names else { throw TrainFailure.namelessEnsemble }
    let kinds = try options.kinds(names).map { ($0, try $0.columns(names)) }
    for (kind, columns) in kinds { _ = try kind.choice.plan(MethodChoice.ports(names: columns.map { names[$0] })) }
    if Set(kinds.map(\.0.choice.pooling)).count > 1 {
      throw ToolFailure.usage("--member: all kinds of member must have the same pooling")
    }
    return kinds
  }

  /// The exchange of partners for these features; nil if none is per-partner.
  private static func swap(_ names: [String]) throws -> ColumnSwap? {
    guard let swap = ColumnSwap(names: names) else {
      throw TrainFailure.unpaired(ColumnSwap.obstacle(in: names) ?? "a column has no partner")
    }
    return swap.effective
  }

  /// The keys of the pairs of a table.
  private static func named(_ rule: ValidationRule) throws -> Set<UInt64> {
    guard case .file(let path) = rule else { return [] }
    let reader = try PairReader(Input.open(path), options: PairOptions(), tally: NoticeCounter(named: { _ in }))
    var keys: Set<UInt64> = []
    while let pair = try reader.next() { keys.insert(TrainedPairs.key(pair.geneA, pair.geneB)) }
    return keys
  }

  /// The kind of the labels: that of the loss if one is given, or that of the stream.
  private static func goal(_ plan: TrainPlan, _ labels: LabelKind?) throws -> Goal {
    if plan.memberValidation != nil, labels == .number { throw TrainFailure.ensembleOfNumbers }
    guard plan.recipes[0].isLossGiven else { return labels == .number ? .number : .binary }
    let goal = plan.recipes[0].loss.made.goal
    if goal == .binary, labels == .number { throw TrainFailure.notBinary(plan.recipes[0].loss.text) }
    return goal
  }

  /// The number of examples of each class and so on, for the card and for `--dry-run`.
  var summary: PackedBags.Summary { bags.summary }

  // MARK: Parts

  /// The split of some bags into those that train and those that choose the epoch.
  func split(_ examples: [Int], _ rule: ValidationRule, seed: UInt64) throws -> ValidationSplit {
    let part: ValidationSplit
    switch rule {
    case .bags(let share):
      part = .byGroup(
        labels: examples.map { goal == .number || bags.labels[$0].isNaN ? 0 : bags.labels[$0] },
        groups: examples.map { bags.keys[$0] }, fraction: share, seed: seed)
    case .genes(let share, let side):
      let hashes = bags.genes.map { RandomStream.hash(groups?.name(of: $0) ?? $0) }
      part = .byPartner(
        keys: examples.map { bag in
          let (a, b) = (Int(bags.geneA[bag]), Int(bags.geneB[bag]))
          let keys = (a < 0 ? bags.keys[bag] : hashes[a], b < 0 ? bags.keys[bag] : hashes[b])
          return side == nil ? keys : side == .a ? (keys.0, keys.0) : (keys.1, keys.1)
        }, fraction: share, isOneSided: side != nil, seed: seed)
    case .file(let path):
      part = ValidationSplit(held: examples.map { named.contains(bags.keys[$0]) })
      if part.validation.isEmpty { throw TrainFailure.noValidation("no pair of \(path) is among the bags") }
    case .column(let name, let value):
      let column = try column(name)
      part = ValidationSplit(held: examples.map { column[$0] == value })
      if part.validation.isEmpty { throw TrainFailure.noValidation("no bag has the value \(value) in column \(name)") }
    }
    return part.of(examples)
  }

  /// The values of a column, one per bag.
  func column(_ name: String) throws -> [String?] {
    guard let column = tap.values[name], column.contains(where: { $0 != nil }) else {
      throw TrainFailure.noValidation("no bag has a value in column \(name)")
    }
    return column
  }

  /// A warning of bags that judge a model though an embedding of their features has seen them; nil without any.
  func leak(_ judging: some Collection<Int>, _ what: String) -> Diagnostic? {
    let count = tap.wereEdges.isEmpty ? 0 : judging.count { tap.wereEdges[$0] }
    return count == 0 ? nil : SeenEdges.warning(count, of: judging.count, what)
  }

  /// The id of a bag, where folds are scored.
  func id(of bag: Int) -> String { tap.ids[bag] }

  /// The folds that `pairgen --folds` deals with this seed.
  func folds(_ count: Int, by unit: Folds.Unit, seed: UInt64) -> Folds {
    var folds = Folds(count, by: unit, seed: seed)
    folds.groups = groups
    return folds
  }

  /// Counts and names the genes of validation bags that have the same features as a gene of a training bag.
  func reportCopies(_ split: ValidationSplit, _ tally: NoticeCounter) {
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

  // MARK: What a model remembers

  /// The genes of some bags.
  func genes(of examples: [Int]) -> TrainingGenes {
    var genes = TrainingGenes()
    for bag in examples where bags.geneA[bag] >= 0 && bags.geneB[bag] >= 0 && !bags.labels[bag].isNaN {
      let (a, b) = (bags.genes[Int(bags.geneA[bag])], bags.genes[Int(bags.geneB[bag])])
      switch goal {
      case .binary: genes.add(a, b, positive: bags.labels[bag] > 0.5)
      case .number: genes.add(a, b, number: Double(bags.labels[bag]))
      }
    }
    return genes
  }

  /// The pairs of some bags that have a weight.
  func pairs(of examples: [Int]) -> TrainedPairs {
    let (weights, keys) = (bags.weights, bags.keys)
    return TrainedPairs(keys: examples.lazy.filter { weights[$0] > 0 }.map { keys[$0] })
  }

  /// The odds of the kinds of nodes in the labelled node pairs of some bags; nil where instances are no node pairs.
  func odds(of examples: [Int]) -> NodeOdds? {
    guard case .nodes(let pairs)? = entities, let nodeLabels else { return nil }
    let graphs = pairs.graphs(of: bags.batch(examples, nil))
    return NodeOdds(pairs, nodeLabels, graphs)
  }

  // MARK: Scale

  /// The bags on the scale of the training bags of a split.
  func scaled(_ split: ValidationSplit, _ context: ToolContext) throws -> ScaledData {
    let fillsMeans = options.bags.input.records.missing == .mean
    let (normalizer, raw): (Normalizer?, any BatchStore)
    if let chain {
      let fitted = try bags.fit(Self.scaling(chain, options, swap), on: split.train, source: digest)
      (normalizer, raw) = (fitted, try bags.scaled(by: fitted, fillsMeans: fillsMeans))
    } else {
      (normalizer, raw) = try (
        given, given == nil && fillsMeans && entities == nil ? bags.filled(from: split.train) : bags
      )
    }
    if given == nil { for remark in normalizer?.remarks(ofConstants: false) ?? [] { context.warn(remark) } }
    if entities == nil, let warning = Self.coarse(bags, chain == nil ? nil : normalizer, names) {
      context.warn(warning)
    }
    let view = try expanded(raw)
    var store = view
    if options.method.labelLevel != .bag, nodeLabels == nil {
      let hasLabels = bags.instanceLabels.contains { !$0.isNaN }
      switch options.method.labelLevel {
      case .instance where hasLabels: store = UnitLabelStore(view, labels: bags.instanceLabels, on: .instance)
      case .both where hasLabels:
        store = TestedUnitStore(view, labels: bags.instanceLabels, grouping: "bag", on: .bag)
      default: if options.method.learnFrom != nil { throw TrainFailure.noInstanceLabels }
      }
    }
    let ports = entities == nil ? names.map { MethodChoice.ports(names: $0) } : nil
    return ScaledData(
      store: store, bagStore: view, ports: ports ?? store.ports, normalizer: normalizer, split: split)
  }

  /// Bags whose features are numbers of entities, with the ports of the method.
  private func expanded(_ raw: any BatchStore) throws -> any BatchStore {
    switch entities {
    case nil: return raw
    case .sides(let sides)?: return EntityStore(raw, sides)
    case .nodes(let pairs)?:
      guard let nodeLabels else { preconditionFailure("node pairs have labels") }
      let store = NodePairStore(bags, pairs, nodeLabels)
      if let bare = (0..<bags.count).first(where: { store.size(of: $0) == 0 }) {
        throw TrainFailure.unlabelledGraphs(bags.pair(bare))
      }
      return store
    }
  }
}

/// The bags on a scale, and their parts.
struct ScaledData {
  /// With the labels that training learns from.
  let store: any BatchStore
  /// With the labels of the bags.
  let bagStore: any BatchStore
  /// The ports of the store, with the names of their columns where the stream has them.
  let ports: [PortSpec]
  let normalizer: Normalizer?
  let split: ValidationSplit
}
