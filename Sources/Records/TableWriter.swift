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
  private let keys: [[UInt8]]
  private var hasBegun = false
  private var records = 0
  private var line: [UInt8] = []

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
    keys = columns.enumerated().map { i, column in
      var key: [UInt8] = i == 0 ? [] : [UInt8(ascii: ",")]
      JSON.append(quoted: column.name, to: &key)
      return key + [UInt8(ascii: ":")]
    }
  }

  /// Writes a row with one field for each column; throws an `IOFailure`, or a `RecordError` for text that TSV cannot
  /// hold.
  public func write(_ fields: [Field]) throws {
    precondition(fields.count == columns.count)
    try begin()
    line.removeAll(keepingCapacity: true)
    if format == .ndjson { line.append(UInt8(ascii: "{")) }
    for (i, field) in fields.enumerated() {
      if format == .ndjson {
        line.append(contentsOf: keys[i])
      } else if i > 0 {
        line.append(0x09)
      }
      try append(field, column: columns[i].name)
    }
    if format == .ndjson { line.append(UInt8(ascii: "}")) }
    line.append(0x0A)
    records += 1
    try sink.write(line)
    try sink.endRecord()
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

  private func append(_ field: Field, column: String) throws {
    switch field {
    case .text(let text) where format == .ndjson: JSON.append(quoted: text, to: &line)
    case .text(let text):
      if text.utf8.contains(where: { $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }) {
        throw RecordError(.text, "\(Diagnostic.quoted(text)) has a tab or line break, which a TSV can't hold", at: nil)
      }
      if text == "NA" {
        throw RecordError(
          .text, "the text 'NA' in the column \(Diagnostic.quoted(column)) means missing in a TSV", at: nil)
      }
      line.append(contentsOf: text.utf8)
    case .int(let value): NumberText.append(value, to: &line)
    case .double(let value) where value.isFinite: NumberText.append(value, to: &line)
    case .float(let value) where value.isFinite: NumberText.append(value, to: &line)
    case .missing, .double, .float: line.append(contentsOf: (format == .ndjson ? "null" : "NA").utf8)
    }
  }
}
