import ArgumentParser
import Records

// The help of each option is its documentation.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
/// Records without their zeros.
public struct SparseOptions: ParsableArguments {
  @Flag(help: "Leave features that are 0 out of NDJSON: x is then an object of names and values.")
  public var sparse = false

  public init() {}

  /// Throws a usage error if zeros are to be left out of a form that has no place for names.
  public func check(_ output: OutputOptions, default format: OutputFormat) throws {
    if sparse && (output.outputFormat ?? format) == .tsv {
      throw ToolFailure.usage("--sparse leaves zeros out of NDJSON, and the output is TSV", hint: "-O ndjson")
    }
  }
}
