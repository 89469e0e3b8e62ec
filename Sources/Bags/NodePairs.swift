import Arrays
import Bytes
import Records

/// Bags whose instances are pairs of nodes, one of each of two graphs of one kind: the residues of two proteins.
///
/// A batch has, with weights shared by both sides: the port `nodes` on the axis `node`; the relations `edges` (over the
/// nodes) and `graph` (segments of the nodes), the port `edge_features` on the axis `edge`; the indices `a.node` and
/// `b.node` from an instance to its nodes; `cells`, the grid of all node pairs of a bag, and the index `cell` from an
/// instance into it. The graphs of side a come first, bag by bag, then those of side b.
public struct NodePairs: Sendable {
  /// The graphs.
  let entities: EntityTable
  private let schema: GraphSchema

  /// The pairs of the one block, which has graphs of both sides. Throws `BagsError` for other blocks.
  public init(_ blocks: [PairBlock]) throws {
    guard let block = blocks.first, blocks.count == 1, block.spec.kind == .concat, let entities = block.entities,
      case .graph(let schema) = entities.form
    else { throw BagsError(.notNodePairs(blocks.first?.spec.name ?? "")) }
    (self.entities, self.schema) = (entities, schema)
  }

  /// The names of the nodes' features, and of the edges'.
  public var features: (nodes: [String], edges: [String]) { (schema.nodes, schema.edges) }

  /// The ports of a model.
  public var ports: [PortSpec] {
    let nodes = PortSpec("nodes", Self.axes.node, .dense(width: schema.nodes.count), names: schema.nodes)
    if schema.edges.isEmpty { return [nodes] }
    return [nodes, PortSpec("edge_features", Self.axes.edge, .dense(width: schema.edges.count))]
  }

  /// The numbers of the graphs of each bag of a batch with one instance a bag.
  public func graphs(of batch: Batch) -> [(a: Int, b: Int)] {
    guard let x = batch.dense("x") else { preconditionFailure("a batch with the numbers of the graphs") }
    return (0..<x.rows).map { (a: Int(x[$0, 0]), b: Int(x[$0, 1])) }
  }

  /// The most node pairs of two graphs: their numbers are 32-bit numbers.
  static let mostCells = 1 << 30

  /// The number of node pairs of two graphs. Throws `BagsError` where there are too many.
  public func cells(_ a: Int, _ b: Int) throws -> Int {
    let cells = entities.size(of: a) * entities.size(of: b)
    if cells > Self.mostCells { throw BagsError(.tooManyNodePairs(cells, most: Self.mostCells)) }
    return cells
  }

  /// The numbers of node pairs where the graphs are exchanged, in the same order.
  public func exchanged(_ graphs: (a: Int, b: Int), _ cells: [Int32]) -> [Int32] {
    let (height, width) = (Int32(entities.size(of: graphs.a)), Int32(entities.size(of: graphs.b)))
    return cells.map { $0 % width * height + $0 / width }
  }

  /// The number of nodes of a graph.
  public func size(of graph: Int) -> Int { entities.size(of: graph) }

  /// The features of a node of a graph, valid while the table is.
  public func features(of graph: Int, _ node: Int) -> UnsafeBufferPointer<Float> {
    let (row, width) = (entities.offsets[graph] + node, schema.nodes.count)
    return UnsafeBufferPointer(rebasing: entities.nodes.buffer[row * width..<(row + 1) * width])
  }

  /// The names of the nodes of a graph.
  public func nodeNames(of graph: Int) -> [String] { entities.nodeIds(of: graph) }

  /// The names of the nodes of a pair.
  public func names(_ a: Int, _ b: Int, cell: Int) -> (a: String, b: String) {
    let width = entities.size(of: b)
    return (entities.nodeId(of: a, cell / width), entities.nodeId(of: b, cell % width))
  }

