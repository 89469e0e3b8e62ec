import Records

/// The compartments of the cell in which the products of genes are; a gene may have several.
public struct Compartments: Sendable {
  private var places: [String: Set<Int>] = [:]

  /// Reads a table with the columns `gene` and `compartment`, one compartment per row; other columns are ignored.
  /// Throws
  /// `BagsError` for a list of compartments, and what the reader throws.
  public init(reading table: TableReader, cut: GeneCut = GeneCut()) throws {
    let geneColumn = try table.require("gene")
    let compartmentColumn = try table.require("compartment")
    var numbers: [String: Int] = [:]
    while let row = try table.next() {
      let gene = cut.apply(try row.id(geneColumn))
      let compartment = try row.id(compartmentColumn)
      if compartment.contains(";") { throw BagsError(.severalPlaces(compartment), at: row.place) }
      let number = numbers[compartment] ?? numbers.count
      numbers[compartment] = number
      places[gene, default: []].insert(number)
    }
  }

  /// Whether the compartments of both genes are known and none is shared.
  public func areApart(_ a: String, _ b: String) -> Bool {
    guard let left = places[a], let right = places[b] else { return false }
    return left.isDisjoint(with: right)
  }
}
