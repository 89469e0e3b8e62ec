import Bags
import Bytes
import Records
import Testing

@Suite struct PairBlockTests {
  @Test func specifications() throws {
    let spec = try BlockSpec(parsing: "rna=correlate:a,b.tsv,groups=s.tsv")
    #expect(spec == BlockSpec(name: "rna", kind: .correlate, file: "a,b.tsv", groups: "s.tsv"))
    #expect(try BlockSpec(parsing: "ct=concat:-").file == "-")
    #expect(try BlockSpec(parsing: "ct=concat:/dev/fd/63") == BlockSpec(name: "ct", kind: .concat, file: "/dev/fd/63"))
    let encoded = try BlockSpec(parsing: "aa=correlate:p.fa,groups=g.tsv,encode=ct343+paac:lambda=5,weight=0.1")
    #expect(encoded.file == "p.fa" && encoded.groups == "g.tsv")
    #expect(encoded.encode == ["ct343", "paac:lambda=5,weight=0.1"] && encoded.encoding == nil)
    let remembered = try #require(try BlockSpec(parsing: "ct=concat:p.fa,encode=ct343+aac").encoding)
    #expect(remembered == "ct=concat:ct343+aac")
    #expect(BlockSpec.text(encoding: remembered, of: "q.fa") == "ct=concat:q.fa,encode=ct343+aac")
    #expect(try BlockSpec(parsing: "e=concat:x.npy,ids=i.txt").ids == "i.txt")
    for wrong in [
      "", "ct", "ct=concat", "ct=concat:", "=concat:x", "c.t=concat:x", "ct=join:x", "ct=concat:x,groups=s",
      "ct=correlate:x,group=s", "ct=correlate:x,groups=", "ct=correlate:x,min-samples=1", "ct=correlate:x,indicator=1",
      "ct=sum:x,indicator=yes",
      "ct=concat:x,encode=", "ct=concat:x,encode=a+", "top=link:x,encode=ct343", "ct=concat:@x,encode=ct343",
    ] {
      let error = #expect(throws: BagsError.self) { _ = try BlockSpec(parsing: wrong) }
      #expect(error?.diagnostic.code == .usage)
    }
  }

  static let matrix = "id\tpaac.freq.A\tpaac.freq.R\tpaac.freq.lambda1\nx\t1\t2\t3\ny\t2\t-4\t6\n"

  func values(
    _ spec: String, groups: String? = nil, matrix: String = matrix
  ) throws -> (names: [String], values: [Double]) {
    let block = try Given.block(spec, matrix, groups: groups)
    let bags = try PairBags(
      pairs: Given.pairs("gene_a\tgene_b\nx\ty\n"), members: Members(identifiersOf: [block.table]), blocks: [block])
    return (block.names, try bags.next()?.values ?? [])
  }

