import Bytes
import Records

/// The atom graph of GraphDTA (Nguyen et al. 2021, Bioinformatics 37:1140): 78 columns an atom, each bond both ways.
///
/// A row holds one 1 each for the symbol, the number of neighbours, of hydrogens, of those that are implied, and one
/// more if the atom is aromatic; divided by their sum, so that entries are 0.25 or 0.2.
public struct GraphDTAGraph: MoleculeGrapher {
  /// The symbols with a column of their own; others are `Unknown`.
  static let symbols = [
    "C", "N", "O", "S", "F", "Si", "P", "Cl", "Br", "Mg", "Na", "Ca", "Fe", "As", "Al", "I", "B", "V", "K", "Tl", "Yb",
    "Sb", "Sn", "Ag", "Pd", "Co", "Se", "Ti", "Zn", "H", "Li", "Ge", "Cu", "Au", "Ni", "Cd", "In", "Mn", "Zr", "Cr",
    "Pt", "Hg", "Pb", "Unknown",
  ]
  /// The largest count with a column of its own.
  static let most = 10
  /// The column of each element's symbol.
  private static let columns = Element.symbols.map { symbols.firstIndex(of: $0) ?? symbols.count - 1 }

  /// The names of the 78 columns.
  public static let names: [String] =
    symbols.map { "symbol.\($0)" }
    + ["degree", "hydrogens", "implied"].flatMap { name in (0...most).map { "\(name).\($0)" } } + ["aromatic"]

  static let entry = MoleculeEntry(
    "graphdta", .graph, "atoms and bonds as GraphDTA has them",
    description: """
      78 columns an atom: symbol (43 elements and Unknown), degree 0 to 10, hydrogens 0 to 10, implied hydrogens 0 to
      10 (0 for an atom in brackets and for the N of pyrrole; both counts: above 10 as 10), aromatic. A row is divided
      by its sum: 0.25, or 0.2 for aromatic atoms. Edges are the bonds, each in both directions, without loops and
      without features. Nodes are named by their place in the SMILES and their symbol, as in 0:C. An atom with more than
      10 neighbours is an error. After Nguyen et al. 2021 (Bioinformatics 37:1140) and the code published with it; equal
      to RDKit 2026.09 in every column on the ligands of Davis and KIBA.
      """, grapher: GraphDTAGraph())

  /// The names of node features; edges have none.
  public var schema: GraphSchema {
    get throws { try GraphSchema(nodes: Self.names) }
  }

  /// Makes the graph.
  /// - Throws: a `SMILESFault` for an atom with more than ten neighbours.
  public func graph(of molecule: Molecule, id: String, at place: SourceLocation) throws(SMILESFault) -> GraphRecord {
    var graph = GraphRecord(id: id, place: place)
    graph.nodeCount = molecule.atoms.count
    graph.nodes = [Double](repeating: 0, count: molecule.atoms.count * Self.names.count)
    for (index, atom) in molecule.atoms.enumerated() {
      let degree = molecule.degree(of: index)
      if degree > Self.most {
        throw SMILESFault("the atom \(atom.symbol) has \(degree) neighbours, at most 10 fit", at: Int(atom.offset))
      }
      let counts = [degree, min(atom.hydrogens, Self.most), min(Int(atom.impliedHydrogens), Self.most)]
      let share = atom.isAromatic ? 0.2 : 0.25
      let row = index * Self.names.count
      graph.nodes[row + Self.columns[Int(atom.number)]] = share
      for (block, count) in counts.enumerated() {
        graph.nodes[row + Self.symbols.count + block * (Self.most + 1) + count] = share
      }
      if atom.isAromatic { graph.nodes[row + Self.names.count - 1] = share }
      graph.nodeIds.append("\(index):\(atom.symbol)")
    }
    for bond in molecule.bonds {
      graph.addEdge(from: Int(bond.begin), to: Int(bond.end))
      graph.addEdge(from: Int(bond.end), to: Int(bond.begin))
    }
    return graph
  }
}
