import Bytes
import Records

/// Features of isoforms in memory: one row per id, eight bytes per number, or four.
///
/// An id whose values are all missing is known, but has no features. A single missing value is kept as NaN, filled, or
/// an error, or its row is left out, by the rule for gaps.
public final class FeatureTable {
  /// The names of the columns.
  public let names: [String]
  /// The column that was chosen in place of the usual ones; nil where there is no choice.
  public let choice: String?
  /// All ids in file order, including those without features.
  public private(set) var ids: [String] = []
  /// The edges that the features have seen, where they are embeddings of a network that say so.
  public internal(set) var seenEdges: [JSON] = []
  private var rows: [String: Int32] = [:]
  private let values = GrowingBuffer<Double>()
  private let packed = GrowingBuffer<Float>()
  private var filled = 0
  private let rule: GapRule
  private let cut: IdentifierCut
  private let isPacked: Bool

  /// The rule for a row with some missing values.
  public enum GapRule: Sendable, Equatable {
    /// Missing values are kept as NaN; correlations leave such columns out.
    case keep
    case error, skip, zero, mean
  }

  private static let noFeatures: Int32 = -1

  /// An empty table with these columns.
  public init(names: [String], options: TableOptions = TableOptions(), choice: String? = nil) {
    self.names = names
    self.choice = choice
    rule = options.gaps
    cut = options.cut
    isPacked = options.isPacked
  }

  /// The number of columns.
  public var width: Int { names.count }

  /// The memory of the values, in bytes.
  public var bytes: Int { values.bytes + packed.bytes }

  /// Adds a row of `width` values, NaN where one is missing; throws `BagsError` for a repeated id.
  public func append(
    id whole: String, _ row: UnsafeBufferPointer<Double>, at place: SourceLocation?, tally: NoticeCounter
  )
    throws
  {
    precondition(row.count == width, "one value a column")
    let id = cut.apply(whole)
    if rows[id] != nil {
      throw BagsError(id == whole ? .repeatedIdentifier(id) : .collidingIdentifier(whole, cut: id), at: place)
    }
    ids.append(id)
    rows[id] = Self.noFeatures
    let gaps = row.reduce(0) { $0 + ($1.isNaN ? 1 : 0) }
    if gaps == row.count { return }
    if gaps > 0 {
      switch rule {
      case .error:
        let column = row.firstIndex { $0.isNaN } ?? 0
        throw BagsError(.partlyMissing(id: id, column: names[column]), at: place)
      case .skip:
        tally.count(.skippedRow, example: Diagnostic(.data, "\(Diagnostic.quoted(id)) has missing values", at: place))
        return
      case .zero, .mean: tally.count(.filledValue, gaps)
      case .keep: tally.count(.keptGap, gaps)
      }
    }
    rows[id] = Int32(filled)
    filled += 1
    if isPacked {
      let buffer = try packed.extend(by: width)
      for (index, value) in row.enumerated() {
        buffer[index] = value.isNaN && rule == .zero ? 0 : Float(value)
        if buffer[index].isInfinite { throw BagsError(.tooLarge(value, feature: names[index], id: id), at: place) }
      }
    } else {
      let buffer = try values.extend(by: width)
      for (index, value) in row.enumerated() { buffer[index] = value.isNaN && rule == .zero ? 0 : value }
    }
  }

  /// Ends the reading: fills missing values with the mean of their column where the rule says so.
  public func finish() {
    guard rule == .mean else { return }
    fillGaps(values)
    fillGaps(packed)
  }

  private func fillGaps<Value: BinaryFloatingPoint & BitwiseCopyable>(_ values: GrowingBuffer<Value>) {
    guard let start = values.start else { return }
    for column in 0..<width {
      var sum = 0.0
      var known = 0
      for row in 0..<filled where !start[row * width + column].isNaN {
        sum += Double(start[row * width + column])
        known += 1
      }
      let mean = known > 0 ? sum / Double(known) : 0
      for row in 0..<filled where start[row * width + column].isNaN { start[row * width + column] = Value(mean) }
    }
  }

  /// The number of the row of an id; nil for an unknown id and for one without features.
  public func row(of id: String) -> Int? {
    guard let row = rows[id], row != Self.noFeatures else { return nil }
    return Int(row)
  }

  /// Whether the id has a row, with features or without.
  public func knows(_ id: String) -> Bool { rows[id] != nil }

  /// The values of a row. They are valid while the table lives and does not grow; of a table of 32-bit numbers they are
  /// in `scratch`, which has `width` values, and valid until it is used again.
  public func values(ofRow row: Int, _ scratch: UnsafeMutableBufferPointer<Double>) -> UnsafeBufferPointer<Double> {
    precondition(row >= 0 && row < filled, "a row of this table")
    guard isPacked else { return UnsafeBufferPointer(start: values.start.map { $0 + row * width }, count: width) }
    guard let start = packed.start else { return UnsafeBufferPointer(rebasing: scratch[..<0]) }
    for column in 0..<width { scratch[column] = Double(start[row * width + column]) }
    return UnsafeBufferPointer(scratch)
  }
}
