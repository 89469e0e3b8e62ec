import Bags
import Bytes
import Records

extension BagInputOptions {
  /// Builds bags from pairs, members and tables.
  func built(
    _ pairs: String, _ context: ToolContext, _ takesEntities: Bool, positiveAbove: Double?
  ) throws -> BagInput {
    var plan = try plan(pairs, positiveAbove)
    plan.blockOptions.table.takesEntities = takesEntities
    let bags = try plan.open(NoticeCounter(context))
    return BagInput(bags.source, format: .ndjson, groups: bags.groups, columns: bags.columns)
  }

  /// The plan that the options describe; throws `BagsError` (usage) for values that can't be read.
  /// With `positiveAbove` labels are numbers of which classes are made, unless an option says that they are classes.
  func plan(_ pairs: String, _ positiveAbove: Double? = nil) throws -> BagPlan {
    var options = try input.readerOptions()
    let bar = options.labels == .binary ? nil : positiveAbove
    if bar != nil { options.labels = .number }
    let isAll = pairs == PairInputOptions.everyPair
    var plan = BagPlan(
      pairs: isAll ? .all(genes: pairing.genes) : .file(pairs),
      blocks: try features.blocks.map { try BlockSpec(parsing: $0) })
    plan.pairOptions = try pairing.pairOptions(options)
    plan.rules = try rules(plan.pairOptions)
    plan.rules.positiveAbove = bar
    plan.rules.shard = try pairing.shard.map { try Shard(parsing: $0) }
    plan.map = try pairing.map()
    plan.members = try pairing.memberFiles()
    plan.memberOptions = pairing.memberOptions(options)
    plan.tested = pairing.instances
    plan.blockOptions = features.options(options)
    plan.groups = splits.geneGroups.map { $0 == SplitOptions.identicalGenes ? .identical : .file($0) }
    plan.negatives = try sampling.negativePlan()
    plan.cut = pairing.cut
    return plan
  }

  private func rules(_ pairs: PairOptions) throws -> BagRules {
    var rules = BagRules()
    rules.unknownGene = pairing.unknownGene ?? rules.unknownGene
    rules.missingIsoform = features.missingIsoform ?? rules.missingIsoform
    rules.undefined = features.undefined ?? rules.undefined
    rules.conflicts = pairing.conflicts ?? (pairs.labels == .number ? .error : .first)
    let isAll = pairing.pairs == PairInputOptions.everyPair
    rules.selfPairs = pairing.selfPairs ?? (isAll ? .drop : .keep)
    rules.testedOnly = pairing.testedOnly
    rules.bothOrders = pairing.bothOrders
    rules.maxInstances = pairs.reader.maxInstances
    rules.holdOut = try splits.split(nil)
    rules.keepParts = try splits.wantedParts()
    rules.underSample = try sampling.underSample.map { try Resampling(parsing: $0, isWeight: false) }
    rules.classWeight = try sampling.classWeight.map { try Resampling(parsing: $0, isWeight: true) }
    rules.sampleSeed = splits.seed
    rules.folds = splits.foldRule.map { Folds($0.count, by: $0.unit, seed: splits.seed) }
    return rules
  }
}
