import Bags
import Bytes
import Records
import Testing
import Workbench

@Suite struct BagGenerationTests {
  @Test func orderIsAMajorInFileOrder() throws {
    let bag = try #require(try Given.bags("gene_a\tgene_b\tlabel\nA\tB\t1\n").next())
    #expect(bag.bag == "A:B")
    #expect(bag.geneA == "A" && bag.geneB == "B" && bag.label == 1)
    #expect(bag.instances.map(\.id) == ["A-1:B-1", "A-1:B-2", "A-1:B-3", "A-2:B-1", "A-2:B-2", "A-2:B-3"])
    #expect(bag.instances[4].isoformA == "A-2" && bag.instances[4].isoformB == "B-2")
    #expect(Array(bag.values[0..<4]) == [1, 10, 3, 30])
    #expect(Array(bag.values[20..<24]) == [2, 20, 5, 50])
  }

  @Test func selfPairsTakeEachUnorderedPairOnce() throws {
    let bag = try #require(try Given.bags("gene_a\tgene_b\nB\tB\n").next())
    #expect(
      bag.instances.map(\.id) == ["B-1:B-1", "B-1:B-2", "B-1:B-3", "B-2:B-2", "B-2:B-3", "B-3:B-3"])
    #expect(bag.label == nil)
  }

  @Test func columnsByNameAndInAnyOrder() throws {
    let bag = try #require(try Given.bags("source\tlabel\tgene_b\tgene_a\nz\tNA\tC\tA\n").next())
    #expect(bag.bag == "A:C")
    #expect(bag.label == nil)
  }

  @Test func headerWithoutNamesIsAnError() throws {
    let error = #expect(throws: BagsError.self) { _ = try Given.pairs("A\tB\t1\nA\tC\t0\n") }
    let text = try #require(error).diagnostic.text(tool: "pairgen")
    #expect(text.hasPrefix("pairgen: pairs.tsv:1: no column 'gene_a': the columns are "))
    #expect(text.hasSuffix("  hint: a table without a header: --columns gene_a,gene_b,label\n"))
    #expect(text.contains("'A', 'B', '1'"))
  }

  @Test func missingIsoforms() throws {
    let features = "isoform\tu\nA-1\t1\nB-2\t4\nB-3\tNA\nA-2\t2\n"
    let pairs = "gene_a\tgene_b\nA\tB\nA\tC\n"
    let tally = NoticeCounter()
    let dropped = try Given.bags(pairs, features: features, tally: tally)
    let first = try #require(try dropped.next())
    #expect(first.instances.map(\.id) == ["A-1:B-2", "A-2:B-2"])
    #expect(tally[.missingIsoform] == 4)
    #expect(try dropped.next() == nil)

    var rules = BagRules()
    rules.missingIsoform = .zero
    let filled = try #require(try Given.bags(pairs, rules: rules, features: features).next())
    #expect(filled.values == [1, 0, 1, 4, 1, 0, 2, 0, 2, 4, 2, 0])

    rules.missingIsoform = .error
    let error = #expect(throws: BagsError.self) { _ = try Given.bags(pairs, rules: rules, features: features).next() }
    #expect(error?.kind == .bag(.missingIsoform("B-1", block: "f")))
  }

  @Test func bagsWithoutInstancesAreCounted() throws {
    var totals: [String] = []
    let tally = NoticeCounter(total: { totals.append("\($0) \($1)") })
    let bags = try Given.bags("gene_a\tgene_b\nA\tC\nA\tB\n", features: "id\tu\nA-1\t1\nB-1\t2\n", tally: tally)
    #expect(try bags.all().map(\.bag) == ["A:B"])
    #expect(totals.contains("1 bag without instances left out"))
  }

  @Test func unknownGene() throws {
    let pairs = "gene_a\tgene_b\nA\tNOPE\nA\tC\n"
    let error = #expect(throws: BagsError.self) { _ = try Given.bags(pairs).next() }
    #expect(error?.diagnostic.code == .data)
    #expect(error?.place == Bytes.SourceLocation(source: "pairs.tsv", line: 2))
    #expect(error?.diagnostic.message.contains("unknown gene 'NOPE'") == true)
    #expect(error?.diagnostic.hint?.contains("--unknown-gene drop") == true)

    var rules = BagRules()
    rules.unknownGene = .drop
    #expect(try Given.bags(pairs, rules: rules).all().map(\.bag) == ["A:C"])
  }

  @Test func repeatedPairs() throws {
    let pairs = "gene_a\tgene_b\tlabel\nA\tB\t1\nA\tB\t1\nB\tA\t1\nA\tC\t1\nC\tA\t0\nA\tC\t0\n"
    let tally = NoticeCounter()
    var rules = BagRules()
    let kept = try Given.bags(pairs, rules: rules, tally: tally)
    var ids: [String] = []
    while let bag = try kept.next() {
      ids.append(bag.bag)
      if ids.count == 4 { break }
    }
    #expect(ids == ["A:B", "B:A", "A:C", "C:A"])
    #expect(tally[.repeatedPair] == 1)
    #expect(try kept.next() == nil)

    rules.conflicts = .drop
    #expect(try Given.bags(pairs, rules: rules).all().map(\.bag) == ["A:B", "B:A"])
    rules.conflicts = .error
    let strict = try Given.bags(pairs, rules: rules)
    let error = #expect(throws: BagsError.self) { _ = try strict.all() }
    #expect(error?.kind == .pairs(.contraryPair("C:A", nil)))
    #expect(error?.place?.line == 6)
  }

  @Test func bothOrders() throws {
    var rules = BagRules()
    rules.bothOrders = true
    let bags = try Given.bags("gene_a\tgene_b\nA\tC\nC\tA\nB\tB\n", rules: rules).all()
    #expect(bags.map(\.bag) == ["A:C", "C:A", "B:B"])
    #expect(Array(bags[1].values[0..<4]) == [6, 60, 1, 10])
  }

  @Test func testedInstancesAreFoundEitherWayRound() throws {
    let tested = "isoform_a\tisoform_b\tlabel\nB-2\tA-1\t1\nA-2\tB-3\t0\nA-1\tX-9\t1\n"
    let tally = NoticeCounter()
    let bag = try #require(try Given.bags("gene_a\tgene_b\nA\tB\n", tested: tested, tally: tally).next())
    #expect(bag.instances.map(\.label) == [nil, 1, nil, nil, nil, 0])
    #expect(tally[.unknownTested] == 1)

    var rules = BagRules()
    rules.testedOnly = true
    let only = try #require(try Given.bags("gene_a\tgene_b\nB\tA\n", rules: rules, tested: tested).next())
    #expect(only.instances.map(\.id) == ["B-2:A-1", "B-3:A-2"])
    #expect(only.instances.map(\.label) == [1, 0])
  }

  @Test func contraryTestedInstances() throws {
    let tested = "isoform_a\tisoform_b\tlabel\nA-1\tB-1\t1\nB-1\tA-1\t0\nA-1\tB-1\t1\n"
    func label(_ rule: ConflictRule) throws -> Double? {
      var rules = BagRules()
      rules.conflicts = rule
      return try Given.bags("gene_a\tgene_b\nA\tB\n", rules: rules, tested: tested).next()?.instances[0].label
    }
    #expect(try label(.first) == 1)
    #expect(try label(.drop) == nil)
    #expect(throws: BagsError.self) { _ = try label(.error) }
  }

  @Test func withoutMembersEachIdIsItsOwnGene() throws {
    let block = try Given.block("f=concat:x", Given.features)
    let bags = try PairBags(
      pairs: Given.pairs("gene_a\tgene_b\nA-1\tC-1\nB-1\tZ\n"), members: Members(identifiersOf: [block.table]),
      blocks: [block])
    let bag = try #require(try bags.next())
    #expect(bag.instances.map(\.id) == ["A-1:C-1"])
    #expect(throws: BagsError.self) { _ = try bags.next() }
  }

  @Test func largeBagsAreRefused() throws {
    var rules = BagRules()
    rules.maxInstances = 5
    #expect(throws: BagsError.self) { _ = try Given.bags("gene_a\tgene_b\nA\tB\n", rules: rules).next() }
    #expect(try Given.bags("gene_a\tgene_b\nA\tC\n", rules: rules).next()?.instances.count == 2)
  }

  @Test(arguments: [OutputFormat.tsv, .ndjson])
  func builtAndPipedBagsAreTheSame(format: OutputFormat) throws {
    let matrix =
      "isoform\tp.u\tp.v\tp.w\tp.z\nA-1\t0.1\t2e-7\t3\t4\nA-2\t5\t-5.25\t0.3333333333333333\t1e30\n"
      + "B-1\t3\t2\t1\t0\nC-1\t0.7\t0.1\t0.2\t0.30000000000000004\n"
    let tested = "isoform_a\tisoform_b\tlabel\nB-1\tA-1\t1\n"
    var pairOptions = PairOptions()
    pairOptions.reader.keep = ["note"]
    func built() throws -> PairBags {
      let members = try Given.members(Given.threeGenes)
      return try PairBags(
        pairs: Given.pairs(
          "gene_a\tgene_b\tlabel\tweight\tnote\nA\tB\t1\t2\tx\nC\tA\tNA\tNA\tNA\n", options: pairOptions),
        members: members,
        tested: TestedInstances(
          reading: Given.table(tested), members: members, conflicts: .first, tally: NoticeCounter()),
        blocks: [Given.block("f=concat:x", matrix), Given.block("g=correlate:x", matrix)])
    }
    let source = try built()
    let sink = ByteSink.memory()
    var columns = RecordColumns.bag
    columns.reserved.insert("weight", at: 4)
    columns.keep = ["note"]
    let writer = RecordWriter(
      sink, format: format, kind: .bag, schema: source.schema, columns: columns, header: true, madeBy: "test")
    while let bag = try source.next() { try writer.write(bag) }
    try writer.finish()
    var options = ReaderOptions()
    options.keep = ["note"]
    let piped = try RecordReader(MemorySource(sink.bytes), options: options).all()
    let direct = try built().all()
    #expect(piped.count == 2)
    for (a, b) in zip(piped, direct) {
      #expect(a.values == b.values)
      #expect(a.instances == b.instances)
      #expect(a.kept == b.kept)
      #expect((a.bag, a.geneA, a.geneB) == (b.bag, b.geneA, b.geneB))
      #expect(a.label == b.label && a.weight == b.weight)
    }
    let store = try PackedBags.read(RecordReader(MemorySource(sink.bytes), options: options), labelled: false)
    #expect(store.count == 2)
  }

  /// The source stops the test when a second block is asked for before the first bag is out.
  @Test func firstBagComesBeforeTheSecondPairIsRead() throws {
    final class Source: BlockSource {
      let name = "pairs"
      var reads = 0
      func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let lines = ["gene_a\tgene_b\nA\tB\n", "A\tC\n"]
        guard reads < lines.count else { return 0 }
        let bytes = Array(lines[reads].utf8)
        reads += 1
        buffer.copyBytes(from: bytes)
        return bytes.count
      }
    }
    let source = Source()
    let bags = try PairBags(
      pairs: PairReader(source), members: Given.members(Given.threeGenes),
      blocks: [Given.block("f=concat:x", Given.features)])
    #expect(try bags.next()?.bag == "A:B")
    #expect(source.reads == 1)
    #expect(try bags.next()?.bag == "A:C")
  }

  @Test(.enabled(if: Shared.root != nil, "needs the data beside the repository"))
  func tfisoHas14836Instances() throws {
    let tally = NoticeCounter()
    let members = try Members(reading: Shared.table("data/isoform/tfiso.tx2gene.tsv.gz"), tally: tally)
    let tested = try TestedInstances(
      reading: Shared.table("data/isoform/tfiso.instances.tsv.gz"), members: members, conflicts: .first, tally: tally)
    let block = try PairBlock.read(
      BlockSpec(parsing: "rna=correlate:x"), table: Input.open("\(Shared.root ?? "")/data/isoform/tfiso.expr.tsv.gz"),
      groups: SampleGroups(reading: Shared.table("data/isoform/samples.macrophage.tsv.gz")),
      options: PairBlock.Options(), tally: tally)
    #expect(block.names == ["rna.naive", "rna.IFNg", "rna.SL1344", "rna.IFNg_SL1344"])
    #expect(block.table.ids.count == 526)
    let bags = try PairBags(
      pairs: PairReader(Shared.source("data/isoform/tfiso.pairs.tsv.gz")), members: members, tested: tested,
      blocks: [block], tally: tally)
    var count = 0
    var positives = 0
    var instances = 0
    var labelled = 0
    while let bag = try bags.next() {
      count += 1
      positives += bag.label == 1 ? 1 : 0
      instances += bag.instances.count
      labelled += bag.instances.count { $0.label != nil }
    }
    #expect(count == 2310)
    #expect(positives == 205)
    #expect(instances == 14836)
    // Of 578 tested rows one pair stands both ways round.
    #expect(labelled == 577)
  }
}
