import ArgumentParser
import Bags
import Bytes
import Records

extension ConflictRule: ExpressibleByArgument {}
extension IdentifierParts {
  /// Reads the value of `--strip`; throws a usage error that names the words.
  public static func option(_ value: String) throws -> IdentifierParts {
    guard let parts = IdentifierParts(list: value) else { throw ValidationError("taxon, version, or taxon,version") }
    return parts
  }
}

extension PairFormat: ExpressibleByArgument {}
extension HeaderStyle: ExpressibleByArgument {}
extension GeneNaming: ExpressibleByArgument {}
extension BagRules.UnknownGene: ExpressibleByArgument {}
extension BagRules.SelfPairs: ExpressibleByArgument {}
extension IdentifierMap.Unmapped: ExpressibleByArgument {}
extension IdentifierMap.Several: ExpressibleByArgument {}

// The help of each option is its documentation.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
/// Pairs of genes, their isoforms, and the treatment of their ids.
public struct PairInputOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Build the bags from these pairs of genes: a table with the columns gene_a, gene_b, and label where known, or \
      interactions of BioGRID, PSI-MITAB or STRING; - is standard input, all is every pair of the genes of \
      --members, or where the sides differ in kind every pair of one of side a with one of side b.
      """, valueName: "file|all"), completion: .file())
  public var pairs: String?

  @Option(
    help: ArgumentHelp(
      "With --pairs all: only pairs with a gene of this table (column gene); of two kinds, each limits its side.",
      valueName: "file"),
    completion: .file())
  public var genes: String?

  @Option(
    help: ArgumentHelp(
      """
      Process shard K of N (3/16); the shards together cover every pair once. A shard of --pairs all is a run of \
      consecutive pairs, a shard of a file every N-th pair.
      """, valueName: "k/n"))
  public var shard: String?

  @Option(help: "Form of the file of pairs; auto decides by the first line.")
  public var pairsFormat = PairFormat.auto

  @Option(
    help: ArgumentHelp(
      "The columns of the two genes and of the label, by name, or by number in a table without a header.",
      valueName: "a,b[,label]"))
  public var pairColumns: String?

  @Option(
    help: ArgumentHelp(
      """
      Change the labels, which are numbers then: pKd:nM takes -log10 of a constant in nM (pKi, pIC50, pEC50; M, mM, \
      uM, pM), log10 the logarithm. A bound such as >10000 is an error, or its row is left out (bounds=drop), or the \
      number behind the sign is taken (bounds=value); counted.
      """, valueName: "name:unit[,bounds=rule]"),
    completion: .list(["pKd:M", "pKd:uM", "pKd:nM", "log10"]))
  public var labelTransform: String?

  @Option(
    help: ArgumentHelp(
      "In PSI-MITAB, take the ids of this database; 'uniprotkb(gene name)' takes the name with this note.",
      valueName: "database"))
  public var mitabId: String?

  @Option(
    name: .customLong("where"),
    help: ArgumentHelp(
      """
      Keep only pairs that meet this condition, such as combined_score>=700; repeatable: conditions with = on one \
      column are alternatives, all others must hold together.
      """, valueName: "column=value"))
  public var conditions: [String] = []

  @Option(
    help: ArgumentHelp(
      "Translate the ids of the pairs by this table: columns from, to, if they are not named.",
      valueName: "file[,from=column][,to=column]"),
    completion: .file())
  public var mapIds: String?

  @Option(help: "A pair with an id that is not in the map is an error, or is dropped, or the id is kept; counted.")
  public var unmapped = IdentifierMap.Unmapped.error

  @Option(
    help: "A pair with an id of several targets is an error, or is dropped, or becomes a pair of each; counted.")
  public var several = IdentifierMap.Several.error

  @Option(
    help: ArgumentHelp(
      """
      The isoforms of the genes: columns isoform, gene, or those that are named (by number where there is no \
      header); GTF; or FASTA whose headers name both; a: or b: before the file gives those of one side (repeatable). \
      Without it each id is a gene with one isoform.
      """, valueName: "[a:|b:]file[,isoform=column,gene=column]"),
    completion: .file())
  public var members: [String] = []

  @Option(
    help: "The style of the headers of --members in FASTA; if not given, the first header decides.")
  public var idFrom: HeaderStyle?

  @Option(
    help: """
      The name of genes that is taken from --members in FASTA or GTF; if not given, the symbol for refseq and uniprot, \
      the id for others. With symbol-or-id genes that share a symbol go by their ids.
      """)
  public var geneFrom: GeneNaming?

  @Option(
    help: ArgumentHelp(
      "Cut every id before this character, wherever ids are read: '|' for GENCODE's headers.", valueName: "character"))
  public var idUntil: String?

  @Option(
    help: ArgumentHelp(
      """
      Cut these parts off every id, wherever ids are read: taxon, the 9606. of STRING's 9606.ENSP00000269305; \
      version, the .2 of ENST00000456328.2; or both with a comma.
      """, valueName: "parts"), completion: .list(IdentifierParts.words), transform: IdentifierParts.option)
  public var strip: IdentifierParts?

  @Option(
    help: ArgumentHelp(
      "Labels of tested isoform pairs: columns isoform_a, isoform_b, label; in either order.", valueName: "file"),
    completion: .file())
  public var instances: String?

  @Flag(help: "Only tested isoform pairs become instances.")
  public var testedOnly = false

  @Option(help: "A pair with a gene that has no isoforms is an error, or is dropped and counted. (default: error)")
  public var unknownGene: BagRules.UnknownGene?

  @Option(
    help: """
      A pair of a gene with itself is kept, or is dropped and counted. If not given, such pairs of a file are kept, \
      and --pairs all makes none.
      """)
  public var selfPairs: BagRules.SelfPairs?

  @Option(
    help: ArgumentHelp(
      """
      Pairs, or tested isoform pairs, that occur with different labels: take the first of each order, drop all of \
      them, error, or of numbers the mean or median; all but first and error read all pairs before the first bag. \
      (default: first; error for numbers)
      """))
  public var conflicts: ConflictRule?

  @Flag(help: "Follow each pair by the reversed pair.")
  public var bothOrders = false

  /// The value of `--pairs` for every pair of the genes; a file of this name is `./all`.
  static let everyPair = "all"

  public init() {}

  public func validate() throws {
    func names(_ list: String?, _ option: String, _ counts: ClosedRange<Int>) throws {
      guard let list else { return }
      let parts = list.split(separator: ",", omittingEmptySubsequences: false)
      if !counts.contains(parts.count) || parts.contains("") {
        throw ValidationError("\(option) takes \(counts.upperBound == 3 ? "two or three" : "two") names with commas")
      }
    }
    try names(pairColumns, "--pair-columns", 2...3)
    if let idUntil, idUntil.count != 1 { throw ValidationError("--id-until takes one character") }
    if testedOnly, instances == nil { throw ValidationError("--tested-only needs --instances FILE") }
    if genes != nil, pairs != Self.everyPair { throw ValidationError("--genes needs --pairs all") }
    for (isSet, name) in [
      (unmapped != .error, "--unmapped"),
      (several != .error, "--several"),
    ] where isSet && mapIds == nil { throw ValidationError("\(name) needs --map-ids FILE") }
    if idFrom == .firstWord { throw ValidationError("--id-from first-word: a first word names no gene") }
    for (isSet, name) in [
      (idFrom != nil, "--id-from"), (geneFrom != nil, "--gene-from"),
    ] where isSet && members.isEmpty { throw ValidationError("\(name) needs --members FILE") }
  }

  /// The cut of ids.
  var cut: IdentifierCut { IdentifierCut(until: idUntil?.first, strip: strip ?? []) }

  /// The names of a list such as `a,b`.
  static func names(_ list: String?) -> [String]? { list.map { $0.split(separator: ",").map(String.init) } }

  /// The options with which pairs are read, without the cut of their ids; throws `BagsError` (usage).
  func pairOptions(_ reader: ReaderOptions) throws -> PairOptions {
    var options = PairOptions()
    options.format = pairsFormat
    options.columns = Self.names(pairColumns)
    options.reference = try mitabId.map { try MITAB.Choice(parsing: $0) }
    options.filters = try conditions.map { try RowFilter(parsing: $0) }
    options.transform = try labelTransform.map { try LabelTransform(parsing: $0) }
    options.reader = reader
    if options.transform != nil, reader.labels == .binary {
      throw ToolFailure.usage(
        "--label-transform makes numbers of the labels, and --labels binary says that they are not")
    }
    return options
  }

  /// The files of members; throws `BagsError` (usage).
  public func memberFiles() throws -> [BagPlan.MemberFile] { try members.map { try BagPlan.MemberFile(parsing: $0) } }

  /// The translation of the ids of the pairs; throws `BagsError` (usage).
  public func map() throws -> BagPlan.IdentifierPlan? {
    guard let mapIds else { return nil }
    var plan = try BagPlan.IdentifierPlan(parsing: mapIds)
    (plan.unmapped, plan.several) = (unmapped, several)
    return plan
  }

  /// The options with which members are read, but for their columns.
  func memberOptions(_ reader: ReaderOptions) -> MemberOptions {
    var options = MemberOptions()
    options.style = idFrom
    options.gene = geneFrom
    options.cut = cut
    options.maxLine = reader.maxLine
    return options
  }

  /// The options that apply only to a file of pairs.
  var needingFile: [(isSet: Bool, name: String)] {
    [
      (pairsFormat != .auto, "--pairs-format"), (pairColumns != nil, "--pair-columns"), (mitabId != nil, "--mitab-id"),
      (!conditions.isEmpty, "--where"), (mapIds != nil, "--map-ids"),
      (labelTransform != nil, "--label-transform"),
    ]
  }

  /// The options that apply only where bags are built from pairs.
  var needingPairs: [(isSet: Bool, name: String)] {
    [
      (!members.isEmpty, "--members"), (testedOnly, "--tested-only"), (bothOrders, "--both-orders"),
      (idFrom != nil, "--id-from"), (geneFrom != nil, "--gene-from"), (idUntil != nil, "--id-until"),
      (strip != nil, "--strip"), (selfPairs != nil, "--self-pairs"),
      (genes != nil, "--genes"), (shard != nil, "--shard"), (unknownGene != nil, "--unknown-gene"),
      (conflicts != nil, "--conflicts"),
    ] + needingFile
  }
}
