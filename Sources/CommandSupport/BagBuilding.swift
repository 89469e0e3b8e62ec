import Bags
import Bytes
import Records

extension BagInputOptions {
  /// Builds bags from pairs, members and tables.
  func built(_ pairs: String, _ context: ToolContext) throws -> BagInput {
    let specs = try features.blocks.map { try BlockSpec(parsing: $0) }
    try checkInputs(pairs, specs)
    let options = try input.readerOptions()
    var pairOptions = try pairing.pairOptions(options)
    let share = try pairing.shard.map { try Shard(parsing: $0) }
    var rules = try rules(options)
    let tally = NoticeCounter(context)
    let read = try specs.map { try block($0, options, tally) }
    let members =
      try pairing.members.map {
        try Members.read(Input.open($0), options: pairing.memberOptions(options), tally: tally)
      } ?? Members(identifiersOf: read.map(\.table))
    let tested = try pairing.instances.map {
      try TestedInstances(
        reading: table($0, options), members: members, labels: options.labels, conflicts: rules.conflicts,
        cut: pairing.cut, tally: tally)
    }
    let groups = try geneGroups(members, read, options, tally)
    if pairs == PairInputOptions.everyPair {
      let every = try allPairs(members, share, rules, options, tally)
      let bags = try PairBags(
        pairs: every, members: members, tested: tested ?? TestedInstances(), blocks: read,
        rules: completed(rules, groups: groups, isUnordered: false), tally: tally)
      return BagInput(bags, format: .ndjson, groups: groups, columns: Self.columns([], rules, keep: []))
    }
    rules.shard = share
    // Ids that a map translates are not gene ids yet.
    pairOptions.cut = GeneCut(pairing.cut, of: pairing.mapIds == nil ? members : nil)
    let reader = try PairReader(Input.open(pairs), options: pairOptions, tally: tally)
    if reader.isEmpty { return BagInput(EmptyBagSource(), format: .ndjson, columns: .bag) }
    if rules.folds != nil, let column = reader.furtherColumns.first(where: { $0 == "fold" || $0 == "part" }) {
      throw BagsError(.foldsTwice(column), at: SourceLocation(source: pairs))
    }
    let all = completed(rules, groups: groups, isUnordered: reader.format.isEvidence)
    var given = try mapped(reader, members, options, tally)
    if let amount = sampling.negatives {
      let candidates = try Candidates(of: members, tested: tested ?? TestedInstances(), blocks: read, rules: all)
      if all.conflicts == .drop { given = ContraryPairs(given, members: members) }
      let negatives = try Negatives(
        after: given, Negatives.Amount(parsing: amount), from: origin(members, options), seed: splits.seed,
        tally: tally, isUnordered: reader.format.isEvidence || all.bothOrders, areLabelled: reader.hasLabels
      ) { all.passes($0, $1) && candidates.exist($0, $1) }
      for (a, b) in tested?.interacting(members) ?? [] { negatives.avoid(a, b) }
      given = negatives
    }
    let bags = try PairBags(
      pairs: given, members: members, tested: tested ?? TestedInstances(), blocks: read,
      labels: reader.labels ?? (sampling.negatives == nil ? nil : .binary), rules: all,
      tally: tally)
    return BagInput(
      bags, format: .ndjson, groups: groups, columns: Self.columns(reader.furtherColumns, all, keep: options.keep))
  }

  /// Throws `BagsError` (usage) for two inputs from standard input and for two blocks of one name.
  private func checkInputs(_ pairs: String, _ specs: [BlockSpec]) throws {
    if specs.isEmpty { throw BagsError(.noBlocks) }
    var paths: [String?] = [
      pairs, pairing.members, pairing.genes, pairing.instances, pairing.mapIds, splits.geneGroups,
      sampling.compartmentFile,
    ]
    for spec in specs { paths += [spec.file, spec.groups] }
    if paths.filter({ $0 == "-" }).count > 1 { throw BagsError(.stdinTwice) }
    var names: Set<String> = []
    for spec in specs where !names.insert(spec.name).inserted { throw BagsError(.repeatedBlock(spec.name)) }
  }

  func table(_ path: String, _ options: ReaderOptions) throws -> TableReader {
    try TableReader(Input.open(path), maxLine: options.maxLine)
  }

  private func block(_ spec: BlockSpec, _ options: ReaderOptions, _ tally: NoticeCounter) throws -> PairBlock {
    var plan = PairBlock.Options()
    plan.minSamples = features.minSamples ?? plan.minSamples
    plan.indicator = features.indicator
    plan.table.isPacked = features.isPacked
    plan.table.cut = pairing.cut
    plan.table.reader.maxLine = options.maxLine
    plan.table.reader.trustOrder = options.trustOrder
    switch options.missing {
    case .error: plan.table.gaps = .error
    case .skip: plan.table.gaps = .skip
    case .zero: plan.table.gaps = .zero
    case .mean: plan.table.gaps = .mean
    }
    let groups = try spec.groups.map { try SampleGroups(reading: table($0, options)) }
    if spec.isSheet {
      let sheet = try SampleSheet(reading: table(spec.file, options))
      return try PairBlock.read(spec, samples: sheet, groups: groups, options: plan, tally: tally)
    }
    return try PairBlock.read(spec, table: Input.open(spec.file), groups: groups, options: plan, tally: tally)
  }

