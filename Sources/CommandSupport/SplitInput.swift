import Bags
import Bytes
import Records

extension BagInputOptions {
  /// The pairs of both parts of a split and the sequences of their partners, for a report.
  ///
  /// The test part is another file of pairs or the pairs with one value in a column (`test`), or what `--hold-out` and
  /// `--keep-part` say. Throws `BagsError` (usage too) and what the readers throw.
  public func splitPairs(
    test: String?, sequences: String, _ context: ToolContext
  ) throws -> (pairs: SplitPairs, sequences: PartnerSequences) {
    guard let file = pairing.pairs, file != PairInputOptions.everyPair else {
      throw ToolFailure.usage("--leak-report needs --pairs FILE")
    }
    if (test == nil) == (splits.holdOut == nil) {
      throw ToolFailure.usage(
        "--leak-report needs a split",
        hint:
          "--test-pairs FILE, --test-pairs part=test, or --hold-out genes:0.2 with --keep-part held-out: one of them")
    }
    let unused = [
      (pairing.mapIds != nil, "--map-ids"), (sampling.negatives != nil, "--negatives"),
      (splits.folds != nil, "--folds"),
      (pairing.shard != nil, "--shard"), (splits.geneGroups != nil, "--gene-groups"),
      (!features.blocks.isEmpty, "--block"),
    ]
    if let (_, name) = unused.first(where: \.0) {
      throw ToolFailure.usage("\(name) does not apply to --leak-report, which writes no bags")
    }
    let tally = NoticeCounter(context)
    defer { tally.close() }
    var options = try pairing.pairOptions(input.readerOptions())
    let rules = pairing.memberOptions(options.reader)
    let members = try pairing.memberFiles().map { try $0.read(rules, tally: tally) }
    options.cut = GeneCut(pairing.cut, of: members.first)
    let pairs = try split(file, test: test, options, tally)
    return (pairs, try self.sequences(sequences, members))
  }

  private func split(_ file: String, test: String?, _ options: PairOptions, _ tally: NoticeCounter) throws -> SplitPairs
  {
    func read(_ path: String, where condition: String? = nil) throws -> [GenePair] {
      var options = options
      if let condition { options.filters.append(try RowFilter(parsing: condition)) }
      // The rows of the other part are not left out.
      let reader = try PairReader(
        Input.open(path), options: options, tally: condition == nil ? tally : NoticeCounter())
      var pairs: [GenePair] = []
      while let pair = try reader.next() { pairs.append(pair) }
      return pairs
    }
    guard let test else {
      guard let holdOut = try splits.split(nil) else { return SplitPairs(training: [], test: []) }
      let (parts, pairs) = (try splits.wantedParts(), try read(file))
      return SplitPairs(
        training: pairs.filter { holdOut.part($0.geneA, $0.geneB) == .train },
        test: pairs.filter { holdOut.keeps($0.geneA, $0.geneB, parts: parts.subtracting([.train])) })
    }
    guard let sign = test.firstIndex(of: "=") else { return SplitPairs(training: try read(file), test: try read(test)) }
    if file == "-" {
      throw ToolFailure.usage("--test-pairs \(test) reads --pairs twice, which can't be standard input")
    }
    let (column, value) = (test[..<sign], test[sign...].dropFirst())
    return SplitPairs(
      training: try read(file, where: "\(column)!=\(value)"), test: try read(file, where: "\(column)=\(value)"))
  }

  /// The sequences by partner: by id, or with members those of all isoforms of a gene.
  private func sequences(_ path: String, _ members: [Members]) throws -> PartnerSequences {
    var genes: [String: String] = [:]
    for table in members {
      for (gene, id) in table.genes.enumerated() {
        for isoform in table.isoforms(of: gene) { genes[table.isoforms[Int(isoform)]] = id }
      }
    }
    let cut = pairing.cut
    return try PartnerSequences.read(Input.open(path)) { id in
      members.isEmpty ? cut.apply(id) : genes[cut.apply(id)]
    }
  }
}
