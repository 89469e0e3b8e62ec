import Arrays
import Bags
import Bytes
import Features
import Records
import Testing
import Workbench

/// Blocks of graphs and sequences: their reading, the ports of a batch, and pairs of nodes.
@Suite struct EntityTests {
  /// A triangle, a path of two nodes, and the triangle again.
  static let graphs = """
    {"schema":{"kind":"graph","features":["u","v"],"edge_features":["w"]}}
    {"id":"d1","nodes":[[1,2],[3,4],[5,6]],"edges":[[0,1],[1,2],[2,0]],"edge_x":[[0],[2],[4]]}
    {"id":"d2","nodes":[[7,8],[9,10]],"edges":[[0,1],[1,0]],"edge_x":[[1],[2]],"node_ids":["C","C"]}
    {"id":"d3","nodes":[[1,2],[3,4],[5,6]],"edges":[[0,1],[1,2],[2,0]],"edge_x":[[0],[2],[4]]}

    """
  static let fasta = ">p1\nACDA\n>p2 some words\nGGA\n"

  static func options() -> PairBlock.Options {
    var options = PairBlock.Options()
    options.table.takesEntities = true
    return options
  }

  static func block(_ spec: String, _ text: String) throws -> PairBlock {
    try PairBlock.read(
      BlockSpec(parsing: spec), table: MemorySource(text, name: "f"), groups: nil, options: options(),
      tally: NoticeCounter())
  }

  static func bags(_ pairs: String, _ blocks: [PairBlock]) throws -> PairBags {
    let members =
      blocks.count == 1
      ? Members(identifiersOf: blocks.map(\.table))
      : Members(a: Members(identifiersOf: [blocks[0].table]), b: Members(identifiersOf: [blocks[1].table]))
    return try PairBags(pairs: Given.pairs(pairs), members: members, blocks: blocks)
  }

  static func sides() throws -> (PairBags, EntityPorts) {
    let blocks = [try block("drug=a:f", graphs), try block("target=b:f", fasta)]
    let ports = try EntityPorts(blocks, tally: NoticeCounter()) { side in
      side == .b ? EntityPorts.Tokens(.graphDTA, length: 3) : nil
    }
    return (try bags("gene_a\tgene_b\tlabel\nd1\tp1\t1\nd2\tp1\t0\nd3\tp2\t1\n", blocks), ports)
  }

  @Test func aBatchHoldsEachDistinctEntityOnce() throws {
    let (bags, ports) = try Self.sides()
    #expect(bags.schema?.names == ["drug.a.graph", "target.b.sequence"])
    let packed = try PackedBags.read(bags)
    let batch = EntityStore(packed, ports).batch([0, 1, 2], nil)
    #expect(batch.count[Axis("a")] == 2)  // d3 is d1 under another id
    #expect(batch.index("a") == [0, 1, 0])
    #expect(batch.index("b") == [0, 0, 1])
    #expect(batch.dense("a.nodes")?.values == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    #expect(batch.segments("a.graph") == [0, 3, 5])
    #expect(batch.edges("a.edges").from == [0, 1, 2, 3, 4])
    #expect(batch.edges("a.edges").into == [1, 2, 0, 4, 3])
    #expect(batch.dense("a.edge_features")?.values == [0, 2, 4, 1, 2])
    #expect(batch.tokens("b.tokens") == [1, 3, 4, 7, 7, 1])  // ACD of ACDA, GGA
    #expect(batch.targets.label == [1, 0, 1])
    #expect(batch.segments("bag") == [0, 1, 2, 3])
    let one = EntityStore(packed, ports).batch([1], nil)
    #expect(one.dense("a.nodes")?.values == [7, 8, 9, 10])
    #expect(one.edges("a.edges").into == [1, 0])
  }

