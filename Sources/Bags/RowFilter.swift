import Bytes
import Records

/// A condition on the rows that are read: `Experimental System Type=physical`, `combined_score>=700`.
public struct RowFilter: Sendable, Equatable {
  /// The comparison of a field with the value.
  enum Comparison: String, CaseIterable {
    // The longer signs come first, because they begin like the shorter ones.
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

  /// Parses `COLUMN=VALUE`, or another sign; throws `BagsError` (usage) where there is none, or a number is needed.
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

  /// Whether a field meets the condition; throws a `RecordError` for text where a number is compared.
  ///
  /// A missing value (`NA`, or `-`) meets only `!=`. A field of several values, separated by bars, equals each of them,
  /// in PSI-MITAB (`noted`) also without the note after it.
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

/// All conditions on a table: those with `=` on one column are alternatives, all others must hold together.
struct RowFilters {
  private var groups: [(column: Int, filters: [RowFilter])] = []
  private let noted: Bool

  /// Finds the columns; throws a `RecordError` for a missing one.
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
