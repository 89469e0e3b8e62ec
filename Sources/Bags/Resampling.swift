import Bytes

/// The thinning or the weight of one class of bags: `--under-sample 0:9x`, `--class-weight 1:1x`, and of bags whose
/// label is a number above another: `--class-weight '>7:0.9x'`.
public struct Resampling: Sendable, Equatable {
  /// A share or a weight, or a ratio to the other class.
  public enum Amount: Sendable, Equatable {
    /// The share of its pairs that is kept, or the weight of each of its bags.
    case fixed(Double)
    /// The number of its pairs, or their weight, per pair of the other class.
    case ratio(Double)
  }

  /// One of two classes.
  public enum Kind: Sendable, Equatable {
    /// The bags of the label 0 or 1.
    case label(Double)
    /// The bags with a label above a number.
    case above(Double)

    /// Whether a bag of this label belongs to it.
    func holds(_ label: Double?) -> Bool {
      switch self {
      case .label(let own): label == own
      case .above(let bar): label.map { $0 > bar } ?? false
      }
    }
  }

  /// The class.
  public let kind: Kind
  /// Whether labels are numbers.
  var isOfNumbers: Bool { if case .above = kind { true } else { false } }
  /// The share, the weight, or the ratio to the other class.
  public let amount: Amount

  /// Reads `0:9x`, `0:0.1` (a share between 0 and 1), or where `isWeight` `1:9` (a weight above 0), `>7:0.9x` and
  /// `balanced` (`1:1x`); throws `BagsError` (usage) for anything else.
  public init(parsing text: String, isWeight: Bool) throws {
    if isWeight, text == "balanced" {
      (kind, amount) = (.label(1), .ratio(1))
      return
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let bar = Array((parts[0].hasPrefix(">") ? parts[0].dropFirst() : "").utf8)
    let above = bar.withUnsafeBufferPointer { NumberText.double($0) }.flatMap { isWeight && $0.isFinite ? $0 : nil }
    guard parts.count == 2, parts[0] == "0" || parts[0] == "1" || above != nil else {
      throw BagsError(.resamplingSyntax(text, isWeight: isWeight))
    }
    let isRatio = parts[1].hasSuffix("x")
    let digits = Array((isRatio ? parts[1].dropLast() : parts[1]).utf8)
    guard let value = digits.withUnsafeBufferPointer({ NumberText.double($0) }), value > 0, value < 1e12,
      isRatio || isWeight || value < 1
    else { throw BagsError(.resamplingSyntax(text, isWeight: isWeight)) }
    kind = above.map { .above($0) } ?? .label(parts[0] == "1" ? 1 : 0)
    amount = isRatio ? .ratio(value) : .fixed(value)
  }
}

/// Pairs whose labels are numbers, with the class 1 for those above a bar in place of the number, and 0 for others.
final class ClassedPairs: PairSource {
  private let pairs: PairSource
  private let bar: Double

  init(_ pairs: PairSource, above bar: Double) { (self.pairs, self.bar) = (pairs, bar) }

  func next() throws -> GenePair? {
    var pair = try pairs.next()
    if let label = pair?.label { pair?.label = label > bar ? 1 : 0 }
    return pair
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
        let isChosen = classWeight.kind.holds(pair.label)
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
    func count(_ kind: Resampling.Kind, _ isOwn: Bool) -> Double {
      Double(all.reduce(0) { $0 + ($1.label != nil && kind.holds($1.label) == isOwn ? 1 : 0) })
    }
    if let under, case .ratio(let ratio) = under.amount {
      let wanted = (ratio * count(under.kind, false)).rounded()
      let places = all.filter { under.kind.holds($0.label) }.map(place).sorted()
      if wanted < Double(places.count) { limit = places[Int(wanted)] }
    }
    if let classWeight, case .ratio(let ratio) = classWeight.amount {
      if let under { all = all.filter { keeps($0, under) } }
      let (own, other) = (count(classWeight.kind, true), count(classWeight.kind, false))
      if own > 0, other > 0 { weight = ratio * other / own }
    }
    return PairList(all)
  }

  private func keeps(_ pair: GenePair, _ under: Resampling) -> Bool {
    if !under.kind.holds(pair.label) || place(of: pair) < limit { return true }
    tally.count(.sampledOut)
    return false
  }
}
