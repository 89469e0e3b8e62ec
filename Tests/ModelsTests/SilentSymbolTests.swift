import Arrays
import Models
import Testing

/// The symbol whose embedding is 0.
@Suite struct SilentSymbolTests {
  static let ports = [
    PortSpec("a.nodes", Axis("a.node"), .dense(width: 2)),
    PortSpec("b.tokens", Axis("b"), .tokens(symbols: 26, length: 12)),
  ]

  static func batch(_ tokens: [Int32]) -> Batch {
    Batch(
      count: [.bag: 1, .instance: 1, Axis("a"): 1, Axis("b"): 1, Axis("a.node"): 3],
      ports: [
        "a.nodes": .dense(Matrix(rows: 3, columns: 2, values: [1, 2, 3, 4, 5, 6])), "b.tokens": .tokens(tokens),
      ],
      relations: [
        "bag": .segments([0, 1]), "a": .index([0]), "b": .index([0]), "a.graph": .segments([0, 3]),
        "a.edges": .edges(into: [0, 1, 1, 2], from: [1, 0, 2, 1]),
      ])
  }

  @Test(arguments: ["positions", "conv3", "lstm"])
  func itIsASymbolWithARowOfZeros(protein: String) throws {
    let choice = try MethodChoice(
      "graphdta-gin:protein=\(protein),length=12,layers=1,hidden=4,embedding=8,filters=2,kernel=3,memory=4,width=4,"
        + "head1=4,head2=4")
    var network = try #require(try choice.plan(Self.ports)).network(seed: 3)
    let silent = try #require(network.withSilentSymbol())
    let tape = Tape(threads: 1)
    // The same scores where the symbol does not occur.
    let tokens: [Int32] = [3, 7, 1, 7, 2, 5, 7, 9, 4, 2, 0, 0]
    let plain = network.score(Self.batch(tokens), tape)[.instance]
    #expect(silent.score(Self.batch(tokens), tape)[.instance] == plain)
    // In place of symbol 7 it does what symbol 7 does when its row is 0.
    let name = try #require(network.parameters.entries.first { $0.shape.first == 26 && $0.shape.count == 2 }?.name)
    var rows = try #require(network.parameters.values(name))
    let width = rows.count / 26
    for place in 7 * width..<8 * width { rows[place] = 0 }
    network.parameters.set(name, to: rows)
    let expected = network.score(Self.batch(tokens), tape)[.instance]
    #expect(silent.score(Self.batch(tokens.map { $0 == 7 ? 26 : $0 }), tape)[.instance] == expected)
    #expect(expected != plain)
  }
}
