import Bytes
import Records

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Makes the graph of a protein: a node a residue, and edges from its nearest residues into each.
public struct ResidueGraph: Sendable {
  /// The most neighbours of a residue.
  public let neighbours: Int
  /// Whether columns 0–19 are those of a profile.
  public let hasProfile: Bool
  /// Whether the points of spheres turn with the structure, so that a rigid motion changes nothing at all.
  public let isTurned: Bool

  /// The settings of `--graph`.
  public static let settings = [
    Setting(
      "neighbours", short: "k", .integer(1...1000, default: 20), "the nearest residues that each one is joined to"),
    Setting("sphere", .choice(["fixed", "turned"]), "whether the points that measure areas turn with the structure"),
  ]

  /// - Parameters:
  ///   - text: settings such as `neighbours=20`; empty for the defaults.
  ///   - hasProfile: whether columns 0–19 are to be those of a profile.
  /// - Throws: `SettingError`.
  public init(_ text: String = "", hasProfile: Bool = false) throws {
    let words = text.isEmpty ? [] : text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let values = try SettingValues(
      words, of: Self.settings, subject: "--graph", guide: "--graph neighbours=20, for example")
    neighbours = values.integer("neighbours")
    isTurned = values.text("sphere") == "turned"
    self.hasProfile = hasProfile
  }

  /// The names of the columns of nodes and edges; a number of neighbours off its default is in those of the edges.
  public var schema: GraphSchema {
    get throws {
      let name = neighbours == 20 ? "near" : "near-k\(neighbours)"
      return try GraphSchema(
        nodes: ResidueColumns.names(withProfile: hasProfile, turned: isTurned),
        edges: ["\(name).distance", "\(name).angle"])
    }
  }

  /// The graph of a structure. Its edges come into each residue in turn, from the nearest first; they have the
  /// distance, exp(-(d / 18 Å)²) of the mean distance d between the atoms, and the angle between the normals of the
  /// CA-C-O planes over π. Numbers are rounded to six decimals.
  ///
  /// - Parameter profile: the values of columns 0–19, residues × 20; nil for the amino acid itself.
  /// - Throws: a `StructureError` where atoms lie more densely than matter does.
  public func record(of structure: Structure, profile: [Double]? = nil) throws -> GraphRecord {
    precondition(hasProfile == (profile != nil))
    let columns = try ResidueColumns(structure, turned: isTurned)
    var record = GraphRecord(id: structure.id, place: SourceLocation(source: structure.source))
    record.nodeCount = structure.residues.count
    record.nodes = columns.values.map(Self.rounded)
    if let profile {
      for (index, value) in profile.enumerated() {
        record.nodes[index / 20 * ResidueColumns.count + index % 20] = Self.rounded(value)
      }
    }
    record.nodeIds = structure.residueIds
    let near = ResidueNeighbours(structure, count: neighbours)
    for (number, list) in near.lists.enumerated() {
      for (other, distance) in list {
        record.addEdge(from: other, to: number)
        let ratio = distance / 18
        let cosine = columns.normals[number].dot(columns.normals[other])
        record.edges.append(Self.rounded(exp(-ratio * ratio)))
        record.edges.append(Self.rounded(acos(min(1, max(-1, cosine))) / Double.pi))
      }
    }
    return record
  }

  private static func rounded(_ value: Double) -> Double { (value * 1e6).rounded() / 1e6 }
}
