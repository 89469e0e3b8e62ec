import Bytes
import Records

extension TableReader {
  /// The place of a column that must be there; throws `BagsError.missingColumn` at the first line.
  func required(_ name: String) throws -> Int {
    guard let column = optional(name) else {
      throw BagsError(.missingColumn(name, have: columns), at: Place(source: sourceName, line: 1))
    }
    return column
  }

  /// The place of a column that may be there.
  func optional(_ name: String) -> Int? { columns.firstIndex(of: name) }
}

extension TableRow {
  /// An id, which is never empty or missing.
  func identifier(_ column: Int, _ name: String) throws -> String {
    let text = field(column)
    if text.isEmpty || isMissing(column) { throw BagsError(.emptyIdentifier(column: name), at: place) }
    return text
  }

  /// A label: 0, 1 or a number; nil where it is missing.
  func label(_ column: Int) throws -> Double? {
    if isMissing(column) { return nil }
    guard let value = number(column) else { throw BagsError(.notALabel(field(column)), at: place) }
    return value
  }
}
