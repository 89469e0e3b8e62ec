import Bytes
import Records

/// Genes that must not be parted by a split, such as homologs: all genes that a chain of clusters links.
///
/// Clusters may name genes or isoforms. Three forms are read: a table with the columns `gene` and `group`, the
/// `representative, member` lines of MMseqs2 (no header), and the `.clstr` file of CD-HIT.
public struct GeneGroups: Sendable {
  /// For each gene number the smallest id among its linked genes.
  private let names: [String]
  private let members: Members

  /// Reads clusters; names that are no gene and no isoform of the members are counted, and if all of them are throws
  /// `BagsError`: a split without the groups would part homologs.
  public init(
    reading source: BlockSource, members: Members, cut: IdentifierCut = IdentifierCut(), maxLine: Int = 1 << 30,
    tally: Tally = Tally()
  ) throws {
    var links = Links(members.genes.count)
    var owners = [Set<Int>](repeating: [], count: members.isoforms.count)
    for gene in members.genes.indices {
      for isoform in members.isoforms(of: gene) { owners[Int(isoform)].insert(gene) }
    }
    let geneCut = GeneCut(cut, of: members)
    var first: [String: Int] = [:]
    var unknown = 0
    var found = 0
    try Self.readClusters(source, maxLine: maxLine) { cluster, member, place in
      var genes = members.gene(geneCut.apply(member)).map { [$0] } ?? []
      if genes.isEmpty, let isoform = members.isoform(cut.apply(member)) { genes = owners[isoform].sorted() }
      found += genes.isEmpty ? 0 : 1
      if genes.isEmpty {
        unknown += 1
        let message = "\(Diagnostic.quoted(member)) of the groups is no gene and no isoform"
        tally.count(.unknownGroupMember, example: Diagnostic(.data, message, at: place))
      }
      for gene in genes {
        links.join(gene, first[cluster] ?? gene)
        first[cluster] = first[cluster] ?? gene
      }
    }
    if found == 0 && unknown > 0 { throw BagsError(.noGroupMember, at: Place(source: source.name)) }
    var least = members.genes
    for gene in members.genes.indices {
      let root = links.root(gene)
      least[root] = min(least[root], members.genes[gene])
    }
    names = members.genes.indices.map { least[links.root($0)] }
    self.members = members
  }

  /// The name that stands for all genes linked with this one; a gene that is not known stands for itself.
  public func name(of gene: String) -> String { members.gene(gene).map { names[$0] } ?? gene }

  private static func readClusters(
    _ source: BlockSource, maxLine: Int, _ take: (_ cluster: String, _ member: String, _ place: Place) -> Void
  ) throws {
    let lines = LineReader(source, maxLine: maxLine)
    var cluster = ""
    var columns: (cluster: Int, member: Int)? = nil
    while let line = try lines.next() {
      if line.isEmpty { continue }
      if UTF8Text.firstInvalid(in: line) != nil { throw BagsError(.notText, at: lines.place()) }
      let text = String(decoding: line, as: UTF8.self)
      if text.hasPrefix(">Cluster ") {
        cluster = text
      } else if !cluster.isEmpty {
        take(cluster, try clusterMember(text, at: lines.place()), lines.place())
      } else {
        let fields = text.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        if let columns {
          guard fields.count > max(columns.cluster, columns.member) else {
            throw BagsError(.raggedRow(fields: fields.count, columns: 2), at: lines.place())
          }
          take(fields[columns.cluster], fields[columns.member], lines.place())
        } else if let gene = fields.firstIndex(of: "gene"), let group = fields.firstIndex(of: "group") {
          columns = (group, gene)
        } else if fields.count == 2 {
          columns = (0, 1)
          take(fields[0], fields[1], lines.place())
        } else {
          throw BagsError(.missingColumn("group", have: fields), at: lines.place())
        }
      }
    }
  }

  /// The id in a CD-HIT line such as `0	123aa, >sp|P1|X... at 98%`.
  private static func clusterMember(_ line: String, at place: Place) throws -> String {
    guard let start = line.firstIndex(of: ">") else { throw BagsError(.noClusterMember(line), at: place) }
    let rest = line[line.index(after: start)...]
    let id = rest.prefix { $0 != " " }
    return String(id.hasSuffix("...") ? id.dropLast(3) : id)
  }

  /// Disjoint sets with path halving.
  private struct Links {
    private var parents: [Int]

    init(_ count: Int) { parents = Array(0..<count) }

    mutating func root(_ item: Int) -> Int {
      var item = item
      while parents[item] != item {
        parents[item] = parents[parents[item]]
        item = parents[item]
      }
      return item
    }

    mutating func join(_ a: Int, _ b: Int) { parents[root(a)] = root(b) }
  }
}
