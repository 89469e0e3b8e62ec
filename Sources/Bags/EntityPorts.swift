import Arrays
import Bytes
import Features
import Records

/// The inputs of a model over entities: what each side of a pair is, and how the numbers of the entities in the port
/// `x` of a batch become the ports of the model. Each distinct entity of a batch is there once.
///
/// Of side a, and likewise of b, a batch gets the axis `a` with a row for each distinct entity, the relation `a` (an
/// index from the instances), and of
/// - graphs: the port `a.nodes` on the axis `a.node`, the relations `a.edges` (over the nodes) and `a.graph` (segments
///   of the nodes), and where edges have features the port `a.edge_features` on the axis `a.edge`;
/// - sequences: the port `a.tokens`, symbols from 1, padded with 0.
public struct EntityPorts: Sendable {
  /// The symbols of the sequences of a side: the first `length` letters, padded with 0.
  public struct Tokens: Sendable {
    let alphabet: TokenAlphabet
    let length: Int

    /// Symbols of this alphabet.
    public init(_ alphabet: TokenAlphabet, length: Int) { (self.alphabet, self.length) = (alphabet, length) }
  }

  /// One side.
  struct Input: Sendable {
    let side: Side
    /// The column of `x` with the number of the entity.
    let column: Int
    let entities: EntityTable
    let tokens: Tokens?
    /// The symbols of all entities, `length` each; empty for graphs.
    let symbols: [UInt8]

    func name(_ part: String) -> String { "\(side.rawValue).\(part)" }
    var axis: Axis { Axis(side.rawValue) }
    var nodeAxis: Axis { Axis(name("node")) }
    var edgeAxis: Axis { Axis(name("edge")) }

    var ports: [PortSpec] {
      switch entities.form {
      case .sequence:
        guard let tokens else { preconditionFailure("sequences have symbols") }
        return [PortSpec(name("tokens"), axis, .tokens(symbols: tokens.alphabet.symbols, length: tokens.length))]
      case .graph(let schema):
        let nodes = PortSpec(name("nodes"), nodeAxis, .dense(width: schema.nodes.count))
        if schema.edges.isEmpty { return [nodes] }
        return [nodes, PortSpec(name("edge_features"), edgeAxis, .dense(width: schema.edges.count))]
      }
    }
  }

  let inputs: [Input]
  /// The ports of the model.
  public var ports: [PortSpec] { inputs.flatMap(\.ports) }

  /// The names of the features of a dense port; empty for one of symbols.
  public func features(of port: String) -> [String] {
    for input in inputs {
      guard case .graph(let schema) = input.entities.form else { continue }
      if port == input.name("nodes") { return schema.nodes }
      if port == input.name("edge_features") { return schema.edges }
    }
    return []
  }

  /// The inputs of these blocks, whose features are numbers of entities; `tokens` says how the sequences of a side
  /// become symbols. Letters without a symbol are errors; sequences that are cut are counted.
  ///
  /// Throws `BagsError` for a block of features, and for two blocks of one side.
  public init(
    _ blocks: [PairBlock], tally: NoticeCounter, tokens: (Side) throws -> Tokens?
  ) throws {
    var inputs: [Input] = []
    var column = 0
    for block in blocks {
      guard let entities = block.entities else { throw BagsError(.rowsForEntities(block.spec.name)) }
      for side in block.spec.kind.sides {
        if inputs.contains(where: { $0.side == side }) { throw BagsError(.entitiesTwice(side)) }
        let form = entities.form == .sequence ? try tokens(side) : nil
        precondition(entities.form != .sequence || form != nil, "symbols for sequences")
        inputs.append(
          Input(
            side: side, column: column, entities: entities, tokens: form,
            symbols: try form.map { try Self.symbols(block, entities, $0, tally) } ?? []))
        column += 1
      }
    }
    self.inputs = inputs.sorted { $0.side.rawValue < $1.side.rawValue }
  }

