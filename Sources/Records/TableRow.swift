import Bytes

/// A row of a table; its fields are decoded at each access.
public struct TableRow: Sendable {
  /// The location of the row.
  public internal(set) var place: SourceLocation
  var bytes: [UInt8] = []
  /// The range of each field in `bytes`; empty for a column that is not read.
  var ranges: [Range<Int>] = []
  var isMissing: [Bool] = []
  /// Whether each field is a string of NDJSON, which is a text whatever it looks like.
  var isQuoted: [Bool] = []
  /// The byte offset of each field in its line.
  var offsets: [Int] = []
  let columns: [String]
  /// Whether the form tells numbers from texts, as NDJSON does.
  var isTyped = false

  init(columns: [String], place: SourceLocation) {
    self.columns = columns
    self.place = place
  }

  /// The number of fields, which is that of the table's columns.
  public var count: Int { columns.count }

  /// Whether a field is missing (`NA` in TSV; `null` or absent in NDJSON).
  public func isMissing(_ column: Int) -> Bool { isMissing[column] }

  /// The text of a field; `NA` where it is missing.
  public func field(_ column: Int) -> String {
    if isMissing[column] { return "NA" }
    return String(decoding: bytes[ranges[column]], as: UTF8.self)
  }

  /// The text of a field, or nil where it is missing.
  public func text(_ column: Int) -> String? { isMissing[column] ? nil : field(column) }

  /// The field as a kept value: a number in NDJSON, and in TSV a text that reads as one, is a number.
  public func kept(_ column: Int) -> KeptValue {
    if isMissing[column] { return .missing }
    if !isTyped { return KeptValue(field: field(column)) }
    let isNumber = !isQuoted[column] && withBytes(column) { NumberText.double($0) != nil }
    return isNumber ? .number(field(column)) : .text(field(column))
  }

  /// An id: the text of a field that must be there, without control characters, at most 64 KiB; throws a `RecordError`.
  public func id(_ column: Int) throws -> String {
    let why = withBytes(column) { isMissing[column] ? "is missing" : idFault($0) }
    if let why {
      throw RecordError(
        .text, "\(columns[column]) \(Diagnostic.quoted(field(column))) \(why)", at: place(of: column),
        hint: isMissing[column] && !isTyped
          ? "NA means missing: leave such rows out, or write an id of this name in another way" : nil)
    }
    return field(column)
  }

  /// The number in a field, or nil where it is missing; throws a `RecordError` for anything else.
  public func number(_ column: Int) throws -> Double? {
    if isMissing[column] { return nil }
    try refuseQuoted(column)
    guard let value = withBytes(column, { NumberText.double($0) }) else {
      let shown = withBytes(column) { Diagnostic.quoted(bytes: $0) }
      throw ValueFault.number(shown, columns[column], isFeature: false, at: place(of: column))
    }
    return value
  }

  /// The integer in a field, or nil where it is missing; throws a `RecordError` for anything else.
  public func integer(_ column: Int) throws -> Int? {
    if isMissing[column] { return nil }
    try refuseQuoted(column)
    guard let value = withBytes(column, { NumberText.integer($0) }) else {
      throw fault(.number, "\(columns[column]) \(Diagnostic.quoted(field(column))) is not an integer", column)
    }
    return value
  }

  /// The label in a field, or nil where it is missing: 0 or 1, or where `kind` says so any number; throws a
  /// `RecordError`.
  public func label(_ column: Int, _ kind: LabelKind?) throws -> Double? {
    if isMissing[column] { return nil }
    try refuseQuoted(column)
    guard let value = withBytes(column, { NumberText.double($0) }) else {
      throw ValueFault.label(Diagnostic.quoted(field(column)), columns[column], at: place(of: column))
    }
    if kind != .number, value != 0, value != 1 {
      throw ValueFault.class(field(column), columns[column], kind, at: place(of: column))
    }
    return value
  }

  /// The location of a field.
  public func place(of column: Int) -> SourceLocation {
    SourceLocation(source: place.source, line: place.line, column: offsets[column] + 1)
  }

  private func refuseQuoted(_ column: Int) throws {
    guard isQuoted[column] else { return }
    throw ValueFault.quoted(field(column), columns[column], at: place(of: column))
  }

  private func fault(_ kind: RecordError.Kind, _ message: String, _ column: Int) -> RecordError {
    RecordError(kind, message, at: place(of: column))
  }

  private func withBytes<T>(_ column: Int, _ body: (UnsafeBufferPointer<UInt8>) -> T) -> T {
    bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[ranges[column]])) }
  }
}