  /// The axes of the rows that a graph has by itself: its nodes, and its edges.
  public static let axes = (node: Axis("node"), edge: Axis("edge"))

  /// A batch of one graph by itself: its ports, and the relations `edges` and `graph`.
  public func batch(of graph: Int) -> Batch {
    var batch = Batch(count: [:])
    entities.addGraphs([graph], prefix: "", to: &batch)
    return batch
  }

  /// A batch of some node pairs of each bag, by their numbers in its grid, row by row. Without `graphs` it has neither
  /// the ports of the graphs nor the relation `edges`: for a model that knows what becomes of their nodes.
  public func batch(_ graphs: [(a: Int, b: Int)], cells: [[Int32]], withGraphs: Bool = true) -> Batch {
    var batch = Batch(count: [.bag: graphs.count])
    let all = graphs.map(\.a) + graphs.map(\.b)
    var starts: [Int32] = [0]
    for graph in all { starts.append(starts[starts.count - 1] + Int32(size(of: graph))) }
    batch.count[Self.axes.node] = Int(starts[starts.count - 1])
    if withGraphs { entities.addGraphs(all, prefix: "", to: &batch) }
    let (rows, columns) = (Array(starts[...graphs.count]), Array(starts[graphs.count...]))
    var (bags, nodeA, nodeB, cell): ([Int32], [Int32], [Int32], [Int32]) = ([0], [], [], [])
    var first: Int32 = 0
    for (bag, chosen) in cells.enumerated() {
      let width = columns[bag + 1] - columns[bag]
      for number in chosen {
        nodeA.append(rows[bag] + number / width)
        nodeB.append(columns[bag] + number % width)
        cell.append(first + number)
      }
      bags.append(Int32(nodeA.count))
      first += (rows[bag + 1] - rows[bag]) * width
    }
    batch.count[.instance] = nodeA.count
    batch.count[Axis("cell")] = Int(first)
    batch.relations["bag"] = .segments(bags)
    batch.relations["a.node"] = .index(nodeA)
    batch.relations["b.node"] = .index(nodeB)
    batch.relations["cells"] = .grid(rows: rows, columns: columns)
    batch.relations["cell"] = .index(cell)
    return batch
  }
}

/// The labels of node pairs, by the graphs they belong to: a byte per pair, so the memory is that of the grids.
public final class NodePairLabels: @unchecked Sendable {
  private static let none: UInt8 = 255
  private var grids: [Int64: [UInt8]] = [:]
  private let pairs: NodePairs

  /// Reads a table with the columns `gene_a`, `gene_b`, `isoform_a`, `isoform_b` and `label`, as `resfeat --contacts`
  /// writes it: the ids of the graphs, the names of their nodes, and 0 or 1. Rows of graphs that the block does not
  /// have are left out and counted.
  ///
  /// Throws `BagsError` for a node that its graph does not have, another label, and contrary labels.
  public init(reading table: TableReader, _ block: PairBlock, _ pairs: NodePairs, _ tally: NoticeCounter) throws {
    self.pairs = pairs
    let columns = try ["gene_a", "gene_b", "isoform_a", "isoform_b", "label"].map { try table.require($0) }
    let (a, b) = (NodeFinder(block, pairs.entities), NodeFinder(block, pairs.entities))
    while let row = try table.next() {
      let ids = (try row.id(columns[0]), try row.id(columns[1]))
      guard let one = a.graph(ids.0), let other = b.graph(ids.1) else {
        let id = a.graph(ids.0) == nil ? ids.0 : ids.1
        tally.count(
          .unknownTested,
          example: Diagnostic(.data, "no graph has the id \(Diagnostic.quoted(id))", at: row.place))
        continue
      }
      guard let label = try row.label(columns[4], .binary), label == 0 || label == 1 else { continue }
      let nodes = try (a.node(row.id(columns[2]), at: row.place), b.node(row.id(columns[3]), at: row.place))
      // A pair of graphs that was there the other way round is the same.
      let isReversed = one != other && grids[Self.key(other, one)] != nil
      let (key, cell) =
        isReversed
        ? (Self.key(other, one), nodes.1 * pairs.entities.size(of: one) + nodes.0)
        : (Self.key(one, other), nodes.0 * pairs.entities.size(of: other) + nodes.1)
      if grids[key] == nil { grids[key] = [UInt8](repeating: Self.none, count: try pairs.cells(one, other)) }
      if let known = grids[key]?[cell], known != Self.none, known != UInt8(label) {
        throw BagsError(.contraryInstance("\(row.field(columns[2])):\(row.field(columns[3]))"), at: row.place)
      }
      grids[key]?[cell] = UInt8(label)
    }
  }

