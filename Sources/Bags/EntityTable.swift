import Bytes
import Records

/// The entities of a block that describes ids by graphs or by sequences: each distinct content once, under one number.
///
/// Two ids with the same content (a protein and its phosphorylated form) have the same number, so that a model computes
/// it once. Memory: 4 bytes per feature of a node or edge, 8 per edge, or a byte per letter; the names of the nodes.
///
/// Filled by one thread, then only read, so it may be shared.
public final class EntityTable: @unchecked Sendable {
  /// The form of the content.
  public enum Form: Sendable, Equatable {
    /// Graphs with these features of nodes and edges.
    case graph(GraphSchema)
    /// Sequences of letters.
    case sequence
  }

  /// The form of the content.
  public let form: Form
  /// The number of entities of distinct content.
  public private(set) var count = 0
  /// For each entity, the first of its nodes or letters; one number more than entities.
  private(set) var offsets: [Int] = [0]
  /// For each entity, the first of its edges; one number more than entities.
  private(set) var edgeOffsets: [Int] = [0]
  let nodes = GrowingBuffer<Float>()
  let edges = GrowingBuffer<Float>()
  /// The ends of the edges, counted from the first node of their graph.
  let (into, from) = (GrowingBuffer<Int32>(), GrowingBuffer<Int32>())
  let letters = GrowingBuffer<UInt8>()
  private var nodeIds: [[String]] = []
  private var numbers: [RowDigest: [Int32]] = [:]

  /// An empty table.
  init(_ form: Form) { self.form = form }

  /// The number of nodes of a graph, or of letters of a sequence.
  public func size(of entity: Int) -> Int { offsets[entity + 1] - offsets[entity] }

  /// The names of the nodes of a graph, or their numbers from 0 where they have none.
  public func nodeIds(of entity: Int) -> [String] {
    let names = nodeIds[entity]
    return names.isEmpty ? (0..<size(of: entity)).map(String.init) : names
  }

  /// The name of a node of a graph, or its number from 0.
  func nodeId(of entity: Int, _ node: Int) -> String {
    nodeIds[entity].isEmpty ? String(node) : nodeIds[entity][node]
  }

  /// The letters of a sequence.
  public func letters(of entity: Int) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(rebasing: letters.buffer[offsets[entity]..<offsets[entity + 1]])
  }

  /// Adds a graph; returns its number. Throws `BagsError` for a value that Float32 can't hold.
  func add(_ graph: GraphRecord) throws -> Int {
    guard case .graph(let schema) = form else { preconditionFailure("a table of graphs") }
    var digest = RowDigest()
    digest.add(UInt64(graph.nodeCount))
    for values in [graph.nodes, graph.edges] { for value in values { digest.add(value) } }
    for ends in [graph.to, graph.from] { for end in ends { digest.add(UInt64(UInt32(bitPattern: end))) } }
    if let known = numbers[digest]?.first(where: { isSame(graph, Int($0)) }) { return Int(known) }
    try append(graph.nodes, schema.nodes, to: nodes, of: graph)
    try append(graph.edges, schema.edges, to: edges, of: graph)
    for edge in 0..<graph.edgeCount {
      try into.append(graph.to[edge])
      try from.append(graph.from[edge])
    }
    nodeIds.append(graph.nodeIds)
    offsets.append(offsets[count] + graph.nodeCount)
    edgeOffsets.append(edgeOffsets[count] + graph.edgeCount)
    return number(digest)
  }

  /// Adds a sequence; returns its number. Throws `BagsError` for an empty one.
  func add(_ sequence: [UInt8], id: String, at place: SourceLocation?) throws -> Int {
    if sequence.isEmpty { throw BagsError(.emptySequence(id), at: place) }
    var digest = RowDigest()
    for letter in sequence { digest.add(UInt64(letter)) }
    if let known = numbers[digest]?.first(where: { letters(of: Int($0)).elementsEqual(sequence) }) { return Int(known) }
    let room = try letters.extend(by: sequence.count)
    _ = room.update(fromContentsOf: sequence)
    offsets.append(offsets[count] + sequence.count)
    edgeOffsets.append(0)
    nodeIds.append([])
    return number(digest)
  }

  /// Adds the whole content to a hash: names of features, graphs or letters, in their order.
  func update(_ hash: inout SHA256) {
    if case .graph(let schema) = form { hash.update(schema.digest) }
    for list in [offsets, edgeOffsets] { list.withUnsafeBytes { hash.update($0) } }
    hash.update(UnsafeRawBufferPointer(nodes.buffer))
    hash.update(UnsafeRawBufferPointer(edges.buffer))
    hash.update(UnsafeRawBufferPointer(into.buffer))
    hash.update(UnsafeRawBufferPointer(from.buffer))
    hash.update(UnsafeRawBufferPointer(letters.buffer))
    for names in nodeIds { hash.update(names.joined(separator: "\n")) }
  }

  private func number(_ digest: RowDigest) -> Int {
    numbers[digest, default: []].append(Int32(count))
    count += 1
    return count - 1
  }

  private func append(
    _ values: [Double], _ names: [String], to buffer: GrowingBuffer<Float>, of graph: GraphRecord
  ) throws {
    let room = try buffer.extend(by: values.count)
    for (number, value) in values.enumerated() {
      room[number] = Float(value)
      guard room[number].isFinite else {
        throw BagsError(.tooLarge(value, feature: names[number % names.count], id: graph.id), at: graph.place)
      }
    }
  }

  private func isSame(_ graph: GraphRecord, _ entity: Int) -> Bool {
    guard case .graph(let schema) = form, size(of: entity) == graph.nodeCount, nodeIds[entity] == graph.nodeIds,
      edgeOffsets[entity + 1] - edgeOffsets[entity] == graph.edgeCount
    else { return false }
    let edge = edgeOffsets[entity]..<edgeOffsets[entity + 1]
    func equal(_ values: [Double], _ buffer: GrowingBuffer<Float>, _ first: Int) -> Bool {
      values.indices.allSatisfy { buffer.buffer[first + $0] == Float(values[$0]) }
    }
    return into.buffer[edge].elementsEqual(graph.to) && from.buffer[edge].elementsEqual(graph.from)
      && equal(graph.nodes, nodes, offsets[entity] * schema.nodes.count)
      && equal(graph.edges, edges, edge.lowerBound * schema.edges.count)
  }
}

