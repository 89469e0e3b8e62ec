import Bags
import Bytes
import Records
import Testing

@Suite struct PairReaderTests {
  private func read(
    _ text: String, _ change: (inout PairOptions) throws -> Void = { _ in }, tally: NoticeCounter = NoticeCounter()
  )
    throws -> (pairs: [String], format: PairFormat)
  {
    var options = PairOptions()
    try change(&options)
    let reader = try Given.pairs(text, options: options, tally: tally)
    let pairs = try reader.allPairs().map { "\($0.geneA) \($0.geneB) \($0.label.map { NumberText.text($0) } ?? "NA")" }
    return (pairs, reader.format)
  }

  @Test func filters() throws {
    let table = "gene_a\tgene_b\tscore\tkind\nA\tB\t700\tx|y\nA\tC\t699.5\ty\nB\tC\tNA\t-\n"
    func kept(_ filters: String...) throws -> [String] {
      try read(table) { $0.filters = try filters.map { try RowFilter(parsing: $0) } }.pairs.map { String($0.prefix(3)) }
    }
    #expect(try kept("score>=700") == ["A B"])
    #expect(try kept("score<700") == ["A C"])
    #expect(try kept("score>699.5") == ["A B"])
    #expect(try kept("score<=700") == ["A B", "A C"])
    #expect(try kept("kind=y") == ["A B", "A C"])
    #expect(try kept("kind=x", "kind=y") == ["A B", "A C"])
    #expect(try kept("kind=y", "score>=700") == ["A B"])
    #expect(try kept("kind!=x") == ["A C", "B C"])
    #expect(try kept("kind=-") == ["B C"])
    for wrong in ["", "score", "=x", "score>", "score>=many"] {
      let error = #expect(throws: BagsError.self) { _ = try RowFilter(parsing: wrong) }
      #expect(error?.kind == .pairs(.filterSyntax(wrong)))
    }
    #expect(throws: RecordError.self) { _ = try kept("other=1") }
    #expect(throws: RecordError.self) { _ = try kept("kind>1") }
  }

  static func mitab(
    _ a: String, _ b: String, alternatives: String = "-", names: String = "-", negative: String = "false"
  )
    -> String
  {
    var fields = [String](repeating: "-", count: 42)
    (fields[0], fields[1], fields[2], fields[4]) = (a, b, alternatives, names)
    (fields[9], fields[10], fields[35]) = ("taxid:9606", "taxid:9606", negative)
    return fields.joined(separator: "\t") + "\n"
  }

  @Test func mitab() throws {
    let row = Self.mitab(
      "intact:EBI-1|uniprotkb:P04637", "uniprotkb:\"Q0:1|x\"", alternatives: "ensembl:ENSP1.2",
      names: "psi-mi:p53_human(display_long)|uniprotkb:TP53(gene name)|uniprotkb:Tp53b(gene name synonym)")
    #expect(try read(row).format == .mitab)
    #expect(try read(row).pairs == ["EBI-1 Q0:1|x 1"])
    let tally = NoticeCounter()
    func chosen(_ name: String) throws -> [String] {
      try read(row, { $0.reference = try MITAB.Choice(parsing: name) }, tally: tally).pairs
    }
    #expect(try chosen("uniprotkb") == ["P04637 Q0:1|x 1"])
    #expect(try chosen("UniProtKB(gene name)").isEmpty)
    #expect(tally[.missingPartner] == 1)
    let both = Self.mitab("uniprotkb:P1", "uniprotkb:P2", names: "uniprotkb:A(gene name)", negative: "true")
    #expect(try read(both).pairs == ["P1 P2 0"])
    for wrong in ["", "(gene name)", "uniprotkb(gene name"] {
      #expect(throws: BagsError.self) { _ = try MITAB.Choice(parsing: wrong) }
    }
    #expect(throws: BagsError.self) { _ = try read("a\tb\n") { $0.format = .mitab } }
  }

  @Test func formsAreToldByTheFirstLine() throws {
    let string = try read("protein1 protein2 combined_score\n9606.P1 9606.P2 800\n") {
      $0.cut = GeneCut(IdentifierCut(strip: .taxon))
    }
    #expect(string.format == .string && string.pairs == ["P1 P2 1"])
    let header = "#BioGRID Interaction ID\tOfficial Symbol Interactor A\tOfficial Symbol Interactor B\n"
    let tally = NoticeCounter()
    let biogrid = try read(header + "1\tAAA\tBBB\n2\t-\tBBB\n", tally: tally)
    #expect(biogrid.format == .biogrid && biogrid.pairs == ["AAA BBB 1"])
    #expect(tally[.missingPartner] == 1)
    let json = try read("{\"gene_a\":\"A\",\"gene_b\":\"B\",\"label\":0}\n")
    #expect(json.format == .table && json.pairs == ["A B 0"])
    let named = try read("l\tp\tq\n1\tA\tB\nNA\tB\tC\n") { $0.columns = ["q", "p", "l"] }
    #expect(named.pairs == ["B A 1", "C B NA"])
  }

  @Test func mapped() throws {
    func mapped(
      _ unmapped: IdentifierMap.Unmapped, _ several: IdentifierMap.Several, tally: NoticeCounter = NoticeCounter()
    ) throws
      -> [String]
    {
      let map = try IdentifierMap(
        reading: Given.table("from\tto\np.1\tRP1.1\np.2\tRP1.1\np.1\tB.2\nq.1\tC.1\nr\tNA\n"),
        cut: IdentifierCut(strip: .version), geneCut: GeneCut())
      let pairs = PairList([GenePair("p", "q"), GenePair("q", "r"), GenePair("p", "p"), GenePair("q", "q")])
      return try MappedPairs(pairs, map, unmapped: unmapped, several: several, tally: tally).allPairs()
        .map { "\($0.geneA) \($0.geneB)" }
    }
    let tally = NoticeCounter()
    #expect(try mapped(.drop, .drop, tally: tally) == ["C.1 C.1"])
    #expect(tally[.unmappedPair] == 1 && tally[.ambiguousPair] == 2)
    #expect(
      try mapped(.keep, .all) == [
        "RP1.1 C.1", "B.2 C.1", "C.1 r", "RP1.1 RP1.1", "RP1.1 B.2", "B.2 RP1.1", "B.2 B.2", "C.1 C.1",
      ])
    let several = #expect(throws: BagsError.self) { _ = try mapped(.drop, .error) }
    #expect(several?.kind == .pairs(.severalTargets("p", ["RP1.1", "B.2"])))
    let unmapped = #expect(throws: BagsError.self) { _ = try mapped(.error, .drop) }
    #expect(unmapped?.kind == .pairs(.unmapped("r")))
  }

  @Test func resampling() throws {
    #expect(try Resampling(parsing: "0:9x", isWeight: false).amount == .ratio(9))
    #expect(try Resampling(parsing: "0:0.1", isWeight: false).amount == .fixed(0.1))
    #expect(try Resampling(parsing: "1:9", isWeight: true).amount == .fixed(9))
    #expect(try Resampling(parsing: "1:0.5", isWeight: true).amount == .fixed(0.5))
    for (text, isWeight) in [
      ("", false), ("0", false), ("2:1x", false), ("0:0", false), ("0:1", false), ("0:2", false), ("0:-1x", false),
      ("1:0", true), ("1:-1", true), ("1:x", true), ("0:1x:2", true),
    ] {
      let error = #expect(throws: BagsError.self) { _ = try Resampling(parsing: text, isWeight: isWeight) }
      #expect(error?.kind == .split(.resamplingSyntax(text, isWeight: isWeight)))
    }
  }
}
