import Records

/// What is cut off the ids of genes: as of all others, but where members go by symbols, these keep what looks like a
/// version (`RP11-34P13.1`).
public struct GeneCut: Sendable {
  private let cut: IdentifierCut
  private let members: Members?

  /// The same as `cut` where no members go by symbols.
  public init(_ cut: IdentifierCut = IdentifierCut(), of members: Members? = nil) {
    self.cut = cut
    self.members = members
  }

  /// The id without what is cut off. A version goes only where a gene by its id is left, never where another symbol is.
  public func apply(_ id: String) -> String {
    guard cut.stripsVersion, let members, members.haveSymbols else { return cut.apply(id) }
    let whole = cut.ofSymbols.apply(id)
    if members.gene(whole) != nil { return whole }
    let bare = cut.apply(id)
    return members.gene(bare).map { members.goesBySymbol($0) ? whole : bare } ?? whole
  }
}
