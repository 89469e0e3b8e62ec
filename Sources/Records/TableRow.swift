import Bytes

/// One row of a table; its fields are decoded when they are asked for.
public struct TableRow: Sendable {
  /// Where it is.
  public internal(set) var place: Place
  var bytes: [UInt8] = []
  /// The text of each field in `bytes`; empty for a field that nobody reads.
  var ranges: [Range<Int>] = []
  var isMissing: [Bool] = []
  /// The field that stands in quotes in NDJSON is a text, whatever it looks like.
  var isQuoted: [Bool] = []
  /// Byte column of each field in its line, from 0.
  var offsets: [Int] = []
  let columns: [String]
  /// Whether a field says itself that it is a number, as in NDJSON.
  var isTyped = false

  init(columns: [String], place: Place) {
    self.columns = columns
    self.place = place
  }

  /// How many fields the row has: as many as the table has columns.
  public var count: Int { columns.count }

  /// True if a field is missing (`NA` in TSV; `null` or left out in NDJSON).
  public func isMissing(_ column: Int) -> Bool { isMissing[column] }

  /// The text of a field; `NA` where it is missing.
  public func field(_ column: Int) -> String {
    if isMissing[column] { return "NA" }
    return String(decoding: bytes[ranges[column]], as: UTF8.self)
  }

  /// The text of a field, or nil where it is missing.
  public func text(_ column: Int) -> String? { isMissing[column] ? nil : field(column) }

  /// The field as it is passed on: a number of NDJSON stays one, as does what reads as one in a TSV.
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

  /// The label in a field (0, 1 or another number), or nil where it is missing; throws a `RecordError`.
  public func label(_ column: Int) throws -> Double? {
    if isMissing[column] { return nil }
    try refuseQuoted(column)
    guard let value = withBytes(column, { NumberText.double($0) }) else {
      throw ValueFault.label(Diagnostic.quoted(field(column)), columns[column], at: place(of: column))
    }
    return value
  }

  /// The place of a field.
  public func place(of column: Int) -> Place {
    Place(source: place.source, line: place.line, column: offsets[column] + 1)
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
