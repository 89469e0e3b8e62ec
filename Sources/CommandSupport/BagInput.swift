import ArgumentParser
import Bags
import Bytes
import Records

/// Bags as they come, and what a writer of them needs to know.
public struct BagInput {
  /// The bags, one at a time.
  public let source: BagSource
  /// The form of the input: what an output takes if nothing else is said.
  public let format: OutputFormat
  /// The source, where the bags are built here from pairs.
  public var pairBags: PairBags? { source as? PairBags }
  private let read: () -> RecordColumns

  init(_ source: BagSource, format: OutputFormat, columns: @autoclosure @escaping () -> RecordColumns) {
    self.source = source
    self.format = format
    read = columns
  }

  /// The columns beside the features.
  public var columns: RecordColumns { read() }
}

extension BagInputOptions {
  /// What explain takes in place of a file in `--instances`, to say which instances it explains.
  static let instanceWords: Set<String> = ["all", "witness"]

  /// Refuses options that do not go together.
  public func validate() throws {
    if pairs == nil {
      let without = [
        (members != nil, "--members"), (instances.map { !Self.instanceWords.contains($0) } ?? false, "--instances"),
        (!blocks.isEmpty, "--block"), (genes != nil, "--genes"), (selfPairs, "--self-pairs"), (shard != nil, "--shard"),
        (negatives != nil, "--negatives"), (testedOnly, "--tested-only"), (bothOrders, "--both-orders"),
        (folds != nil, "--folds"), (geneGroups != nil, "--gene-groups"),
      ]
      if let (_, name) = without.first(where: \.0) {
        throw ValidationError("\(name) needs --pairs FILE; --pairs - is standard input")
      }
    } else if let file = input.input.files.first {
      throw ValidationError("--pairs and a bag stream '\(file)': only one of them can be read")
    }
    try validateAllPairs()
    if (holdOut == nil) != (keepPart == nil) { throw ValidationError("--hold-out and --keep-part go together") }
    if let folds, folds < 2 { throw ValidationError("--folds must be at least 2") }
    if testedOnly, instances == nil { throw ValidationError("--tested-only needs --instances FILE") }
    if minSamples < 2 { throw ValidationError("--min-samples must be at least 2") }
  }

  /// The bags, from a stream or built here; throws `BagsError` (usage too) and what the readers throw.
  public func bagSource(_ context: ToolContext) throws -> BagSource { try bagInput(context).source }

  /// The bags with what a writer of them needs to know.
  public func bagInput(_ context: ToolContext) throws -> BagInput {
    if let pairs { return try built(pairs, context) }
    if instances != nil { throw ToolFailure.usage("--instances needs --pairs FILE; --pairs - is standard input") }
    let options = try input.readerOptions()
    let reader = try RecordReader(input.source(context), options: options, report: context.warn)
    guard let split = try split(nil) else { return BagInput(reader, format: reader.format, columns: reader.columns) }
    let parts = HeldOutBags(reader, split, parts: try wantedParts())
    return BagInput(parts, format: reader.format, columns: reader.columns)
  }

  private func built(_ pairs: String, _ context: ToolContext) throws -> BagInput {
    let specs = try blocks.map { try BlockSpec(parsing: $0) }
    let share = try shard.map { try Shard(parsing: $0) }
    try checkInputs(pairs, specs)
    let options = try input.readerOptions()
    let tally = Tally(named: context.warn, total: { context.note($1, count: $0) })
    let read = try specs.map { try block($0, options, tally) }
    let members =
      try members.map { try Members(reading: table($0, options), tally: tally) }
      ?? Members(identifiersOf: read.map(\.table))
    let tested = try instances.map {
      try TestedInstances(reading: table($0, options), members: members, conflicts: conflicts, tally: tally)
    }
    let groups = try geneGroups.map {
      try GeneGroups(reading: Input.open($0), members: members, maxLine: options.maxLine)
    }
    var rules = try rules(groups, options)
    if pairs == Self.everyPair {
      let all = try allPairs(members, share, rules, options, tally)
      let bags = try PairBags(
        pairs: all, members: members, tested: tested ?? TestedInstances(), blocks: read, rules: rules, tally: tally)
      return BagInput(bags, format: .ndjson, columns: Self.columns([], rules, keep: []))
    }
    rules.shard = share
    let reader = try PairReader(
      TableReader(
        Input.open(pairs), format: options.format, columns: options.columns, part: options.part,
        maxLine: options.maxLine), keep: options.keep, badRows: options.badRows, tally: tally)
    if reader.isEmpty { return BagInput(NoBags(), format: .ndjson, columns: .bag) }
    let bags = try PairBags(
      pairs: withNegatives(reader, options, tally), members: members, tested: tested ?? TestedInstances(), blocks: read,
      rules: rules, tally: tally)
    return BagInput(bags, format: .ndjson, columns: Self.columns(reader.furtherColumns, rules, keep: options.keep))
  }

