import ArgumentParser
import Bags
import Bytes
import CommandSupport
import Records

@main struct Pairgen: Tool {
  static let toolName = "pairgen"
  static let configuration = CommandConfiguration(
    commandName: toolName,
    abstract: "Make bags of isoform pairs from pairs of genes and features of isoforms.",
    usage: """
      pairgen --pairs PAIRS.tsv [--members TX2GENE.tsv] --block NAME=KIND:FILE[,groups=FILE] … [options]
      pairgen [options] [BAGS …]
      """,
    discussion: """
      Each pair of genes becomes a bag: every isoform of gene a with every isoform of gene b, in file order, a first; \
      of a self pair those with i ≤ j. One pair in, one bag out. A pair that comes again the same way round is \
      left out and counted, the other way round it is a bag of its own. Without --pairs a bag stream is read, and \
      filtered or written in another form.

      Example:
        pairgen --pairs pairs.tsv --members tx2gene.tsv \\
          --block ct=concat:<(seqfeat --encode ct64 cds.fa.gz) \\
          --block aa=correlate:<(seqfeat --encode paac pep.fa.gz) \\
          --block rna=correlate:expr.tsv,groups=samples.tsv
      """)

  @OptionGroup var bags: BagInputOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var common: CommonOptions

  mutating func run(_ context: ToolContext) throws {
    let plan = try bags.bagInput(context)
    let (file, format) = try output.open(default: .ndjson)
    do {
      try Self.write(plan, to: file.sink, format: format, header: !output.noHeader)
      try file.commit()
    } catch {
      file.discard()
      throw error
    }
  }

  /// Writes all bags of a source, one at a time.
  static func write(_ input: BagInput, to sink: ByteSink, format: OutputFormat, header: Bool) throws {
    var first = try input.source.next()
    guard let schema = input.source.schema else { return }
    let writer = RecordWriter(
      sink, format: format, kind: input.source.kind, schema: schema, columns: input.columns(), header: header,
      madeBy: "pairgen \(millraceVersion)")
    while let bag = first {
      try writer.write(bag)
      first = try input.source.next()
    }
    try writer.finish()
  }
}
