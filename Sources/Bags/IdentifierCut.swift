import Records

/// What is cut off an id before it is compared, the same way wherever ids are read: all from a mark on
/// (`ENST00000456328.2|ENSG…`), its taxon (`9606.ENSP00000269305`), or its version (`ENST00000456328.2`).
public struct IdentifierCut: Sendable, Equatable {
  /// An id ends before this character.
  public var until: Character?
  /// Digits and a full stop at the beginning go, as STRING writes them.
  public var stripsTaxon = false
  /// A full stop and digits at the end go, also before `_PAR_Y` as GENCODE writes it.
  public var stripsVersion = false

  /// Cuts nothing.
  public init(until: Character? = nil, stripsTaxon: Bool = false, stripsVersion: Bool = false) {
    self.until = until
    self.stripsTaxon = stripsTaxon
    self.stripsVersion = stripsVersion
  }

  /// Whether ids stay as they are.
  public var isNone: Bool { until == nil && !stripsTaxon && !stripsVersion }

  /// The cut of symbols, which have no version.
  var ofSymbols: IdentifierCut { IdentifierCut(until: until, stripsTaxon: stripsTaxon) }

  /// The id without what is cut off; an id that would be left empty stays as it is.
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
