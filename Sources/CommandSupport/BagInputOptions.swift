import ArgumentParser
import Bags
import Bytes
import Records

extension ConflictRule: ExpressibleByArgument {}
extension BagRules.UnknownGene: ExpressibleByArgument {}
extension BagRules.MissingIsoform: ExpressibleByArgument {}
extension BagRules.Undefined: ExpressibleByArgument {}
extension Folds.Unit: ExpressibleByArgument {}

/// Where bags come from: a bag stream, or pairs with members and blocks of features, from which they are built.
///
/// All tools that read bags take these options, and the bags are the same whether they come through a pipe from
/// pairgen or are built inside the tool.
public struct BagInputOptions: ParsableArguments {
  @OptionGroup public var input: InputOptions

  @Option(
    help: ArgumentHelp(
      """
      Build the bags from these pairs of genes: columns gene_a, gene_b, and label where known; - is standard input, \
      all is every pair of the genes of --members.
      """, valueName: "file|all"), completion: .file())
  public var pairs: String?

  @Option(
    help: ArgumentHelp("With --pairs all: only pairs with a gene of this table (column gene).", valueName: "file"),
    completion: .file())
  public var genes: String?

  @Flag(help: "With --pairs all: each gene is paired with itself too.")
  public var selfPairs = false

  @Option(
    help: ArgumentHelp(
      """
      One of so many equal shares of the pairs, 3/16 the third of sixteen; all shares together are the whole. Of \
      --pairs all a share is a run of pairs, of a file every so many.
      """, valueName: "k/n"))
  public var shard: String?

  @Option(
    help: ArgumentHelp(
      "The isoforms of the genes: columns isoform, gene. Without it each id is its own gene.", valueName: "file"),
    completion: .file())
  public var members: String?

  @Option(
    help: ArgumentHelp(
      "Tested isoform pairs: columns isoform_a, isoform_b, label; found either way round.", valueName: "file"),
    completion: .file())
  public var instances: String?

  @Flag(help: "Only tested isoform pairs become instances.")
  public var testedOnly = false

  @Option(
    name: .customLong("block"),
    help: ArgumentHelp(
      """
      Features of the pairs, repeatable, in this order; kind is concat, product, absdiff, sum, correlate, spearman \
      or dot. The file is keyed by its first column and may be - or <(seqfeat …); groups=FILE (columns sample, group) \
      gives one correlation a group.
      """, valueName: "name=kind:file[,groups=file]"))
  public var blocks: [String] = []

  @Option(help: ArgumentHelp("The fewest values that are correlated; smaller groups are left out.", valueName: "n"))
  public var minSamples = 4

  @Flag(help: "After each correlation a column that is 1 where it is undefined.")
  public var indicator = false

  @Option(
    help: ArgumentHelp(
      """
      An undefined correlation (an isoform that its table does not have, or without variance, or too few values) is \
      0 and counted, or its instance is dropped, or it is an error.
      """))
  public var undefined = BagRules.Undefined.zero

  @Option(
    help: "Instances of an isoform without a row in another kind of block are dropped, get zeros, or are an error.")
  public var missingIsoform = BagRules.MissingIsoform.drop

  @Option(help: "A pair with a gene that has no isoforms is an error, or is dropped and counted.")
  public var unknownGene = BagRules.UnknownGene.error

  @Option(
    help: ArgumentHelp(
      """
      Pairs, or tested isoform pairs, that stand twice with different labels: keep (the first of one order; both \
      orders of a pair), drop all of them (reads all pairs before the first bag), or error.
      """))
  public var conflicts = ConflictRule.keep

  @Flag(help: "Each pair is followed by itself the other way round.")
  public var bothOrders = false

  @Option(
    help: ArgumentHelp(
      "Hold out genes:SHARE or bags:SHARE by a seeded hash, for instance genes:0.2; needs --keep-part.",
      valueName: "what:share"))
  public var holdOut: String?

  @Option(
    help: ArgumentHelp(
      "The parts that pass: train, one-unseen, both-unseen, held-out (all but train); several with commas.",
      valueName: "parts"))
  public var keepPart: String?

  @Option(help: ArgumentHelp("The seed of --hold-out, --folds and --negatives.", valueName: "n"))
  public var splitSeed: UInt64 = 1

  @Option(
    help: ArgumentHelp("Write the columns fold and part: so many folds by a seeded hash.", valueName: "n"))
  public var folds: Int?

  @Option(help: "What is dealt into folds.")
  public var foldBy = Folds.Unit.gene

  @Option(
    help: ArgumentHelp(
      "Add negative pairs behind the given ones: a number, or 9x for nine a positive pair; never a known pair.",
      valueName: "n"))
  public var negatives: String?

  @Option(
    help: ArgumentHelp(
      """
      How a negative pair is drawn: uniform, degree-matched, or compartment:FILE (columns gene, compartment), whose \
      genes share no compartment.
      """, valueName: "origin"))
  public var negativeFrom = "uniform"

  @Option(
    help: ArgumentHelp(
      """
      Genes that --hold-out and --folds keep together, such as homologs: a table gene, group, or clusters as MMseqs2 \
      or CD-HIT write them.
      """, valueName: "file"), completion: .file())
  public var geneGroups: String?

  public init() {}
}
