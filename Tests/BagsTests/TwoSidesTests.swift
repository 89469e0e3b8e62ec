import Arrays
import Bags
import Bytes
import Records
import Testing
import Workbench

/// Pairs whose sides differ in kind, each with its own ids: `X` is a drug and a protein.
@Suite struct TwoSidesTests {
  static let drugs = "id\tmw\nD1\t300\nD2\t410\nX\t250\n"
  static let proteins = "id\tlen\nP1\t30\nX\t51\n"
  static let pairs = "gene_a\tgene_b\tlabel\nD1\tP1\t5.2\nX\tX\t7\nD2\tX\t2.5\nX\tP1\t4\n"

  static func blocks() throws -> [PairBlock] {
    [try Given.block("drug=a:x", drugs), try Given.block("target=b:x", proteins)]
  }

  static func members(_ blocks: [PairBlock]) -> Members {
    Members(a: Members(identifiersOf: [blocks[0].table]), b: Members(identifiersOf: [blocks[1].table]))
  }

  static func numbers() -> PairOptions {
    var options = PairOptions()
    options.reader.labels = .number
    return options
  }

  static func bags(_ pairs: String = pairs, rules: BagRules = BagRules(), tally: NoticeCounter = NoticeCounter()) throws
    -> PairBags
  {
    let blocks = try blocks()
    return try PairBags(
      pairs: Given.pairs(pairs, options: numbers()), members: members(blocks), blocks: blocks, labels: .number,
      rules: rules, tally: tally)
  }

  @Test func eachSideHasItsOwnRowAndIds() throws {
    let source = try Self.bags()
    #expect(source.schema?.names == ["drug.a.mw", "target.b.len"] && source.labels == .number)
    #expect(source.columns.owners == [.first, .second])
    let bags = try source.all()
    #expect(bags.map(\.bag) == ["D1:P1", "X:X", "D2:X", "X:P1"])
    #expect(bags.map(\.values) == [[300, 30], [250, 51], [410, 51], [250, 30]])
    #expect(bags.map(\.label) == [5.2, 7, 2.5, 4])
  }

  @Test func anEqualIdOnBothSidesIsNoPairWithItself() throws {
    var rules = BagRules()
    rules.selfPairs = .drop
    #expect(try Self.bags(rules: rules).all().count == 4)
    rules.bothOrders = true
    #expect(throws: BagsError.self) { _ = try Self.bags(rules: rules) }
  }

  @Test func anIdOfTheOtherSideIsUnknown() throws {
    let source = try Self.bags("gene_a\tgene_b\nP1\tD1\n")
    let error = #expect(throws: BagsError.self) { _ = try source.all() }
    guard case .members(.unknownGene("P1", members: false, side: .a, hint: let hint)) = error?.kind else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(hint?.contains("--pair-columns") == true)
  }

