import Arrays
import Bytes
import Models
import Testing

/// The molecules and sequences of the reference, put together to batches.
struct AffinityData {
  static let networks = ["gin", "lstm", "gcn", "gat", "gat_gcn", "deepdta"]
  let fixture: Fixture

  init() throws { fixture = try Fixture("affinity.fixture.safetensors") }

  private static let choices = [
    "gin": "graphdta-gin:hidden=8", "lstm": "graphdta-gin:hidden=8,protein=lstm,memory=8",
    "gcn": "graphdta-gcn:hidden=10,dense=12", "gat": "graphdta-gat:hidden=10,heads=2",
    "gat_gcn": "graphdta-gat-gcn:hidden=10,heads=2,dense=12",
  ]

  /// The method of a reference network, in its size.
  func choice(_ name: String, dropout: Double = 0) throws -> MethodChoice {
    let sizes = "embedding=16,filters=4,kernel=4,length=40,head1=16,head2=8,dropout=\(dropout)"
    return try MethodChoice(
      Self.choices[name].map { "\($0),width=12,\(sizes)" } ?? "deepdta:smiles-kernel=4,smiles-length=60,\(sizes)")
  }

  /// The network of a name with the weights of the reference.
  func network(_ name: String, dropout: Double = 0) throws -> Network {
    let choice = try choice(name, dropout: dropout)
    let plan = try #require(try choice.plan(AffinityData.ports(choice)))
    var network = plan.network(seed: 1)
    for entry in network.parameters.entries {
      let values = fixture["\(name).w.\(entry.name)"]
      #expect(values.count == entry.count, "\(name): \(entry.name)")
      network.parameters.set(entry.name, to: values)
    }
    return network
  }

  /// The ports that a choice of a method reads, with 78 numbers a node.
  static func ports(_ choice: MethodChoice) -> [PortSpec] {
    choice.inputs.map { input in
      switch input.form {
      case .tokens(_, let symbols, let length):
        PortSpec(input.port, input.rows, .tokens(symbols: symbols, length: length))
      default: PortSpec(input.port, input.rows, .dense(width: 78))
      }
    }
  }

  /// Pairs of the numbers of a molecule and a sequence, with entities in common, or each with entities of its own.
  func batch(_ name: String, _ pairs: [(Int, Int)] = (0..<6).map { ($0, $0) }, distinct: Bool = true) -> Batch {
    let isDeepDTA = name == "deepdta"
    func entities(_ wanted: [Int]) -> (rows: [Int], index: [Int32]) {
      guard distinct else { return (wanted, wanted.indices.map { Int32($0) }) }
      let rows = Set(wanted).sorted()
      return (rows, wanted.map { row in Int32(rows.firstIndex(of: row) ?? 0) })
    }
    let (a, b) = (entities(pairs.map(\.0)), entities(pairs.map(\.1)))
    var batch = Batch(
      count: [.bag: pairs.count, .instance: pairs.count, Axis("a"): a.rows.count, Axis("b"): b.rows.count],
      relations: [
        "a": .index(a.index), "b": .index(b.index), "bag": .segments((0...Int32(pairs.count)).map { $0 }),
      ])
    func letters(_ name: String, _ rows: [Int]) -> Port {
      let all = fixture[name].map { Int32($0) }
      let length = all.count / 6
      return .tokens(rows.flatMap { all[$0 * length..<($0 + 1) * length] })
    }
    batch.ports["b.tokens"] = letters(isDeepDTA ? "deepdta.in.tokens" : "in.tokens", b.rows)
    if isDeepDTA { batch.ports["a.tokens"] = letters("in.smiles", a.rows) } else { addGraphs(a.rows, to: &batch) }
    return batch
  }

  private func addGraphs(_ rows: [Int], to batch: inout Batch) {
    let (offsets, ends) = (fixture["in.offsets"].map { Int($0) }, fixture["in.edges"].map { Int($0) })
    let x = Matrix(rows: 151, columns: 78, values: fixture["in.x"])
    var (nodes, into, from, segments) = ([Int](), [Int32](), [Int32](), [Int32(0)])
    for row in rows {
      let atoms = offsets[row]..<offsets[row + 1]
      let shift = nodes.count - atoms.lowerBound
      for edge in 0..<ends.count / 2 where atoms.contains(ends[edge]) {
        from.append(Int32(ends[edge] + shift))
        into.append(Int32(ends[edge + ends.count / 2] + shift))
      }
      nodes += atoms
      segments.append(Int32(nodes.count))
    }
    batch.count[Axis("a.node")] = nodes.count
    batch.ports["a.nodes"] = .dense(x.rows(nodes))
    batch.relations["a.edges"] = .edges(into: into, from: from)
    batch.relations["a.graph"] = .segments(segments)
  }
}

/// Equal to a share of the largest value, or of 0.1.
func close(_ found: [Float], _ expected: [Float], _ share: Float, _ what: String) {
  let size = max(0.1, expected.reduce(0) { max($0, abs($1)) })
  let distance = difference(found, expected)
  #expect(distance <= share * size, "\(what): \(distance) of \(size)")
}