  private static func symbols(
    _ block: PairBlock, _ entities: EntityTable, _ tokens: Tokens, _ tally: NoticeCounter
  ) throws -> [UInt8] {
    precondition(tokens.alphabet.symbols <= 256, "a symbol is a byte")
    var result = [UInt8](repeating: 0, count: entities.count * tokens.length)
    for id in block.table.ids {
      guard let row = block.table.row(of: id) else { continue }
      let entity = block.entity(ofRow: row)
      let letters = entities.letters(of: entity)
      let coding = tokens.alphabet.tokens(of: letters, length: tokens.length)
      if let position = coding.unknown.first {
        throw BagsError(
          .unknownLetter(String(UnicodeScalar(letters[position])), id: id, position: position + 1),
          at: SourceLocation(source: block.spec.file))
      }
      if coding.cut > 0 {
        let message = "sequence \(Diagnostic.quoted(id)) has \(letters.count) letters, the model reads \(tokens.length)"
        tally.count(.cutSequence, example: Diagnostic(.success, message))
      }
      result.replaceSubrange(
        entity * tokens.length..<(entity + 1) * tokens.length, with: coding.tokens.map { UInt8($0) })
    }
    return result
  }

  /// The column with the numbers of each side's entities.
  public var columns: [(side: Side, column: Int)] { inputs.map { ($0.side, $0.column) } }

  /// A batch of these entities alone, as the rows of the axis of a side.
  public func batch(of entities: [Int], on side: Side) -> Batch {
    guard let input = inputs.first(where: { $0.side == side }) else { preconditionFailure("a side with entities") }
    var batch = Batch(count: [input.axis: entities.count])
    input.add(entities, to: &batch)
    return batch
  }

  /// The batch of a model, from one whose port `x` holds the numbers of the entities.
  public func expand(_ batch: Batch) -> Batch {
    guard let x = batch.dense("x") else { preconditionFailure("a batch with the numbers of the entities") }
    var result = batch
    result.ports = [:]
    for input in inputs { input.add(x, to: &result) }
    return result
  }
}

extension EntityPorts.Input {
  /// Adds the ports and relations of the side to a batch whose numbers are in `x`.
  func add(_ x: Matrix, to batch: inout Batch) {
    var rows = [Int32](repeating: -1, count: entities.count)
    var distinct: [Int] = []
    let index = (0..<x.rows).map { row in
      let entity = Int(x[row, column])
      if rows[entity] < 0 {
        rows[entity] = Int32(distinct.count)
        distinct.append(entity)
      }
      return rows[entity]
    }
    batch.count[axis] = distinct.count
    batch.relations[side.rawValue] = .index(index)
    add(distinct, to: &batch)
  }

  /// Adds these entities, in this order, as the rows of the side's axis.
  func add(_ distinct: [Int], to batch: inout Batch) {
    switch entities.form {
    case .sequence:
      let length = tokens?.length ?? 0
      var all: [Int32] = []
      all.reserveCapacity(distinct.count * length)
      for entity in distinct { all += symbols[entity * length..<(entity + 1) * length].lazy.map { Int32($0) } }
      batch.ports[name("tokens")] = .tokens(all)
    case .graph: entities.addGraphs(distinct, prefix: "\(side.rawValue).", to: &batch)
    }
  }
}

extension EntityTable {
  /// Adds these graphs, in this order, with `prefix` before the names of axes, ports and relations: the nodes, their
  /// edges, and the segments of the nodes.
  func addGraphs(_ distinct: [Int], prefix: String, to batch: inout Batch) {
    guard case .graph(let schema) = form else { preconditionFailure("a table of graphs") }
    var segments: [Int32] = [0]
    var (into, from): ([Int32], [Int32]) = ([], [])
    for entity in distinct {
      let first = segments[segments.count - 1]
      let edges = edgeOffsets[entity]..<edgeOffsets[entity + 1]
      into += self.into.buffer[edges].lazy.map { $0 + first }
      from += self.from.buffer[edges].lazy.map { $0 + first }
      segments.append(first + Int32(size(of: entity)))
    }
    let nodes = Int(segments[segments.count - 1])
    batch.count[Axis(prefix + "node")] = nodes
    batch.count[Axis(prefix + "edge")] = into.count
    batch.relations[prefix + "graph"] = .segments(segments)
    batch.relations[prefix + "edges"] = .edges(into: into, from: from)
    batch.ports[prefix + "nodes"] = .dense(
      Self.rows(distinct.map { offsets[$0]..<offsets[$0 + 1] }, of: self.nodes, nodes, schema.nodes.count))
    guard !schema.edges.isEmpty else { return }
    batch.ports[prefix + "edge_features"] = .dense(
      Self.rows(
        distinct.map { edgeOffsets[$0]..<edgeOffsets[$0 + 1] }, of: edges, into.count, schema.edges.count))
  }