  private static func key(_ a: Int, _ b: Int) -> Int64 { Int64(a) << 32 | Int64(b) }

  /// SHA-256, in hexadecimal, of the digest of what is labelled and of all labels.
  public func digest(_ other: String) -> String {
    var hash = SHA256()
    hash.update(other)
    for (key, grid) in grids.sorted(by: { $0.key < $1.key }) {
      withUnsafeBytes(of: key.littleEndian) { hash.update($0) }
      grid.withUnsafeBytes { hash.update($0) }
    }
    return SHA256.hex(hash.finish())
  }

  /// The node pairs of two graphs that have a label, by their numbers in rising order, and their labels, 0 or 1. The
  /// labels may have been given for the graphs the other way round.
  public func labelled(_ a: Int, _ b: Int) -> (cells: [Int32], labels: [UInt8]) {
    if let grid = grids[Self.key(a, b)] {
      let cells = grid.indices.filter { grid[$0] != Self.none }
      return (cells.map { Int32($0) }, cells.map { grid[$0] })
    }
    guard let grid = grids[Self.key(b, a)] else { return ([], []) }
    let given = grid.indices.filter { grid[$0] != Self.none }.map { Int32($0) }
    let found = zip(pairs.exchanged((a: b, b: a), given), given).sorted { $0.0 < $1.0 }
    return (found.map(\.0), found.map { grid[Int($0.1)] })
  }
}

/// Finds graphs by their ids and nodes by their names; remembers the last of each, as tables repeat them.
private final class NodeFinder {
  private let block: PairBlock
  private let entities: EntityTable
  private var last: (id: String, graph: Int?)?
  private var lastNode: (name: String, node: Int)?
  private var nodes: [Int: [String: Int]] = [:]

  init(_ block: PairBlock, _ entities: EntityTable) { (self.block, self.entities) = (block, entities) }

  func graph(_ id: String) -> Int? {
    if let last, last.id == id { return last.graph }
    let graph = block.table.row(of: id).map { block.entity(ofRow: $0) }
    last = (id, graph)
    lastNode = nil
    return graph
  }

  /// The node of this name of the last graph.
  func node(_ name: String, at place: @autoclosure () -> SourceLocation) throws -> Int {
    if let lastNode, lastNode.name == name { return lastNode.node }
    guard let last, let graph = last.graph else { preconditionFailure("a graph that was found") }
    if nodes[graph] == nil {
      let names = entities.nodeIds(of: graph).enumerated().map { ($1, $0) }
      nodes[graph] = Dictionary(names) { first, _ in first }
    }
    guard let node = nodes[graph]?[name] else { throw BagsError(.unknownNode(name, graph: last.id), at: place()) }
    lastNode = (name, node)
    return node
  }
}

/// Pairs of graphs for training on the labels of their node pairs, which weigh what their bag does.
///
/// Without a draw a batch holds every labelled node pair. With one of `negatives` a positive, it holds all positives of
/// a bag and that many of its negatives for each, drawn anew for each seed and epoch. Memory: 5 bytes per labelled
/// pair.
public struct NodePairStore: BatchStore {
  private let pairs: NodePairs
  private let graphs: [(a: Int, b: Int)]
  private let labelled: [(cells: [Int32], labels: [UInt8])]
  /// The labelled pairs of each bag with the label 1, by their positions in `labelled`.
  private let positives: [[Int]]
  private let weights: [Float]

