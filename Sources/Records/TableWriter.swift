import Bytes

/// A value of a table.
public enum Field: Sendable, Equatable {
  case missing
  case text(String)
  case int(Int)
  case double(Double)
  case float(Float)
}

/// A named column of a table.
public struct Column: Sendable, Equatable {
  /// The types of values.
  public enum Kind: String, Sendable {
    case text, int, double
  }

  /// The name of the column.
  public var name: String
  /// The type of the values.
  public var kind: Kind

  /// Makes a column.
  public init(_ name: String, _ kind: Kind = .text) {
    self.name = name
    self.kind = kind
  }
}

/// Writes flat tables (scores, metrics, attributions) as TSV or NDJSON; values that are not finite are written as
/// missing.
public final class TableWriter {
  private let sink: ByteSink
  private let format: OutputFormat
  private let kind: RecordKind?
  private let columns: [Column]
  private let header: Bool
  private let labels: LabelKind?
  private let madeBy: String
  private var hasBegun = false
  private var records = 0
  private let rows: Rows

  /// Writes to `sink`; NDJSON with a `kind` and a header has a schema line, which names the kind of the labels, and an
  /// end line.
  public init(
    _ sink: ByteSink, format: OutputFormat, kind: RecordKind? = nil, columns: [Column], header: Bool = true,
    labels: LabelKind? = nil, madeBy: String = ""
  ) {
    self.sink = sink
    self.format = format
    self.kind = kind
    self.columns = columns
    self.header = header
    self.labels = labels
    self.madeBy = madeBy
    rows = Rows(format, columns)
  }

  /// Writes a row with one field for each column; throws an `IOFailure`, or a `RecordError` for text that TSV cannot
  /// hold.
  public func write(_ fields: [Field]) throws {
    try writeRows { rows in
      for field in fields { try rows.append(field) }
      rows.end()
    }
  }

  /// Writes rows that `body` puts together field by field, all of them in memory before they are written.
  ///
  /// Throws what `body` throws, and then writes none of them; and an `IOFailure`.
  public func writeRows(_ body: (Rows) throws -> Void) throws {
    try begin()
    rows.clear(column: 0)
    try body(rows)
    precondition(rows.next == 0, "whole rows")
    records += rows.count
    try sink.write(rows.bytes)
    try sink.endRecord()
  }

  /// The texts of fields that rows share: for each element the fields of neighbouring columns, the first of them
  /// `column`. Throws a `RecordError` for text that TSV cannot hold.
  public func texts(_ elements: [[Field]], column: Int) throws -> SharedTexts {
    var texts = SharedTexts(columns: column..<column + (elements.first?.count ?? 0))
    for fields in elements {
      rows.clear(column: column)
      for field in fields { try rows.append(field) }
      precondition(rows.next == texts.columns.upperBound, "the same columns")
      texts.bytes += rows.bytes
      texts.ends.append(texts.bytes.count)
    }
    return texts
  }

  /// Fields of neighbouring columns as they are written, for several rows.
  public struct SharedTexts {
    fileprivate let columns: Range<Int>
    fileprivate var bytes: [UInt8] = []
    fileprivate var ends = [0]
  }

  /// Writes the end line, and the header or schema line if there was no row; throws an `IOFailure`.
  public func finish() throws {
    try begin()
    if format == .ndjson && header && kind != nil { try sink.write("{\"end\":{\"records\":\(records)}}\n") }
    try sink.flush()
  }

  private func begin() throws {
    guard !hasBegun else { return }
    hasBegun = true
    guard header else { return }
    switch format {
    case .tsv: try sink.write(columns.map(\.name).joined(separator: "\t") + "\n")
    case .ndjson:
      guard let kind else { return }
      let names = JSON.Member("columns", .array(columns.map { .string($0.name) }))
      try sink.write(StreamFrame.schemaLine(kind, [names], labels: labels, madeBy: madeBy))
    }
    try sink.endRecord()
  }
}

extension TableWriter {
  /// Rows that are being put together, field by field.
  public final class Rows {
    private let format: OutputFormat
    private let columns: [Column]
    /// The bytes before the field of each column, one behind the other.
    private let keys: [UInt8]
    private let keyEnds: [Int]
    private let text = TextBuffer()
    /// The number of rows that have ended.
    fileprivate private(set) var count = 0
    /// The column of the next field.
    fileprivate private(set) var next = 0

    fileprivate init(_ format: OutputFormat, _ columns: [Column]) {
      (self.format, self.columns) = (format, columns)
      var (keys, ends) = ([UInt8](), [0])
      for (i, column) in columns.enumerated() {
        switch format {
        case .tsv: if i > 0 { keys.append(0x09) }
        case .ndjson:
          keys.append(i == 0 ? UInt8(ascii: "{") : UInt8(ascii: ","))
          JSON.append(quoted: column.name, to: &keys)
          keys.append(UInt8(ascii: ":"))
        }
        ends.append(keys.count)
      }
      (self.keys, keyEnds) = (keys, ends)
    }

    /// The bytes so far, valid until the next change.
    fileprivate var bytes: UnsafeRawBufferPointer { text.bytes }

    fileprivate func clear(column: Int) {
      text.clear()
      (count, next) = (0, column)
    }

    /// Ends a row, which has a field for each column.
    public func end() {
      precondition(next == columns.count, "one field for each column")
      if format == .ndjson { text.append(byte: UInt8(ascii: "}")) }
      text.append(byte: 0x0A)
      (count, next) = (count + 1, 0)
    }

    /// Appends the fields of one element of `texts`.
    public func append(_ texts: SharedTexts, _ element: Int = 0) {
      precondition(texts.columns.lowerBound == next, "fields in the order of the columns")
      texts.bytes.withUnsafeBufferPointer {
        text.append(UnsafeBufferPointer(rebasing: $0[texts.ends[element]..<texts.ends[element + 1]]))
      }
      next = texts.columns.upperBound
    }

    private func appendKey() {
      keys.withUnsafeBufferPointer {
        text.append(UnsafeBufferPointer(rebasing: $0[keyEnds[next]..<keyEnds[next + 1]]))
      }
      next += 1
    }

    /// Appends a number that is likely to have been written before.
    public func append(repeated value: Double) {
      appendKey()
      text.appendCached(value, missing: format == .ndjson ? "null" : "NA")
    }

    /// Appends a number.
    public func append(_ value: Float) {
      appendKey()
      if value.isFinite { text.append(value) } else { appendMissing() }
    }

    private func appendMissing() { text.append(format == .ndjson ? "null" : "NA" as StaticString) }

    /// Appends the next field; throws a `RecordError` for text that TSV cannot hold.
    public func append(_ field: Field) throws {
      if case .float(let value) = field { return append(value) }
      appendKey()
      switch field {
      case .text(let value) where format == .ndjson: text.append(quoted: value)
      case .text(let value): try append(plain: value)
      case .int(let value): text.append(value)
      case .double(let value) where value.isFinite: text.append(value)
      case .missing, .double, .float: appendMissing()
      }
    }

    private func append(plain value: String) throws {
      if value.utf8.contains(where: { $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }) {
        throw RecordError(.text, "\(Diagnostic.quoted(value)) has a tab or line break, which a TSV can't hold", at: nil)
      }
      if value == "NA" {
        let column = Diagnostic.quoted(columns[next - 1].name)
        throw RecordError(.text, "the text 'NA' in the column \(column) means missing in a TSV", at: nil)
      }
      text.append(value)
    }
  }
}
