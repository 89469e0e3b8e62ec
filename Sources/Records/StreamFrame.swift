import Bytes

/// The schema and end lines of an NDJSON stream, which tell its kind and whether it is complete.
struct StreamFrame {
  /// The kinds of line of an NDJSON stream.
  enum Line { case blank, schema, end, row, record }

  private(set) var kind: RecordKind?
  private(set) var features: Schema?
  /// The names of a stream of graphs.
  private(set) var graph: GraphSchema?
  private(set) var columns: [String]?
  /// The kind of the labels, where the schema line says it.
  private(set) var labels: LabelKind?
  /// The edges that the features have seen, an object for each embedding.
  private(set) var seenEdges: [JSON] = []
  /// The ranges of features of a compact stream that are given once for each partner; nil in others.
  private(set) var rows: JSON?
  private let part: Bool
  private var promised = false
  private var ended = false
  private var records = 0
  private var seen: SourceLocation?

  init(part: Bool) { self.part = part }

  /// Returns the kind of a line by its first key, without checking the rest.
  static func classify(_ line: UnsafeBufferPointer<UInt8>) -> Line {
    var i = 0
    func skip() { while i < line.count, line[i] == 0x20 || line[i] == 0x09 || line[i] == 0x0D { i += 1 } }
    func match(_ text: StaticString) -> Bool {
      let count = text.utf8CodeUnitCount
      guard i + count <= line.count else { return false }
      for k in 0..<count where line[i + k] != text.utf8Start[k] { return false }
      i += count
      return true
    }
    skip()
    if i == line.count { return .blank }
    guard match("{") else { return .record }
    skip()
    let found: Line =
      match("\"schema\"") ? .schema : match("\"end\"") ? .end : match("\"row\"") ? .row : .record
    skip()
    guard found != .record, match(":") else { return .record }
    skip()
    if found == .row { return found }
    return i < line.count && line[i] == UInt8(ascii: "{") ? found : .record
  }

  /// Counts a record; throws if the stream had already ended.
  mutating func countRecord(at place: @autoclosure () -> SourceLocation) throws {
    if ended && !part {
      throw RecordError(
        .end, "a record after the end line", at: place(), hint: "two streams put together need both schema lines")
    }
    records += 1
  }

  /// Reads a schema line; throws a `RecordError` if it is faulty or differs from an earlier one.
  mutating func takeSchema(_ line: UnsafeBufferPointer<UInt8>, at place: SourceLocation) throws {
    let value = try parse(line, at: place)
    guard let body = value["schema"], body.members != nil, value.members?.count == 1 else {
      throw RecordError(.schema, "not a schema line: it has other members", at: place)
    }
    if seen != nil && promised && !ended && !part {
      throw RecordError(
        .end, "a new schema line before the end line of the stream: the first stream was cut", at: place)
    }
    let kindName = body["kind"]?.string
    guard let newKind = kindName.flatMap({ RecordKind(rawValue: $0) }) else {
      let found = kindName.map { Diagnostic.quoted($0) } ?? "missing"
      throw RecordError(
        .schema, "the kind of the schema line is \(found), expected feature, bag, graph, score, metric or attribution",
        at: place)
    }
    let names = try StreamFrame.names(body["features"], "features", at: place)
    let edges = try StreamFrame.names(body["edge_features"], "edge_features", at: place)
    let isGraph = newKind == .graph
    let newGraph = isGraph ? try GraphSchema(nodes: names ?? [], edges: edges ?? [], at: place) : nil
    let newFeatures = isGraph ? nil : try names.map { try Schema(names: $0, at: place) }
    let newColumns = try StreamFrame.names(body["columns"], "columns", at: place)
    let newLabels = try StreamFrame.labels(body["labels"], at: place)
    let newEdges = body["edges"].map { $0.array ?? [$0] } ?? []
    if seen != nil {
      if newEdges != seenEdges {
        throw RecordError(.schema, "another schema than before: the edges that it has seen are others", at: place)
      }
      if body["rows"] != rows {
        throw RecordError(.schema, "another schema than before: its rows are others", at: place)
      }
      try compare(kind: newKind, newFeatures, newGraph, columns: newColumns, labels: newLabels, at: place)
    }
    kind = newKind
    features = newFeatures
    graph = newGraph
    columns = newColumns
    labels = newLabels
    seenEdges = newEdges
    rows = body["rows"]
    seen = place
    promised = body["end"]?.bool ?? false
    ended = false
    records = 0
  }