  @Test func aBlockThatKnowsNoIdOfItsSideIsAnError() throws {
    let blocks = [try Given.block("drug=a:x", Self.drugs), try Given.block("target=b:x", "id\tlen\nQ\t1\n")]
    let members = Self.members(try Self.blocks())
    #expect(throws: BagsError.self) {
      _ = try PairBags(pairs: Given.pairs(Self.pairs, options: Self.numbers()), members: members, blocks: blocks)
    }
  }

  @Test func allPairsAreOfOneSideWithTheOther() throws {
    let members = Self.members(try Self.blocks())
    func ids(_ pairs: AllPairs) throws -> [String] { try pairs.allPairs().map { "\($0.geneA) \($0.geneB)" } }
    let whole = try ids(AllPairs(of: members))
    #expect(whole == ["D1 P1", "D1 X", "D2 P1", "D2 X", "X P1", "X X"])
    for count in [2, 3, 4, 7] {
      let parts = try (1...count).flatMap { try ids(AllPairs(of: members, shard: Shard($0, of: count))) }
      #expect(parts == whole)
    }
    let place = SourceLocation(source: "genes")
    #expect(try ids(AllPairs(of: members, genes: [("D2", place)])) == ["D2 P1", "D2 X"])
    #expect(try ids(AllPairs(of: members, genes: [("P1", place)])) == ["D1 P1", "D2 P1", "X P1"])
    #expect(try ids(AllPairs(of: members, genes: [("P1", place), ("D2", place)])) == ["D2 P1"])
    #expect(try ids(AllPairs(of: members, genes: [("X", place)])) == ["X X"])
  }

  @Test(arguments: UInt64(0)..<12) func partsSayWhichSideIsUnseen(seed: UInt64) throws {
    let places = (0..<30).map { ("d\($0 % 6)", "p\($0 / 6)") }
    for unit in [HoldOut.Unit.genes, .a, .b] {
      var split = HoldOut(unit, share: 0.4, seed: seed)
      split.isTwoSided = true
      for (a, b) in places {
        let (heldA, heldB) = (split.holdsOut(gene: a, .a), split.holdsOut(gene: b, .b))
        #expect(unit != .a || !heldB)
        #expect(unit != .b || !heldA)
        let part: SplitPart = heldA && heldB ? .bothUnseen : heldA ? .aUnseen : heldB ? .bUnseen : .train
        #expect(split.part(a, b) == part && split.parts.contains(part))
        let homes = [SplitPart.train, .aUnseen, .bUnseen, .bothUnseen].filter { split.keeps(a, b, parts: [$0]) }
        #expect(homes == [part])
        #expect(split.keeps(a, b, parts: [.oneUnseen]) == (part == .aUnseen || part == .bUnseen))
        #expect(split.keeps(a, b, parts: [.heldOut]) == (part != .train))
      }
    }
  }

  @Test func theShareThatASplitOfTwoSidesLeavesOutIsSaid() throws {
    var said: [(Int, String)] = []
    let tally = NoticeCounter(total: { said.append(($0, $1)) })
    var rules = BagRules()
    let split = try #require(
      (UInt64(0)..<200).lazy.map { HoldOut(.genes, share: 0.5, seed: $0) }.first {
        $0.holdsOut(gene: "D1", .a) && !$0.holdsOut(gene: "D2", .a) && !$0.holdsOut(gene: "X", .a)
          && !$0.holdsOut(gene: "P1", .b)
      })
    (rules.holdOut, rules.keepParts) = (split, [.train, .bothUnseen])
    #expect(try Self.bags(rules: rules, tally: tally).all().map(\.bag) == ["X:X", "D2:X", "X:P1"])
    #expect(said.contains { $0.0 == 1 && $0.1.hasPrefix("of 4 pairs (25.0 %)") && $0.1.hasSuffix(": 1 a-unseen") })
  }

  @Test func oneSideOfPairsOfOneKindIsNotHeldOut() throws {
    var rules = BagRules()
    (rules.holdOut, rules.keepParts) = (HoldOut(.a, share: 0.5, seed: 1), [.train])
    let error = #expect(throws: BagsError.self) { _ = try Given.bags("gene_a\tgene_b\nA\tB\n", rules: rules) }
    #expect(error?.kind == .split(.sidesAlike("--hold-out a:0.5")))
  }

  @Test func negativesPairADrugWithAProtein() throws {
    let blocks = try Self.blocks()
    let members = Self.members(blocks)
    let candidates = try Candidates(of: members, blocks: blocks, rules: BagRules())
    let known = PairList([GenePair("D1", "P1", label: 1), GenePair("X", "X", label: 1)])
    let source = Negatives(
      after: known, .total(10), from: .uniform, seed: 1, tally: NoticeCounter(), isTwoSided: true
    ) { candidates.exist($0, $1) }
    let drawn = try source.allPairs().dropFirst(2).map { "\($0.geneA) \($0.geneB)" }
    #expect(Set(drawn) == ["D1 X", "X P1"] && drawn.count == 2)
  }
}

@Suite struct NumberLabelsTests {
  static func settled(_ rule: ConflictRule, _ rows: String, tally: NoticeCounter = NoticeCounter()) throws -> [GenePair]
  {
    let members = TwoSidesTests.members(try TwoSidesTests.blocks())
    let pairs = try Given.pairs("gene_a\tgene_b\tlabel\n" + rows, options: TwoSidesTests.numbers())
    return try SettledPairs(pairs, rule, members: members, tally).allPairs()
  }

