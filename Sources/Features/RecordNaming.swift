import Records

/// How the header of a sequence gives the id of its row, and the gene it belongs to.
public struct RecordNaming: Sendable {
  /// Who wrote the headers.
  public var style = HeaderStyle.firstWord
  /// Which name of the gene is taken.
  public var gene = GeneNaming.id
  /// Ids lose their version, the `.2` of `ENST00000456328.2`.
  public var stripsVersion = false

  /// The first word of the header, as it stands.
  public init() {}

  /// The id of a record; throws a `RecordError` for a header that does not fit.
  public func id(of record: FastaRecord) throws -> String { try name(record, withGene: false).id }

  /// The id of a record, and its gene if that is asked for.
  /// - Throws: a `RecordError` for a header that does not fit, or names no gene.
  func name(_ record: FastaRecord, withGene: Bool) throws -> (id: String, gene: String?) {
    if style == .firstWord && !stripsVersion && !withGene { return (record.id, nil) }
    let names = try style.names(of: record)
    let gene = withGene ? try style.gene(self.gene, in: names, of: record) : nil
    guard stripsVersion else { return (names.isoform, gene) }
    let bare = names.isSymbol(self.gene) ? gene : gene.map(HeaderStyle.withoutVersion)
    return (HeaderStyle.withoutVersion(names.isoform), bare)
  }
}