// MARK: Reading

extension EntityTable {
  /// The greatest number of entities: what Float32 holds exactly.
  static let most = 1 << 24

  /// A table whose one feature is the number of each id's entity, with the entities; nil where the source holds rows of
  /// features.
  ///
  /// Graphs are a stream of `molfeat` or `resfeat`; sequences are FASTA, or the column `sequence` or `smiles` of a
  /// table.
  static func read(
    _ source: ReplayedSource, options: TableOptions, tally: NoticeCounter
  ) throws -> (table: FeatureTable, entities: EntityTable)? {
    switch source.firstByte {
    case UInt8(ascii: ">"): return try readFASTA(source, options, tally)
    case UInt8(ascii: "{"):
      guard holdsGraphs(source) else { return nil }
      return try readGraphs(source, options, tally)
    default:
      let names = source.firstLine.split(separator: "\t", omittingEmptySubsequences: false)
      guard let name = ["sequence", "smiles"].first(where: { names.contains(Substring($0)) }) else { return nil }
      return try readTable(source, column: name, options, tally)
    }
  }

  /// Whether the schema line is that of a stream of graphs.
  static func holdsGraphs(_ source: ReplayedSource) -> Bool {
    let line = source.firstLine
    if let schema = try? JSON.parse(line, maxDepth: 8)["schema"] { return schema["kind"]?.string == "graph" }
    // A line of more than 64 KB is cut.
    return line.prefix(200).contains("\"kind\":\"graph\"")
  }

  private static func readGraphs(
    _ source: ReplayedSource, _ options: TableOptions, _ tally: NoticeCounter
  ) throws -> (table: FeatureTable, entities: EntityTable) {
    var reading = GraphReader.Options()
    reading.maxLine = options.reader.maxLine
    let reader = try GraphReader(source, options: reading) { tally.report($0) }
    guard let schema = reader.schema else { throw BagsError(.emptyFile, at: SourceLocation(source: source.name)) }
    let entities = EntityTable(.graph(schema))
    let table = FeatureTable(names: ["graph"], options: options)
    while let graph = try reader.next() {
      try table.append(id: graph.id, entity: entities.add(graph), at: graph.place, tally)
    }
    return (table, entities)
  }

  private static func readFASTA(
    _ source: ReplayedSource, _ options: TableOptions, _ tally: NoticeCounter
  ) throws -> (table: FeatureTable, entities: EntityTable) {
    let entities = EntityTable(.sequence)
    let table = FeatureTable(names: ["sequence"], options: options)
    let reader = try FastaReader(source)
    while try reader.next() {
      let record = reader.record
      let number = try entities.add(record.sequence.map(upper), id: record.id, at: record.place)
      do {
        try table.append(id: record.id, entity: number, at: record.place, tally)
      } catch let error as BagsError {
        guard case .table(.repeatedIdentifier(let id)) = error.kind, !record.description.isEmpty else { throw error }
        throw BagsError(.repeatedHeader(id), at: record.place)
      }
    }
    return (table, entities)
  }

  private static func readTable(
    _ source: ReplayedSource, column: String, _ options: TableOptions, _ tally: NoticeCounter
  ) throws -> (table: FeatureTable, entities: EntityTable) {
    let reader = try TableReader(source, maxLine: options.reader.maxLine)
    let sequence = try reader.require(column)
    // As in every block, ids are in the first column, unless another is named so.
    let id = try reader.column("id") ?? (sequence == 0 ? reader.require("id") : 0)
    let entities = EntityTable(.sequence)
    let table = FeatureTable(names: [column], options: options)
    while let row = try reader.next() {
      let name = try row.id(id)
      let number = try entities.add(Array((row.text(sequence) ?? "").utf8), id: name, at: row.place)
      try table.append(id: name, entity: number, at: row.place, tally)
    }
    return (table, entities)
  }

  private static func upper(_ letter: UInt8) -> UInt8 {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(letter) ? letter & ~0x20 : letter
  }
}

extension FeatureTable {
  /// Adds an id with the number of its entity. A row that says again what an earlier one said is passed over.
  fileprivate func append(id: String, entity: Int, at place: SourceLocation, _ tally: NoticeCounter) throws {
    if let row = row(of: id) {
      var scratch = [0.0]
      if scratch.withUnsafeMutableBufferPointer({ values(ofRow: row, $0)[0] }) == Double(entity) { return }
    }
    if entity >= EntityTable.most { throw BagsError(.tooManyEntities(EntityTable.most), at: place) }
    try withUnsafePointer(to: Double(entity)) {
      try append(id: id, UnsafeBufferPointer(start: $0, count: 1), at: place, tally: tally)
    }
  }
}
