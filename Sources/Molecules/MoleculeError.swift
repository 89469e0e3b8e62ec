import Bytes

/// The errors between a SMILES and what is made of it.
public enum MoleculeError: Diagnosable, Equatable {
  case unknown(String, MoleculeEntry.Product?, known: [String])
  case otherProduct(String, MoleculeEntry.Product)
  case smiles(SMILESFault, id: String, place: SourceLocation)
  case duplicateId(String, place: SourceLocation)
  case noMolecule(skipped: Int, source: String)

  /// The error as a user reads it.
  public var diagnostic: Diagnostic {
    switch self {
    case .unknown(let name, let product, let known):
      let what = product.map { $0 == .graph ? "graph" : "encoder" } ?? "encoder or graph"
      return Diagnostic(
        .usage, "no \(what) is named \(Diagnostic.quoted(name)); there are \(known.joined(separator: ", "))",
        hint: "molfeat --list says what each of them is")
    case .otherProduct(let name, let product):
      return Diagnostic(
        .usage, "\(name) makes \(product == .graph ? "graphs" : "rows of features")",
        hint: product == .graph ? "--graph \(name)" : "--encode \(name)")
    case .smiles(let fault, let id, let place):
      return Diagnostic(
        .data, "\(Diagnostic.quoted(id)), position \(fault.offset + 1) of its SMILES: \(fault.message)", at: place,
        hint: "--bad-rows skip leaves such molecules out, and counts them")
    case .duplicateId(let id, let place):
      return Diagnostic(
        .data, "the id \(Diagnostic.quoted(id)) was there before", at: place,
        hint: "--duplicates warn, first or suffix goes on")
    case .noMolecule(let skipped, let source):
      return Diagnostic(
        .data, "no molecule is left: all \(skipped) were skipped", at: SourceLocation(source: source))
    }
  }
}
