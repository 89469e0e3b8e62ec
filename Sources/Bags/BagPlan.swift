import Bytes
import Features
import Networks
import Records

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The plan of a source of bags, as plain values: pairs, members, tables of features, and rules.
///
/// `open` reads the tables and returns the bags. The tools make one from their options (`CommandSupport`).
public struct BagPlan: Sendable {
  /// The pairs that become bags.
  public enum Pairs: Sendable, Equatable {
    /// Those of a file, `-` for standard input.
    case file(String)
    /// Every pair of the genes; with a table (column `gene`) only pairs with one of its genes.
    case all(genes: String?)
  }

  /// Negatives to draw.
  public struct NegativePlan: Sendable {
    /// The distribution they are drawn from.
    public enum Origin: Sendable, Equatable { case uniform, degreeMatched, compartments(String) }
    /// The number of them.
    public var amount: Negatives.Amount
    /// The distribution they are drawn from; compartments are read from a table.
    public var origin: Origin

    /// Negatives of this number and distribution.
    public init(_ amount: Negatives.Amount, from origin: Origin = .uniform) {
      (self.amount, self.origin) = (amount, origin)
    }
  }

  /// Genes that splits keep together: those of a file, or those with the same features.
  public enum Groups: Sendable, Equatable { case file(String), identical }

  /// The pairs.
  public var pairs: Pairs
  /// The form of a file of pairs; its rows are read with `pairOptions.reader`.
  public var pairOptions = PairOptions()
  /// The translation of the ids of a file of pairs.
  public var map: IdentifierPlan?
  /// The members: none, those of both sides, or of each side its own. A side without members has the ids of the tables.
  public var members: [MemberFile] = []
  /// The options with which members are read.
  public var memberOptions = MemberOptions()
  /// The table of tested isoform pairs.
  public var tested: String?
  /// The blocks of features, in their order.
  public var blocks: [BlockSpec]
  /// The options of all blocks.
  public var blockOptions = PairBlock.Options()
  /// Genes that splits keep together.
  public var groups: Groups?
  /// Negatives to draw after the given pairs.
  public var negatives: NegativePlan?
  /// Which pairs become bags, and how missing things are treated.
  public var rules = BagRules()
  /// The cut of all ids.
  public var cut = IdentifierCut()

  /// Bags of these pairs with these features, by the defaults of `pairgen`.
  public init(pairs: Pairs, blocks: [BlockSpec]) { (self.pairs, self.blocks) = (pairs, blocks) }
}

/// Bags that are built from pairs while they are read, with what a writer needs to know of them.
public struct BuiltBags {
  /// The bags; an empty file of pairs makes none, and names no features.
  public let source: any BagSource
  /// The groups of genes that splits keep together.
  public let groups: GeneGroups?
  /// The columns beside the features.
  public let columns: RecordColumns
}

/// The bags of an empty file of pairs, and the blocks that they would be made of.
public final class NoBags: BagSource {
  /// The blocks.
  public let blocks: [PairBlock]
  /// Nil.
  public let schema: Schema? = nil
  /// Bags.
  public let kind = RecordKind.bag
  /// Nil.
  public let labels: LabelKind? = nil

  init(_ blocks: [PairBlock]) { self.blocks = blocks }

  /// Nil.
  public func next() -> StreamRecord? { nil }
}

extension BagPlan {
  /// Reads the tables and opens the pairs. Throws `BagsError` (usage too) and what readers throw.
  public func open(_ tally: NoticeCounter = NoticeCounter()) throws -> BuiltBags {
    try check()
    let blocks = try blocks.map { try block($0, tally) }
    let tables = try Tables(self, blocks, tally)
    switch pairs {
    case .all(let path):
      let chosen = try path.map { try chosenGenes(table($0), GeneCut(cut, of: tables.members)) }
      let every = try AllPairs(
        of: tables.members, genes: chosen, selfPairs: rules.selfPairs == .keep, shard: rules.shard,
        unknown: rules.unknownGene, tally: tally)
      var rules = tables.rules
      rules.shard = nil
      return try built(every, tables, rules, labels: nil, further: [], tally)
    case .file(let path):
      var options = pairOptions
      // Ids that a map translates are not gene ids yet.
      options.cut = GeneCut(cut, of: map == nil ? tables.members : nil)
      let reader = try PairReader(Input.open(path), options: options, tally: tally)
      if reader.isEmpty { return BuiltBags(source: NoBags(blocks), groups: nil, columns: .bag) }
      if rules.folds != nil, let column = reader.furtherColumns.first(where: { $0 == "fold" || $0 == "part" }) {
        throw BagsError(.foldsTwice(column), at: SourceLocation(source: path))
      }
      if reader.format.isEvidence, tables.members.isTwoSided {
        throw BagsError(.withoutSides("--pairs-format \(reader.format.rawValue)"))
      }
      var rules = tables.rules
      rules.isUnordered = reader.format.isEvidence
      return try built(
        chain(reader, tables, rules, tally), tables, rules, labels: reader.labels ?? (negatives.map { _ in .binary }),
        further: reader.furtherColumns, tally)
    }
  }

