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
    var rest = id[...]
    if let until, let mark = rest.firstIndex(of: until) { rest = rest[..<mark] }
    if stripsVersion {
      let isParY = rest.hasSuffix(Self.parY)
      var body = isParY ? rest.dropLast(Self.parY.count) : rest
      let digits = body.reversed().prefix { $0.isASCII && $0.isNumber }.count
      if digits > 0, body.dropLast(digits).last == "." { body = body.dropLast(digits + 1) }
      rest = isParY ? body + Self.parY[...] : body
    }
    return rest.isEmpty ? id : String(rest)
  }

  private static let parY = "_PAR_Y"
}
