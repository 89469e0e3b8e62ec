import ArgumentParser
import CommandSupport
import Features
import Records

extension IndexRule: ExpressibleByArgument {}
extension MissingIdRule: ExpressibleByArgument {}

/// The options that select records of a file.
struct SelectionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Read only the records with these ids, in the order of the list: one id a line, - is standard input.",
      valueName: "list"), completion: .file())
  var ids: String?

  @Option(
    help: "Hold FILE.fai against the file, making it if it is missing; trust it, without reading the file; or none.")
  var index: IndexRule?

  @Option(help: "An id of the list without a record: an error, or left out.")
  var missingIds: MissingIdRule?

  /// The records that are asked for: all that stream in, or those of the list; throws a usage error, and what opening
  /// an input can throw.
  func records(
    of input: FileArguments, _ naming: RecordNaming, _ context: ToolContext
  ) throws -> any FastaSource {
    guard let ids else {
      try ToolFailure.refuse([("--index", index != nil), ("--missing-ids", missingIds != nil)], without: "--ids")
      return try FastaReader(input.source(context))
    }
    guard input.files.count == 1, input.files[0] != "-" else {
      throw ToolFailure.usage(
        "--ids picks records from one file, not from "
          + (input.files.count > 1 ? "\(input.files.count) files" : "standard input"),
        hint: "seqfeat --encode ct64 --ids \(ids) FILE")
    }
    if index == .trust && naming.style != .firstWord {
      throw ToolFailure.usage(
        "--index trust knows the first words of headers only, --id-from \(naming.style.rawValue) wants more of them",
        hint: "--index check reads the headers")
    }
    let list = try IdList(reading: Input.open(ids))
    return try FastaSelection(
      of: input.files[0], list, index: index ?? .check, missing: missingIds ?? .error, naming: naming.id(of:),
      report: context.warn)
  }
}
