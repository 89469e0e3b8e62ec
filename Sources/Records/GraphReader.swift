import Bytes

/// Reads the graphs of an NDJSON stream, one at a time and strictly: every number finite, every row of the width that
/// the schema line names, every edge between nodes that are there.
///
/// Memory is that of one line and of the numbers in it: no count in a record is believed before its rows have come.
public final class GraphReader {
  /// The options of a reader.
  public struct Options: Sendable {
    /// The names of a stream without a schema line.
    public var schema: GraphSchema?
    /// Whether the input is a piece of a stream, which may lack its end line.
    public var part = false
    /// The rule for graphs with faults.
    public var badRows = BadRowRule.error
    /// The maximum length of a line, in bytes.
    public var maxLine = 1 << 30
    /// The maximum number of nodes of a graph.
    public var maxNodes = 1_000_000

    /// Makes the default options, which are strict.
    public init() {}
  }

  /// The names of the features; nil for an empty input.
  public private(set) var schema: GraphSchema?
  /// Whether the input is blank.
  public private(set) var isEmpty = true

  private let lines: LineReader
  private let options: Options
  private let report: (Diagnostic) -> Void
  private var frame: StreamFrame
  private var pending: UnsafeBufferPointer<UInt8>?

  /// Reads up to the first graph; `report` receives warnings of graphs that are skipped. Throws an `IOFailure` or a
  /// `RecordError`.
  public init(
    _ source: BlockSource, options: Options = Options(), report: @escaping (Diagnostic) -> Void = { _ in }
  ) throws {
    lines = LineReader(source, maxLine: options.maxLine)
    (self.options, self.report) = (options, report)
    frame = StreamFrame(part: options.part)
    schema = options.schema
    pending = try nextLine()
  }

  /// Returns the next graph, nil at the end, which is checked. Throws a `RecordError` with its location.
  public func next() throws -> GraphRecord? {
    while let line = try pending ?? nextLine() {
      pending = nil
      do {
        return try parse(line)
      } catch let error as RecordError where options.badRows == .skip && error.kind != .limit {
        var warning = error.diagnostic
        warning.topic = "graphs skipped as unreadable"
        report(warning)
      }
    }
    return nil
  }

  /// Returns the next line that is a graph, reading schema and end lines before it; nil at the end, which is checked.
  private func nextLine() throws -> UnsafeBufferPointer<UInt8>? {
    while let line = try lines.next(skipping: .whitespace) {
      if isEmpty, line.first(where: { $0 != 0x20 && $0 != 0x09 }) != UInt8(ascii: "{") {
        throw RecordError(
          .format, "the input is not a stream of graphs: its first line is no JSON object", at: lines.place(),
          hint: "molfeat --graph and resfeat --graph make graphs")
      }
      isEmpty = false
      switch StreamFrame.classify(line) {
      case .blank: continue
      case .schema: try takeSchema(line)
      case .end: try frame.takeEnd(line, at: lines.place())
      case .row, .record:
        try frame.countRecord(at: lines.place())
        return line
      }
    }
    try frame.finish(at: lines.place())
    return nil
  }

  private func takeSchema(_ line: UnsafeBufferPointer<UInt8>) throws {
    try frame.takeSchema(line, at: lines.place())
    guard let found = frame.graph else {
      throw RecordError(
        .format, "the stream has \(frame.kind?.rawValue ?? "other") records, not graphs", at: lines.place(),
        hint: "molfeat --graph and resfeat --graph make graphs")
    }
    if let expected = options.schema, let difference = found.firstDifference(from: expected) {
      throw RecordError(.schema, "other graphs than expected: \(difference)", at: lines.place())
    }
    schema = found
  }

  private func parse(_ line: UnsafeBufferPointer<UInt8>) throws -> GraphRecord {
    guard let schema else {
      throw RecordError(
        .schema, "the stream of graphs has no schema line that names its features", at: lines.place(),
        hint: "keep the first line that molfeat writes; --no-header leaves it out")
    }
    var scan = GraphScan(JSONScanner(line), schema, maxNodes: options.maxNodes)
    scan.graph.place = lines.place()
    do {
      return try scan.record()
    } catch let fault as ScanFault {
      throw RecordError(.syntax, fault.message, at: lines.place(column: fault.offset + 1))
    } catch is TooManyNodes {
      throw RecordError(
        .limit, "the graph has more than \(options.maxNodes) nodes", at: lines.place(column: scan.scanner.offset + 1))
    }
  }
}

private struct TooManyNodes: Error {}

/// The parser of one line: members in any order, none twice, none unknown.
private struct GraphScan {
  var scanner: JSONScanner
  var graph = GraphRecord()
  let schema: GraphSchema
  let maxNodes: Int
  /// The offset of each member that has come.
  private var offsets: [String: Int] = [:]
  private var edgeRows = 0

  init(_ scanner: JSONScanner, _ schema: GraphSchema, maxNodes: Int) {
    (self.scanner, self.schema, self.maxNodes) = (scanner, schema, maxNodes)
  }

  mutating func record() throws -> GraphRecord {
    try scanner.expect(0x7B)
    if scanner.peek() == 0x7D {
      scanner.p += 1
    } else {
      repeat {
        let key = try scanner.key()
        if offsets.updateValue(scanner.offset, forKey: key.string) != nil {
          throw ScanFault(message: "key \(Diagnostic.quoted(key.string)) twice in one object", offset: key.offset)
        }
        try member(key)
      } while try scanner.another(until: 0x7D)
    }
    try scanner.finish()
    try checkWhole()
    return graph
  }

