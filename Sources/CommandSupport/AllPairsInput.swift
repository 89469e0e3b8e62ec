import ArgumentParser
import Bags
import Bytes
import Records

/// `--pairs all`: every pair of the genes, none read from a file.
extension BagInputOptions {
  /// The pairs of all genes, or with chosen ones.
  func allPairs(
    _ members: Members, _ share: Shard?, _ rules: BagRules, _ options: ReaderOptions, _ tally: Tally
  ) throws -> AllPairs {
    let cut = GeneCut(pairing.cut, of: members)
    let chosen = try pairing.genes.map { try Self.chosenGenes(table($0, options), cut) }
    return try AllPairs(
      of: members, genes: chosen, selfPairs: pairing.selfPairs == .keep, shard: share,
      unknown: rules.unknownGene, tally: tally)
  }

  private static func chosenGenes(
    _ table: TableReader, _ cut: GeneCut
  ) throws -> [(id: String, place: Place)] {
    if table.isEmpty { return [] }
    let column = try table.require("gene")
    var genes: [(id: String, place: Place)] = []
    while let row = try table.next() { genes.append((cut.apply(try row.id(column)), row.place)) }
    return genes
  }
}