  /// Reads an end line; throws a `RecordError` if it is faulty or its count is wrong.
  mutating func takeEnd(_ line: UnsafeBufferPointer<UInt8>, at place: SourceLocation) throws {
    let value = try parse(line, at: place)
    guard let count = value["end"]?["records"]?.int, value.members?.count == 1 else {
      throw RecordError(.end, "not an end line: expected {\"end\":{\"records\":N}}", at: place)
    }
    if ended && !part { throw RecordError(.end, "a second end line", at: place) }
    if count != records && !part {
      throw RecordError(
        .end, "the end line counts \(plural(count)), \(records) came", at: place,
        hint: "a piece of a stream is read with --part")
    }
    ended = true
  }

  /// Throws a `RecordError` if an announced end line is missing at the end of the input.
  func finish(at place: SourceLocation) throws {
    if promised && !ended && !part {
      throw RecordError(
        .end, "the stream stops after \(plural(records)) without its end line: the tool that wrote it failed",
        at: place,
        hint: "a piece of a stream is read with --part")
    }
  }

  private func compare(
    kind other: RecordKind, _ names: Schema?, _ others: GraphSchema?, columns list: [String]?,
    labels newLabels: LabelKind?, at place: SourceLocation
  ) throws {
    var difference: String?
    if other != kind { difference = "its kind is \(other.rawValue), not \(kind?.rawValue ?? "missing")" }
    if let names, let features { difference = difference ?? names.firstDifference(from: features) }
    if let others, let graph { difference = difference ?? others.firstDifference(from: graph) }
    if (names == nil) != (features == nil) { difference = difference ?? "only one of them names features" }
    if list != columns { difference = difference ?? "its columns are others" }
    if newLabels != labels {
      let (found, expected) = (newLabels?.rawValue ?? "missing", labels?.rawValue ?? "missing")
      difference = difference ?? "the kind of its labels is \(found), not \(expected)"
    }
    guard let difference else { return }
    throw RecordError(.schema, "another schema than before: \(difference)", at: place)
  }

  /// The member of a schema line that says which edges the features have seen; nil without any.
  static func edges(_ objects: [JSON]) -> JSON.Member? {
    objects.isEmpty ? nil : JSON.Member("edges", objects.count == 1 ? objects[0] : .array(objects))
  }

  /// The schema line of a stream that ends with an end line; `names` are the members that list names.
  static func schemaLine(_ kind: RecordKind, _ names: [JSON.Member], labels: LabelKind?, madeBy: String) -> String {
    var body: [JSON.Member] = [.init("kind", .string(kind.rawValue))] + names
    if let labels { body.append(.init("labels", .string(labels.rawValue))) }
    body += [.init("made_by", .string(madeBy)), .init("end", .bool(true))]
    return JSON.object(["schema": .object(body)]).text + "\n"
  }

  private func plural(_ count: Int) -> String { count == 1 ? "1 record" : "\(count) records" }

  private func parse(_ line: UnsafeBufferPointer<UInt8>, at place: SourceLocation) throws -> JSON {
    do {
      return try JSON.parse(line)
    } catch let failure as JSONFailure {
      var at = place
      at.column = failure.column
      throw RecordError(.syntax, "not valid JSON: \(failure.message)", at: at)
    }
  }

  private static func labels(_ value: JSON?, at place: SourceLocation) throws -> LabelKind? {
    guard let value else { return nil }
    if let kind = value.string.flatMap({ LabelKind(rawValue: $0) }) { return kind }
    throw RecordError(
      .schema, "the labels of the schema line are \(value.text), expected \"binary\" or \"number\"", at: place)
  }

  private static func names(_ value: JSON?, _ member: String, at place: SourceLocation) throws -> [String]? {
    guard let value else { return nil }
    let names = value.array?.compactMap(\.string)
    guard let names, names.count == value.array?.count else {
      throw RecordError(.schema, "\(member) of the schema line is not a list of names", at: place)
    }
    return names
  }
}