  /// The pairs of a file, from one filter to the next. `PairBags` ends the chain: of the pairs that come out here it
  /// takes each once, in the wanted parts of the split (`WantedPairs`), thins and weighs classes (`ResampledPairs`),
  /// and holds the sides against the tables (`SideCheckedPairs`).
  private func chain(
    _ reader: PairReader, _ tables: Tables, _ rules: BagRules, _ tally: NoticeCounter
  ) throws -> PairSource {
    var pairs: PairSource = reader
    if let map {
      pairs = try map.map(
        pairs, cut: cut, geneCut: GeneCut(cut, of: tables.members), maxLine: pairOptions.reader.maxLine, tally: tally,
        givesLeftOut: negatives != nil)
    }
    guard let negatives else { return pairs }
    if rules.conflicts.readsAhead { pairs = SettledPairs(pairs, rules.conflicts, members: tables.members, tally) }
    let candidates = try Candidates(of: tables.members, tested: tables.tested, blocks: tables.blocks, rules: rules)
    let drawn = try Negatives(
      after: pairs, negatives.amount, from: origin(negatives.origin, tables.members), seed: rules.sampleSeed,
      tally: tally, isUnordered: rules.isUnordered || rules.bothOrders, isTwoSided: tables.members.isTwoSided,
      areLabelled: reader.hasLabels
    ) { rules.passes($0, $1) && candidates.exist($0, $1) }
    for (a, b) in tables.tested.interacting(tables.members) { drawn.avoid(a, b) }
    return drawn
  }

  private func built(
    _ pairs: PairSource, _ tables: Tables, _ rules: BagRules, labels: LabelKind?, further: [String],
    _ tally: NoticeCounter
  ) throws -> BuiltBags {
    let bags = try PairBags(
      pairs: pairs, members: tables.members, tested: tables.tested, blocks: tables.blocks, labels: labels,
      rules: rules, tally: tally)
    return BuiltBags(source: bags, groups: tables.groups, columns: columns(further))
  }

  /// Whether a path can be read again; true where nothing is there, which opening it says.
  private static func isRegular(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
  }

  /// Throws `BagsError` (usage) for what does not go together.
  private func check() throws {
    if blocks.isEmpty { throw BagsError(.noBlocks) }
    var paths: [String?] = members.map(\.path) + [tested, map?.path]
    switch pairs {
    case .file(let path): paths.append(path)
    case .all(let genes): paths.append(genes)
    }
    if case .file(let path) = groups { paths.append(path) }
    if case .compartments(let path) = negatives?.origin { paths.append(path) }
    for block in blocks { paths += [block.file, block.groups, block.ids, block.expression] }
    if paths.filter({ $0 == "-" }).count > 1 { throw BagsError(.stdinTwice) }
    var seen: Set<String> = []
    for case let path? in paths where !seen.insert(path).inserted && !Self.isRegular(path) {
      throw BagsError(.pipeTwice(path))
    }
    var names: Set<String> = []
    for block in blocks where !names.insert(block.name).inserted { throw BagsError(.repeatedBlock(block.name)) }
    let sides = members.map(\.side)
    if sides.count > 2 || Set(sides).count < sides.count || sides.count == 2 && sides.contains(nil) {
      throw BagsError(.membersTwice)
    }
    if pairOptions.labels == .number {
      let hasClasses = rules.positiveAbove != nil
      let classes: [(isSet: Bool, option: String)] = [
        (negatives != nil, "--negatives"), (rules.underSample != nil && !hasClasses, "--under-sample"),
        (rules.classWeight?.isOfNumbers == hasClasses, "--class-weight"),
      ]
      if let (_, option) = classes.first(where: \.isSet) { throw BagsError(.needsClasses(option)) }
    } else if rules.classWeight?.isOfNumbers == true {
      throw BagsError(.needsNumbers("--class-weight >…"))
    } else if rules.conflicts.needsNumbers {
      throw BagsError(.needsNumbers("--conflicts \(rules.conflicts.rawValue)"))
    }
  }

  /// The columns beside the features.
  private func columns(_ further: [String]) -> RecordColumns {
    var reserved = RecordColumns.bag.reserved
    let more = ["fold", "part", "baseline", "weight"].filter {
      further.contains($0) || rules.folds != nil && ($0 == "fold" || $0 == "part")
        || rules.classWeight != nil && $0 == "weight"
    }
    reserved.insert(contentsOf: more, at: reserved.firstIndex(of: "instances") ?? reserved.endIndex)
    return RecordColumns(reserved: reserved, keep: pairs == .all(genes: nil) ? [] : pairOptions.reader.keep)
  }
}

