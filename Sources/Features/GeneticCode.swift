/// A genetic code: the residue of each codon, from one of NCBI's translation tables.
public struct GeneticCode: Sendable {
  /// NCBI's number of the table.
  public let id: Int
  /// NCBI's name of the table.
  public let name: String
  /// By codon, the bases in the order TCAG, the third fastest: the residue's letter or `*`.
  let residues: [UInt8]
  /// By codon: whether it can start a coding sequence.
  let starts: [Bool]
  /// By codon: whether it can end a coding sequence; in a few codes the same codon is a residue elsewhere.
  let stops: [Bool]

  /// - Parameter marks: by codon `M` for a start, `*` for a stop.
  init(_ id: Int, _ name: String, residues: String, marks: String) {
    precondition(residues.utf8.count == 64 && marks.utf8.count == 64)
    self.id = id
    self.name = name
    self.residues = Array(residues.utf8)
    starts = marks.map { $0 == "M" }
    stops = marks.map { $0 == "*" }
  }

  /// Returns the code of a table number.
  /// - Throws: `FeatureError.unknownGeneticCode` naming those there are.
  public static func numbered(_ id: Int) throws -> GeneticCode {
    guard let code = all.first(where: { $0.id == id }) else {
      throw FeatureError.unknownGeneticCode(id, known: all.map(\.id))
    }
    return code
  }
}