  /// Ranges of rows of a buffer, one after another.
  private static func rows(
    _ ranges: [Range<Int>], of buffer: GrowingBuffer<Float>, _ count: Int, _ width: Int
  ) -> Matrix {
    var matrix = Matrix(uninitializedRows: count, columns: width)
    matrix.withUnsafeMutableBufferPointer { out in
      var position = 0
      for range in ranges {
        let values = buffer.buffer[range.lowerBound * width..<range.upperBound * width]
        _ = UnsafeMutableBufferPointer(rebasing: out[position..<position + values.count]).update(
          fromContentsOf: values)
        position += values.count
      }
    }
    return matrix
  }
}

extension EntityPorts {
  /// The rows of a port that belong to one partner: the nodes of its graph, or the letters of its sequence.
  public struct Part: Sendable {
    /// A node, by the number and the symbol in its name (`0:C`, `A:27A:GLY`), or a letter, by its position from 1.
    public struct Row: Sendable, Equatable {
      /// The number of the node, which for residues has chain and insertion code, or the position.
      public let number: String
      /// The symbol of the node, or the letter; nil for a node without one.
      public let symbol: String?
    }

    /// The name of the port.
    public let port: String
    /// The side.
    public let side: Side
    /// The rows; of a sequence those that the model reads.
    public let rows: [Row]
    /// The number of rows of the port, padding included.
    public let length: Int
  }

  /// The parts of an instance of a bag, whose features are numbers of entities.
  public func parts(of record: StreamRecord, _ instance: Int) -> [Part] {
    inputs.map { input in
      let entity = Int(record.values[instance * inputs.count + input.column])
      switch input.entities.form {
      case .sequence:
        let length = input.tokens?.length ?? 0
        let rows = input.entities.letters(of: entity).prefix(length).enumerated().map {
          Part.Row(number: String($0 + 1), symbol: String(UnicodeScalar($1)))
        }
        return Part(port: input.name("tokens"), side: input.side, rows: rows, length: length)
      case .graph:
        let rows = input.entities.nodeIds(of: entity).map { name in
          let colon = name.lastIndex(of: ":")
          return Part.Row(
            number: colon.map { String(name[..<$0]) } ?? name,
            symbol: colon.map { String(name[name.index(after: $0)...]) })
        }
        return Part(port: input.name("nodes"), side: input.side, rows: rows, length: rows.count)
      }
    }
  }
}

/// The inputs of a model over entities, whose numbers are the features of bags.
public enum EntityInput: Sendable {
  /// The entities of both sides of a pair, each by itself.
  case sides(EntityPorts)
  /// Two graphs of one kind, whose node pairs are the instances.
  case nodes(NodePairs)

  /// The ports of the model.
  public var ports: [PortSpec] {
    switch self {
    case .sides(let sides): sides.ports
    case .nodes(let nodes): nodes.ports
    }
  }

  /// SHA-256, in hexadecimal, of the digest of the bags and of all graphs and sequences.
  public func digest(_ bags: String) -> String {
    var hash = SHA256()
    hash.update(bags)
    switch self {
    case .sides(let sides): for input in sides.inputs { input.entities.update(&hash) }
    case .nodes(let nodes): nodes.entities.update(&hash)
    }
    return SHA256.hex(hash.finish())
  }

  /// The names of the features of a dense port; empty for one of symbols.
  public func features(of port: String) -> [String] {
    switch self {
    case .sides(let sides): sides.features(of: port)
    case .nodes(let nodes): port == "nodes" ? nodes.features.nodes : port == "edge_features" ? nodes.features.edges : []
    }
  }
}

/// Pairs of entities for training: a view of bags whose features are numbers of entities.
public struct EntityStore: BatchStore {
  private let bags: any BatchStore
  private let entities: EntityPorts

  /// The bags with the ports of a model over entities.
  public init(_ bags: any BatchStore, _ entities: EntityPorts) { (self.bags, self.entities) = (bags, entities) }

  /// The number of bags.
  public var count: Int { bags.count }
  /// The ports of the model.
  public var ports: [PortSpec] { entities.ports }
  /// The labels of bags, weight 0 where one has none.
  public func targets(of examples: [Int]) -> Targets { bags.targets(of: examples) }
  /// The number of instances of a bag.
  public func size(of example: Int) -> Int { bags.size(of: example) }
  /// A batch of these bags in this order.
  public func batch(_ examples: [Int], _ draw: Draw?) -> Batch { entities.expand(bags.batch(examples, draw)) }
}
