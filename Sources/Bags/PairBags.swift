import Bytes
import Records

/// Builds bags from gene pairs: every isoform of gene a with every isoform of gene b, a-major in the members' order; of
/// a pair of a gene with itself the isoforms i ≤ j. One bag per pair. Memory: the tables, and some bytes per pair to
/// recognise repeats.
public final class PairBags: BagSource {
  /// The names of the features, block after block.
  public let schema: Schema?
  /// Bags.
  public let kind = RecordKind.bag
  /// The kind of the pairs' labels; nil where pairs have none.
  public let labels: LabelKind?
  /// The edges that embeddings among the blocks have seen.
  public var seenEdges: [JSON] {
    blocks.flatMap(\.table.seenEdges).reduce(into: []) { all, object in if !all.contains(object) { all.append(object) }
    }
  }
  private let pairs: PairSource
  private let members: Members
  private let tested: TestedInstances
  /// The blocks of features, in their order.
  public let blocks: [PairBlock]
  /// The blocks whose features depend on both isoforms, and the number of these features.
  let sharedBlocks: [PairBlock]
  let sharedWidth: Int
  private let rules: BagRules
  private let tally: NoticeCounter
  let width: Int
  private let lacking: LackingBlocks
  private var toldMissing: Set<Int32> = []
  private var reversedPair: GenePair?
  private let wanted: WantedPairs
  /// The source of `--pairs all`; nil for other sources.
  private let every: AllPairs?
  /// The number of bags returned so far.
  private var given = 0
  private(set) var candidates: [(Int32, Int32)] = []
  private var isDone = false

  /// Throws `BagsError` where there is no block, or a block has no isoform of the members, and a `RecordError` where
  /// two features have the same name.
  public init(
    pairs: PairSource, members: Members, tested: TestedInstances = TestedInstances(), blocks: [PairBlock],
    labels: LabelKind? = nil, rules: BagRules = BagRules(), tally: NoticeCounter = NoticeCounter()
  ) throws {
    guard !blocks.isEmpty else { throw BagsError(.noBlocks) }
    if rules.missingIsoform == .zero, let block = blocks.first(where: { $0.entities != nil }) {
      throw BagsError(.zeroEntities(block.spec.name))
    }
    let rules = try rules.completed(members, blocks)
    wanted = WantedPairs(pairs, members: members, labels: labels, rules: rules, tally: tally)
    lacking = try LackingBlocks(members, blocks)
    var classed: PairSource = wanted
    if let bar = rules.positiveAbove { classed = ClassedPairs(wanted, above: bar) }
    let chosen: PairSource =
      rules.underSample == nil && rules.classWeight == nil
      ? classed
      : ResampledPairs(
        classed, under: rules.underSample, weight: rules.classWeight, seed: rules.sampleSeed, tally: tally)
    (self.members, self.labels) = (members, labels == nil || rules.positiveAbove == nil ? labels : .binary)
    self.tested = tested
    self.blocks = blocks
    every = pairs as? AllPairs
    sharedBlocks = blocks.filter { !$0.spec.kind.isOfPartners }
    sharedWidth = sharedBlocks.reduce(0) { $0 + $1.width }
    self.rules = rules
    self.tally = tally
    schema = try Schema(names: blocks.flatMap(\.names))
    width = blocks.reduce(0) { $0 + $1.width }
    let coverage = BlockCoverage(members: members, blocks: blocks)
    if pairs.isDistinct || rules.isShard {
      // Of a share of the pairs a block may know no id of a side.
      if !members.genes.isEmpty { try coverage.checkOverlap() }
      self.pairs = chosen
    } else {
      self.pairs = SideCheckedPairs(chosen, coverage, bothOrders: rules.bothOrders || rules.isUnordered)
    }
  }

  /// The next bag with at least one instance; nil at the end, where the totals are reported. Throws `BagsError` at the
  /// end where pairs came and no bag is left, and where the tables of a block know no id of a side.
  public func next() throws -> StreamRecord? {
    while let pair = try nextChosen() {
      if let bag = try fill(pair) {
        given += 1
        return bag
      }
      countEmptyBag()
    }
    return nil
  }

  /// The next pair with isoform pairs, which are then in `candidates`; nil at the end, where the totals are reported.
  func nextChosen() throws -> GenePair? {
    while let pair = try nextPair() {
      guard let (a, b) = pair.numbers else { preconditionFailure("a wanted pair has known genes") }
      try choose(Int(a), Int(b), of: pair)
      if !candidates.isEmpty { return pair }
      countEmptyBag()
    }
    if !isDone {
      if given == 0 { try refuseEmptiness() }
      reportOtherParts()
      reportCopies()
      tally.close()
    }
    isDone = true
    return nil
  }

