import Bags
import Bytes
import Records
import Testing
import Workbench

@Suite struct MembersTests {
  private func members(
    _ text: String, naming: GeneNaming? = nil, cut: IdentifierCut = IdentifierCut(), columns: [String]? = nil,
    tally: NoticeCounter = NoticeCounter()
  ) throws -> Members {
    var options = MemberOptions()
    options.gene = naming
    options.cut = cut
    options.columns = columns
    return try Members.read(MemorySource(text, name: "m"), options: options, tally: tally)
  }

  private func rows(_ members: Members) -> [String] {
    members.genes.indices.map { gene in
      "\(members.genes[gene]): "
        + members.isoforms(of: gene).map { members.isoforms[Int($0)] }.joined(separator: " ")
    }
  }

  @Test(
    arguments: [
      ("isoform\tgene\n", nil), ("x\tisoform\tgene\n", nil), ("transcript_id\tgene_id\n", nil),
      ("TXNAME\tGENEID\n", nil),
      ("tx\tsymbol\n", ["tx", "symbol"]), ("", ["1", "2"]),
    ] as [(String, [String]?)])
  func tables(header: String, columns: [String]?) throws {
    let before = header.hasPrefix("x") ? "0\t" : ""
    let body = ["a1\tA", "b1\tB", "a2\tA", "a1\tA"].map { before + $0 + "\n" }.joined()
    let tally = NoticeCounter()
    #expect(rows(try members(header + body, columns: columns, tally: tally)) == ["A: a1 a2", "B: b1"])
    #expect(tally[.repeatedMember] == 1)
  }

  @Test func columnsBehindFiles() throws {
    typealias File = BagPlan.MemberFile
    var named = File("x,y.tsv")
    (named.side, named.columns) = (.b, ["tx", "name"])
    #expect(try File(parsing: "b:x,y.tsv,gene=name,isoform=tx") == named)
    #expect(try File(parsing: "x,y.tsv") == File("x,y.tsv"))
    for text in ["x,gene=g", "x,gene=g,gene=h", "x,gene=,isoform=i", "x,from=g", ",gene=g,isoform=i", "a:"] {
      #expect(throws: BagsError.self) { _ = try File(parsing: text) }
    }
    let map = try BagPlan.IdentifierPlan(parsing: "m.tsv,to=#name")
    #expect([map.path, map.from, map.to] == ["m.tsv", "from", "#name"])
    #expect(throws: BagsError.self) { _ = try BagPlan.IdentifierPlan(parsing: "m.tsv,gene=x") }
  }

  @Test func columnsThatAreNotThere() {
    for columns in [["1", "3"], ["0", "1"]] {
      let error = #expect(throws: BagsError.self) { _ = try members("a1\tA\n", columns: columns) }
      #expect(error?.kind == .table(.missingColumn(columns.first { $0 != "1" } ?? "", have: ["1", "2"])))
    }
    #expect(throws: RecordError.self) { _ = try members("a1\tA\n") }
    let error = #expect(throws: BagsError.self) { _ = try members(">a\nAC\n", columns: ["a", "b"]) }
    #expect(error?.kind == .members(.notForMembers("isoform=", "a table")))
    #expect(error?.diagnostic.code == .usage)
  }

  static let gtf = """
    #!genome-build x
    1\th\tgene\t1\t2\t.\t+\t.\tgene_id "G1.4"; gene_name "AA.1";
    1\th\ttranscript\t1\t2\t.\t+\t.\tgene_id "G1.4"; transcript_id "T1.1"; gene_name "AA.1";
    1\th\texon\t1\t2\t.\t+\t.\tgene_id "G1.4"; transcript_id "T1.1"; gene_name "AA.1";
    1\th\ttranscript\t1\t2\t.\t+\t.\tgene_id "G2.4"; transcript_id "T2.1"; gene_name "AA.2";
    1\th\ttranscript\t1\t2\t.\t+\t.\tgene_id "G3.1"; transcript_id "T3.1";

    """

  @Test func gtfByIdAndSymbol() throws {
    #expect(rows(try members(Self.gtf)) == ["G1.4: T1.1", "G2.4: T2.1", "G3.1: T3.1"])
    let cut = IdentifierCut(strip: .version)
    let error = #expect(throws: BagsError.self) { _ = try members(Self.gtf, naming: .symbol, cut: cut) }
    #expect(error?.kind == .members(.noSymbol("G3.1")) && error?.place?.line == 6)
    #expect(rows(try members(Self.gtf, naming: .symbolOrId, cut: cut)) == ["AA.1: T1", "AA.2: T2", "G3: T3"])
    #expect(rows(try members(Self.gtf, cut: cut)) == ["G1: T1", "G2: T2", "G3: T3"])
  }