  /// The rules that follow from the options alone; errors in these come before a table is read.
  private func rules(_ options: ReaderOptions) throws -> BagRules {
    var rules = BagRules()
    rules.unknownGene = pairing.unknownGene ?? rules.unknownGene
    rules.missingIsoform = features.missingIsoform ?? rules.missingIsoform
    rules.undefined = features.undefined ?? rules.undefined
    rules.conflicts = pairing.conflicts ?? rules.conflicts
    rules.selfPairs = pairing.selfPairs ?? .keep
    rules.testedOnly = pairing.testedOnly
    rules.bothOrders = pairing.bothOrders
    rules.maxInstances = options.maxInstances
    rules.holdOut = try splits.split(nil)
    rules.keepParts = try splits.wantedParts()
    rules.underSample = try sampling.underSample.map { try Resampling(parsing: $0, isWeight: false) }
    rules.classWeight = try sampling.classWeight.map { try Resampling(parsing: $0, isWeight: true) }
    rules.sampleSeed = splits.seed
    rules.folds = splits.folds.map { Folds($0, by: splits.foldBy ?? .gene, seed: splits.seed) }
    return rules
  }

  private func completed(_ rules: BagRules, groups: GeneGroups?, isUnordered: Bool) -> BagRules {
    var rules = rules
    rules.holdOut?.groups = groups
    rules.folds?.groups = groups
    rules.isUnordered = isUnordered
    return rules
  }

  private func geneGroups(
    _ members: Members, _ blocks: [PairBlock], _ options: ReaderOptions, _ tally: NoticeCounter
  ) throws -> GeneGroups? {
    try splits.geneGroups.map {
      if $0 == SplitOptions.identicalGenes { return try GeneGroups(identicalIn: blocks, members: members) }
      return try GeneGroups(
        reading: Input.open($0), members: members, cut: pairing.cut, maxLine: options.maxLine, tally: tally)
    }
  }

  private func mapped(
    _ pairs: PairReader, _ members: Members, _ options: ReaderOptions, _ tally: NoticeCounter
  ) throws -> PairSource {
    guard let path = pairing.mapIds else { return pairs }
    let columns = PairInputOptions.names(pairing.mapColumns) ?? ["from", "to"]
    let map = try IdentifierMap(
      reading: table(path, options), from: columns[0], to: columns[1], cut: pairing.cut,
      geneCut: GeneCut(pairing.cut, of: members))
    return MappedPairs(
      pairs, map, unmapped: pairing.unmapped, several: pairing.several, tally: tally,
      givesLeftOut: sampling.negatives != nil)
  }

  /// The distribution from which negatives are drawn.
  private func origin(_ members: Members, _ options: ReaderOptions) throws -> Negatives.Origin {
    if let path = sampling.compartmentFile {
      return .compartments(try Compartments(reading: table(path, options), cut: GeneCut(pairing.cut, of: members)))
    }
    switch sampling.negativeFrom {
    case "degree-matched": return .degreeMatched
    case "uniform": return .uniform
    default:
      throw ToolFailure.usage(
        "--negative-from \(Diagnostic.quoted(sampling.negativeFrom)) is not a way to draw pairs",
        hint: "uniform, degree-matched, or compartment:FILE")
    }
  }

  private static func columns(_ further: [String], _ rules: BagRules, keep: [String]) -> RecordColumns {
    var reserved = RecordColumns.bag.reserved
    let more = ["fold", "part", "degree", "weight"].filter {
      further.contains($0) || rules.folds != nil && ($0 == "fold" || $0 == "part")
        || rules.classWeight != nil && $0 == "weight"
    }
    reserved.insert(contentsOf: more, at: reserved.firstIndex(of: "instances") ?? reserved.endIndex)
    return RecordColumns(reserved: reserved, keep: keep)
  }
}

// MARK: --pairs all

extension BagInputOptions {
  /// Every pair of the genes, or with `--genes` every pair with one of them.
  func allPairs(
    _ members: Members, _ share: Shard?, _ rules: BagRules, _ options: ReaderOptions, _ tally: NoticeCounter
  ) throws -> AllPairs {
    let cut = GeneCut(pairing.cut, of: members)
    let chosen = try pairing.genes.map { try Self.chosenGenes(table($0, options), cut) }
    return try AllPairs(
      of: members, genes: chosen, selfPairs: pairing.selfPairs == .keep, shard: share,
      unknown: rules.unknownGene, tally: tally)
  }

  private static func chosenGenes(
    _ table: TableReader, _ cut: GeneCut
  ) throws -> [(id: String, place: SourceLocation)] {
    if table.isEmpty { return [] }
    let column = try table.require("gene")
    var genes: [(id: String, place: SourceLocation)] = []
    while let row = try table.next() { genes.append((cut.apply(try row.id(column)), row.place)) }
    return genes
  }
}
