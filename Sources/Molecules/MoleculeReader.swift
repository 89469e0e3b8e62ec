import Bytes
import Records

/// Reads the SMILES of `.smi` files and of tables, one at a time.
///
/// A `.smi` line is a SMILES, blanks, and the id up to a tab or the line's end; without it the SMILES is its own id. A
/// table, TSV or NDJSON, has columns for id and SMILES.
public final class MoleculeReader {
  /// The forms of an input; `auto` decides by the first line.
  public enum Format: String, Sendable, CaseIterable { case auto, smi, tsv, ndjson }

  /// The options of a reader.
  public struct Options: Sendable {
    /// The form of the input.
    public var format = Format.auto
    /// The column of a table that holds ids.
    public var idColumn = "id"
    /// The column of a table that holds SMILES.
    public var smilesColumn = "smiles"
    /// The names of the columns of a TSV without a header.
    public var columns: [String]?
    /// The columns of a table that are passed on with each molecule.
    public var keep: [String] = []
    /// Whether rows of a table that cannot be read are skipped.
    public var badRows = BadRowRule.error

    /// Makes the default options.
    public init() {}
  }

  /// A SMILES as it was read.
  struct Text: Sendable {
    var id: String
    var smiles: [UInt8]
    /// The location of its first byte.
    var place: SourceLocation
    /// The values of the columns that are passed on.
    var kept: [KeptValue] = []
  }

  /// The form of output that the input suggests: that of a table, TSV for `.smi`.
  public private(set) var format = OutputFormat.tsv
  /// The name of the input.
  public var name: String { lines.name }

  private let lines: LineReader
  private let options: Options
  private let report: (Diagnostic) -> Void
  private var table: TableReader?
  private var columns = (id: 0, smiles: 0)
  private var kept: [Int] = []
  /// The rows that were skipped.
  private(set) var skipped = 0

  /// Reads up to the first molecule; `report` receives warnings of rows that are skipped. Throws an `IOFailure` or a
  /// `RecordError`.
  public init(
    _ source: BlockSource, options: Options = Options(), report: @escaping (Diagnostic) -> Void = { _ in }
  ) throws {
    lines = LineReader(source, maxLine: 1 << 26)
    (self.options, self.report) = (options, report)
    guard let first = try lines.next(skipping: .whitespace) else { return }
    let form = try options.format == .auto ? Self.format(of: first, at: lines.place(), options) : options.format
    lines.putBack()
    if form == .smi {
      if let column = options.keep.first {
        throw RecordError(
          .format, "lines of SMILES and id have no column \(Diagnostic.quoted(column)) to keep", at: lines.place(),
          hint: "--keep is for tables")
      }
      try passTitle()
      return
    }
    let table = try TableReader(lines, format: form == .ndjson ? .ndjson : .tsv, columns: options.columns)
    let hint = "--id-column and --smiles-column name the columns"
    columns = (try table.require(options.idColumn, hint: hint), try table.require(options.smilesColumn, hint: hint))
    kept = try options.keep.map { try table.require($0, hint: "--keep names columns of the table") }
    table.read(only: [columns.id, columns.smiles] + kept)
    format = table.format
    self.table = table
  }

  /// The form of an input with this first line.
  private static func format(
    of line: UnsafeBufferPointer<UInt8>, at place: SourceLocation, _ options: Options
  ) throws -> Format {
    let first = line.first { $0 != 0x20 && $0 != 0x09 }
    if first == UInt8(ascii: "{") { return .ndjson }
    if first == UInt8(ascii: ">") {
      throw RecordError(
        .format, "the input is FASTA, not SMILES", at: place, hint: "seqfeat makes features of sequences")
    }
    let text = String(decoding: line.prefix(1 << 16), as: UTF8.self)
    let fields = text.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    if options.columns != nil || fields.contains(options.smilesColumn) { return .tsv }
    if text.split(separator: ",").contains(where: { $0 == options.smilesColumn }) {
      throw RecordError(
        .format, "the first line names columns between commas: \(Diagnostic.quoted(text))", at: place,
        hint: "columns are separated by tabs, not commas")
    }
    return .smi
  }

  /// Passes over a first line of a `.smi` file whose first word is SMILES: titles.
  private func passTitle() throws {
    guard let line = try lines.next(skipping: .whitespace) else { return }
    let word = line.prefix { $0 > 0x20 }
    if String(decoding: word, as: UTF8.self).lowercased() != "smiles" { lines.putBack() }
  }

  /// Returns the next SMILES, nil at the end. Throws a `RecordError` with its location.
  func next() throws -> Text? {
    while true {
      do {
        return try table == nil ? nextLine() : nextRow()
      } catch let error as RecordError where options.badRows == .skip && error.kind != .limit && error.kind != .archive
      {
        var warning = error.diagnostic
        warning.topic = MoleculeStream.skippedTopic
        report(warning)
        skipped += 1
      }
    }
  }

  private func nextRow() throws -> Text? {
    guard let row = try table?.next() else { return nil }
    let id = try row.id(columns.id)
    guard let smiles = row.text(columns.smiles) else {
      throw RecordError(.missing, "\(Diagnostic.quoted(id)) has no SMILES", at: row.place(of: columns.smiles))
    }
    // In NDJSON the text begins after a quote; escapes, which would move it further, do not occur in most SMILES.
    var place = row.place(of: columns.smiles)
    if format == .ndjson { place.column += 1 }
    return Text(id: id, smiles: Array(smiles.utf8), place: place, kept: kept.map { row.kept($0) })
  }

  private func nextLine() throws -> Text? {
    guard let line = try lines.next(skipping: .whitespace) else { return nil }
    let start = line.firstIndex { $0 != 0x20 && $0 != 0x09 } ?? 0
    let end = line[start...].firstIndex { $0 == 0x20 || $0 == 0x09 } ?? line.count
    let smiles = Array(line[start..<end])
    var rest = Self.trimmed(line[end...])
    // The extensions of ChemAxon stand between bars: they tell of stereo and drawing.
    if rest.first == UInt8(ascii: "|"), let bar = rest.dropFirst().firstIndex(of: UInt8(ascii: "|")) {
      rest = Self.trimmed(rest[(bar + 1)...])
    }
    if let tab = rest.firstIndex(of: 0x09) { rest = Self.trimmed(rest[..<tab]) }
    let name = rest.isEmpty ? line[start..<end] : rest
    if let why = idFault(UnsafeBufferPointer(rebasing: name)) {
      let shown = Diagnostic.quoted(bytes: UnsafeBufferPointer(rebasing: name))
      throw RecordError(.text, "the id \(shown) \(why)", at: lines.place(column: name.startIndex + 1))
    }
    return Text(id: String(decoding: name, as: UTF8.self), smiles: smiles, place: lines.place(column: start + 1))
  }

  private static func trimmed(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Slice<UnsafeBufferPointer<UInt8>> {
    var text = text
    while let first = text.first, first == 0x20 || first == 0x09 { text.removeFirst() }
    while let last = text.last, last == 0x20 || last == 0x09 { text.removeLast() }
    return text
  }
}
