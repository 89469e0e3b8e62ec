import ArgumentParser
import Bytes
import Records

/// The form of diagnostics on standard error.
public enum ErrorStyle: String, CaseIterable, ExpressibleByArgument, Sendable {
  case text, json
}

/// The rule for colours on a terminal.
public enum ColorRule: String, CaseIterable, ExpressibleByArgument, Sendable {
  case auto, always, never
}

// The help of each option is its documentation.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
/// The options of every tool.
public struct CommonOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Say nothing but errors.")
  public var quiet = false

  @Option(help: "How errors and warnings are written on standard error.")
  public var errors = ErrorStyle.text

  @Option(help: "Whether output for a terminal has colours.")
  public var color = ColorRule.auto

  public init() {}
}

// The help of each option is its documentation.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
/// The inputs of a tool: files one after the other, or standard input.
public struct FileArguments: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "Inputs, one after the other; - or none is standard input. gzip and bgzip are decompressed.", valueName: "file"),
    completion: .file())
  public var files: [String] = []

  /// The files, or standard input where there is none.
  public var paths: [String] { files.isEmpty ? ["-"] : files }

  public init() {}

  /// Throws `ShortHelp` where the only input is a terminal.
  public func refuseTerminal() throws {
    if files.isEmpty && isTerminal(0) { throw ShortHelp() }
  }

  /// Opens the inputs; throws an `IOFailure`, or `ShortHelp` where the only input is a terminal.
  public func source(_ context: ToolContext) throws -> BlockSource {
    try refuseTerminal()
    if files.count > 1 { return try SourceChain(paths: files) }
    return try Input.open(files.first ?? "-")
  }
}

extension InputFormat: ExpressibleByArgument {}
extension OutputFormat: ExpressibleByArgument {}
extension LabelKind: ExpressibleByArgument {}
extension MissingRule: ExpressibleByArgument {}
extension BadRowRule: ExpressibleByArgument {}

// The help of each option is its documentation.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
/// The options with which records are read.
public struct RecordOptions: ParsableArguments {
  @Option(help: "Form of the input; auto decides by its first byte.")
  public var inputFormat = InputFormat.auto

  @Option(
    help: ArgumentHelp(
      "Names of the columns of an input without header: a,b,c, or @FILE with one name per line.", valueName: "list"))
  public var columns: String?

  @Flag(help: "The input is a piece of a stream: expect neither a schema line nor an end line.")
  public var part = false

  @Flag(help: "Take features by position when the input has neither names nor a digest of them.")
  public var trustOrder = false

  @Option(help: ArgumentHelp("Further columns to pass on, separated by commas.", valueName: "names"))
  public var keep: [String] = []

  @Option(
    help: ArgumentHelp(
      "The kind of the labels, 0 and 1 or any number: that of the schema line, or else binary, if not given."))
  public var labels: LabelKind?

  @Option(help: "What to do with missing features.")
  public var missing = MissingRule.error

  @Option(help: "What to do with rows that can't be read.")
  public var badRows = BadRowRule.error

  @Option(help: ArgumentHelp("The longest line, in bytes; K, M and G are understood.", valueName: "size"))
  public var maxLine = ByteSize(1 << 30)

  @Option(help: ArgumentHelp("The most instances a bag may have.", valueName: "n"))
  public var maxInstances = 1_000_000

  public init() {}

  public func validate() throws {
    if maxInstances < 1 { throw ValidationError("--max-instances must be at least 1") }
    if maxLine.bytes < 16 { throw ValidationError("--max-line must be at least 16") }
  }

  /// The names of `--columns`; throws an `IOFailure` or a usage error.
  public func columnNames() throws -> [String]? { try columns.map { try RecordOptions.columnNames($0) } }

  /// The names of a list `a,b,c`, or of `@FILE` with one name per line; throws an `IOFailure` or a usage error.
  public static func columnNames(_ list: String) throws -> [String] {
    guard list.hasPrefix("@") else {
      return list.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let lines = LineReader(try Input.open(String(list.dropFirst())), maxLine: 1 << 20)
    var names: [String] = []
    while let line = try lines.next() {
      if !line.isEmpty { names.append(String(decoding: line, as: UTF8.self)) }
    }
    if names.isEmpty { throw ToolFailure.usage("--columns \(list): the file has no names") }
    return names
  }

  /// The options of a record reader; throws an `IOFailure` or a usage error.
  public func readerOptions() throws -> ReaderOptions {
    var options = ReaderOptions()
    options.format = inputFormat
    options.columns = try columnNames()
    options.part = part
    options.trustOrder = trustOrder
    options.keep = keep.flatMap { $0.split(separator: ",").map(String.init) }
    options.labels = labels
    options.missing = missing
    options.badRows = badRows
    options.maxLine = maxLine.bytes
    options.maxInstances = maxInstances
    return options
  }
}

/// The inputs of records and the options with which they are read.
public struct InputOptions: ParsableArguments {
  /// The files, or standard input.
  @OptionGroup public var input: FileArguments
  /// Form, names and limits of the records, and the rules for faulty rows.
  @OptionGroup public var records: RecordOptions

  /// For the argument parser, which sets the groups.
  public init() {}

  /// Opens the inputs; throws an `IOFailure`, or `ShortHelp` where the only input is a terminal.
  public func source(_ context: ToolContext) throws -> BlockSource { try input.source(context) }

  /// The options of a record reader; throws an `IOFailure` or a usage error.
  public func readerOptions() throws -> ReaderOptions { try records.readerOptions() }

  /// Makes a reader of the inputs that sends its warnings to the context.
  public func reader(_ context: ToolContext) throws -> RecordReader {
    try RecordReader(source(context), options: readerOptions(), report: context.warn)
  }
}

// The help of each option is its documentation.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
/// The path and the form of the output.
public struct OutputOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Where to write; - is standard output. A file is written whole or not at all.", valueName: "file"),
    completion: .file())
  public var output = "-"

  @Option(
    name: [.customShort("O"), .long], help: "Form of the output; if not given that of the input, or tsv for FASTA.")
  public var outputFormat: OutputFormat?

  @Flag(help: "Leave out the header of a TSV, the schema and end lines of NDJSON.")
  public var noHeader = false

  @Flag(help: "Write each record at once.")
  public var lineBuffered = false

  public init() {}

  /// Whether a header, or a schema line and an end line, are written.
  public var header: Bool { !noHeader }

  /// Opens the output in the form of the option, or else `format`; throws an `IOFailure` with status 73.
  public func open(default format: OutputFormat) throws -> (FileOutput, OutputFormat) {
    let live = lineBuffered || output == "-" && isTerminal(1)
    return (try OutputFile.open(path: output, lineBuffered: live), outputFormat ?? format)
  }
}

// The help of each option is its documentation.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
/// Output without zeros.
public struct SparseOptions: ParsableArguments {
  @Flag(help: "Leave features that are 0 out of NDJSON: x is then an object of names and values.")
  public var sparse = false

  public init() {}

  /// The form of the features.
  public var form: FeatureForm { sparse ? .sparse : .full }

  /// Throws a usage error for `--sparse` where the output is TSV.
  public func check(_ output: OutputOptions, default format: OutputFormat) throws {
    if sparse && (output.outputFormat ?? format) == .tsv {
      throw ToolFailure.usage("--sparse leaves zeros out of NDJSON, and the output is TSV", hint: "-O ndjson")
    }
  }
}
