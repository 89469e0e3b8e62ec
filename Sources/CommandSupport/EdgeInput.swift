import Bags
import Bytes
import Records

extension PairInputOptions {
  /// The pairs of a file for a network: filtered, with their ids cut and translated; `weight` names the column that is
  /// kept as the only one, nil: none.
  ///
  /// Throws a usage error for options that make bags, `BagsError`, and what readers throw.
  public func edges(
    _ path: String, weight: String?, options: ReaderOptions, _ context: ToolContext
  ) throws -> (pairs: PairSource, hasLabels: Bool) {
    let tally = NoticeCounter(context)
    var reading = options
    reading.keep = weight.map { [$0] } ?? []
    var pairOptions = try pairOptions(reading)
    pairOptions.cut = GeneCut(cut, of: nil)
    let reader = try PairReader(Input.open(path), options: pairOptions, tally: tally)
    let hasLabels = reader.hasLabels && !reader.format.isEvidence
    guard let map = try map() else { return (reader, hasLabels) }
    let mapped = try map.map(
      reader, cut: cut, geneCut: GeneCut(cut, of: nil), maxLine: options.maxLine, tally: tally)
    return (mapped, hasLabels)
  }

  /// Reads a table of a row of numbers for each id, with missing numbers as NaN; throws as `FeatureTable.read` does.
  public func profiles(_ path: String, options: ReaderOptions, _ context: ToolContext) throws -> FeatureTable {
    var table = TableOptions()
    table.gaps = .keep
    table.cut = cut
    table.reader.maxLine = options.maxLine
    table.reader.trustOrder = options.trustOrder
    return try FeatureTable.read(Input.open(path), options: table, tally: NoticeCounter(context))
  }

  /// An id as the options cut it.
  public func cutting(_ id: String) -> String { cut.apply(id) }

  /// The members of genes, from one file; nil where none is named. Throws a usage error for those of one side, and what
  /// readers throw.
  public func memberTable(_ options: ReaderOptions, _ context: ToolContext) throws -> Members? {
    guard let file = try memberFiles().first else { return nil }
    if members.count > 1 || file.side != nil {
      throw ToolFailure.usage("--members \(members[0]): a network has no sides; name one file")
    }
    return try file.read(memberOptions(options), tally: NoticeCounter(context))
  }

  /// Throws a usage error for an option that makes bags of pairs: a network has none. Members may say which nodes are
  /// isoforms of one gene.
  public func refuseBags(allowingMembers: Bool = false) throws {
    let names =
      [
        "--tested-only", "--both-orders", "--self-pairs", "--genes", "--shard", "--unknown-gene", "--conflicts",
      ] + (allowingMembers ? [] : ["--members", "--id-from", "--gene-from"])
    let given =
      needingPairs.filter { names.contains($0.name) } + [
        (instances != nil, "--instances")
      ]
    if let (_, name) = given.first(where: \.isSet) {
      throw ToolFailure.usage("\(name) makes bags of pairs, and a network has none")
    }
    if pairs == Self.everyPair { throw ToolFailure.usage("--pairs all is no network: name a file, or ./all") }
  }
}
