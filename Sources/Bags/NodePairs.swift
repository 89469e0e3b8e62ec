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
  /// The columns of `x` with the numbers of both graphs of a bag.
  private let columns: (a: Int, b: Int)

  /// The pairs of the one block, which has graphs of both sides. Throws `BagsError` for other blocks.
  public init(_ blocks: [PairBlock]) throws {
    guard let block = blocks.first, blocks.count == 1, block.spec.kind == .concat, let entities = block.entities,
      case .graph(let schema) = entities.form
    else { throw BagsError(.notNodePairs(blocks.first?.spec.name ?? "")) }
    (self.entities, self.schema, columns) = (entities, schema, (0, 1))
  }

  /// The names of the nodes' features, and of the edges'.
  public var features: (nodes: [String], edges: [String]) { (schema.nodes, schema.edges) }

  /// The ports of a model.
  public var ports: [PortSpec] {
    let nodes = PortSpec("nodes", Axis("node"), .dense(width: schema.nodes.count))
    if schema.edges.isEmpty { return [nodes] }
    return [nodes, PortSpec("edge_features", Axis("edge"), .dense(width: schema.edges.count))]
  }

  /// The numbers of the graphs of each bag of a batch with one instance a bag.
  public func graphs(of batch: Batch) -> [(a: Int, b: Int)] {
    guard let x = batch.dense("x") else { preconditionFailure("a batch with the numbers of the graphs") }
    return (0..<x.rows).map { (a: Int(x[$0, columns.a]), b: Int(x[$0, columns.b])) }
  }

  /// The number of node pairs of two graphs.
  public func cells(_ a: Int, _ b: Int) -> Int { entities.size(of: a) * entities.size(of: b) }

  /// The numbers of node pairs where the graphs are exchanged, in the same order.
  public func exchanged(_ graphs: (a: Int, b: Int), _ cells: [Int32]) -> [Int32] {
    let (height, width) = (Int32(entities.size(of: graphs.a)), Int32(entities.size(of: graphs.b)))
    return cells.map { $0 % width * height + $0 / width }
  }

  /// The names of the nodes of a pair.
  public func names(_ a: Int, _ b: Int, cell: Int) -> (a: String, b: String) {
    let width = entities.size(of: b)
    return (entities.nodeId(of: a, cell / width), entities.nodeId(of: b, cell % width))
  }

  /// A batch of some node pairs of each bag, by their numbers in its grid, row by row.
  public func batch(_ graphs: [(a: Int, b: Int)], cells: [[Int32]]) -> Batch {
    var batch = Batch(count: [.bag: graphs.count])
    let all = graphs.map(\.a) + graphs.map(\.b)
    entities.addGraphs(all, prefix: "", to: &batch)
    let starts = batch.segments("graph")
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
    var (key, grid): (Int64, [UInt8]) = (-1, [])
    while let row = try table.next() {
      guard let one = a.graph(row.field(columns[0])), let other = b.graph(row.field(columns[1])) else {
        let id = a.graph(row.field(columns[0])) == nil ? row.field(columns[0]) : row.field(columns[1])
        tally.count(
          .unknownTested,
          example: Diagnostic(.data, "no graph has the id \(Diagnostic.quoted(id))", at: row.place))
        continue
      }
      let next = Self.key(one, other)
      if next != key {
        if key >= 0 { grids[key] = grid }
        (key, grid) = (next, grids[next] ?? [UInt8](repeating: Self.none, count: pairs.cells(one, other)))
      }
      guard let label = try row.label(columns[4], .binary), label == 0 || label == 1 else { continue }
      let nodes = try (a.node(row.field(columns[2]), at: row.place), b.node(row.field(columns[3]), at: row.place))
      let cell = nodes.0 * pairs.entities.size(of: other) + nodes.1
      if grid[cell] != Self.none, grid[cell] != UInt8(label) {
        throw BagsError(.contraryInstance("\(row.field(columns[2])):\(row.field(columns[3]))"), at: row.place)
      }
      grid[cell] = UInt8(label)
    }
    if key >= 0 { grids[key] = grid }
  }

  private static func key(_ a: Int, _ b: Int) -> Int64 { Int64(a) << 32 | Int64(b) }

  /// The labels of the node pairs of two graphs, row by row: 0, 1, or another number where there is none; nil where no
  /// pair of them has a label.
  func grid(_ a: Int, _ b: Int) -> [UInt8]? { grids[Self.key(a, b)] }

  /// The label of a node pair; nil where it has none.
  public func label(_ a: Int, _ b: Int, cell: Int) -> Double? {
    guard let label = grids[Self.key(a, b)]?[cell], label != Self.none else { return nil }
    return Double(label)
  }

  /// The number of node pairs of two graphs that have a label.
  func count(_ a: Int, _ b: Int) -> Int { grid(a, b)?.reduce(0) { $0 + ($1 == Self.none ? 0 : 1) } ?? 0 }

  /// The node pairs of two graphs that have a label, by their numbers.
  public func labelled(_ a: Int, _ b: Int) -> [Int32] {
    guard let grid = grid(a, b) else { return [] }
    return grid.indices.filter { grid[$0] != Self.none }.map { Int32($0) }
  }
}

