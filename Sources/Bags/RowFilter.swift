import Bytes
import Records

/// What a row must hold to be read: `Experimental System Type=physical`, `combined_score>=700`.
public struct RowFilter: Sendable, Equatable {
  /// How a field is compared.
  enum Comparison: String, CaseIterable {
    // The longer signs stand first, for they begin like the shorter ones.
    case atLeast = ">="
    case atMost = "<="
    case differs = "!="
    case equals = "="
    case above = ">"
    case below = "<"
  }

  /// The name of the column.
  let column: String
  let comparison: Comparison
  let value: String
  private let number: Double

  /// Reads `COLUMN=VALUE` or another sign; throws `BagsError` (usage) where there is none, or no number to compare.
  public init(parsing text: String) throws {
    guard let sign = text.firstIndex(where: { "=!<>".contains($0) }), sign > text.startIndex,
      let comparison = Comparison.allCases.first(where: { text[sign...].hasPrefix($0.rawValue) })
    else { throw BagsError(.filterSyntax(text)) }
    column = String(text[..<sign])
    self.comparison = comparison
    value = String(text[sign...].dropFirst(comparison.rawValue.count))
    let parsed = Array(value.utf8).withUnsafeBufferPointer { NumberText.double($0) }
    if comparison != .equals, comparison != .differs, parsed == nil { throw BagsError(.filterSyntax(text)) }
    number = parsed ?? .nan
  }

  /// Whether a field holds; throws a `RecordError` for text where a number is compared.
  ///
  /// A missing value (`NA`, or `-`) holds only where it differs. A field of several values, which bars part, equals
  /// each of them, in PSI-MITAB (`noted`) also without the note behind it.
  func holds(_ row: TableRow, _ field: Int, noted: Bool) throws -> Bool {
    let text = row.field(field)
    if row.isMissing(field) || text == "-" { return comparison == .differs || comparison == .equals && value == text }
    switch comparison {
    case .equals: return isValue(of: text, noted)
    case .differs: return !isValue(of: text, noted)
    case .atLeast: return try row.number(field).map { $0 >= number } ?? false
    case .atMost: return try row.number(field).map { $0 <= number } ?? false
    case .above: return try row.number(field).map { $0 > number } ?? false
    case .below: return try row.number(field).map { $0 < number } ?? false
    }
  }

  private func isValue(of text: String, _ noted: Bool) -> Bool {
    if text == value { return true }
    return text.split(separator: "|").contains { part in
      part == value || noted && part.last == ")" && part.prefix { $0 != "(" } == value
    }
  }
}

/// All filters of a table: equal signs on one column are alternatives, everything else must hold together.
struct RowFilters {
  private var groups: [(column: Int, filters: [RowFilter])] = []
  private let noted: Bool

  /// Finds the columns; throws a `RecordError` for one that is not there.
  init(_ filters: [RowFilter], of table: TableReader, noted: Bool) throws {
    self.noted = noted
    for filter in filters {
      let column = try table.require(filter.column)
      if filter.comparison == .equals,
        let group = groups.firstIndex(where: { $0.column == column && $0.filters[0].comparison == .equals })
      {
        groups[group].filters.append(filter)
      } else {
        groups.append((column, [filter]))
      }
    }
  }

  func hold(_ row: TableRow) throws -> Bool {
    for group in groups {
      var isMet = false
      for filter in group.filters where !isMet { isMet = try filter.holds(row, group.column, noted: noted) }
      if !isMet { return false }
    }
    return true
  }
}
