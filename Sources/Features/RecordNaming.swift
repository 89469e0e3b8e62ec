import Records

/// The rules by which the header of a sequence gives the id of its row, and the gene it belongs to.
public struct RecordNaming: Sendable {
  /// The database whose header format is read.
  public var style = HeaderStyle.firstWord
  /// The kind of gene name that records get.
  public var gene = GeneNaming.id
  /// The parts that are cut off ids.
  public var strip: IdentifierParts = []

  /// The naming by the first word of the header, unchanged.
  public init() {}

  /// An id, and the gene if it was asked for.
  struct Names {
    var id: String
    var gene: String?
    /// The id of the gene, where `gene` is a symbol and the header names the gene by an id too.
    var geneId: String?
  }

  /// The id of a record; throws a `RecordError` for a header that does not fit.
  public func id(of record: FastaRecord) throws -> String { try names(of: record, withGene: false).bare.id }

  /// The names of a record without and with what is cut off.
  /// - Throws: a `RecordError` for a header that does not fit, or names no gene.
  func names(of record: FastaRecord, withGene: Bool) throws -> (bare: Names, whole: Names) {
    if style == .firstWord && strip.isEmpty && !withGene {
      let names = Names(id: record.id)
      return (names, names)
    }
    let names = try style.names(of: record)
    let gene = withGene ? try style.gene(self.gene, in: names, of: record) : nil
    // UniProt's headers name entries, and one gene may have several.
    let isSymbol = withGene && names.isSymbol(self.gene)
    let geneId = isSymbol && style != .uniprot ? names.geneId : nil
    let whole = Names(id: names.isoform, gene: gene, geneId: geneId)
    if strip.isEmpty { return (whole, whole) }
    let bare = Names(
      id: strip.cut(from: names.isoform), gene: isSymbol ? gene : gene.map(strip.cut), geneId: geneId.map(strip.cut))
    return (bare, whole)
  }
}