  /// Counts a pair without instances.
  func countEmptyBag() { tally.count(.emptyBag) }

  /// Counts bags that are returned by other functions than `next`.
  func countBags(_ count: Int) { given += count }

  private func nextPair() throws -> GenePair? {
    if let pair = reversedPair {
      reversedPair = nil
      return pair
    }
    guard let pair = try pairs.next() else { return nil }
    if rules.bothOrders, members.isTwoSided || pair.geneA != pair.geneB {
      var other = pair
      swap(&other.geneA, &other.geneB)
      other.numbers = pair.numbers.map { (a: $0.b, b: $0.a) }
      reversedPair = other
    }
    return pair
  }

  /// Sets `candidates` to the isoform pairs of two genes whose features are there.
  private func choose(_ a: Int, _ b: Int, of pair: GenePair) throws {
    candidates.removeAll(keepingCapacity: true)
    let left = members.isoforms(of: a)
    let right = members.isoforms(of: b)
    let size = a == b ? left.count * (left.count + 1) / 2 : left.count * right.count
    if !rules.testedOnly { try checkSize(size, of: pair) }
    var missing = 0
    for (i, first) in left.enumerated() {
      for second in a == b ? right.dropFirst(i) : right {
        if rules.testedOnly, tested.label(first, second) == nil { continue }
        let absent =
          lacking.block(of: first, on: .a).map { (first, $0) } ?? lacking.block(of: second, on: .b).map { (second, $0) }
        if let (isoform, block) = absent {
          missing += 1
          try meetMissing(isoform, blocks[block].spec.name, of: pair)
          if rules.missingIsoform == .drop { continue }
        }
        candidates.append((first, second))
      }
    }
    tally.count(.missingIsoform, missing)
    try checkSize(candidates.count, of: pair)
  }

  private func checkSize(_ size: Int, of pair: GenePair) throws {
    if size <= rules.maxInstances { return }
    let id = "\(pair.geneA):\(pair.geneB)"
    throw BagsError(.largeBag(id, instances: size, limit: rules.maxInstances), at: pair.place)
  }

  private func meetMissing(_ isoform: Int32, _ block: String, of pair: GenePair) throws {
    if rules.missingIsoform != .error, toldMissing.contains(isoform) { return }
    let error = BagsError(.missingIsoform(members.isoforms[Int(isoform)], block: block), at: pair.place)
    if rules.missingIsoform == .error { throw error }
    toldMissing.insert(isoform)
    tally.count(.missingIsoform, 0, example: error.warning)
  }

  /// The bag of the candidates; nil where all of them are left out.
  private func fill(_ pair: GenePair) throws -> StreamRecord? {
    var instances: [StreamRecord.Instance] = []
    instances.reserveCapacity(candidates.count)
    let values = try [Double](unsafeUninitializedCapacity: candidates.count * width) { buffer, filled in
      let count = try writeCandidates(blocks, width: width, of: pair, to: buffer.baseAddress) {
        instances.append(try instance($0, $1, of: pair))
      }
      filled = count * width
    }
    return instances.isEmpty ? nil : try record(pair, instances, values)
  }

  /// Writes the features of the candidates, passes the isoforms of those that are kept to `take`, and returns their
  /// number.
  func writeCandidates(
    _ blocks: [PairBlock], width: Int, of pair: GenePair, to buffer: UnsafeMutablePointer<Double>?,
    _ take: (_ first: Int32, _ second: Int32) throws -> Void
  ) throws -> Int {
    guard var row = buffer else { return 0 }
    var (undefined, measures, count) = (0, 0, 0)
    for (first, second) in candidates {
      var out = row
      var gaps = 0
      for block in blocks {
        let missing = block.write(first, second, to: out)
        gaps += missing
        if block.spec.kind == .link { measures += missing }
        out += block.width
      }
      undefined += gaps
      if gaps > 0, rules.undefined != .zero {
        if rules.undefined == .error { throw undefinedError(first, second, of: pair) }
        continue
      }
      try take(first, second)
      row += width
      count += 1
    }
    tally.count(.undefinedCorrelation, undefined - measures)
    tally.count(.undefinedMeasure, measures)
    tally.count(.undefinedInstance, candidates.count - count)
    return count
  }

  func instance(_ first: Int32, _ second: Int32, of pair: GenePair) throws -> StreamRecord.Instance {
    let a = members.isoforms[Int(first)]
    let b = members.isoforms[Int(second)]
    return StreamRecord.Instance(
      id: try PairIdentifier.joining(a, b, at: pair.place), isoformA: a, isoformB: b,
      label: tested.label(first, second))
  }