  @Test func kinds() throws {
    let concat = try values("p=concat:f")
    #expect(
      concat.names == [
        "p.a.paac.freq.A", "p.a.paac.freq.R", "p.a.paac.freq.lambda1", "p.b.paac.freq.A", "p.b.paac.freq.R",
        "p.b.paac.freq.lambda1",
      ])
    #expect(concat.values == [1, 2, 3, 2, -4, 6])
    #expect(try values("p=product:f").names[1] == "p.product.paac.freq.R")
    #expect(try values("p=product:f").values == [2, -8, 18])
    #expect(try values("p=absdiff:f").values == [1, 6, 3])
    #expect(try values("p=sum:f").values == [3, -2, 9])
    #expect(try values("p=dot:f,min-samples=2").values == [12])
    #expect(try values("p=dot:f,min-samples=2").names == ["p.paac.freq.dot"])
    #expect(try values("p=spearman:f,min-samples=2").values == [0.5])
    #expect(try values("p=spearman:f,min-samples=2").names == ["p.paac.freq.spearman"])
    let pearson = try values("p=correlate:f,min-samples=2")
    #expect(pearson.names == ["p.paac.freq.pearson"])
    #expect(abs(pearson.values[0] - 0.3973597071195132) < 1e-14)  // numpy.corrcoef([1, 2, 3], [2, -4, 6])
  }

  @Test func commonPrefixes() throws {
    #expect(try values("p=correlate:f,min-samples=2", matrix: "id\tu\tv\nx\t1\t2\ny\t2\t1\n").names == ["p.pearson"])
    let marked = "id\tpaac.freq.A~0123ab\tpaac.freq.R~0123ab\nx\t1\t2\ny\t2\t1\n"
    #expect(try values("p=correlate:f,min-samples=2", matrix: marked).names == ["p.paac.freq~0123ab.pearson"])
  }

  static let expression = "isoform\ts1\ts2\tother\ts3\ts4\ts5\nx\t1\t2\t9\t5\t5\t5\ny\t3\t1\t9\t1\t2\t3\n"
  static let groups = "sample\tgroup\tdonor\ns3\tliver\t1\ns1\tbrain\t1\ns4\tliver\t1\ns2\tbrain\t1\ns5\tliver\t1\n"

  @Test func groups() throws {
    let both = try values("r=correlate:f,indicator=yes,min-samples=2", groups: Self.groups, matrix: Self.expression)
    #expect(both.names == ["r.liver", "r.liver.undefined", "r.brain", "r.brain.undefined"])
    #expect(both.values == [0, 1, -1, 0])
    let large = try values("r=correlate:f,min-samples=3", groups: Self.groups, matrix: Self.expression)
    #expect(large.names == ["r.liver"])
    let error = #expect(throws: BagsError.self) {
      _ = try values("r=correlate:f", groups: Self.groups, matrix: Self.expression)
    }
    #expect(error?.kind == .table(.noGroups))
  }

  @Test func groupCounts() throws {
    let tally = NoticeCounter()
    _ = try Given.block(
      "r=correlate:f,min-samples=3", Self.expression, groups: Self.groups + "s9\tliver\t1\n", tally: tally)
    #expect(tally[.sampleWithoutColumn] == 1)
    #expect(tally[.columnWithoutGroup] == 1)
    #expect(tally[.smallGroup] == 1)
    #expect(throws: BagsError.self) {
      _ = try Given.block("r=correlate:f", Self.expression, groups: "sample\tgroup\ns1\tp\ns1\tq\n")
    }
    #expect(throws: BagsError.self) {
      _ = try values(
        "r=correlate:f,indicator=yes,min-samples=2", groups: "sample\tgroup\ns1\ta\ns2\ta\n", matrix: Self.expression)
    }
  }

  @Test func undefinedCorrelations() throws {
    let matrix = "isoform\tu\tv\tw\nA-1\t1\t2\t3\nA-2\t5\t5\t5\nB-1\t3\t2\t1\n"
    func bags(_ rule: BagRules.Undefined, _ tally: NoticeCounter = NoticeCounter()) throws -> PairBags {
      var rules = BagRules()
      rules.undefined = rule
      return try PairBags(
        pairs: Given.pairs("gene_a\tgene_b\nA\tB\n"), members: Given.members(Given.threeGenes),
        blocks: [Given.block("r=correlate:f,min-samples=2", matrix)], rules: rules, tally: tally)
    }
    let tally = NoticeCounter()
    let zero = try bags(.zero, tally)
    #expect(try zero.next()?.values == [-1, 0, 0, 0, 0, 0])
    #expect(tally[.undefinedCorrelation] == 5)
    let dropping = NoticeCounter()
    let dropped = try #require(try bags(.drop, dropping).next())
    #expect(dropping[.undefinedInstance] == 5 && tally[.undefinedInstance] == 0)
    #expect(dropped.instances.map(\.id) == ["A-1:B-1"])
    #expect(dropped.values == [-1])
    let error = #expect(throws: BagsError.self) { _ = try bags(.error).next() }
    #expect(error?.kind == .bag(.undefinedCorrelation("A-1:B-2", column: "r.pearson")))
  }

  /// A chosen column is told from the usual one by the names: abundances and counts are not one feature.
  @Test func chosenColumnsStandInTheNames() throws {
    let salmon = "Name\tLength\tEffectiveLength\tTPM\tNumReads\nx\t1\t1\t1\t2\ny\t1\t1\t3\t4\n"
    func names(_ spec: String) throws -> [String] { try Given.block(spec, salmon).names }
    #expect(try names("r=dot:f") == ["r.dot"] && names("r=dot:f,column=TPM") == ["r.dot"])
    #expect(try names("r=dot:f,column=NumReads") == ["r.NumReads.dot"])
    #expect(try names("r=sum:f,column=NumReads") == ["r.sum.NumReads"])
    #expect(try Given.block("r=dot:f,column=v", "id\tu\tv\nx\t1\t2\n").names == ["r.v.dot"])
  }

  @Test func reservedColumnsAreCounted() throws {
    func counted(_ header: String, _ spec: String = "p=sum:f") throws -> (Int, [String]) {
      let tally = NoticeCounter()
      let row = "x" + String(repeating: "\t1", count: header.count { $0 == "\t" }) + "\n"
      let block = try Given.block(spec, header + "\n" + row, tally: tally)
      return (tally[.reservedColumn], block.table.names)
    }
    #expect(try counted("id\tu\tlength\tbaseline") == (2, ["u"]))
    #expect(try counted("id\tu\tlength\tvalid") == (2, ["u"]))
    // As seqfeat writes them, and with a label beside them.
    #expect(try counted("id\tlength\tvalid\tu") == (0, ["u"]))
    #expect(try counted("id\tlength\tvalid\tlabel\tu") == (1, ["u"]))
    #expect(try counted("id\tlength\tu") == (1, ["u"]))
    #expect(try counted("id\tu\tbaseline", "p=sum:f,column=baseline") == (0, ["baseline"]))
  }

  /// Correlations leave gaps out and count them; sums of products over other places are not comparable.
  @Test func gapsOfRelations() throws {
    let text = "id\ta\tb\tc\td\nx\t1\t2\tNA\t3\ny\t2\t4\t6\t7\nz\tNA\tNA\tNA\tNA\n"
    for kind in ["correlate", "spearman"] {
      let tally = NoticeCounter()
      _ = try Given.block("r=\(kind):f", text, tally: tally)
      #expect(tally[.keptGap] == 1)
    }
    let error = #expect(throws: BagsError.self) { _ = try Given.block("r=dot:f", text) }
    #expect(error?.kind == .table(.partlyMissing(id: "x", column: "c")))
    var options = PairBlock.Options()
    options.table.gaps = .zero
    let tally = NoticeCounter()
    let block = try Given.block("r=dot:f", text, options: options, tally: tally)
    #expect(block.table.values("x") == [1, 2, 0, 3] && tally[.filledValue] == 1 && tally[.keptGap] == 0)
    options.table.gaps = .skip
    #expect(try Given.block("r=dot:f", text, options: options).table.row(of: "x") == nil)
  }

  @Test func tables() throws {
    func kind(_ text: String, spec: String = "p=concat:f") -> TableFault? {
      do {
        _ = try Given.block(spec, text)
      } catch let error as BagsError {
        if case .table(let fault) = error.kind { return fault }
      } catch {
        return .notText
      }
      return nil
    }
    #expect(kind("id\tu\nx\t1\n") == nil)
    #expect(kind("anything\tu\tlength\nx\t1\tmany\n") == nil)
    #expect(kind(">x\nACGT\n") == .fasta("features.tsv"))
    #expect(kind("id\tu\nx\t1\nx\t2\n") == .repeatedIdentifier("x"))
    #expect(kind("id\tu\tu\nx\t1\t1\n") == .repeatedColumn("u"))
    #expect(kind("id\tu\nx\ttext\n") == .notANumber("text", column: "u"))
    #expect(kind("id\tu\nx\t1\t2\n") == .raggedRow(fields: 3, columns: 2))
    #expect(kind("id\tu\n\t1\n") == .emptyIdentifier(column: "id"))
    #expect(kind("id\tu\tv\nx\t1\tNA\n") == .partlyMissing(id: "x", column: "v"))
    #expect(kind("id\tlength\nx\t1\n") == .emptyTable)
    #expect(kind("id\tu\nx\t1\n", spec: "p=correlate:f") == .tooFewColumns(have: 1, need: 4))
  }

  @Test func gapsByRule() throws {
    func row(_ rule: FeatureTable.GapRule) throws -> [Double]? {
      var options = PairBlock.Options()
      options.table.gaps = rule
      let block = try Given.block("p=concat:f", "id\tu\tv\nx\t1\tNA\ny\t2\t4\nz\t3\t8\n", options: options)
      return block.table.values("x")
    }
    #expect(try row(.zero) == [1, 0])
    #expect(try row(.mean) == [1, 6])
    #expect(try row(.skip) == nil)
  }

  @Test func featureStreamsAsTables() throws {
    let stream = """
      {"schema":{"kind":"feature","features":["u","v"],"made_by":"test"}}
      {"id":"x","x":[1,2]}
      {"id":"y","x":[null,null]}
      {"id":"z","x":[3,0.5]}

      """
    let block = try Given.block("p=concat:f", stream)
    #expect(block.table.names == ["u", "v"])
    #expect(block.table.ids == ["x", "y", "z"])
    #expect(block.table.row(of: "y") == nil)
    #expect(block.table.values("z") == [3, 0.5])
  }
}
