import ArgumentParser
import Bytes
import CommandSupport
import Features
import Molecules
import Records

extension DuplicateRule: ExpressibleByArgument {}
extension MoleculeReader.Format: ExpressibleByArgument {}

@main struct MolfeatCommand: Tool {
  static let toolName = "molfeat"
  static let example = """
    molfeat --graph graphdta drugs.smi > drugs.mol.ndjson
    molfeat --encode ecfp:radius=2,bits=2048 --encode descriptors drugs.tsv > drugs.feat.tsv
    """

  static let configuration = CommandConfiguration(
    commandName: "molfeat",
    abstract: "Turn molecules into features: SMILES in, one graph or one row of named numbers a molecule out.",
    discussion: """
      SMILES come as lines of SMILES and id (.smi), or in a table with columns id and smiles. --graph writes atoms and \
      bonds; --encode writes rows, and several put their columns side by side, in order. An encoder is named with its \
      settings: ecfp, ecfp:radius=3,bits=1024.
      """,
    version: versionLine)

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Encoder with settings; may be given again.", valueName: "spec"),
    completion: .list(MoleculeCatalog.entries.filter { $0.product == .feature }.map(\.name)))
  var encode: [String] = []

  @Option(
    help: ArgumentHelp("Write graphs of atoms and bonds, with the features that it names.", valueName: "spec"),
    completion: .list(MoleculeCatalog.entries.filter { $0.product == .graph }.map(\.name)))
  var graph: String?

  @Flag(help: "List the encoders and graphs and end.")
  var list = false

  @Option(
    help: ArgumentHelp("Tell all of one encoder or graph and end.", valueName: "name"),
    completion: .list(MoleculeCatalog.entries.map(\.name)))
  var describe: String?

  @Flag(help: "Leave salts and solvents out: keep the fragment with the most atoms.")
  var largestFragment = false

  @Option(help: "An id that comes again: tell, stop, keep the first, or rename to id_2.")
  var duplicates = DuplicateRule.warn

  @Option(help: "A molecule that cannot be read: an error, or left out, named and counted.")
  var badRows = BadRowRule.error

  @Option(help: "Form of the input: lines of SMILES and id, or a table; auto decides by the first line.")
  var inputFormat = MoleculeReader.Format.auto

  @Option(help: ArgumentHelp("Column of a table that holds ids.", valueName: "name"))
  var idColumn = "id"

  @Option(help: ArgumentHelp("Column of a table that holds SMILES.", valueName: "name"))
  var smilesColumn = "smiles"

  @Option(
    help: ArgumentHelp(
      "Names of the columns of a table without header: a,b,c, or @FILE with one name per line.", valueName: "list"))
  var columns: String?

  @Option(
    help: ArgumentHelp(
      "With --encode: pass these columns of a table on beside the features.", valueName: "name[,name…]"))
  var keep: [String] = []

  @OptionGroup var input: FileArguments
  @OptionGroup var work: ThreadOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var zeros: SparseOptions
  @OptionGroup var common: CommonOptions

  mutating func run(_ context: ToolContext) throws {
    if list { return try write(MoleculeGuide.list) }
    if let describe { return try write(MoleculeGuide.description(of: MoleculeCatalog.entry(of: describe))) }
    var stream = try MoleculeStream(streamOptions())
    try ToolFailure.refuse(outputs: [("--output", output.output)], over: input.paths)
    let reader = try MoleculeReader(
      input.source(context), options: readerOptions(), report: context.warn)
    if graph == nil { try zeros.check(output, default: reader.format) }
    let (file, format) = try output.open(default: graph == nil ? reader.format : .ndjson)
    do {
      // Who waits for each row gets it when it is made, and not when many are.
      let isLive = output.lineBuffered || output.output == "-" && context.isStdoutTerminal
      try stream.run(
        reader, into: writer(file.sink, format, stream), threads: isLive ? 1 : work.count, isLive: isLive,
        report: context.warn)
      try file.commit()
    } catch {
      file.discard()
      throw error
    }
    context.note("molecules cut to their largest fragment (--largest-fragment)", count: stream.counts.cut)
    context.note("molecules read and not written", count: stream.counts.molecules - stream.counts.written)
  }

  private func streamOptions() throws -> MoleculeStream.Options {
    if graph != nil && !encode.isEmpty {
      throw ToolFailure.usage(
        "--graph writes graphs and --encode rows: one run writes one of them", hint: "run molfeat once for each")
    }
    if graph == nil && encode.isEmpty {
      throw ToolFailure.usage(
        "neither a graph nor an encoder is named",
        hint: "--graph graphdta or --encode ecfp, for example; molfeat --list names them all")
    }
    if graph != nil {
      if output.outputFormat == .tsv { throw ToolFailure.usage("graphs have no TSV form", hint: "-O ndjson") }
      if !keep.isEmpty { throw ToolFailure.usage("--keep passes columns on with rows, and --graph writes none") }
      if zeros.sparse { throw ToolFailure.usage("--sparse leaves zeros out of rows, and --graph writes none") }
    }
    if inputFormat == .smi {
      try ToolFailure.refuse(
        [
          ("--columns", columns != nil), ("--keep", !keep.isEmpty), ("--id-column", idColumn != "id"),
          ("--smiles-column", smilesColumn != "smiles"),
        ], without: "a table")
    }
    var options = MoleculeStream.Options()
    options.encode = encode
    options.graph = graph
    options.badRows = badRows
    options.duplicates = duplicates
    options.largestFragment = largestFragment
    return options
  }

  private func readerOptions() throws -> MoleculeReader.Options {
    var options = MoleculeReader.Options()
    options.format = inputFormat
    options.idColumn = idColumn
    options.smilesColumn = smilesColumn
    options.columns = try columns.map { try RecordOptions.columnNames($0) }
    options.badRows = badRows
    options.keep = kept
    return options
  }

  /// The columns to pass on.
  private var kept: [String] { keep.flatMap { $0.split(separator: ",").map(String.init) } }

  private func writer(
    _ sink: ByteSink, _ format: OutputFormat, _ stream: MoleculeStream
  ) -> MoleculeStream.Writer {
    if let schema = stream.graphSchema {
      return .graphs(GraphWriter(sink, schema: schema, header: output.header, madeBy: Self.versionLine))
    }
    return .rows(
      RecordWriter(
        sink, format: format, kind: .feature, schema: stream.schema,
        columns: RecordColumns(reserved: RecordColumns.feature.reserved, keep: kept), header: output.header,
        form: zeros.form, madeBy: Self.versionLine))
  }

  private func write(_ text: String) throws {
    let (file, _) = try output.open(default: .tsv)
    try file.sink.write(text)
    try file.commit()
  }
}
