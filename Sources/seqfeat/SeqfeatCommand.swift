import ArgumentParser
import Bytes
import CommandSupport
import Features
import Records

extension AmbiguityRule: ExpressibleByArgument {}
extension ShortRule: ExpressibleByArgument {}
extension DuplicateRule: ExpressibleByArgument {}
extension Alphabet: ExpressibleByArgument {}
extension PropertyTable.Scale: ExpressibleByArgument {}

/// The letters that `--mask` takes for ambiguous.
enum MaskRule: String, CaseIterable, ExpressibleByArgument {
  case none, lower
}

@main struct SeqfeatCommand: Tool {
  static let toolName = "seqfeat"
  static let example = """
    seqfeat --encode ct64 isoforms.cds.fa.gz > ct64.tsv
    seqfeat --encode ct343:shen --encode paac:lambda=10 proteins.fa > proteins.tsv
    """

  static let configuration = CommandConfiguration(
    commandName: "seqfeat",
    abstract: "Turn sequences into features: FASTA in, one row of named numbers a record out.",
    discussion: """
      An encoder is named with its variant and settings: ct64, ct64:shen, paac:count,lambda=10,weight=0.1. Several \
      --encode put their columns side by side, in order. Every record keeps its id, length and number of valid letters.
      """,
    version: versionLine)

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Encoder with variant and settings; may be given again.", valueName: "spec"),
    completion: .list(EncoderCatalog.entries.map(\.name)))
  var encode: [String] = []

  @Flag(help: "List the encoders and end.")
  var list = false

  @Option(
    help: ArgumentHelp("Tell all of one encoder and end.", valueName: "name"),
    completion: .list(EncoderCatalog.entries.map(\.name)))
  var describe: String?

  @Option(help: "Letters that name no single residue: leave out their windows, delete them, stop, or map U O J B Z.")
  var ambiguous = AmbiguityRule.skip

  @Option(help: "Take lower-case letters for ambiguous, or not.")
  var mask = MaskRule.none

  @Option(help: "A sequence too short for an encoder: missing features, zeros, no record, or an error.")
  var short = ShortRule.null

  @Option(help: "An id that comes again: tell, stop, keep the first, or rename to id_2.")
  var duplicates = DuplicateRule.warn

  @Option(help: "What the sequences are, whatever they look like: skips the check of their letters.")
  var alphabet: Alphabet?

  @Option(help: ArgumentHelp("Places of the encoders of fixed length (onehot, onehot4, blosum62).", valueName: "n"))
  var length: Int?

  @Option(
    help: ArgumentHelp(
      """
      Properties in place of the built-in ones of paac, apaac and the autocorrelations: a row a residue, a column a \
      property; of psednc, pseknc and dac a row a dinucleotide. Once for each kind.
      """, valueName: "file"),
    completion: .file())
  var properties: [String] = []

  @Option(help: "Standardise those properties, or take them as they stand; standard if not given.")
  var propertyScale: PropertyTable.Scale?

  @OptionGroup(title: "Selection") var selection: SelectionOptions
  @OptionGroup(title: "Translation") var translation: TranslationOptions
  @OptionGroup(title: "Headers") var headers: HeaderOptions
  @OptionGroup(title: "Means") var aggregation: AggregateOptions
  @OptionGroup var input: FileArguments
  @OptionGroup var work: ThreadOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var zeros: SparseOptions
  @OptionGroup var common: CommonOptions

  mutating func run(_ context: ToolContext) throws {
    if list { return try write(EncoderGuide.list) }
    if let describe { return try write(try EncoderGuide.description(of: describe)) }
    let plan = try SeqfeatPlan(self)
    try ToolFailure.refuse(
      outputs: [("--output", output.output), ("--write-members", headers.writeMembers)], over: plan.inputs)
    try zeros.check(output, default: .tsv)
    let reader = try selection.records(of: input, plan.stream.options.naming, context)
    let (file, format) = try output.open(default: .tsv)
    var members: MembersFile?
    do {
      members = try headers.writeMembers.map { try MembersFile($0, holding: headers.geneFrom == .symbolOrId) }
      let writer = RecordWriter(
        file.sink, format: format, kind: .feature, schema: plan.stream.schema, columns: FeatureStream.columns,
        header: output.header, form: zeros.form, madeBy: Self.versionLine)
      try filter(plan.stream, reader, writer, members, context)
      try file.commit()
      try members?.commit()
    } catch {
      file.discard()
      members?.discard()
      throw error
    }
  }

  private func write(_ text: String) throws {
    let (file, _) = try output.open(default: .tsv)
    try file.sink.write(text)
    try file.commit()
  }

  private func filter(
    _ stream: FeatureStream, _ reader: any FastaSource, _ writer: RecordWriter, _ members: MembersFile?,
    _ context: ToolContext
  ) throws {
    var stream = stream
    // Who waits for each row gets it when it is made, and not when many are.
    let isLive = output.lineBuffered || output.output == "-" && context.isStdoutTerminal
    try stream.run(
      reader, into: writer, threads: isLive ? 1 : work.count, member: members.map { $0.write }, report: context.warn)
    let counts = stream.counts
    if let options = stream.options.translation { context.note(counts.translation, options) }
    if counts.ambiguousRecords > 0 {
      context.note(
        "letters that name no single residue, in \(counts.ambiguousRecords) of \(counts.records) records "
          + "(--ambiguous \(ambiguous.rawValue))", count: counts.ambiguousLetters)
      context.note("of these letters are read as C, K, L, or half and half (U O J, B Z)", count: counts.mappedLetters)
    }
    if aggregation.aggregate != nil { aggregation.note(counts, context) }
    context.note("records read and not written", count: counts.records - counts.written)
  }
}
