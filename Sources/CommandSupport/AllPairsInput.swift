import ArgumentParser
import Bags
import Bytes
import Records

/// `--pairs all`: every pair of the genes, none read from a file.
extension BagInputOptions {
  /// The word that takes the place of a file; a file of this name is `./all`.
  static let everyPair = "all"

  /// Refuses options that need `--pairs all`, and those that do not go with it.
  func validateAllPairs() throws {
    if pairs == Self.everyPair {
      if negatives != nil { throw ValidationError("--negatives: with --pairs all no pair is left to draw") }
      if !input.records.keep.isEmpty { throw ValidationError("--keep: --pairs all has no columns to keep") }
    } else if let name = genes != nil ? "--genes" : selfPairs ? "--self-pairs" : nil {
      throw ValidationError("\(name) needs --pairs all")
    }
  }

  /// The pairs of all genes, or with chosen ones.
  func allPairs(
    _ members: Members, _ share: Shard?, _ rules: BagRules, _ options: ReaderOptions, _ tally: Tally
  ) throws -> AllPairs {
    let chosen = try genes.map { try Self.chosenGenes(table($0, options)) }
    return try AllPairs(
      of: members, genes: chosen, selfPairs: selfPairs, shard: share, unknown: rules.unknownGene, tally: tally)
  }

  private static func chosenGenes(_ table: TableReader) throws -> [(id: String, place: Place)] {
    if table.isEmpty { return [] }
    let column = try table.require("gene")
    var genes: [(id: String, place: Place)] = []
    while let row = try table.next() { genes.append((try row.id(column), row.place)) }
    return genes
  }
}
