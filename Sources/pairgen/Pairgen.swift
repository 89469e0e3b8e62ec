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
  @Flag(
    help: """
      Write the features of a partner once, in a line of their own that instances refer to: NDJSON that is smaller and \
      is read faster, for blocks of one side (concat, a, b).
      """)
  var compact = false
  @OptionGroup(title: "Leaks") var leaks: LeakOptions

  @Option(help: ArgumentHelp("The same as --split-seed.", valueName: "n"))
  var seed: UInt64?

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if compact, zeros.sparse { throw ValidationError("--compact and --sparse are two forms: give one of them") }
    if compact, output.noHeader {
      throw ValidationError("--compact needs the schema line, which --no-header leaves out")
    }
    if seed != nil && bags.splits.splitSeed != nil { throw ValidationError("--seed is --split-seed: give one of them") }
  }

  mutating func run(_ context: ToolContext) throws {
    try ToolFailure.refuse(
      outputs: [("--output", output.output), ("--leak-report", leaks.leakReport)],
      over: bags.input.input.paths + [bags.pairing.pairs, leaks.sequences, leaks.testPairs].compactMap { $0 }
        + bags.pairing.memberFiles().map(\.path))
    if let seed { bags.splits.splitSeed = seed }
    if let path = leaks.leakReport { return try report(to: path, context) }
    let input = try bags.bagInput(context)
    try zeros.check(output, default: input.format)
    if compact, (output.outputFormat ?? input.format) == .tsv {
      throw ToolFailure.usage("--compact is a form of NDJSON, and the output is TSV", hint: "-O ndjson")
    }
    let (file, format) = try output.open(default: input.format)
    do {
      try Self.write(
        input, to: file.sink, format: format, header: output.header,
        form: compact || input.isCompact && !output.noHeader && !zeros.sparse && format == .ndjson
          ? .compact() : zeros.form)
      try file.commit()
    } catch {
      file.discard()
      throw error
    }
  }

  /// Writes the report on a split in place of bags; throws where the leak is above the bound.
  private func report(to path: String, _ context: ToolContext) throws {
    let input = try bags.splitPairs(test: leaks.testPairs, sequences: leaks.sequences ?? "", context)
    let report = try LeakReport(input.pairs, input.sequences)
    let file = try OutputFile.open(path: path)
    try file.sink.write(report.text)
    try file.commit()
    if report.unknownSequences > 0 {
      let ids = report.unknownSequences == 1 ? "id" : "ids"
      context.note("\(ids) without a sequence, known by the id only", count: report.unknownSequences)
    }
    if let bound = leaks.maxLeak, report.leak > bound {
      throw LeakAboveBound(leak: report.leak, bound: bound)
    }
  }

  /// Writes all bags, one at a time; nothing for an empty input.
  static func write(
    _ input: BagInput, to sink: ByteSink, format: OutputFormat, header: Bool, form: FeatureForm
  ) throws {
    var bag = try input.source.next()
    if bag == nil, input.source.schema == nil { return }
    let writer = RecordWriter(
      sink, format: format, kind: input.source.kind, schema: input.source.schema, digest: input.source.digest,
      columns: input.columns, labels: input.source.labels, header: header, form: form,
      madeBy: "pairgen \(millraceVersion)", seenEdges: input.source.seenEdges)
    while let next = bag {
      try writer.write(next)
      bag = try input.source.next()
    }
    try writer.finish()
  }
}

/// The report on what the parts of a split share.
struct LeakOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write a report on what the test part of a split shares with its training part, in place of bags.",
      valueName: "file"), completion: .file())
  var leakReport: String?
  @Option(
    help: ArgumentHelp("The protein sequences of the ids of the pairs, or of their members.", valueName: "fasta"),
    completion: .file())
  var sequences: String?
  @Option(
    help: ArgumentHelp(
      "The test part: another file of pairs, or those of --pairs with a value in a column, such as fold=0.",
      valueName: "file|column=value"), completion: .file())
  var testPairs: String?
  @Option(help: ArgumentHelp("Status 1 if the leak is above this share of the test pairs.", valueName: "share"))
  var maxLeak: Double?

  func validate() throws {
    if leakReport != nil, sequences == nil { throw ValidationError("--leak-report needs --sequences FASTA") }
    for (isSet, name) in [
      (sequences != nil, "--sequences"), (testPairs != nil, "--test-pairs"), (maxLeak != nil, "--max-leak"),
    ] where isSet && leakReport == nil { throw ValidationError("\(name) needs --leak-report FILE") }
    if let maxLeak, !(0...1).contains(maxLeak) { throw ValidationError("--max-leak is a share from 0 to 1") }
  }
}

/// The error of a leak above the bound that the user set.
struct LeakAboveBound: Diagnosable {
  let leak: Double
  let bound: Double

  var diagnostic: Diagnostic {
    Diagnostic(.conditionFailed, "leak is \(NumberText.text(leak)), above \(NumberText.text(bound))")
  }
}
