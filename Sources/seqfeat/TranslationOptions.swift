import ArgumentParser
import CommandSupport
import Features

extension InternalStopRule: ExpressibleByArgument {}
extension StartCodonRule: ExpressibleByArgument {}

/// The options for translating coding sequences into proteins.
struct TranslationOptions: ParsableArguments {
  @Flag(help: "Read coding sequences: nucleotide encoders see them, protein encoders their translation.")
  var translate = false

  @Option(help: ArgumentHelp("NCBI's number of the genetic code; 1 if not given.", valueName: "n"))
  var geneticCode: Int?

  @Option(
    help: "A stop before the end is a place without a residue, the protein's end, or an error; keep if not given.")
  var internalStop: InternalStopRule?

  @Option(help: "A start codon other than ATG gives its residue, or methionine; residue if not given.")
  var startCodon: StartCodonRule?

  /// Returns the options of the translation, nil without `--translate`; throws a usage error.
  func translation() throws -> Translation.Options? {
    guard translate else {
      try ToolFailure.refuse(
        [
          ("--genetic-code", geneticCode != nil), ("--internal-stop", internalStop != nil),
          ("--start-codon", startCodon != nil),
        ], without: "--translate")
      return nil
    }
    var options = Translation.Options(try GeneticCode.numbered(geneticCode ?? 1))
    if let internalStop { options.internalStop = internalStop }
    if let startCodon { options.startCodon = startCodon }
    return options
  }
}

extension ToolContext {
  /// Says at the end what the translation met.
  func note(_ counts: TranslationCounts, _ options: Translation.Options) {
    let code = "genetic code \(options.code.id) (\(options.code.name))"
    note(
      "records translated by \(code), \(counts.stopsAtEnd) of them with a stop at their end, which is dropped",
      count: counts.records)
    note(
      "records that end with a codon which can be a stop or a residue: taken for the stop",
      count: counts.doubtfulStopsAtEnd)
    note("records with 1 or 2 bases behind their last codon, which are dropped", count: counts.looseBases)
    note(
      "records with a stop before their end (--internal-stop \(options.internalStop.rawValue))",
      count: counts.internalStops)
    note("records with a start codon other than ATG, read as its residue", count: counts.otherStarts)
    note("codons that name no single residue, in \(counts.unresolved) records", count: counts.codons)
  }
}
