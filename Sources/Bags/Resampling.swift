import Bytes

/// The thinning or the weight of one class of bags: `--under-sample 0:9x`, `--class-weight 1:1x`.
public struct Resampling: Sendable, Equatable {
  /// A share or a weight, or a ratio to the other class.
  public enum Amount: Sendable, Equatable {
    /// The share of its pairs that is kept, or the weight of each of its bags.
    case fixed(Double)
    /// The number of its pairs, or their weight, per pair of the other class.
    case ratio(Double)
  }

  /// The label of the class, 0 or 1.
  public let label: Double
  /// The share, the weight, or the ratio to the other class.
  public let amount: Amount

  /// Reads `0:9x`, `0:0.1` (a share between 0 and 1), or where `isWeight` `1:9` (a weight above 0); throws `BagsError`
  /// (usage) for anything else.
  public init(parsing text: String, isWeight: Bool) throws {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0] == "0" || parts[0] == "1" else {
      throw BagsError(.resamplingSyntax(text, isWeight: isWeight))
    }
    let isRatio = parts[1].hasSuffix("x")
    let digits = Array((isRatio ? parts[1].dropLast() : parts[1]).utf8)
    guard let value = digits.withUnsafeBufferPointer({ NumberText.double($0) }), value > 0, value < 1e12,
      isRatio || isWeight || value < 1
    else { throw BagsError(.resamplingSyntax(text, isWeight: isWeight)) }
    label = parts[0] == "1" ? 1 : 0
    amount = isRatio ? .ratio(value) : .fixed(value)
  }
}

/// Pairs of which one class is thinned, and one weighted.
///
/// A pair is kept or left out by a seeded hash of its unordered genes, so a share needs no memory and does not depend
/// on the order of the pairs; a ratio reads all pairs first and keeps those of the class with the smallest hashes. A
/// class gets a weight rather than copies, because readers refuse a repeated bag.
final class ResampledPairs: PairSource {
  private let pairs: PairSource
  private let under: Resampling?
  private let classWeight: Resampling?
  private let seed: UInt64
  private let tally: NoticeCounter
  private var buffered: PairList?
  /// Pairs of the thinned class are kept below this position of their hash.
  private var limit = 1.0
  private var weight = 1.0

  init(_ pairs: PairSource, under: Resampling?, weight classWeight: Resampling?, seed: UInt64, tally: NoticeCounter) {
    self.pairs = pairs
    self.under = under
    self.classWeight = classWeight
    // Apart from the places by which pairs are held out or dealt into folds.
    self.seed = seed ^ 0x7361_6d70_6c65_0000
    self.tally = tally
    if case .fixed(let share) = under?.amount { limit = share }
    if case .fixed(let factor) = classWeight?.amount { weight = factor }
  }

  func next() throws -> GenePair? {
    if needsCounts, buffered == nil { buffered = try readAhead() }
    while var pair = try buffered.map({ try $0.next() }) ?? pairs.next() {
      if let under, !keeps(pair, under) { continue }
      if let classWeight {
        let isChosen = pair.label == classWeight.label
        if isChosen && weight != 1 { tally.count(.weighted) }
        pair.weight = (pair.weight ?? 1) * (isChosen ? weight : 1)
      }
      return pair
    }
    return nil
  }

  private var needsCounts: Bool {
    for rule in [under, classWeight] {
      if case .ratio = rule?.amount { return true }
    }
    return false
  }

  private func place(of pair: GenePair) -> Double { HoldOut.position(ofPair: pair.geneA, pair.geneB, seed: seed) }

  /// Reads all pairs and sets the limit of the thinning, then the weight of the pairs that are left.
  private func readAhead() throws -> PairList {
    var all: [GenePair] = []
    while let pair = try pairs.next() { all.append(pair) }
    func count(_ label: Double) -> Double { Double(all.reduce(0) { $0 + ($1.label == label ? 1 : 0) }) }
    if let under, case .ratio(let ratio) = under.amount {
      let wanted = (ratio * count(1 - under.label)).rounded()
      let places = all.filter { $0.label == under.label }.map(place).sorted()
      if wanted < Double(places.count) { limit = places[Int(wanted)] }
    }
    if let classWeight, case .ratio(let ratio) = classWeight.amount {
      if let under { all = all.filter { keeps($0, under) } }
      let own = count(classWeight.label)
      let other = count(1 - classWeight.label)
      if own > 0, other > 0 { weight = ratio * other / own }
    }
    return PairList(all)
  }

  private func keeps(_ pair: GenePair, _ under: Resampling) -> Bool {
    if pair.label != under.label || place(of: pair) < limit { return true }
    tally.count(.sampledOut)
    return false
  }
}
