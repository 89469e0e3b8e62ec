import Records

/// The parts that are cut off ids before they are compared, wherever ids are read: the text after a character
/// (`ENST00000456328.2|ENSG…`), the taxon (`9606.ENSP00000269305`), or the version (`ENST00000456328.2`).
public struct IdentifierCut: Sendable, Equatable {
  /// The character before which ids end; nil: none.
  public var until: Character?
  /// The parts that are cut off what is left.
  public var strip: IdentifierParts = []

  /// Makes a cut; without arguments ids stay as they are.
  public init(until: Character? = nil, strip: IdentifierParts = []) {
    self.until = until
    self.strip = strip
  }

  /// Whether ids stay as they are.
  public var isNone: Bool { until == nil && strip.isEmpty }

  /// The same without versions, which symbols do not have.
  var ofSymbols: IdentifierCut { IdentifierCut(until: until, strip: strip.subtracting(.version)) }

  /// Returns the cut id; an id of which nothing would be left stays as it is.
  public func apply(_ id: String) -> String {
    if isNone { return id }
    let rest = until.flatMap { id.firstIndex(of: $0) }.map { String(id[..<$0]) } ?? id
    return rest.isEmpty ? id : strip.cut(from: rest)
  }
}

/// The cut of gene ids: that of all other ids, except that symbols keep what looks like a version (`RP11-34P13.1`).
public struct GeneCut: Sendable {
  private let cut: IdentifierCut
  private let members: Members?

  /// A cut of the ids of genes; the same as `cut` where no member goes by its symbol.
  public init(_ cut: IdentifierCut = IdentifierCut(), of members: Members? = nil) {
    self.cut = cut
    self.members = members
  }

  /// Returns the cut id. A version is cut only where the rest is the id of a gene, never where it is a symbol.
  public func apply(_ id: String) -> String {
    guard cut.strip.contains(.version), let members, members.haveSymbols else { return cut.apply(id) }
    let whole = cut.ofSymbols.apply(id)
    if !members.genes(named: whole).isEmpty { return whole }
    let bare = cut.apply(id)
    return members.genes(named: bare).first.map { members.goesBySymbol($0) ? whole : bare } ?? whole
  }
}
