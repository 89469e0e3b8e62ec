import Bytes

/// The order that puts the columns of one stream where a model or a normaliser expects them.
public struct ColumnOrder: Sendable, Equatable {
  /// For each expected column, the number of the stream's column of the same name.
  public let source: [Int]

  /// Matches columns by name.
  /// - Returns: nil where both have the same names in the same order, or where the names are not the same:
  ///   `Schema.missingOrExtra` says which.
  public init?(of found: [String], as expected: [String]) {
    guard found != expected, found.count == expected.count else { return nil }
    let number = Dictionary(zip(found, found.indices)) { first, _ in first }
    let source = expected.compactMap { number[$0] }
    guard Set(source).count == found.count else { return nil }
    self.source = source
  }

  /// Returns one value per column in the expected order.
  public func reordered<Value>(_ columns: [Value]) -> [Value] { source.map { columns[$0] } }

  /// Returns whole rows, row-major, with their columns in the expected order.
  public func rows(_ values: [Double]) -> [Double] {
    let width = source.count
    guard width > 0 else { return values }
    precondition(values.count % width == 0, "whole rows")
    return [Double](unsafeUninitializedCapacity: values.count) { out, filled in
      for start in stride(from: 0, to: values.count, by: width) {
        for (column, place) in source.enumerated() { out[start + column] = values[start + place] }
      }
      filled = values.count
    }
  }

  /// Returns the record with its features in the expected order.
  public func reordered(_ record: StreamRecord) -> StreamRecord {
    var record = record
    record.values = rows(record.values)
    return record
  }
}

/// A stream whose features are put in the order that its reader expects.
public final class ReorderedSource: BagSource {
  /// The feature names in the expected order.
  public let schema: Schema?
  /// The kind of the stream behind it.
  public var kind: RecordKind { source.kind }
  /// The kind of the labels of that stream.
  public var labels: LabelKind? { source.labels }
  /// The edges that the features of that stream have seen.
  public var seenEdges: [JSON] { source.seenEdges }
  private let source: any BagSource
  private let order: ColumnOrder

  /// - Parameter schema: the feature names in the expected order.
  public init(_ source: any BagSource, _ order: ColumnOrder, schema: Schema) {
    (self.source, self.order, self.schema) = (source, order, schema)
  }

  /// Returns the next record, reordered; nil after the last one. Throws what the stream throws.
  public func next() throws -> StreamRecord? { try source.next().map(order.reordered) }
}

extension Schema {
  /// Says which name of `expected` is missing and which one is not expected, in whatever order; nil if the names are
  /// the same.
  public static func missingOrExtra(_ found: [String], expected: [String]) -> String? {
    let (have, want) = (Set(found), Set(expected))
    let missing = expected.filter { !have.contains($0) }
    let extra = found.filter { !want.contains($0) }
    if missing.isEmpty && extra.isEmpty { return nil }
    func first(_ names: [String]) -> String {
      Diagnostic.quoted(names[0]) + (names.count > 1 ? " and \(names.count - 1) more" : "")
    }
    var parts: [String] = []
    if !missing.isEmpty { parts.append("\(first(missing)) \(missing.count == 1 ? "is" : "are") missing") }
    if !extra.isEmpty { parts.append("\(first(extra)) \(extra.count == 1 ? "is" : "are") not expected") }
    return parts.joined(separator: ", ")
  }
}
