import Bytes
import Records
import Structures
import Testing
import Workbench

@Suite struct ResidueGraphTests {
  static let columns = 76

  private func example() throws -> Structure { try StructureReader.read(Fixtures.folder + "1SYX_l_u.pdb.gz") }

  /// The columns and edges of an implementation in numpy and SciPy, rounded to five digits.
  @Test func equalsTheReference() throws {
    let graph = try ResidueGraph("neighbours=20").record(of: example())
    let nodes = try Fixtures.rows(Fixtures.folder + "1SYX_l_u.nodes.tsv.gz")
    let edges = try Fixtures.rows(Fixtures.folder + "1SYX_l_u.edges.tsv.gz")
    try compare(graph, nodes.map { Array($0[3...]) }, edges)
    #expect(graph.nodeIds.first == "A:1:ASP" && graph.nodeIds.count == 62)
  }

  private func compare(_ graph: GraphRecord, _ nodes: [[String]], _ edges: [[String]]) throws {
    #expect(graph.nodeCount == nodes.count && graph.edgeCount == edges.count)
    guard graph.nodeCount == nodes.count, graph.edgeCount == edges.count else { return }
    var farthest = 0.0
    for (node, row) in nodes.enumerated() {
      for (column, text) in row.enumerated() {
        let value = try #require(Double(text))
        farthest = max(farthest, abs(value - graph.nodes[node * Self.columns + column]))
      }
    }
    #expect(farthest < 1e-5)
    for (edge, row) in edges.enumerated() {
      #expect(row[0] == String(graph.to[edge]) && row[2] == String(graph.from[edge]))
      for (column, text) in row[3...].enumerated() {
        let value = try #require(Double(text))
        #expect(abs(value - graph.edges[2 * edge + column]) < 1e-5)
      }
    }
  }

  /// All 12 tables of the shared data.
  @Test(.enabled(if: Fixtures.shared != nil, "the shared data are not beside the repository"))
  func equalsAllReferences() throws {
    let folder = try #require(Fixtures.shared)
    let nodes = Dictionary(grouping: try Fixtures.rows(folder + "node_features_ref.tsv.gz")) { "\($0[0])_\($0[1])" }
    let edges = Dictionary(grouping: try Fixtures.rows(folder + "edges_ref.tsv.gz")) { "\($0[0])_\($0[1])" }
    #expect(nodes.count == 12)
    for (name, rows) in nodes {
      let graph = try ResidueGraph().record(of: StructureReader.read(folder + "pdb/\(name)_u.pdb.gz"))
      try compare(graph, rows.map { Array($0[6...]) }, (edges[name] ?? []).map { Array($0[2...]) })
    }
  }

  /// Neighbours and half spheres against a search through all pairs of atoms.
  @Test func cellsFindWhatAllPairsFind() throws {
    let structure = try example()
    let graph = try ResidueGraph("k=7").record(of: structure)
    #expect(graph.edgeCount == 7 * structure.residues.count)
    func distances(_ a: Residue, _ b: Residue) -> [Double] {
      a.atoms.flatMap { i in
        b.atoms.map { j in
          let (p, q) = (structure.atoms[i].position, structure.atoms[j].position)
          return ((p.x - q.x) * (p.x - q.x) + (p.y - q.y) * (p.y - q.y) + (p.z - q.z) * (p.z - q.z)).squareRoot()
        }
      }
    }
    for (number, residue) in structure.residues.enumerated() {
      let all = structure.residues.map { distances(residue, $0) }
      let means = all.map { $0.reduce(0, +) / Double($0.count) }
      let nearest = means.indices.filter { $0 != number }.sorted { (means[$0], $0) < (means[$1], $1) }
      #expect(nearest.prefix(7).map(Int32.init) == Array(graph.from[number * 7..<number * 7 + 7]))
      let near = all.filter { $0.contains { $0 <= 8 } }.count
      let row = graph.nodes[number * Self.columns..<(number + 1) * Self.columns]
      let shares = Array(row.suffix(40))
      // The residue itself is in both halves: their sizes, which the smallest share tells, add up to one more.
      let sizes = [shares[..<20], shares[20...]].map { half in (1 / (half.filter { $0 > 0 }.min() ?? 1)).rounded() }
      #expect(Int(sizes[0] + sizes[1]) <= near + 1)
      #expect(abs(shares[..<20].reduce(0, +) - 1) < 1e-4 && abs(shares[20...].reduce(0, +) - 1) < 1e-4)
    }
  }