// MARK: Tables

extension BagPlan {
  /// The tables that are read before the first pair.
  private struct Tables {
    let blocks: [PairBlock]
    let members: Members
    let tested: TestedInstances
    let groups: GeneGroups?
    let rules: BagRules

    init(_ plan: BagPlan, _ blocks: [PairBlock], _ tally: NoticeCounter) throws {
      self.blocks = blocks
      let members = try plan.members(blocks, tally)
      self.members = members
      tested =
        try plan.tested.map {
          try TestedInstances(
            reading: plan.table($0), members: members, labels: plan.pairOptions.labels, conflicts: plan.rules.conflicts,
            cut: plan.cut, tally: tally)
        } ?? TestedInstances()
      switch plan.groups {
      case nil: groups = nil
      case .identical: groups = try GeneGroups(identicalIn: blocks, members: members)
      case .file(let path):
        groups = try GeneGroups(
          reading: Input.open(path), members: members, cut: plan.cut, maxLine: plan.pairOptions.reader.maxLine,
          tally: tally)
      }
      var rules = plan.rules
      rules.holdOut?.groups = groups
      rules.folds?.groups = groups
      self.rules = try rules.completed(members, blocks)
    }
  }

  private func table(_ path: String) throws -> TableReader {
    try TableReader(Input.open(path), maxLine: pairOptions.reader.maxLine)
  }

  private func block(_ spec: BlockSpec, _ tally: NoticeCounter) throws -> PairBlock {
    var options = blockOptions
    options.table.cut = cut
    if spec.kind == .link {
      return try PairBlock.read(
        spec, network: Input.open(spec.file), expression: spec.expression.map { try Input.open($0) }, options: options,
        tally: tally)
    }
    let groups = try spec.groups.map { try SampleGroups(reading: table($0)) }
    if spec.isSheet {
      let sheet = try SampleSheet(reading: table(spec.file))
      return try PairBlock.read(spec, samples: sheet, groups: groups, options: options, tally: tally)
    }
    // Input knows ZIP only to refuse it: an archive of arrays is read as it is.
    let isArchive = spec.file.hasSuffix(".npz")
    let source: BlockSource = try isArchive ? DescriptorSource(path: spec.file) : Input.open(spec.file)
    let block = try PairBlock.read(spec, table: source, groups: groups, options: options, tally: tally)
    if let method = Self.embedding(block.table.names), block.table.seenEdges.isEmpty {
      tally.report(
        BagsError(.unknownEdges(block: spec.name, method: method), at: SourceLocation(source: spec.file)).diagnostic)
    }
    return block
  }

  /// The method of `netfeat` whose columns these are, `METHOD.0` and so on, scaled or not; nil for other columns.
  private static func embedding(_ names: [String]) -> String? {
    MethodCatalog.entries.map(\.name).first { method in
      !names.isEmpty && names.enumerated().allSatisfy { Normalizer.bareName($1) == "\(method).\($0)" }
    }
  }

  /// The members of both sides; of two kinds where a block describes one side alone and no members are of both.
  private func members(_ blocks: [PairBlock], _ tally: NoticeCounter) throws -> Members {
    func read(_ file: MemberFile) throws -> Members {
      var options = memberOptions
      options.cut = cut
      return try file.read(options, tally: tally)
    }
    if let both = members.first(where: { $0.side == nil }) { return try read(both) }
    if members.isEmpty, blocks.allSatisfy({ $0.spec.kind.sides.count == 2 }) {
      return Members(identifiersOf: blocks.map(\.table))
    }
    func one(_ side: Side) throws -> Members {
      if let file = members.first(where: { $0.side == side }) { return try read(file) }
      let tables = blocks.filter { $0.spec.kind.sides.contains(side) }.map(\.table)
      if tables.isEmpty { throw BagsError(.noBlockOfSide(side)) }
      return Members(identifiersOf: tables)
    }
    return Members(a: try one(.a), b: try one(.b))
  }

  private func origin(_ origin: NegativePlan.Origin, _ members: Members) throws -> Negatives.Origin {
    switch origin {
    case .uniform: .uniform
    case .degreeMatched: .degreeMatched
    case .compartments(let path):
      .compartments(try Compartments(reading: table(path), cut: GeneCut(cut, of: members)))
    }
  }

  private func chosenGenes(_ table: TableReader, _ cut: GeneCut) throws -> [(id: String, place: SourceLocation)] {
    if table.isEmpty { return [] }
    let column = try table.require("gene")
    var genes: [(id: String, place: SourceLocation)] = []
    while let row = try table.next() { genes.append((cut.apply(try row.id(column)), row.place)) }
    return genes
  }
}
