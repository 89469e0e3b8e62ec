import Records

/// What is cut off an id before it is compared, the same way wherever ids are read: all from a mark on
/// (`ENST00000456328.2|ENSG…`), or its version (`ENST00000456328.2`).
public struct IdentifierCut: Sendable, Equatable {
  /// An id ends before this character.
  public var until: Character?
  /// A full stop and digits at the end go, also before `_PAR_Y` as GENCODE writes it.
  public var stripsVersion = false

  /// Cuts nothing.
  public init(until: Character? = nil, stripsVersion: Bool = false) {
    self.until = until
    self.stripsVersion = stripsVersion
  }

  /// Whether ids stay as they are.
  public var isNone: Bool { until == nil && !stripsVersion }

  /// The id without what is cut off; an id that would be left empty stays as it is.
  public func apply(_ id: String) -> String {
    if isNone { return id }
    let rest = until.flatMap { id.firstIndex(of: $0) }.map { String(id[..<$0]) } ?? id
    if rest.isEmpty { return id }
    return stripsVersion ? HeaderStyle.withoutVersion(rest) : rest
  }
}
