import Arrays
import Bytes
import Models
import Testing
import Workbench

@Suite struct NodeOddsTests {
  private let features = ["residue.A", "residue.G", "rasa", "depth"]

  private func odds() throws -> NodeOdds {
    var odds = try #require(NodeOdds(features: features))
    odds.add(0, 1, isPositive: true)
    odds.add(1, 0, isPositive: false)
    odds.add(0, 0, isPositive: false)
    return odds
  }

  /// Shares of the pairs of two kinds in either order, drawn towards the mean of all, 2 of 6.
  @Test func shares() throws {
    let shares = try odds().shares()
    let mean = 2.0 / 6
    // A pair of one kind counts twice, once in each order.
    #expect(shares == [mean / 3, (1 + mean) / 3, (1 + mean) / 3, mean])
    #expect(NodeOdds(features: ["residue.A"]) == nil && NodeOdds(features: ["rasa"]) == nil)
    let nodes: [[Float]] = [[0, 1, 0.25, 3], [0, 0, 0.5, 0]]
    nodes[0].withUnsafeBufferPointer { node in
      #expect((try? odds().kind(node)) == 1 && (try? odds().area(node)) == 0.25)
    }
    nodes[1].withUnsafeBufferPointer { node in #expect((try? odds().kind(node)) == .some(nil)) }
  }

  /// A file keeps the counts; a crafted table is refused.
  @Test func whatIsWrittenIsRead() throws {
    let choice = try MethodChoice("ngf:width=2,hidden=2")
    let card = ModelCard(
      choice, ports: [ModelCard.Port("nodes", Axis("node"), features: features)], order: .ordered, seed: 1,
      remedy: "none", trainingData: "00ff", toolVersion: "0.1.0", threshold: 0.5, normalizer: nil, notes: [:])
    let ports = card.ports.map(\.spec)
    var file = ModelFile(card: card, models: [try choice.model(ports, seed: 1)])
    file.odds = try odds()
    let path = "\(Scratch.folder())/m.safetensors"
    #expect(Files.write(file.bytes(), to: path))
    #expect(try ModelFile.read(path) == file)
  }
}