  /// Bags with the numbers of both graphs as their features, and the labels of node pairs.
  public init(_ bags: PackedBags, _ pairs: NodePairs, _ labels: NodePairLabels) {
    self.pairs = pairs
    graphs = pairs.graphs(of: bags.batch(Array(0..<bags.count), nil))
    labelled = graphs.map { labels.labelled($0.a, $0.b) }
    positives = labelled.map { bag in bag.labels.indices.filter { bag.labels[$0] == 1 } }
    // A bag need not have a label of its own, which says nothing of its weight.
    weights = bags.weights
  }

  /// The number of bags.
  public var count: Int { graphs.count }
  /// The ports of the model.
  public var ports: [PortSpec] { pairs.ports }
  /// The number of node pairs of a bag that have a label.
  public func size(of example: Int) -> Int { labelled[example].cells.count }

  /// The labels of the node pairs of these bags.
  public func targets(of examples: [Int]) -> Targets {
    Targets(
      .instance, label: examples.flatMap { labelled[$0].labels.map { Float($0) } },
      weight: examples.flatMap { [Float](repeating: weights[$0], count: labelled[$0].cells.count) },
      sizes: examples.map(size))
  }

  /// A batch of these bags in this order.
  public func batch(_ examples: [Int], _ draw: Draw?) -> Batch {
    let chosen = examples.map { example -> [Int] in
      guard let draw, let most = draw.negatives else { return Array(labelled[example].cells.indices) }
      return drawn(example, most, RandomStream(seed: draw.seed, UInt64(draw.epoch), UInt64(example)))
    }
    var (given, cells) = ([(a: Int, b: Int)](), [[Int32]]())
    var (label, weight) = ([Float](), [Float]())
    for (place, example) in examples.enumerated() {
      let own = chosen[place].map { labelled[example].cells[$0] }
      // Both sides are of one kind: an exchange changes which graph comes first, and so the numbers of the node pairs.
      let isSwapped = draw?.swapped?[place] ?? false
      let graphs = graphs[example]
      given.append(isSwapped ? (a: graphs.b, b: graphs.a) : graphs)
      cells.append(isSwapped ? pairs.exchanged(graphs, own) : own)
      label += chosen[place].map { Float(labelled[example].labels[$0]) }
      weight += [Float](repeating: weights[example], count: own.count)
    }
    var batch = pairs.batch(given, cells: cells)
    batch.targets = Targets(.instance, label: label, weight: weight, sizes: cells.map(\.count))
    return batch
  }

  /// The labelled pairs of all positives, and of `most` negatives for each, or of all where there are fewer, in order.
  ///
  /// The negatives are the beginning of a shuffle of all, of which only the positions that a draw has moved are kept.
  private func drawn(_ example: Int, _ most: Int, _ stream: RandomStream) -> [Int] {
    var stream = stream
    let positives = positives[example]
    let negatives = labelled[example].cells.count - positives.count
    let wanted = min(negatives, most * max(1, positives.count))
    if wanted == negatives { return Array(labelled[example].cells.indices) }
    var moved: [Int: Int] = [:]
    var ranks: [Int] = []
    for place in 0..<wanted {
      let other = place + Int(stream.next() % UInt64(negatives - place))
      ranks.append(moved[other] ?? other)
      moved[other] = moved[place] ?? place
    }
    // The negative of a rank lies behind as many pairs as that, and the positives among them.
    var (chosen, before) = (positives, 0)
    for rank in ranks.sorted() {
      while before < positives.count, positives[before] - before <= rank { before += 1 }
      chosen.append(rank + before)
    }
    return chosen.sorted()
  }
}
