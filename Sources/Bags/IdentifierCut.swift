import Records

/// The parts that are cut off ids before they are compared, wherever ids are read: the text after a character
/// (`ENST00000456328.2|ENSG…`), the taxon (`9606.ENSP00000269305`), or the version (`ENST00000456328.2`).
public struct IdentifierCut: Sendable, Equatable {
  /// The character before which ids end; nil: none.
  public var until: Character?
  /// Whether digits and a full stop at the beginning are cut, as STRING writes them.
  public var stripsTaxon = false
  /// Whether the version at the end is cut, as `HeaderStyle.withoutVersion` does.
  public var stripsVersion = false

  /// Makes a cut; without arguments ids stay as they are.
  public init(until: Character? = nil, stripsTaxon: Bool = false, stripsVersion: Bool = false) {
    self.until = until
    self.stripsTaxon = stripsTaxon
    self.stripsVersion = stripsVersion
  }

  /// Whether ids stay as they are.
  public var isNone: Bool { until == nil && !stripsTaxon && !stripsVersion }

  /// The same without versions, which symbols do not have.
  var ofSymbols: IdentifierCut { IdentifierCut(until: until, stripsTaxon: stripsTaxon) }

  /// Returns the cut id; an id of which nothing would be left stays as it is.
  public func apply(_ id: String) -> String {
    if isNone { return id }
    var rest = until.flatMap { id.firstIndex(of: $0) }.map { String(id[..<$0]) } ?? id
    if rest.isEmpty { return id }
    if stripsTaxon { rest = Self.withoutTaxon(rest) }
    return stripsVersion ? HeaderStyle.withoutVersion(rest) : rest
  }

  private static func withoutTaxon(_ id: String) -> String {
    let digits = id.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    let rest = id.utf8[digits.endIndex...]
    guard !digits.isEmpty, rest.first == UInt8(ascii: "."), rest.count > 1 else { return id }
    return String(Substring(rest.dropFirst()))
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
    guard cut.stripsVersion, let members, members.haveSymbols else { return cut.apply(id) }
    let whole = cut.ofSymbols.apply(id)
    if !members.genes(named: whole).isEmpty { return whole }
    let bare = cut.apply(id)
    return members.genes(named: bare).first.map { members.goesBySymbol($0) ? whole : bare } ?? whole
  }
}