  @Test func idsThatBecomeOne() {
    let cut = IdentifierCut(strip: .version)
    let error = #expect(throws: BagsError.self) { _ = try members("isoform\tgene\nT.1\tA\nT.2\tA\n", cut: cut) }
    #expect(error?.kind == .table(.collidingIdentifier("T.2", cut: "T")))
    let table = "isoform\tgene\nT\tA.1\nU\tA.2\n"
    #expect(throws: BagsError.self) { _ = try members(table, cut: cut) }
    #expect(throws: BagsError.self) { _ = try members(table, naming: .symbolOrId, cut: cut) }
    #expect((try? members(table, naming: .symbol, cut: cut)).map(rows) == ["A.1: T", "A.2: U"])
  }

  /// A version is cut off where a gene by its id is left, and a symbol is never taken for another one.
  @Test func genesByWhateverTheyGo() throws {
    let cut = IdentifierCut(strip: [.taxon, .version])
    let known = try members(
      Self.gtf + "1\th\ttranscript\t1\t2\t.\t+\t.\tgene_id \"G5.1\"; transcript_id \"T5.1\"; gene_name \"BB\";\n",
      naming: .symbolOrId, cut: cut)
    let genes = GeneCut(cut, of: known)
    for (id, bare) in [
      ("AA.1", "AA.1"), ("AA.2", "AA.2"), ("AA.3", "AA.3"), ("AA", "AA"), ("9606.AA.1", "AA.1"), ("G3.9", "G3"),
      ("G3", "G3"), ("BB", "BB"), ("BB.1", "BB.1"), ("G7.1", "G7.1"),
    ] { #expect(genes.apply(id) == bare) }
    #expect(GeneCut(cut, of: try members(Self.gtf, cut: cut)).apply("G7.1") == "G7")
    #expect(GeneCut(cut).apply("9606.AA.1") == "AA")
  }

  @Test func cuts() {
    func cut(_ id: String, taxon: Bool = false, until: Character? = nil, version: Bool = false) -> String {
      IdentifierCut(until: until, strip: IdentifierParts(taxon ? [.taxon] : []).union(version ? .version : [])).apply(
        id)
    }
    #expect(cut("9606.ENSP1.2") == "9606.ENSP1.2")
    #expect(cut("9606.ENSP1.2", taxon: true) == "ENSP1.2")
    #expect(cut("9606.ENSP1.2", taxon: true, version: true) == "ENSP1")
    for id in ["ENSP1", "9606", "9606.", ".x", "P53.1", "a9606.x", ""] { #expect(cut(id, taxon: true) == id) }
    #expect(cut("ENST1.2|ENSG1.1|x", until: "|") == "ENST1.2")
    #expect(cut("ENST1.2|ENSG1.1|x", until: "|", version: true) == "ENST1")
    #expect(cut("|x", until: "|") == "|x")
    #expect(cut("ENST1.2_PAR_Y", version: true) == "ENST1_PAR_Y")
    for id in ["ENST1.x", "ENST1.", ".1"] { #expect(cut(id, version: true) == id) }
  }

  @Test(
    .enabled(if: Shared.root != nil, "needs the data beside the repository"),
    arguments: [
      ("gencode28", 1373, GeneNaming.id), ("gencode28", 1373, .symbolOrId), ("ensembl93", 1110, .id),
      ("ensembl93", 1110, .symbol),
    ])
  func realHeaders(name: String, count: Int, naming: GeneNaming) throws {
    var options = MemberOptions()
    options.gene = naming
    options.cut = IdentifierCut(strip: .version)
    let tally = NoticeCounter()
    let path = "data/fasta-headers/specimen.\(name).chr1_1_10M.cdna.fa.gz"
    let members = try Members.read(Shared.source(path), options: options, tally: tally)
    #expect(members.isoforms.count == count)
    // Told another way: the gene of a header by its own field, no parser of ours between.
    var genes: Set<String> = []
    var identifiers: [String: Set<String>] = [:]
    let lines = LineReader(try Shared.source(path), maxLine: 1 << 20)
    while let line = try lines.next() {
      let text = String(decoding: line, as: UTF8.self)
      guard text.hasPrefix(">") else { continue }
      let gene: Substring
      if name == "gencode28" {
        gene = text.split(separator: "|", omittingEmptySubsequences: false)[naming == .id ? 1 : 5]
      } else {
        let key = naming == .id ? " gene:" : " gene_symbol:"
        gene = try #require(text.firstRange(of: key).map { text[$0.upperBound...].prefix { $0 != " " } })
      }
      genes.insert(naming == .id ? String(gene.prefix { $0 != "." }) : String(gene))
      if naming == .symbolOrId {
        identifiers[String(gene), default: []].insert(String(text.split(separator: "|")[1].prefix { $0 != "." }))
      }
    }
    // Genes that share a symbol go by their ids.
    let shared = identifiers.filter { $0.value.count > 1 }
    #expect(shared.isEmpty == (naming != .symbolOrId))
    for (symbol, ids) in shared {
      genes.remove(symbol)
      genes.formUnion(ids)
    }
    #expect(Set(members.genes) == genes)
  }
}
