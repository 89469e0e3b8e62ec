import Bytes

/// Formats graphs as lines of NDJSON, in a reused buffer.
public final class GraphFormatter {
  private let schema: GraphSchema
  private let line = TextBuffer()

  init(_ schema: GraphSchema) { self.schema = schema }

  /// Returns the line of a graph; valid until the next call. Throws a `RecordError` for a value that is not finite.
  public func line(of graph: GraphRecord) throws -> UnsafeRawBufferPointer {
    precondition(graph.nodes.count == graph.nodeCount * schema.nodes.count && graph.from.count == graph.to.count)
    precondition(graph.edges.count == graph.edgeCount * schema.edges.count)
    precondition(graph.nodeIds.isEmpty || graph.nodeIds.count == graph.nodeCount)
    try check(graph.nodes, schema.nodes, "node", of: graph)
    try check(graph.edges, schema.edges, "edge", of: graph)
    line.clear()
    line.append("{\"id\":")
    line.append(quoted: graph.id)
    append(graph.nodes, rows: graph.nodeCount, width: schema.nodes.count, as: ",\"nodes\":[")
    line.append(",\"edges\":[")
    for edge in 0..<graph.edgeCount {
      if edge > 0 { line.append(byte: UInt8(ascii: ",")) }
      line.append(byte: UInt8(ascii: "["))
      line.append(Int(graph.from[edge]))
      line.append(byte: UInt8(ascii: ","))
      line.append(Int(graph.to[edge]))
      line.append(byte: UInt8(ascii: "]"))
    }
    line.append("]")
    if !schema.edges.isEmpty {
      append(graph.edges, rows: graph.edgeCount, width: schema.edges.count, as: ",\"edge_x\":[")
    }
    if !graph.nodeIds.isEmpty {
      line.append(",\"node_ids\":[")
      for (node, name) in graph.nodeIds.enumerated() {
        if node > 0 { line.append(byte: UInt8(ascii: ",")) }
        line.append(quoted: name)
      }
      line.append("]")
    }
    line.append("}\n")
    return line.bytes
  }

  private func append(_ values: [Double], rows: Int, width: Int, as member: StaticString) {
    line.append(member)
    values.withUnsafeBufferPointer { values in
      for row in 0..<rows {
        line.append(row == 0 ? "[" : ",[")
        let numbers = UnsafeBufferPointer(rebasing: values[row * width..<(row + 1) * width])
        line.append(numbers, separator: UInt8(ascii: ","), missing: "null")
        line.append("]")
      }
    }
    line.append("]")
  }

  private func check(_ values: [Double], _ names: [String], _ what: String, of graph: GraphRecord) throws {
    guard let bad = values.firstIndex(where: { !$0.isFinite }) else { return }
    throw RecordError(
      .number,
      "\(Diagnostic.quoted(names[bad % names.count])) of \(what) \(bad / names.count) of "
        + "\(Diagnostic.quoted(graph.id)) is not a finite number", at: graph.place)
  }
}

/// Writes a graph stream: a schema line, the graphs, and an end line.
public final class GraphWriter {
  private let sink: ByteSink
  private let schema: GraphSchema
  private let header: Bool
  private let madeBy: String
  private let formatter: GraphFormatter
  private var hasBegun = false
  private var records = 0

  /// Writes to `sink`; without `header` neither a schema line nor an end line. `madeBy` names tool and version.
  public init(_ sink: ByteSink, schema: GraphSchema, header: Bool, madeBy: String) {
    (self.sink, self.schema, self.header, self.madeBy) = (sink, schema, header, madeBy)
    formatter = GraphFormatter(schema)
  }

  /// Makes a formatter of the same lines, for another thread.
  public func anotherFormatter() -> GraphFormatter { GraphFormatter(schema) }

  /// Writes a graph; throws an `IOFailure`, or a `RecordError` for a value that is not finite.
  public func write(_ graph: GraphRecord) throws { try write(line: formatter.line(of: graph)) }

  /// Writes the line of one graph that `anotherFormatter()` has made; throws an `IOFailure`.
  public func write(line: UnsafeRawBufferPointer) throws {
    try begin()
    records += 1
    try sink.write(line)
    try sink.endRecord()
  }

  /// Writes the end line, and the schema line if there was no graph; throws an `IOFailure`.
  public func finish() throws {
    try begin()
    if header { try sink.write("{\"end\":{\"records\":\(records)}}\n") }
    try sink.flush()
  }

  private func begin() throws {
    guard !hasBegun else { return }
    hasBegun = true
    guard header else { return }
    var names = [JSON.Member("features", .array(schema.nodes.map { .string($0) }))]
    if !schema.edges.isEmpty { names.append(.init("edge_features", .array(schema.edges.map { .string($0) }))) }
    try sink.write(StreamFrame.schemaLine(.graph, names, labels: nil, madeBy: madeBy))
    try sink.endRecord()
  }
}
