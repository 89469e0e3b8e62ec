import Bytes
import Records

/// Makes features of molecules.
public protocol MoleculeEncoder: Sendable {
  /// The names of the features, in order, with encoder and every setting off its default in front.
  var names: [String] { get }
  /// Encodes a molecule.
  /// - Parameter features: one value per name.
  func encode(_ molecule: Molecule, into features: UnsafeMutableBufferPointer<Double>)
}

/// Makes graphs of molecules.
public protocol MoleculeGrapher: Sendable {
  /// The names of the features of nodes and edges.
  var schema: GraphSchema { get throws }
  /// Makes the graph of a molecule; throws a `SMILESFault` for an atom that has no row.
  func graph(of molecule: Molecule, id: String, at place: SourceLocation) throws(SMILESFault) -> GraphRecord
}

/// An entry of the catalog: what it is called, its settings and description, and how it is made.
public struct MoleculeEntry: Sendable {
  /// The kinds of record that an entry makes.
  public enum Product: String, Sendable { case feature, graph }

  /// The name in `--encode` or `--graph`.
  public let name: String
  /// The kind of record it makes: rows of features, or graphs.
  public let product: Product
  /// A line for `--list`.
  public let summary: String
  /// The settings, in the order in which they are in names.
  public let settings: [Setting]
  /// Definitions, sources, columns, and what agrees with it.
  public let description: String
  let encoder: (@Sendable (MoleculeSettings) -> any MoleculeEncoder)?
  let grapher: (any MoleculeGrapher)?

  init(
    _ name: String, _ product: Product, _ summary: String, settings: [Setting] = [], description: String,
    grapher: (any MoleculeGrapher)? = nil, encoder: (@Sendable (MoleculeSettings) -> any MoleculeEncoder)? = nil
  ) {
    (self.name, self.product, self.summary, self.settings) = (name, product, summary, settings)
    (self.description, self.grapher, self.encoder) = (description, grapher, encoder)
  }
}

/// The values that one use of an encoder has.
struct MoleculeSettings: Sendable {
  let entry: MoleculeEntry
  let values: SettingValues

  /// The names of components: behind the encoder and its settings off their defaults, as in `ecfp-r3.17`.
  func names(_ components: [String]) -> [String] {
    components.map { "\(entry.name)\(values.mark).\($0)" }
  }
}

/// The list of all encoders and graphs of molecules; a new one needs a type with an entry, and a line here.
public enum MoleculeCatalog {
  /// All of them, in the order of `molfeat --list`.
  public static let entries = [GraphDTAGraph.entry, MorganFingerprint.entry, MoleculeDescriptors.entry]

  /// Returns the entry of a name, or of a text such as `ecfp:radius=3`.
  /// - Throws: `MoleculeError` for an unknown name.
  public static func entry(of text: String, _ product: MoleculeEntry.Product? = nil) throws -> MoleculeEntry {
    let name = SettingText(text).name
    guard let entry = entries.first(where: { $0.name == name }) else {
      let known = entries.filter { product == nil || $0.product == product }.map(\.name)
      throw MoleculeError.unknown(name, product, known: known)
    }
    if let product, entry.product != product { throw MoleculeError.otherProduct(name, entry.product) }
    return entry
  }

  /// The encoder of a text such as `ecfp:radius=2,bits=2048,count=no`.
  /// - Throws: `MoleculeError` or `SettingError` naming what is unknown and what is allowed.
  public static func encoder(_ text: String) throws -> any MoleculeEncoder {
    let entry = try entry(of: text, .feature)
    guard let encoder = entry.encoder else { throw MoleculeError.otherProduct(entry.name, entry.product) }
    return encoder(MoleculeSettings(entry: entry, values: try settings(of: entry, text)))
  }

  /// The maker of graphs of a text such as `graphdta`.
  /// - Throws: as `encoder(_:)` does.
  public static func grapher(_ text: String) throws -> any MoleculeGrapher {
    let entry = try entry(of: text, .graph)
    guard let grapher = entry.grapher else { throw MoleculeError.otherProduct(entry.name, entry.product) }
    _ = try settings(of: entry, text)
    return grapher
  }

  private static func settings(of entry: MoleculeEntry, _ text: String) throws -> SettingValues {
    try SettingValues(
      SettingText(text).words, of: entry.settings, subject: entry.name, guide: "molfeat --describe \(entry.name)")
  }
}
