import ArgumentParser
import Bags
import Bytes
import CommandSupport
import Records

@main struct Pairgen: Tool {
  static let toolName = "pairgen"
  static let example = """
    pairgen --pairs pairs.tsv --members tx2gene.tsv --block ct=concat:<(seqfeat --encode ct64 cds.fa.gz) \\
      --block aa=correlate:<(seqfeat --encode paac pep.fa.gz) --block rna=correlate:expr.tsv,groups=samples.tsv
    """
  static let configuration = CommandConfiguration(
    commandName: toolName,
    abstract: "Build bags of isoform pairs from pairs of genes and features of isoforms.",
    discussion: """
      Each pair of genes becomes a bag: every isoform of gene a with every isoform of gene b, in the order of the \
      members' file, a-major; of a pair of a gene with itself the isoforms i ≤ j. A repeated pair in the same order is \
      left out and counted; the reversed pair is another bag. Without --pairs a bag stream is read, to be split or \
      written in another form.
      """,
    version: versionLine)

  @OptionGroup var bags: BagInputOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var zeros: SparseOptions

  @Option(help: ArgumentHelp("The same as --split-seed.", valueName: "n"))
  var seed: UInt64?

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if seed != nil && bags.splits.splitSeed != nil { throw ValidationError("--seed is --split-seed: give one of them") }
  }

  mutating func run(_ context: ToolContext) throws {
    try ToolFailure.refuse(
      outputs: [("--output", output.output)],
      over: bags.input.input.paths + [bags.pairing.pairs].compactMap { $0 }
        + bags.pairing.members.map { BagPlan.MemberFile(parsing: $0).path })
    if let seed { bags.splits.splitSeed = seed }
    let input = try bags.bagInput(context)
    try zeros.check(output, default: input.format)
    let (file, format) = try output.open(default: input.format)
    do {
      try Self.write(input, to: file.sink, format: format, header: output.header, isSparse: zeros.sparse)
      try file.commit()
    } catch {
      file.discard()
      throw error
    }
  }

  /// Writes all bags, one at a time; nothing for an empty input.
  static func write(
    _ input: BagInput, to sink: ByteSink, format: OutputFormat, header: Bool, isSparse: Bool
  ) throws {
    var bag = try input.source.next()
    if bag == nil, input.source.schema == nil { return }
    let writer = RecordWriter(
      sink, format: format, kind: input.source.kind, schema: input.source.schema, digest: input.source.digest,
      columns: input.columns, labels: input.source.labels, header: header, isSparse: isSparse,
      madeBy: "pairgen \(millraceVersion)")
    while let next = bag {
      try writer.write(next)
      bag = try input.source.next()
    }
    try writer.finish()
  }
}
