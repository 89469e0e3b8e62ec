import Bytes
import Records

/// The given pairs that become bags: of known genes, in the wanted parts of the split, each once.
///
/// A repeated pair in the same order is left out; the reversed pair is another bag, unless pairs have no order. Pairs
/// with different labels are counted: `first` treats them like others, `error` throws, other rules read all pairs first
/// (`SettledPairs`). Memory: some bytes per pair, to recognise repeats.
final class WantedPairs: PairSource {
  private let pairs: PairSource
  private let members: Members
  private let labels: LabelKind?
  private let rules: BagRules
  private let tally: NoticeCounter
  private var seen: RepeatedPairs
  /// The number of pairs that are wanted, over all shares.
  private(set) var count = 0
  /// The number of pairs that were read.
  private(set) var read = 0
  /// The number of pairs in other parts of the split, by part.
  private(set) var outOfPart: [SplitPart: Int] = [:]
  /// The genes that occur in a pair, by number, where copies are looked for.
  private(set) var occurring: [Bool]

  init(_ pairs: PairSource, members: Members, labels: LabelKind?, rules: BagRules, tally: NoticeCounter) {
    self.pairs =
      rules.conflicts.readsAhead && !pairs.isDistinct
      ? SettledPairs(pairs, rules.conflicts, members: members, tally) : pairs
    (self.members, self.labels) = (members, labels)
    self.rules = rules
    self.tally = tally
    occurring = [Bool](repeating: pairs.isDistinct, count: rules.splitsGenes ? members.genes.count : 0)
    seen = RepeatedPairs(ordered: !rules.isUnordered && !rules.bothOrders)
  }

  /// The next pair that becomes a bag, with the numbers of its genes; throws `BagsError` for a pair that a rule makes
  /// an error.
  func next() throws -> GenePair? {
    while var pair = try pairs.next() {
      read += 1
      guard try isWanted(&pair) else { continue }
      count += 1
      if rules.shard?.holds(count - 1) ?? true { return pair }
    }
    return nil
  }

  private func isWanted(_ pair: inout GenePair) throws -> Bool {
    if pair.role == .leftOut { return false }
    if !occurring.isEmpty, !pairs.isDistinct {
      for (gene, side) in [(pair.geneA, Side.a), (pair.geneB, .b)] {
        if let number = members.gene(gene, side) { occurring[number] = true }
      }
    }
    if let holdOut = rules.holdOut, !holdOut.keeps(pair.geneA, pair.geneB, parts: rules.keepParts) {
      outOfPart[holdOut.part(pair.geneA, pair.geneB), default: 0] += 1
      return false
    }
    if rules.selfPairs == .drop, !members.isTwoSided, pair.geneA == pair.geneB {
      tally.count(.selfPair)
      return false
    }
    if pairs.isDistinct { return true }
    guard let a = try gene(pair.geneA, .a, of: pair), let b = try gene(pair.geneB, .b, of: pair) else { return false }
    pair.numbers = (Int32(a), Int32(b))
    return try isFirst(pair, a, b)
  }

  private func gene(_ id: String, _ side: Side, of pair: GenePair) throws -> Int? {
    if let number = members.gene(id, side) { return number }
    if rules.unknownGene == .error { throw members.unknownGene(id, side, at: pair.place) }
    tally.count(.unknownGene, example: members.unknownGene(id, side, at: pair.place).warning)
    return nil
  }

  /// Whether the pair is to become a bag, given those before it.
  private func isFirst(_ pair: GenePair, _ a: Int, _ b: Int) throws -> Bool {
    var error: BagsError { BagsError(.contraryPair("\(pair.geneA):\(pair.geneB)", labels), at: pair.place) }
    if pair.role == .contrary {
      tally.count(.contraryPair, example: error.warning)
      return false
    }
    switch seen.note(a, b, label: pair.label) {
    case .new: return true
    case .repeated:
      let id = Diagnostic.quoted("\(pair.geneA):\(pair.geneB)")
      // A file of interactions repeats many pairs: they are counted, not named.
      let example = Diagnostic(.data, "pair \(id) is repeated", at: pair.place)
      tally.count(.repeatedPair, example: rules.isUnordered ? nil : example)
      return false
    case .contrary(let again):
      if rules.conflicts == .error { throw error }
      tally.count(.contraryPair, example: error.warning)
      return !again
    }
  }
}
