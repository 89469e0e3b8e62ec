import Bags
import Bytes
import CommandSupport
import Records
import Training

/// `--validation`: the bags that choose the epoch.
enum ValidationRule {
  /// The partner whose genes are held out.
  enum Side { case a, b }

  /// A share of the bags; pairs of the same genes stay together.
  case bags(Double)
  /// A share of the genes of both sides, or of one side.
  case genes(Double, Side?)
  /// The pairs of a table.
  case file(String)
  /// The bags with a value in a column.
  case column(String, String)

  /// Reads `0.2`, `bags:0.2`, `genes:0.2`, `a:0.2`, `b:0.2`, `file:PAIRS` or `column=value`; throws a usage error.
  init(_ text: String) throws {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    func share(_ text: String) throws -> Double {
      var text = text
      guard let share = text.withUTF8({ NumberText.double($0) }), share >= 0, share < 1 else {
        throw Self.refused(text)
      }
      return share
    }
    switch (parts.count, parts[0]) {
    case (1, _) where !text.contains("="): self = .bags(try share(text))
    case (2, "bags"): self = .bags(try share(parts[1]))
    case (2, "genes"): self = .genes(try share(parts[1]), nil)
    case (2, "a"): self = .genes(try share(parts[1]), .a)
    case (2, "b"): self = .genes(try share(parts[1]), .b)
    case (2, "file") where !parts[1].isEmpty: self = .file(parts[1])
    default:
      let pair = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard pair.count == 2, !pair[0].isEmpty else { throw Self.refused(text) }
      self = .column(pair[0], pair[1])
    }
  }

  private static func refused(_ text: String) -> ToolFailure {
    .usage(
      "--validation \(Diagnostic.quoted(text)) is not a way to choose bags",
      hint: "0.2, genes:0.2, a:0.2, b:0.2, file:PAIRS or column=value")
  }

  /// Whether no bag validates.
  var isEmpty: Bool {
    switch self {
    case .bags(let share), .genes(let share, _): share == 0
    default: false
    }
  }
  /// Whether genes are held out.
  var splitsGenes: Bool { if case .genes(let share, _) = self { share > 0 } else { false } }
  /// The column that it reads.
  var column: String? { if case .column(let name, _) = self { name } else { nil } }
}

/// `--cross-validate`: the folds.
enum FoldRule {
  case dealt(Folds.Unit, Int)
  case column(String)

  /// Reads `genes:5`, `bags:5`, `a:5`, `b:5` or the name of a column; throws a usage error.
  init(_ text: String) throws {
    if let (unit, count) = Folds.parse(text) {
      self = .dealt(unit, count)
    } else if !text.isEmpty, !text.contains(":"), Int(text) == nil {
      self = .column(text)
    } else {
      throw ToolFailure.usage(
        "--cross-validate \(Diagnostic.quoted(text)) names no folds",
        hint: "genes:5, bags:5, a:5, b:5, or a column such as fold")
    }
  }

  /// Whether genes are dealt into folds.
  var splitsGenes: Bool { if case .dealt(let unit, _) = self { unit != .bag } else { false } }
  /// The column that it reads.
  var column: String? { if case .column(let name) = self { name } else { nil } }
}

/// The values of some columns of the bags, taken as they pass.
final class ColumnTap: BagSource {
  private let source: any BagSource
  private let names: [String]
  private let keep: [String]
  /// The values of each column, one per bag; nil where missing.
  private(set) var values: [String: [String?]] = [:]
  /// The ids of the bags.
  private(set) var ids: [String] = []
  /// Whether each bag was an edge of an embedding of its features; empty where nothing says so.
  private(set) var wereEdges: [Bool] = []
  private let keepsIds: Bool
  private var edges: SeenEdges?
  private var hasBegun = false

  /// Takes the columns `names`: `fold`, `part`, or one of `keep`.
  init(_ source: any BagSource, columns names: [String], keep: [String], keepsIds: Bool) {
    (self.source, self.names, self.keep, self.keepsIds) = (source, names, keep, keepsIds)
  }

  var schema: Schema? { source.schema }
  var digest: String? { source.digest }
  var kind: RecordKind { source.kind }
  var labels: LabelKind? { source.labels }
  var seenEdges: [JSON] { source.seenEdges }

  func next() throws -> StreamRecord? {
    guard let record = try source.next() else { return nil }
    if keepsIds { ids.append(record.bag) }
    if !hasBegun { edges = try SeenEdges(of: source) }
    hasBegun = true
    if let edges { wereEdges.append(edges.contains(record)) }
    for name in names {
      let value: String?
      switch name {
      case "fold": value = record.fold
      case "part": value = record.part
      default:
        let column = keep.firstIndex(of: name) ?? record.kept.count
        switch column < record.kept.count ? record.kept[column] : .missing {
        case .missing: value = nil
        case .text(let text), .number(let text): value = text
        }
      }
      values[name, default: []].append(value)
    }
    return record
  }
}
