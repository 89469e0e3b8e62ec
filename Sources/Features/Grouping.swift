import Bytes
import Records

/// The rule that assigns ids to groups: the part of the id before a separator, or an entry of a map.
public struct Grouping: Sendable {
  /// The rule for a record whose id has no group.
  public enum Unmapped: String, Sendable, CaseIterable {
    /// The record is an error.
    case error
    /// The record is left out.
    case drop
    /// The id itself becomes the name of the group.
    case keep
  }

  private enum Rule: Sendable {
    case prefix([UInt8])
    case map(GroupMap)
  }

  private let rule: Rule
  private let unmapped: Unmapped

  /// Groups ids by the part before the first `separator`, which has at least one byte.
  public init(prefix separator: String, unmapped: Unmapped = .keep) {
    precondition(!separator.isEmpty)
    rule = .prefix(Array(separator.utf8))
    self.unmapped = unmapped
  }

  /// Groups ids by a map.
  public init(_ map: GroupMap, unmapped: Unmapped = .error) {
    rule = .map(map)
    self.unmapped = unmapped
  }

  /// The group of an id, and whether the id names one; a group of nil leaves the record out.
  /// - Throws: a `FeatureError` for an id that has no group where that is an error, for one that begins with the
  ///   separator, and for one that the map lacks and has as the name of a group.
  func group(of id: String, at place: SourceLocation) throws -> (name: String?, isNamed: Bool) {
    let reason: String
    switch rule {
    case .prefix(let separator):
      let separatorText = Diagnostic.quoted(String(decoding: separator, as: UTF8.self))
      if let end = Self.position(of: separator, in: id) {
        if end > 0 { return (String(decoding: id.utf8.prefix(end), as: UTF8.self), true) }
        throw FeatureError.emptyGroup(id, separator: separatorText, place: place)
      }
      reason = "has no \(separatorText)"
    case .map(let map):
      if let group = map[id] { return (group, true) }
      reason = "is not in \(map.name)"
    }
    switch unmapped {
    case .error: throw FeatureError.ungrouped(id, reason: reason, place: place)
    case .drop: return (nil, false)
    case .keep:
      if case .map(let map) = rule, map.hasGroup(id) { throw FeatureError.groupTaken(id, map: map.name, place: place) }
      return (id, false)
    }
  }

  private static func position(of separator: [UInt8], in id: String) -> Int? {
    var id = id
    return id.withUTF8 { bytes in
      guard bytes.count >= separator.count else { return nil }
      return (0...bytes.count - separator.count).first { start in
        separator.indices.allSatisfy { bytes[start + $0] == separator[$0] }
      }
    }
  }
}

/// The groups of ids from a table, one id and its group per line.
public struct GroupMap: Sendable {
  /// The name of the table, for messages.
  public let name: String
  private var names: [String] = []
  private var numbers: [String: Int] = [:]
  private var entries: [String: (group: Int, line: Int)] = [:]

  /// Reads two columns, `id` and `group` or `isoform` and `gene` where a header names them among others.
  /// - Throws: an `IOFailure`, or a `RecordError` for another number of fields, for what can't be an id, and for an id
  ///   with two groups.
  public init(reading source: BlockSource) throws {
    name = source.name
    let lines = LineReader(source, maxLine: Self.longestLine)
    var columns: (id: Int, group: Int, count: Int)?
    while let line = try lines.next(skipping: .empty) {
      let fields = line.split(separator: 0x09, omittingEmptySubsequences: false)
      if columns == nil, let named = Self.header(fields.map { String(decoding: $0, as: UTF8.self) }) {
        columns = named
        continue
      }
      let expected = columns ?? (0, 1, 2)
      columns = expected
      guard fields.count == expected.count else {
        throw RecordError(
          .ragged, "the row has \(fields.count) fields, expected \(expected.count)", at: lines.place(),
          hint: "an id, a tab and its group on each line")
      }
      let id = try Self.text(fields[expected.id], "id", at: lines.place())
      let group = try Self.text(fields[expected.group], "group", at: lines.place())
      let number = numbers[group] ?? names.count
      if number == names.count {
        names.append(group)
        numbers[group] = number
      }
      if let known = entries.updateValue((number, lines.line), forKey: id), known.group != number {
        throw RecordError(
          .text,
          "\(Diagnostic.quoted(id)) is in group \(Diagnostic.quoted(group)), and by line \(known.line) in "
            + Diagnostic.quoted(names[known.group]), at: lines.place())
      }
    }
  }

  /// Returns whether a group has this name.
  func hasGroup(_ name: String) -> Bool { numbers[name] != nil }

  /// Returns the group of an id; nil where the table has none.
  public subscript(id: String) -> String? { entries[id].map { names[$0.group] } }

  private static let longestLine = 1 << 20
  private static let headers = [(id: "id", group: "group"), (id: "isoform", group: "gene")]

  private static func header(_ fields: [String]) -> (id: Int, group: Int, count: Int)? {
    for known in headers {
      if let id = fields.firstIndex(of: known.id), let group = fields.firstIndex(of: known.group) {
        return (id, group, fields.count)
      }
    }
    return nil
  }

  private static func text(
    _ field: Slice<UnsafeBufferPointer<UInt8>>, _ column: String, at place: SourceLocation
  ) throws -> String {
    let bytes = UnsafeBufferPointer(rebasing: field)
    if let why = idFault(bytes) {
      throw RecordError(.text, "\(column) \(Diagnostic.quoted(bytes: bytes)) \(why)", at: place)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
