import ArgumentParser
import Bytes
import CommandSupport
import Features
import Records

/// The options for headers: ids, genes, and the table of members.
struct HeaderOptions: ParsableArguments {
  @Option(help: "Where headers name the isoform, which becomes the id of the row.")
  var idFrom = HeaderStyle.firstWord

  @Option(
    help: ArgumentHelp(
      """
      Cut these parts off ids: taxon, the 9606. of STRING's 9606.ENSP00000269305; version, the .2 of \
      ENST00000456328.2; or both with a comma.
      """, valueName: "parts"), completion: .list(IdentifierParts.words), transform: IdentifierParts.option)
  var strip: IdentifierParts?

  @Option(
    help: ArgumentHelp(
      "Also write a table of isoform and gene, from the headers, for pairgen --members.", valueName: "file"),
    completion: .file())
  var writeMembers: String?

  @Option(help: "Which name of the gene; if not given, the symbol of refseq and uniprot, the id of the others.")
  var geneFrom: GeneNaming?

  /// The naming of records; throws a usage error.
  func naming() throws -> RecordNaming {
    if writeMembers == nil { try ToolFailure.refuse([("--gene-from", geneFrom != nil)], without: "--write-members") }
    if writeMembers != nil && idFrom == .firstWord {
      throw ToolFailure.usage(
        "--write-members needs headers that name the gene",
        hint: "--id-from gencode-transcript, ensembl, refseq or uniprot says where they do")
    }
    var naming = RecordNaming()
    naming.style = idFrom
    naming.gene = geneFrom ?? idFrom.usualGene
    naming.strip = strip ?? []
    return naming
  }
}

/// The table of isoforms and genes in the making: it appears whole, after the features, or not at all.
final class MembersFile {
  private let file: FileOutput
  private let writer: TableWriter
  /// Rows that wait until it is known which genes share a symbol, and the genes of each symbol.
  private var waiting: [(isoform: String, gene: String, geneId: String?)] = []
  private var genes: [String: Set<String>] = [:]
  private let isHolding: Bool

  /// Opens the file; throws an `IOFailure` with status 73.
  /// - Parameter isHolding: holds the rows, for genes that share a symbol go by their ids.
  init(_ path: String, holding isHolding: Bool) throws {
    self.isHolding = isHolding
    file = try OutputFile.open(path: path)
    writer = TableWriter(file.sink, format: .tsv, columns: [Column("isoform"), Column("gene")])
  }

  /// Takes a row, with the id of a gene that is named by its symbol; throws an `IOFailure`, or a `RecordError` for a
  /// name that a TSV can't hold.
  func write(isoform: String, gene: String, geneId: String?) throws {
    guard isHolding else { return try writer.write([.text(isoform), .text(gene)]) }
    waiting.append((isoform, gene, geneId))
    if let geneId { genes[gene, default: []].insert(geneId) }
  }

  /// Puts the table in its place; throws an `IOFailure`.
  func commit() throws {
    for (isoform, symbol, geneId) in waiting {
      let isShared = (genes[symbol]?.count ?? 0) > 1
      try writer.write([.text(isoform), .text(isShared ? geneId ?? symbol : symbol)])
    }
    try writer.finish()
    try file.commit()
  }

  /// Drops what was written.
  func discard() { file.discard() }
}