  /// With fixed points areas and depths depend a little on the way a protein lies: nothing else does, and with points
  /// that turn nothing at all.
  @Test func aRigidMotionChangesNothing() throws {
    let structure = try example()
    for seed in [1, -0.4] {
      let turned = try ResidueGraph("sphere=turned")
      let (own, other) = (try turned.record(of: structure), try turned.record(of: moved(structure, seed: seed)))
      #expect(own.from == other.from && own.to == other.to && own.nodeIds == other.nodeIds)
      #expect(zip(own.nodes, other.nodes).allSatisfy { abs($0 - $1) < 2e-6 })
      #expect(zip(own.edges, other.edges).allSatisfy { abs($0 - $1) < 2e-6 })
      let (first, second) = (
        try ResidueGraph().record(of: structure), try ResidueGraph().record(of: moved(structure, seed: seed))
      )
      #expect(first.from == second.from)
      #expect(zip(first.edges, second.edges).allSatisfy { abs($0 - $1) < 2e-6 })
      for column in 0..<Self.columns {
        let differences = (0..<first.nodeCount).map { node in
          abs(first.nodes[node * Self.columns + column] - second.nodes[node * Self.columns + column])
        }
        let isSampled = (20...22).contains(column) || (29...34).contains(column)
        #expect(differences.reduce(0, +) / Double(first.nodeCount) < (isSampled ? 0.05 : 2e-6))
        #expect(differences.reduce(0, max) < (isSampled ? 0.3 : 2e-6))
      }
    }
  }

  @Test func fewResiduesHaveFewNeighbours() throws {
    let one = try ResidueGraph().record(of: structure(PDBReaderTests.backbone + "END\n"))
    #expect(one.nodeCount == 1 && one.edgeCount == 0)
    #expect(one.nodes.allSatisfy { $0.isFinite })
    let text = (1...5).map { atom("CA", $0, at: (Double($0) * 900, 0, 0)) }.joined()
    let five = try ResidueGraph("neighbours=4").record(of: structure(text))
    #expect(five.edgeCount == 20 && Array(five.from.prefix(4)) == [1, 2, 3, 4])
    let far = try ResidueGraph("neighbours=2").record(of: structure(text))
    #expect(Array(far.from) == [1, 2, 0, 2, 1, 3, 2, 4, 3, 2])
  }

  /// Atoms in one spot: the search would look at all pairs.
  @Test func whatIsTooDenseIsRefused() throws {
    let text = (1...201).map { atom("CA", $0) }.joined()
    let found = try structure(text)
    #expect { _ = try ResidueGraph().record(of: found) } throws: { error in
      (error as? StructureError)?.message == "201 atoms lie within a cube of 5 Å: no structure is so dense"
    }
    let few = try structure((1...3).map { atom("CA", $0) }.joined())
    #expect(try ResidueGraph().record(of: few).nodes.allSatisfy { $0.isFinite })
  }

  @Test func aGraphOffItsDefaultsHasOtherNames() throws {
    let usual = try ResidueGraph().schema
    #expect(usual.nodes.count == 76 && Set(usual.nodes).count == 76)
    #expect(usual.nodes[0] == "residue.A" && usual.nodes[20] == "rasa" && usual.nodes[35] == "hydropathy")
    #expect(usual.edges == ["near.distance", "near.angle"])
    #expect(try ResidueGraph("k=15").schema.edges == ["near-k15.distance", "near-k15.angle"])
    #expect(try ResidueGraph("", hasProfile: true).schema.nodes[19] == "pssm.V")
    let turned = try ResidueGraph("sphere=turned").schema.nodes
    #expect(zip(usual.nodes, turned).filter { $0 != $1 }.count == 9)
    #expect(throws: SettingError.self) { _ = try ResidueGraph("neighbours=0") }
    #expect(throws: SettingError.self) { _ = try ResidueGraph("neighbors=20") }
  }
}
