import Bytes
import Records

/// The form of a file of pairs.
public enum PairFormat: String, Sendable, CaseIterable {
  /// Decided by the first line.
  case auto
  /// TSV or NDJSON with columns by name.
  case table
  /// BioGRID's tab2 and tab3.
  case biogrid
  /// PSI-MITAB 2.5 and its later versions, with a header or without (HUPO-PSI).
  case mitab
  /// STRING's links, separated by spaces.
  case string

  /// Whether every row is an interaction of two partners without order.
  public var isEvidence: Bool { self != .auto && self != .table }

  /// Opens a file of pairs as a table and returns its form; throws what readers throw.
  static func open(_ source: BlockSource, _ options: PairOptions) throws -> (TableReader, PairFormat) {
    let replayed = try ReplayedSource(source)
    let line = replayed.firstLine
    let format = options.format == .auto ? detected(line) : options.format
    let reader = options.reader
    switch format {
    case .auto, .table:
      return (
        try TableReader(
          replayed, format: reader.format, columns: reader.columns ?? numbered(options.columns, line),
          part: reader.part, maxLine: reader.maxLine), .table
      )
    case .biogrid: return (try TableReader(replayed, format: .tsv, maxLine: reader.maxLine), format)
    case .string:
      let tabs = SeparatedSource(replayed, separator: UInt8(ascii: " "))
      return (try TableReader(tabs, format: .tsv, maxLine: reader.maxLine), format)
    case .mitab:
      let columns = line.hasPrefix("#") || line.isEmpty ? nil : MITAB.columns(line.count { $0 == "\t" } + 1)
      return (try TableReader(replayed, format: .tsv, columns: columns, maxLine: reader.maxLine), format)
    }
  }

  /// The numbers of the columns as their names, where `--pair-columns` are numbers and so the table has no header.
  private static func numbered(_ columns: [String]?, _ line: String) -> [String]? {
    guard let columns, !line.hasPrefix("{"), columns.allSatisfy({ Int($0) != nil }) else { return nil }
    return (1...line.count { $0 == "\t" } + 1).map { String($0) }
  }

  /// Throws `BagsError` (usage) for options that do not apply to this form.
  func check(_ options: PairOptions) throws {
    let isMITAB = self == .mitab
    if options.reference != nil, !isMITAB { throw BagsError(.notForPairs("--mitab-id", .mitab, self)) }
    if options.columns != nil, isMITAB { throw BagsError(.notForPairs("--pair-columns", .table, self)) }
    if options.reader.columns != nil, isEvidence { throw BagsError(.notForPairs("--columns", .table, self)) }
    if options.reader.format == .ndjson, isEvidence {
      throw BagsError(.notForPairs("--input-format ndjson", .table, self))
    }
  }

  /// The form in words.
  var words: String {
    switch self {
    case .auto, .table: "a table"
    case .biogrid: "BioGRID's"
    case .mitab: "PSI-MITAB"
    case .string: "STRING's"
    }
  }

  private static func detected(_ line: String) -> PairFormat {
    if line.hasPrefix("#BioGRID Interaction ID\t") || line.hasPrefix("BioGRID Interaction ID\t") { return .biogrid }
    if line.hasPrefix("protein1 protein2 ") { return .string }
    return MITAB.isFirstLine(line) ? .mitab : .table
  }
}

/// The options with which pairs are read.
public struct PairOptions: Sendable {
  /// The form of the pairs.
  public var format = PairFormat.auto
  /// The columns of the two genes and, third, of the label, by name or number; nil: those of the form.
  public var columns: [String]?
  /// The choice of the id in a PSI-MITAB row; nil: the first.
  public var reference: MITAB.Choice?
  /// The conditions that rows must meet.
  public var filters: [RowFilter] = []
  /// The cut of ids.
  public var cut = GeneCut()
  /// The change of labels; nil: none.
  public var transform: LabelTransform?
  /// The options of the table.
  public var reader = ReaderOptions()

  /// The kind of the labels: what the options of the table say; numbers where they are changed.
  public var labels: LabelKind? { transform == nil ? reader.labels : .number }

  /// The form of the first line, all rows, uncut ids.
  public init() {}
}

/// A source that replaces one separating byte by a tab.
final class SeparatedSource: BlockSource {
  private let source: BlockSource
  private let separator: UInt8

  init(_ source: BlockSource, separator: UInt8) {
    self.source = source
    self.separator = separator
  }

  var name: String { source.name }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let count = try source.read(into: buffer)
    for i in 0..<count where buffer[i] == separator { buffer[i] = 0x09 }
    return count
  }
}
