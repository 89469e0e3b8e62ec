import Bytes
import Records

/// Groups of genes that a split must not separate, such as homologs: all genes linked by a chain of clusters, also by
/// way of names that are not genes of this run.
///
/// Clusters may name genes or isoforms. Three forms are read: a table with the columns `gene` and `group`, the
/// `representative, member` lines of MMseqs2 (without a header), and the `.clstr` file of CD-HIT.
public struct GeneGroups: Sendable {
  /// For each gene number the smallest name of the file that is linked to it, or the gene itself: independent of the
  /// names that this run knows, so that runs with other tables split alike.
  private let names: [String]
  private let members: Members

  /// Reads clusters; names that are neither a gene nor an isoform of the members are counted. Throws `BagsError` where
  /// all names are unknown, because a split without the groups would separate homologs. Warns where no two genes are
  /// linked.
  public init(
    reading source: BlockSource, members: Members, cut: IdentifierCut = IdentifierCut(), maxLine: Int = 1 << 30,
    tally: NoticeCounter = NoticeCounter()
  ) throws {
    let known = KnownGenes(members, cut)
    var links = Links(members.genes.count)
    var first: [String: Int] = [:]
    var unknown = 0
    var found = 0
    try Self.readClusters(source, maxLine: maxLine) { cluster, member, place in
      let genes = known.genes(named: member)
      found += genes.isEmpty ? 0 : 1
      if genes.isEmpty {
        unknown += 1
        let message = "\(Diagnostic.quoted(member)) of the groups is not a gene or an isoform"
        tally.count(.unknownGroupMember, example: Diagnostic(.data, message, at: place))
      }
      let name = links.item(known.name(member))
      links.join(name, first[cluster] ?? name)
      first[cluster] = first[cluster] ?? name
      for gene in genes { links.join(gene, name) }
    }
    if found == 0 && unknown > 0 { throw BagsError(.noGroupMember, at: SourceLocation(source: source.name)) }
    if found > 0 && !links.joinGenes() {
      tally.report(BagsError(.nothingGrouped, at: SourceLocation(source: source.name)).diagnostic)
    }
    let least = links.leastNames()
    names = members.genes.indices.map { least[links.root($0)] ?? members.genes[$0] }
    self.members = members
  }

  /// Genes with the same features: all that a chain of copies links. The name of a group is its smallest gene here, so
  /// runs with the same members and tables split alike.
  public init(identicalIn blocks: [PairBlock], members: Members) throws {
    var links = Links(members.genes.count)
    for genes in try GeneCopies(members, blocks: blocks).classes {
      for gene in genes.dropFirst() { links.join(gene, genes[0]) }
    }
    var least: [Int: String] = [:]
    for (number, gene) in members.genes.enumerated() {
      let root = links.root(number)
      least[root] = min(least[root] ?? gene, gene)
    }
    names = members.genes.indices.map { least[links.root($0)] ?? members.genes[$0] }
    self.members = members
  }

  /// The name of the group of a gene; the gene itself where it is not known.
  public func name(of gene: String) -> String { members.genes(named: gene).first.map { names[$0] } ?? gene }

  private static func readClusters(
    _ source: BlockSource, maxLine: Int, _ take: (_ cluster: String, _ member: String, _ place: SourceLocation) -> Void
  ) throws {
    let lines = LineReader(source, maxLine: maxLine)
    var cluster = ""
    var columns: (cluster: Int, member: Int)? = nil
    while let line = try lines.next(skipping: .empty) {
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
  private static func clusterMember(_ line: String, at place: SourceLocation) throws -> String {
    guard let start = line.firstIndex(of: ">") else { throw BagsError(.noClusterMember(line), at: place) }
    let rest = line[line.index(after: start)...]
    let id = rest.prefix { $0 != " " }
    return String(id.hasSuffix("...") ? id.dropLast(3) : id)
  }
}

/// The genes of the names in a cluster file.
private struct KnownGenes {
  private let members: Members
  private let cut: IdentifierCut
  private let geneCut: GeneCut
  /// The genes of each isoform.
  private let owners: [[Int]]

  init(_ members: Members, _ cut: IdentifierCut) {
    self.members = members
    self.cut = cut
    geneCut = GeneCut(cut, of: members)
    owners = members.genesOfIsoforms()
  }

  /// The gene of this name, or the genes of the isoform of this name.
  func genes(named name: String) -> [Int] {
    let genes = members.genes(named: geneCut.apply(name))
    return genes.isEmpty ? members.isoforms(named: cut.apply(name)).flatMap { owners[$0] } : genes
  }

  /// The cut name, whether it is known or not.
  func name(_ name: String) -> String { (members.haveSymbols ? cut.ofSymbols : cut).apply(name) }
}

/// Disjoint sets, with path halving, of genes and names: items below `genes` are gene numbers, the others are names.
private struct Links {
  private let genes: Int
  private var parents: [Int]
  private var names = InternedIdentifiers()

  init(_ genes: Int) {
    self.genes = genes
    parents = Array(0..<genes)
  }

  /// The item of a name, a new one for a new name.
  mutating func item(_ name: String) -> Int {
    let item = genes + Int(names.number(name))
    if item == parents.count { parents.append(item) }
    return item
  }

  mutating func root(_ item: Int) -> Int {
    var item = item
    while parents[item] != item {
      parents[item] = parents[parents[item]]
      item = parents[item]
    }
    return item
  }

  mutating func join(_ a: Int, _ b: Int) { parents[root(a)] = root(b) }

  /// Whether any two genes are in one set.
  mutating func joinGenes() -> Bool {
    var roots: Set<Int> = []
    return !(0..<genes).allSatisfy { roots.insert(root($0)).inserted }
  }

  /// The smallest name in each set that has one, by its root.
  mutating func leastNames() -> [Int: String] {
    var least: [Int: String] = [:]
    for (number, name) in names.ids.enumerated() {
      let root = root(genes + number)
      least[root] = min(least[root] ?? name, name)
    }
    return least
  }
}