  @Test func portsOfAModel() throws {
    let (_, ports) = try Self.sides()
    #expect(
      ports.ports == [
        PortSpec("a.nodes", Axis("a.node"), .dense(width: 2)),
        PortSpec("a.edge_features", Axis("a.edge"), .dense(width: 1)),
        PortSpec("b.tokens", Axis("b"), .tokens(symbols: 26, length: 3)),
      ])
    #expect(ports.features(of: "a.nodes") == ["u", "v"])
    #expect(ports.features(of: "b.tokens").isEmpty)
  }

  @Test func sequencesThatAreCutAreCounted() throws {
    let blocks = [try Self.block("drug=a:f", Self.graphs), try Self.block("target=b:f", Self.fasta)]
    var notes: [String] = []
    let tally = NoticeCounter(named: { notes.append($0.message) }, total: { notes.append("\($0) \($1)") })
    _ = try EntityPorts(blocks, tally: tally) { $0 == .b ? EntityPorts.Tokens(.graphDTA, length: 3) : nil }
    tally.close()
    #expect(
      notes == [
        "sequence 'p1' has 4 letters, the model reads 3", "1 sequence cut to the length that the model reads",
      ])
  }

  @Test func faultsHaveTheirWords() throws {
    func message(_ body: () throws -> Void) -> String? {
      (#expect(throws: BagsError.self) { try body() })?.diagnostic.message
    }
    #expect(
      message { _ = try Self.block("d=product:f", Self.graphs) }
        == "block 'd' holds graphs or sequences, which kind product can't combine")
    #expect(message { _ = try Self.block("t=b:f", ">p1\n\n") } == "'p1' has no sequence")
    #expect(
      message {
        let blocks = [try Self.block("d=a:f", Self.graphs), try Self.block("t=b:f", ">p1\nAJA\n")]
        _ = try EntityPorts(blocks, tally: NoticeCounter()) { _ in EntityPorts.Tokens(.graphDTA, length: 3) }
      } == "letter 'J' at position 2 of 'p1' is none of the model's symbols")
    #expect(
      message {
        let blocks = [try Self.block("d=a:f", Self.graphs), try Self.block("e=a:f", Self.graphs)]
        _ = try EntityPorts(blocks, tally: NoticeCounter()) { _ in nil }
      } == "two blocks of graphs or sequences describe side a")
    // Where a tool takes rows of features only.
    let plain = message {
      _ = try PairBlock.read(
        BlockSpec(parsing: "d=a:f"), table: MemorySource(Self.graphs, name: "f"), groups: nil,
        options: PairBlock.Options(), tally: NoticeCounter())
    }
    #expect(plain == "'f' holds graphs, not a table of features")
  }

  @Test func smilesOfATableAreSequences() throws {
    let block = try Self.block("d=a:f", "id\tsmiles\nd1\tCC(=O)\nd2\tCC(=O)\nd3\tN\n")
    #expect(block.entities?.form == .sequence)
    #expect(block.entities?.count == 2)
    #expect(block.names == ["d.a.smiles"])
  }

  /// Tables of assays name a partner in every row, under names with blanks.
  @Test func repeatedRowsAndIdsWithBlanks() throws {
    let block = try Self.block("t=b:f", "target name\tsequence\nabl 1\tACD\nabl 2\tGG\nabl 1\tACD\n")
    #expect(block.table.ids == ["abl 1", "abl 2"])
    #expect(block.entities?.count == 2)
    let graphs = Self.graphs + "{\"id\":\"d2\",\"nodes\":[[7,8],[9,10]],\"edges\":[[0,1],[1,0]],\"edge_x\":[[1],[2]],"
    #expect(try Self.block("d=a:f", graphs + "\"node_ids\":[\"C\",\"C\"]}\n").table.ids == ["d1", "d2", "d3"])
    func fault(_ text: String) -> Diagnostic? {
      (#expect(throws: BagsError.self) { _ = try Self.block("t=b:f", text) })?.diagnostic
    }
    #expect(fault("id\tsequence\nabl\tACD\nabl\tGG\n")?.message == "id 'abl' occurs twice in this table")
    #expect(fault(">abl\nACD\n>abl\nGG\n")?.hint == "keep one row of each id")
    #expect(fault(">abl 1\nACD\n>abl 2\nGG\n")?.hint?.contains("ends at the first blank") == true)
    #expect(throws: RecordError.self) { _ = try Self.block("t=b:f", "sequence\tname\nACD\tabl\n") }
  }

  // MARK: Pairs of nodes

  static let labels = """
    gene_a\tgene_b\tisoform_a\tisoform_b\tlabel
    c1\tc2\tA1\tB1\t1
    c1\tc2\tA1\tB2\t0
    c1\tc2\tA2\tB2\t0
    c1\tc2\tA3\tB1\t0

    """
  static let complexes = """
    {"schema":{"kind":"graph","features":["u"]}}
    {"id":"c1","nodes":[[1],[2],[3]],"edges":[[0,1],[1,0]],"node_ids":["A1","A2","A3"]}
    {"id":"c2","nodes":[[4],[5]],"edges":[[1,0]],"node_ids":["B1","B2"]}

    """

  static func store() throws -> (NodePairStore, NodePairs, NodePairLabels) {
    let block = try block("res=concat:f", complexes)
    let pairs = try NodePairs([block])
    let table = try TableReader(MemorySource(labels, name: "labels"))
    let labels = try NodePairLabels(reading: table, block, pairs, NoticeCounter())
    let packed = try PackedBags.read(bags("gene_a\tgene_b\nc1\tc2\n", [block]), labelled: false)
    return (NodePairStore(packed, pairs, labels), pairs, labels)
  }

  @Test func aBatchOfNodePairs() throws {
    let (store, _, _) = try Self.store()
    #expect(store.size(of: 0) == 4)
    let batch = store.batch([0], nil)
    #expect(batch.dense("nodes")?.values == [1, 2, 3, 4, 5])
    #expect(batch.segments("graph") == [0, 3, 5])
    #expect(batch.edges("edges").into == [1, 0, 3])
    #expect(batch.edges("edges").from == [0, 1, 4])
    #expect(batch.index("a.node") == [0, 0, 1, 2])
    #expect(batch.index("b.node") == [3, 4, 4, 3])
    #expect(batch.index("cell") == [0, 1, 3, 4])
    let grid = batch.grid("cells")
    #expect(grid.rows == [0, 3] && grid.columns == [3, 5])
    #expect(batch.count[Axis("cell")] == 6)
    #expect(batch.targets == Targets(.instance, label: [1, 0, 0, 0], sizes: [4]))
  }

  @Test func anExchangeKeepsTheLabels() throws {
    let (store, _, _) = try Self.store()
    let batch = store.batch([0], Draw(seed: 1, epoch: 1, swapped: [true]))
    #expect(batch.dense("nodes")?.values == [4, 5, 1, 2, 3])
    // The same node pairs in the same order, from the other side.
    #expect(batch.index("a.node") == [0, 1, 1, 0])
    #expect(batch.index("b.node") == [2, 2, 3, 4])
    #expect(batch.index("cell") == [0, 3, 4, 2])
    #expect(batch.targets.label == [1, 0, 0, 0])
  }

  @Test func negativesAreDrawnAnewInEachEpoch() throws {
    let (store, _, _) = try Self.store()
    var seen: Set<[Int32]> = []
    for epoch in 1...40 {
      let batch = store.batch([0], Draw(seed: 1, epoch: epoch, negatives: 1))
      #expect(batch.targets.label.count == 2 && batch.targets.label.reduce(0, +) == 1)
      #expect(batch.index("cell").first == 0)
      #expect(batch.index("cell") == store.batch([0], Draw(seed: 1, epoch: epoch, negatives: 1)).index("cell"))
      seen.insert(batch.index("cell"))
    }
    #expect(seen.count == 3)
    #expect(store.batch([0], Draw(seed: 1, epoch: 1, negatives: 9)).targets.label.count == 4)
  }

  @Test func labelsOfNodePairs() throws {
    let (_, pairs, labels) = try Self.store()
    #expect(labels.labelled(0, 1) == ([0, 1, 3, 4], [1, 0, 0, 0]))
    // The same from the other side, whose grid is 2 × 3.
    #expect(labels.labelled(1, 0) == ([0, 2, 3, 4], [1, 0, 0, 0]))
    #expect(labels.labelled(0, 0) == ([], []))
    #expect(pairs.names(0, 1, cell: 3) == (a: "A2", b: "B2"))
    let block = try Self.block("res=concat:f", Self.complexes)
    func error(_ rows: String) -> BagsError? {
      #expect(throws: BagsError.self) {
        let table = try TableReader(
          MemorySource("gene_a\tgene_b\tisoform_a\tisoform_b\tlabel\n\(rows)\n", name: "labels"))
        _ = try NodePairLabels(reading: table, block, pairs, NoticeCounter())
      }
    }
    #expect(throws: (any Error).self) {
      let table = try TableReader(
        MemorySource("gene_a\tgene_b\tisoform_a\tisoform_b\tlabel\nc1\tc2\tA1\t\t1\n", name: "labels"))
      _ = try NodePairLabels(reading: table, block, pairs, NoticeCounter())
    }
    #expect(
      error("c1\tc2\tA1\tB2\t1\nc2\tc1\tB2\tA1\t0") == BagsError(.contraryInstance("B2:A1"), at: Self.place(3)))
    #expect(error("c1\tc2\tA9\tB1\t1") == BagsError(.unknownNode("A9", graph: "c1"), at: Self.place(2)))
    #expect(
      error("c1\tc2\tA1\tB1\t1\nc1\tc2\tA1\tB1\t0") == BagsError(.contraryInstance("A1:B1"), at: Self.place(3)))
  }

  static func place(_ line: Int) -> Bytes.SourceLocation { .init(source: "labels", line: line) }
}