/// Finds graphs by their ids and nodes by their names; remembers the last of each, as tables repeat them.
private final class NodeFinder {
  private let block: PairBlock
  private let entities: EntityTable
  private var last: (id: String, graph: Int?) = ("", nil)
  private var lastNode: (name: String, node: Int) = ("", -1)
  private var nodes: [Int: [String: Int]] = [:]

  init(_ block: PairBlock, _ entities: EntityTable) { (self.block, self.entities) = (block, entities) }

  func graph(_ id: String) -> Int? {
    if last.id == id { return last.graph }
    last = (id, block.table.row(of: id).map { block.entity(ofRow: $0) })
    lastNode = ("", -1)
    return last.graph
  }

  /// The node of this name of the last graph.
  func node(_ name: String, at place: @autoclosure () -> SourceLocation) throws -> Int {
    if lastNode.name == name { return lastNode.node }
    guard let graph = last.graph else { preconditionFailure("a graph that was found") }
    if nodes[graph] == nil {
      let names = entities.nodeIds(of: graph).enumerated().map { ($1, $0) }
      nodes[graph] = Dictionary(names) { first, _ in first }
    }
    guard let node = nodes[graph]?[name] else { throw BagsError(.unknownNode(name, graph: last.id), at: place()) }
    lastNode = (name, node)
    return node
  }
}

/// Pairs of graphs for training on the labels of their node pairs.
///
/// Without a draw a batch holds every labelled node pair. With one of `negatives` a positive, it holds all positives of
/// a bag and that many of its negatives for each, drawn anew for each seed and epoch.
public struct NodePairStore: BatchStore {
  private let bags: any BatchStore
  private let pairs: NodePairs
  private let graphs: [(a: Int, b: Int)]
  private let labels: NodePairLabels

  /// Bags with the numbers of both graphs as their features, and the labels of node pairs.
  public init(_ bags: any BatchStore, _ pairs: NodePairs, _ labels: NodePairLabels) {
    (self.bags, self.pairs, self.labels) = (bags, pairs, labels)
    graphs = pairs.graphs(of: bags.batch(Array(0..<bags.count), nil))
  }

  /// The number of bags.
  public var count: Int { bags.count }
  /// The ports of the model.
  public var ports: [PortSpec] { pairs.ports }
  /// The number of node pairs of a bag that have a label.
  public func size(of example: Int) -> Int { labels.count(graphs[example].a, graphs[example].b) }

  /// The labels of the node pairs of these bags.
  public func targets(of examples: [Int]) -> Targets {
    targets(examples, examples.map { labels.labelled(graphs[$0].a, graphs[$0].b) })
  }

  private func targets(_ examples: [Int], _ cells: [[Int32]]) -> Targets {
    var label: [Float] = []
    for (example, cells) in zip(examples, cells) {
      guard let grid = labels.grid(graphs[example].a, graphs[example].b) else { continue }
      label += cells.map { Float(grid[Int($0)]) }
    }
    return Targets(.instance, label: label)
  }

  /// A batch of these bags in this order.
  public func batch(_ examples: [Int], _ draw: Draw?) -> Batch {
    let cells = examples.map { example in
      let all = labels.labelled(graphs[example].a, graphs[example].b)
      guard let draw, let most = draw.negatives, let grid = labels.grid(graphs[example].a, graphs[example].b)
      else { return all }
      return drawn(all, grid, most, RandomStream(seed: draw.seed, UInt64(draw.epoch), UInt64(example)))
    }
    var given = examples.map { graphs[$0] }
    // Both sides are of one kind: an exchange changes which graph comes first, and so the numbers of the node pairs.
    var chosen = cells
    for (place, isSwapped) in (draw?.swapped ?? []).enumerated() where isSwapped {
      chosen[place] = pairs.exchanged(given[place], cells[place])
      given[place] = (a: given[place].b, b: given[place].a)
    }
    var batch = pairs.batch(given, cells: chosen)
    batch.targets = targets(examples, cells)
    return batch
  }

  /// All positives, and `most` negatives for each, or all where there are fewer; in rising order.
  private func drawn(_ all: [Int32], _ grid: [UInt8], _ most: Int, _ stream: RandomStream) -> [Int32] {
    var stream = stream
    let positives = all.filter { grid[Int($0)] == 1 }
    var negatives = all.filter { grid[Int($0)] == 0 }
    let wanted = min(negatives.count, most * max(1, positives.count))
    for place in 0..<wanted {
      let other = place + Int(stream.next() % UInt64(negatives.count - place))
      negatives.swapAt(place, other)
    }
    return (positives + negatives[..<wanted]).sorted()
  }
}