  @Test func aPairWithSeveralLabelsGetsOne() throws {
    let rows = "D1\tP1\t5\nD2\tP1\t3\nD1\tP1\t6\nD1\tP1\t10\nD2\tP1\t3\nD2\tX\tNA\n"
    let tally = NoticeCounter()
    let mean = try Self.settled(.mean, rows, tally: tally)
    #expect(mean.map(\.geneA) == ["D1", "D2", "D2", "D2"] && mean.map(\.label) == [7, 3, 3, nil])
    #expect(tally[.mergedLabel] == 3)
    #expect(try Self.settled(.median, rows).map(\.label) == [6, 3, 3, nil])
    #expect(try Self.settled(.median, "D1\tP1\t5\nD1\tP1\t8\n").map(\.label) == [6.5])
  }

  @Test func ordersOfAPairKeepTheirRows() throws {
    var options = PairOptions()
    options.reader.labels = .number
    let members = try Given.members(Given.threeGenes)
    let pairs = try Given.pairs("gene_a\tgene_b\tlabel\nA\tB\t1\nB\tA\t2\nA\tB\t6\n", options: options)
    let settled = try SettledPairs(pairs, .mean, members: members, NoticeCounter()).allPairs()
    #expect(settled.map(\.geneA) == ["A", "B"] && settled.map(\.label) == [3, 3])
  }

  @Test func constantsBecomeLogarithms() throws {
    func read(_ transform: String, _ labels: String...) throws -> [Double?] {
      var options = PairOptions()
      options.transform = try LabelTransform(parsing: transform)
      let rows = labels.enumerated().map { "d\($0)\tp\t\($1)\n" }.joined()
      let reader = try Given.pairs("gene_a\tgene_b\tlabel\n" + rows, options: options)
      #expect(reader.labels == .number)
      return try reader.allPairs().map(\.label)
    }
    // 10 µM is the limit of the Davis assay: pKd 5 (Davis et al. 2011).
    #expect(try read("pKd:nM", "10000", "1", "NA") == [5, 9, nil])
    #expect(try read("pKi:uM", "10") == [5])
    #expect(try read("pIC50:M", "0.001") == [3])
    #expect(try read("log10", "1000") == [3])
    for (transform, label) in [("pKd:M", "10000"), ("pKd:nM", "1e-8"), ("pKd:nM", "0"), ("log10", "-1")] {
      let error = #expect(throws: BagsError.self) { _ = try read(transform, "1", label) }
      #expect(error?.place?.line == 3 && error?.place?.column == 6)
    }
    for text in ["", "pKd", "pKd:g", "pkd:nM", "log10:nM", "log2", "pKd:nM,", "pKd:nM,bounds=no", "pKd:nM,value"] {
      #expect(throws: BagsError.self) { _ = try LabelTransform(parsing: text) }
    }
  }

  @Test func boundsAreNoMeasurements() throws {
    var said: [String] = []
    func read(_ transform: String, _ labels: String...) throws -> [Double?] {
      var options = PairOptions()
      options.transform = try LabelTransform(parsing: transform)
      let rows = labels.enumerated().map { "d\($0)\tp\t\($1)\n" }.joined()
      let tally = NoticeCounter(total: { said.append("\($0) \($1)") })
      return try PairReader(MemorySource("gene_a\tgene_b\tlabel\n" + rows), options: options, tally: tally)
        .allPairs().map(\.label)
    }
    let rows = ["1", ">10000", "NA", " <= 10", "\u{2265}1e3"]
    #expect(try read("pKd:nM,bounds=drop", rows[0], rows[1], rows[2], rows[3], rows[4]) == [9, nil])
    #expect(try read("pKd:nM,bounds=value", rows[0], rows[1], rows[2], rows[3], rows[4]) == [9, 5, nil, 8, 6])
    #expect(said.count == 2 && said[0].hasPrefix("3 of 4 labels are bounds"))
    #expect(said.count == 2 && said[1].hasPrefix("3 of 4 labels are bounds"))
    for transform in ["pKd:nM", "pKd:nM,bounds=error", "log10"] {
      let error = #expect(throws: RecordError.self) { _ = try read(transform, "1", ">10000") }
      #expect(error?.place?.line == 3 && error?.place?.column == 6)
    }
    // What is no number is no bound either; a bound has a logarithm, or is an error as a value is.
    for label in [">", "<x", "~5"] {
      #expect(throws: RecordError.self) { _ = try read("pKd:nM,bounds=drop", label) }
    }
    #expect(throws: BagsError.self) { _ = try read("pKd:nM,bounds=value", "<0") }
  }

