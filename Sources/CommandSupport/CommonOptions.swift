import ArgumentParser
import Bytes
import Records

/// How diagnostics are written on standard error.
public enum ErrorStyle: String, CaseIterable, ExpressibleByArgument, Sendable {
  case text, json
}

/// When to use colours on a terminal.
public enum ColorRule: String, CaseIterable, ExpressibleByArgument, Sendable {
  case auto, always, never
}

// The help of each option is its documentation.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
/// The options that every tool has.
public struct CommonOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Say nothing but errors.")
  public var quiet = false

  @Option(help: "How errors and warnings are written on standard error.")
  public var errors = ErrorStyle.text

  @Option(help: "Colours in what is meant for a terminal.")
  public var color = ColorRule.auto

  public init() {}
}

// The help of each option is its documentation.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
/// The inputs a tool reads: files one after the other, or standard input.
public struct FileArguments: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "Inputs, one after the other; - or none is standard input. gzip and bgzip are decompressed.", valueName: "file"),
    completion: .file())
  public var files: [String] = []

  /// The files, or standard input where there is none.
  public var paths: [String] { files.isEmpty ? ["-"] : files }

  public init() {}

  /// Opens the inputs; throws an `IOFailure`, or asks for the short help if there is only a terminal to read.
  public func source(_ context: ToolContext) throws -> BlockSource {
    if files.isEmpty && isTerminal(0) { throw ShortHelp() }
    if files.count > 1 { return try SourceChain(paths: files) }
    return try Input.open(files.first ?? "-")
  }
}

// The help of each option is its documentation.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
/// How records are read.
public struct RecordOptions: ParsableArguments {
  @Option(help: "Form of the input; auto decides by its first byte.")
  public var inputFormat = InputFormat.auto

  @Option(
    help: ArgumentHelp(
      "Names of the columns of an input without header: a,b,c, or @FILE with one name a line.", valueName: "list"))
  public var columns: String?

  @Flag(help: "The input is a piece of a stream: expect neither a schema line nor an end line.")
  public var part = false

  @Flag(help: "Take features by position when the input has neither names nor a digest of them.")
  public var trustOrder = false

  @Option(help: ArgumentHelp("Further columns to pass on, separated by commas.", valueName: "names"))
  public var keep: [String] = []

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

  /// The names of a list `a,b,c`, or of `@FILE` with one name a line; throws an `IOFailure` or a usage error.
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

  /// What a record reader needs to know; throws an `IOFailure` or a usage error.
  public func readerOptions() throws -> ReaderOptions {
    var options = ReaderOptions()
    options.format = inputFormat
    options.columns = try columnNames()
    options.part = part
    options.trustOrder = trustOrder
    options.keep = keep.flatMap { $0.split(separator: ",").map(String.init) }
    options.missing = missing
    options.badRows = badRows
    options.maxLine = maxLine.bytes
    options.maxInstances = maxInstances
    return options
  }
}

/// Inputs of records and how they are read.
public struct InputOptions: ParsableArguments {
  /// The files, or standard input.
  @OptionGroup public var input: FileArguments
  /// Form, names and limits, and what becomes of rows with a fault.
  @OptionGroup public var records: RecordOptions

  /// For the parser, which fills the groups.
  public init() {}

  /// Opens the inputs; throws an `IOFailure`, or asks for the short help if there is only a terminal to read.
  public func source(_ context: ToolContext) throws -> BlockSource { try input.source(context) }

  /// What a record reader needs to know; throws an `IOFailure` or a usage error.
  public func readerOptions() throws -> ReaderOptions { try records.readerOptions() }

  /// A reader over the inputs, with its warnings going to the context.
  public func reader(_ context: ToolContext) throws -> RecordReader {
    try RecordReader(source(context), options: readerOptions(), report: context.warn)
  }
}

// The help of each option is its documentation.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
/// Where the output goes and what it looks like.
public struct OutputOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Where to write; - is standard output. A file appears whole or not at all.", valueName: "file"),
    completion: .file())
  public var output = "-"

  @Option(name: [.customShort("O"), .long], help: "Form of the output; if not given as the input, and of FASTA tsv.")
  public var outputFormat: OutputFormat?

  @Flag(help: "Leave out the header of a TSV, the schema and end lines of NDJSON.")
  public var noHeader = false

  @Flag(help: "Write each record at once.")
  public var lineBuffered = false

  public init() {}

  /// True if a header, or a schema line and an end line, is to be written.
  public var header: Bool { !noHeader }

  /// Opens the output, in the form asked for or else `format`; throws an `IOFailure` with status 73.
  public func open(default format: OutputFormat) throws -> (FileOutput, OutputFormat) {
    let live = lineBuffered || output == "-" && isTerminal(1)
    return (try OutputFile.open(path: output, lineBuffered: live), outputFormat ?? format)
  }
}