  /// Refuses two inputs from standard input and two blocks of one name, before anything is read.
  private func checkInputs(_ pairs: String, _ specs: [BlockSpec]) throws {
    if specs.isEmpty { throw BagsError(.noBlocks) }
    var paths: [String?] = [pairs, members, instances, geneGroups, genes]
    for spec in specs { paths += [spec.file, spec.groups] }
    if negativeFrom.hasPrefix("compartment:") { paths.append(String(negativeFrom.dropFirst("compartment:".count))) }
    if paths.filter({ $0 == "-" }).count > 1 { throw BagsError(.stdinTwice) }
    var names: Set<String> = []
    for spec in specs where !names.insert(spec.name).inserted { throw BagsError(.repeatedBlock(spec.name)) }
  }

  func table(_ path: String, _ options: ReaderOptions) throws -> TableReader {
    try TableReader(Input.open(path), maxLine: options.maxLine)
  }

  private func block(_ spec: BlockSpec, _ options: ReaderOptions, _ tally: Tally) throws -> PairBlock {
    var plan = PairBlock.Options()
    plan.minSamples = minSamples
    plan.indicator = indicator
    plan.reader.maxLine = options.maxLine
    plan.reader.trustOrder = options.trustOrder
    switch options.missing {
    case .error: plan.gaps = .error
    case .skip: plan.gaps = .skip
    case .zero: plan.gaps = .zero
    case .mean: plan.gaps = .mean
    }
    let groups = try spec.groups.map { try SampleGroups(reading: table($0, options)) }
    return try PairBlock.read(spec, table: Input.open(spec.file), groups: groups, options: plan, tally: tally)
  }

  private func rules(_ groups: GeneGroups?, _ options: ReaderOptions) throws -> BagRules {
    var rules = BagRules()
    rules.unknownGene = unknownGene
    rules.missingIsoform = missingIsoform
    rules.undefined = undefined
    rules.conflicts = conflicts
    rules.testedOnly = testedOnly
    rules.bothOrders = bothOrders
    rules.maxInstances = options.maxInstances
    rules.holdOut = try split(groups)
    rules.keepParts = try wantedParts()
    if let folds {
      var dealt = Folds(folds, by: foldBy, seed: splitSeed)
      dealt.groups = groups
      rules.folds = dealt
    }
    return rules
  }

  private func split(_ groups: GeneGroups?) throws -> HoldOut? {
    guard let holdOut else { return nil }
    var split = try HoldOut(parsing: holdOut, seed: splitSeed)
    split.groups = groups
    return split
  }

  private func wantedParts() throws -> Set<HoldOut.Part> {
    var parts: Set<HoldOut.Part> = []
    for name in (keepPart ?? "").split(separator: ",") {
      guard let part = HoldOut.Part(rawValue: String(name)) else {
        let known = HoldOut.Part.allCases.map(\.rawValue).joined(separator: ", ")
        throw ToolFailure.usage("--keep-part \(Diagnostic.quoted(name)) is no part", hint: "the parts are \(known)")
      }
      parts.insert(part)
    }
    return parts
  }

  private func withNegatives(_ pairs: PairReader, _ options: ReaderOptions, _ tally: Tally) throws -> PairSource {
    guard let negatives else { return pairs }
    let origin: Negatives.Origin
    switch negativeFrom {
    case "uniform": origin = .uniform
    case "degree-matched": origin = .degreeMatched
    case let text where text.hasPrefix("compartment:"):
      let path = String(text.dropFirst("compartment:".count))
      origin = .compartments(try Compartments(reading: table(path, options)))
    default:
      throw ToolFailure.usage(
        "--negative-from \(Diagnostic.quoted(negativeFrom)) is no way to draw pairs",
        hint: "uniform, degree-matched, or compartment:FILE")
    }
    return try Negatives(
      after: pairs, Negatives.Amount(parsing: negatives), from: origin, seed: splitSeed, tally: tally)
  }

  private static func columns(_ further: [String], _ rules: BagRules, keep: [String]) -> RecordColumns {
    var reserved = RecordColumns.bag.reserved
    let more = ["fold", "part", "degree", "weight"].filter {
      further.contains($0) || rules.folds != nil && ($0 == "fold" || $0 == "part")
    }
    reserved.insert(contentsOf: more, at: reserved.firstIndex(of: "instances") ?? reserved.endIndex)
    return RecordColumns(reserved: reserved, keep: keep)
  }
}

/// What an input without a byte holds.
private final class NoBags: BagSource {
  let schema: Schema? = nil
  let kind = RecordKind.bag
  func next() -> BagRecord? { nil }
}