  func record(_ pair: GenePair, _ instances: [StreamRecord.Instance], _ values: [Double]) throws -> StreamRecord {
    let id = try PairIdentifier.joining(pair.geneA, pair.geneB, at: pair.place)
    var record = StreamRecord(bag: id, instances: instances, values: values, place: pair.place)
    record.geneA = pair.geneA
    record.geneB = pair.geneB
    record.label = pair.label
    record.fold = pair.fold
    record.part = pair.part
    record.baseline = pair.baseline
    record.weight = pair.weight
    for _ in instances { record.kept += pair.kept }
    if let folds = rules.folds {
      let place = folds.place(pair.geneA, pair.geneB)
      record.fold = place.fold
      record.part = place.part.rawValue
    }
    return record
  }

  private func undefinedError(_ first: Int32, _ second: Int32, of pair: GenePair) -> BagsError {
    let id = "\(members.isoforms[Int(first)]):\(members.isoforms[Int(second)])"
    let block = blocks.first { $0.isUndefined(first, second) }
    return BagsError(.undefinedCorrelation(id, column: block?.names.first ?? ""), at: pair.place)
  }
}

// MARK: Reports at the end

extension PairBags {
  /// The ways in which a pair is left out, in the order of the stages.
  private static let exits: [NoticeCounter.Kind] = [
    .badRow, .filteredPair, .missingPartner, .unmappedPair, .ambiguousPair, .unknownChoice, .unknownGene, .selfPair,
    .contraryPair, .sampledOut, .emptyBag,
  ]

  /// Throws `BagsError` where pairs came and none became a bag. An input without pairs is no error, nor is a share of
  /// the pairs that is empty while there are others.
  private func refuseEmptiness() throws {
    var reasons = Self.exits.filter { tally[$0] > 0 }.map { "\(tally[$0]) \($0.text(tally[$0]))" }
    let outOfPart = wanted.outOfPart.values.reduce(0, +)
    if outOfPart > 0 { reasons.append("\(outOfPart) \(outOfPart == 1 ? "pair" : "pairs") in other parts of the split") }
    if let every {
      if every.isShare && every.count > 0 || members.genes.isEmpty { return }
      if every.count == 0 { reasons.append("the genes make no pair") }
    } else if reasons.isEmpty && wanted.read == 0 || rules.isShard && wanted.count > 0 {
      return
    }
    let hint = outOfPart > 0 ? "another share, --split-seed or --keep-part chooses other pairs" : nil
    throw BagsError(.nothingLeft(reasons, hint: hint))
  }

  /// Says which share of the pairs is in neither part of a split of two sides.
  private func reportOtherParts() {
    guard let holdOut = rules.holdOut, holdOut.isTwoSided, holdOut.unit == .genes else { return }
    let left = wanted.outOfPart.sorted { $0.key.rawValue < $1.key.rawValue }
    let count = left.reduce(0) { $0 + $1.value }
    let share = NumberText.fixed(100 * Double(count) / Double(max(1, wanted.read)), digits: 1)
    let parts = left.map { "\($0.value) \($0.key.rawValue)" }.joined(separator: ", ")
    tally.note(count, "of \(wanted.read) pairs (\(share) %) are in parts of the split that are not kept: \(parts)")
  }

  /// Counts and names the genes that have a copy in another part or fold.
  private func reportCopies() {
    guard rules.splitsGenes else { return }
    let copies = GeneCopies(members, blocks: blocks, lacking: lacking)
    func gene(_ number: Int) -> String { Diagnostic.quoted(members.genes[number]) }
    if let holdOut = rules.holdOut {
      let crossing = copies.crossing(
        { gene in
          guard wanted.occurring[gene] else { return nil }
          return Side.allCases.contains {
            members.genes(on: $0).contains(gene) && holdOut.holdsOut(gene: members.genes[gene], $0)
          }
        }, isReported: { $0 })
      for (held, copy) in crossing {
        tally.countHeldOutCopy(members.genes[held], of: members.genes[copy])
      }
    } else if let folds = rules.folds {
      func fold(_ number: Int) -> Int { folds.fold(ofGene: members.genes[number]) }
      for (one, copy) in copies.crossing({ wanted.occurring[$0] ? fold($0) : nil }) {
        tally.countCopy(
          "gene \(gene(one)) of fold \(fold(one)) has the same features as \(gene(copy)) of fold \(fold(copy))")
      }
    }
  }
}