  @Test func labelsThatAreLogarithmsAlreadyAreNamed() throws {
    var said: [Diagnostic] = []
    var options = PairOptions()
    options.transform = try LabelTransform(parsing: "pKd:nM")
    let rows = (0..<10).map { "d\($0)\tp\t\(4 + $0 % 7).5\n" }.joined()
    let reader = try PairReader(
      MemorySource("gene_a\tgene_b\tlabel\n" + rows), options: options, tally: NoticeCounter(named: { said.append($0) })
    )
    _ = try reader.allPairs()
    #expect(said.count == 1 && said[0].message.contains("between 4.5 and 10.5"))
  }
}

@Suite struct BagPlanTests {
  /// A plan of a drug table, a protein table and measured constants.
  private func plan(_ bench: Workbench) throws -> BagPlan {
    bench.write(TwoSidesTests.drugs, to: "drugs.tsv")
    bench.write(TwoSidesTests.proteins, to: "proteins.tsv")
    bench.write("gene_a\tgene_b\tlabel\nD1\tP1\t10\nX\tX\t1000\nD1\tP1\t1000\n", to: "kd.tsv")
    var plan = BagPlan(
      pairs: .file("\(bench.folder)/kd.tsv"),
      blocks: [
        try BlockSpec(parsing: "drug=a:\(bench.folder)/drugs.tsv"),
        try BlockSpec(parsing: "target=b:\(bench.folder)/proteins.tsv"),
      ])
    plan.pairOptions.transform = try LabelTransform(parsing: "pKd:nM")
    return plan
  }

  @Test func bagsComeFromPlainValues() throws {
    let bench = Workbench()
    defer { withExtendedLifetime(bench) {} }
    var plan = try plan(bench)
    plan.rules.conflicts = .mean
    let built = try plan.open()
    #expect(built.source.labels == .number && built.groups == nil)
    let bags = try built.source.all()
    #expect(bags.map(\.bag) == ["D1:P1", "X:X"] && bags.map(\.label) == [7, 6])
    plan.pairs = .all(genes: nil)
    #expect(try plan.open().source.all().count == 6)
    bench.write("", to: "kd.tsv")
    plan.pairs = .file("\(bench.folder)/kd.tsv")
    let none = try plan.open().source
    let last = try none.next()
    #expect(none.schema == nil && last == nil)
  }

  @Test func membersOfOneSide() throws {
    let bench = Workbench()
    defer { withExtendedLifetime(bench) {} }
    var plan = try plan(bench)
    bench.write("isoform\tgene\nP1\tG\nX\tG\n", to: "members.tsv")
    plan.members = [try BagPlan.MemberFile(parsing: "b:\(bench.folder)/members.tsv")]
    plan.pairs = .all(genes: nil)
    let bags = try plan.open().source.all()
    #expect(bags.map(\.bag) == ["D1:G", "D2:G", "X:G"] && bags[1].values == [410, 30, 410, 51])
  }

  @Test func whatDoesNotGoTogetherIsRefusedBeforeATableIsRead() throws {
    func fault(_ change: (inout BagPlan) throws -> Void) throws -> BagsError.Kind? {
      var plan = BagPlan(pairs: .file("nowhere"), blocks: [try BlockSpec(parsing: "f=concat:nowhere")])
      try change(&plan)
      return #expect(throws: BagsError.self) { _ = try plan.open() }?.kind
    }
    #expect(try fault { $0.blocks = [] } == .table(.noBlocks))
    #expect(try fault { $0.blocks += $0.blocks } == .table(.repeatedBlock("f")))
    #expect(try fault { ($0.pairs, $0.tested) = (.file("-"), "-") } == .pairs(.stdinTwice))
    #expect(try fault { $0.rules.conflicts = .median } == .pairs(.needsNumbers("--conflicts median")))
    #expect(
      try fault {
        $0.pairOptions.reader.labels = .number
        $0.negatives = BagPlan.NegativePlan(.total(1))
      } == .pairs(.needsClasses("--negatives")))
    #expect(
      try fault { $0.members = try ["a:x", "y"].map(BagPlan.MemberFile.init(parsing:)) } == .members(.membersTwice))
  }
}