  private mutating func member(_ key: JSONKey) throws {
    switch key.string {
    case "id": graph.id = try id("id")
    case "nodes":
      (graph.nodeCount, graph.nodes) = try rows("nodes", "node", schema.nodes, most: maxNodes)
    case "edges": try edges()
    case "edge_x":
      if schema.edges.isEmpty {
        throw ScanFault(message: "the graph has 'edge_x', the schema line names no edge features", offset: key.offset)
      }
      (edgeRows, graph.edges) = try rows("edge_x", "edge", schema.edges, most: .max)
    case "node_ids":
      try list("node_ids") { try $0.graph.nodeIds.append($0.id("node_ids[\($0.graph.nodeIds.count)]")) }
    default: throw ScanFault(message: "unknown member \(Diagnostic.quoted(key.string))", offset: key.offset)
    }
  }

  /// Reads the list at the cursor, calling `element` at each of its elements.
  private mutating func list(_ name: String, _ element: (inout GraphScan) throws -> Void) throws {
    guard scanner.peek() == 0x5B else { throw scanner.fault("\(name) is \(scanner.shown()), expected a list") }
    scanner.p += 1
    if scanner.peek() == 0x5D {
      scanner.p += 1
      return
    }
    repeat { try element(&self) } while try scanner.another(until: 0x5D)
  }

  /// Reads a list of rows of numbers.
  private mutating func rows(
    _ member: String, _ what: String, _ names: [String], most: Int
  ) throws -> (count: Int, numbers: [Double]) {
    var count = 0
    var numbers: [Double] = []
    try list(member) { scan in
      if count == most { throw TooManyNodes() }
      scan.scanner.skipBlanks()
      let start = scan.scanner.offset
      var width = 0
      try scan.list("\(what) \(count)") { scan in
        scan.scanner.skipBlanks()
        guard width < names.count else {
          throw Self.ragged(what, count, "more than \(names.count) values", names, start)
        }
        var value = 0.0
        guard let next = NumberText.scan(scan.scanner.p, scan.scanner.end, into: &value) else {
          throw scan.scanner.fault(
            "\(Diagnostic.quoted(names[width])) of \(what) \(count): \(scan.scanner.shown()) is not a finite number")
        }
        scan.scanner.p = next
        numbers.append(value)
        width += 1
      }
      if width != names.count {
        throw Self.ragged(what, count, width == 1 ? "1 value" : "\(width) values", names, start)
      }
      count += 1
    }
    return (count, numbers)
  }

  private static func ragged(
    _ what: String, _ row: Int, _ found: String, _ names: [String], _ offset: Int
  ) -> ScanFault {
    ScanFault(message: "\(what) \(row) has \(found), expected \(names.count)", offset: offset)
  }

  private mutating func edges() throws {
    try list("edges") { scan in
      let edge = scan.graph.from.count
      try scan.scanner.expect(0x5B)
      scan.graph.from.append(try scan.nodeNumber(edge))
      try scan.scanner.expect(0x2C)
      scan.graph.to.append(try scan.nodeNumber(edge))
      guard scan.scanner.peek() == 0x5D, scan.scanner.p < scan.scanner.end else {
        throw scan.scanner.fault("edge \(edge) is not a pair [from,to]")
      }
      scan.scanner.p += 1
    }
  }

  private mutating func nodeNumber(_ edge: Int) throws -> Int32 {
    scanner.skipBlanks()
    let start = scanner.p
    guard (try? scanner.number()) != nil,
      let value = NumberText.integer(UnsafeBufferPointer(start: start, count: scanner.p - start)),
      (0..<Int(Int32.max)).contains(value)
    else {
      scanner.p = start
      throw scanner.fault("edge \(edge): \(scanner.shown()) is not the number of a node")
    }
    return Int32(value)
  }

  private mutating func id(_ name: String) throws -> String {
    scanner.skipBlanks()
    let offset = scanner.offset
    var text = try scanner.string()
    if let why = text.withUTF8({ idFault($0) }) {
      throw ScanFault(message: "\(name) \(Diagnostic.quoted(text)) \(why)", offset: offset)
    }
    return text
  }

  /// Checks what depends on several members.
  private func checkWhole() throws {
    for name in ["id", "nodes", "edges"] + (schema.edges.isEmpty ? [] : ["edge_x"]) where offsets[name] == nil {
      throw scanner.fault("the graph has no '\(name)'")
    }
    if graph.nodeCount == 0 { throw ScanFault(message: "the graph has no nodes", offset: offsets["nodes"] ?? 0) }
    for edge in 0..<graph.edgeCount {
      let node = Swift.max(graph.from[edge], graph.to[edge])
      if node < graph.nodeCount { continue }
      throw ScanFault(
        message: "edge \(edge): there is no node \(node), the graph has \(graph.nodeCount), from 0",
        offset: offset(ofEdge: edge))
    }
    if !schema.edges.isEmpty, edgeRows != graph.edgeCount {
      throw ScanFault(
        message: "edge_x has \(edgeRows) rows, expected \(graph.edgeCount)", offset: offsets["edge_x"] ?? 0)
    }
    if let offset = offsets["node_ids"], graph.nodeIds.count != graph.nodeCount {
      throw ScanFault(
        message: "node_ids has \(graph.nodeIds.count) names, expected \(graph.nodeCount)", offset: offset)
    }
  }

  /// The offset of an edge in the line, whose list has been read already.
  private func offset(ofEdge edge: Int) -> Int {
    var (place, left) = (offsets["edges"] ?? 0, edge + 1)
    while left > 0 {
      place += 1
      if scanner.base[place] == 0x5B { left -= 1 }
    }
    return place
  }
}
