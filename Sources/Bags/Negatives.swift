import Bytes

/// Draws negative pairs after the given ones: never a known pair in either order, never a self pair, no pair twice.
///
/// The negatives are a function of the set of given pairs and the seed, whatever the order of the pairs: the given
/// pairs pass through at once, and the first negative is drawn when all of them are known, from genes in the order of
/// their ids. Memory: the genes and some 20 bytes per pair.
///
/// The first gene of a negative is drawn from the first genes of the given pairs, the second from their second genes,
/// so sides that differ in kind stay apart, unless pairs have no order. Genes are taken from, and ratios refer to, the
/// pairs that become bags: of known genes with features, in the wanted part of a split; a pair given twice counts once,
/// and a pair with a positive and another label counts as positive.
public final class Negatives: PairSource {
  /// The distribution from which a negative pair is drawn.
  public enum Origin: Sendable {
    /// Each gene of a side with the same probability.
    case uniform
    /// Each gene with its frequency among the positive pairs.
    case degreeMatched
    /// As uniform, but only genes whose compartments are known and have none in common.
    case compartments(Compartments)
  }

  /// The number of negatives.
  public enum Amount: Sendable, Equatable {
    case total(Int)
    /// A number per positive pair.
    case perPositive(Double)

    /// Parses `5000` or `9x`; throws `BagsError` (usage) for anything else.
    public init(parsing text: String) throws {
      let isRatio = text.hasSuffix("x")
      let digits = Array((isRatio ? text.dropLast() : text[...]).utf8)
      guard let value = digits.withUnsafeBufferPointer({ NumberText.double($0) }), value > 0, value < 1e12,
        isRatio || value.rounded() == value
      else { throw BagsError(.negativeSyntax(text)) }
      self = isRatio ? .perPositive(value) : .total(Int(value))
    }
  }

  /// The number of draws after which a negative is given up.
  private static let attempts = 1000

  private let pairs: PairSource
  private let amount: Amount
  private let origin: Origin
  private let seed: UInt64
  private let tally: NoticeCounter
  private let isUnordered: Bool
  private let areLabelled: Bool
  private let isTwoSided: Bool
  private let becomesBag: (String, String) -> Bool
  private var genes = InternedIdentifiers()
  private var known: Set<UInt64> = []
  private var avoided: Set<UInt64> = []
  /// The genes of each side that a negative is drawn from; with degree matching a gene once per positive pair.
  private var left: [Int32] = []
  private var right: [Int32] = []
  private var isLeft: Set<Int32> = []
  private var isRight: Set<Int32> = []
  /// The positive pairs that become bags, without order.
  private var positives: Set<UInt64> = []
  /// The same with their order, where degrees are matched.
  private var positiveOrders: Set<UInt64> = []
  private var isDrawing = false
  private var wanted = 0
  private var drawn = 0

  /// Makes the source.
  /// - Parameters:
  ///   - isUnordered: whether each gene of a pair may be on either side of a negative.
  ///   - isTwoSided: whether the sides differ in kind, so that equal ids on both are not the same gene.
  ///   - areLabelled: whether a pair without a label is merely known; otherwise it is positive and gets the label 1.
  ///   - becomesBag: returns whether a pair of two genes, given or drawn, becomes a bag.
  public init(
    after pairs: PairSource, _ amount: Amount, from origin: Origin, seed: UInt64, tally: NoticeCounter,
    isUnordered: Bool = false, isTwoSided: Bool = false, areLabelled: Bool = false,
    becomesBag: @escaping (String, String) -> Bool = { _, _ in true }
  ) {
    self.isUnordered = isUnordered
    self.isTwoSided = isTwoSided
    self.areLabelled = areLabelled
    self.pairs = pairs
    self.amount = amount
    self.origin = origin
    self.seed = seed
    self.tally = tally
    self.becomesBag = becomesBag
  }

  /// The next given pair, then the next negative; nil when enough are drawn or none is found.
  public func next() throws -> GenePair? {
    if !isDrawing {
      if var pair = try pairs.next() {
        if !areLabelled { pair.label = pair.label ?? 1 }
        note(pair)
        return pair
      }
      beginDrawing()
    }
    return draw()
  }

  private func beginDrawing() {
    isDrawing = true
    switch amount {
    case .total(let count): wanted = count
    case .perPositive(let ratio): wanted = Int((ratio * Double(positives.count)).rounded())
    }
    // The numbers of the genes follow the order of the pairs, their ids do not.
    var rank = [Int](repeating: 0, count: genes.ids.count)
    for (place, number) in genes.ids.indices.sorted(by: { genes.ids[$0] < genes.ids[$1] }).enumerated() {
      rank[number] = place
    }
    left.sort { rank[Int($0)] < rank[Int($1)] }
    right.sort { rank[Int($0)] < rank[Int($1)] }
  }

  /// Excludes a pair of genes from the negatives, for another reason than a given pair.
  public func avoid(_ geneA: String, _ geneB: String) {
    avoided.insert(TestedInstances.key(number(geneA, .a), number(geneB, .b)))
  }

  /// The number of a gene; where the sides differ in kind, the id carries its side, before a byte that no id has.
  private func number(_ id: String, _ side: Side) -> Int32 {
    genes.number(isTwoSided ? "\(side.rawValue)\t\(id)" : id)
  }

  private func id(_ number: Int32) -> String {
    isTwoSided ? String(genes.ids[Int(number)].dropFirst(2)) : genes.ids[Int(number)]
  }

  private func note(_ pair: GenePair) {
    if pair.role != .wanted { return avoid(pair.geneA, pair.geneB) }
    let (a, b) = (number(pair.geneA, .a), number(pair.geneB, .b))
    let key = TestedInstances.key(a, b)
    known.insert(key)
    guard becomesBag(pair.geneA, pair.geneB) else { return }
    if pair.label == nil { tally.count(.unlabelledPair) }
    let isPositive = pair.label.map { $0 != 0 } ?? false
    let isNew = isPositive && positives.insert(key).inserted
    guard case .degreeMatched = origin else {
      for (first, second) in isUnordered ? [(a, b), (b, a)] : [(a, b)] {
        if isLeft.insert(first).inserted { left.append(first) }
        if isRight.insert(second).inserted { right.append(second) }
      }
      return
    }
    guard isPositive else { return }
    if isUnordered {
      if isNew {
        left += [a, b]
        right += [b, a]
      }
    } else if positiveOrders.insert(UInt64(UInt32(a)) << 32 | UInt64(UInt32(b))).inserted {
      left.append(a)
      right.append(b)
    }
  }

  private func draw() -> GenePair? {
    guard drawn < wanted, !left.isEmpty, !right.isEmpty else { return finish() }
    var random = RandomStream(seed: seed, 0x6e65_6761_7469_7665, UInt64(drawn))
    for _ in 0..<Self.attempts {
      let a = left[random.below(left.count)]
      let b = right[random.below(right.count)]
      let (geneA, geneB) = (id(a), id(b))
      if !becomesBag(geneA, geneB) { continue }
      if case .compartments(let map) = origin, !map.areApart(geneA, geneB) { continue }
      let key = TestedInstances.key(a, b)
      if a == b || avoided.contains(key) || !known.insert(key).inserted { continue }
      drawn += 1
      return GenePair(geneA, geneB, label: 0, place: SourceLocation(source: "negatives", line: drawn))
    }
    return finish()
  }

  private func finish() -> GenePair? {
    if wanted > drawn {
      let message = "\(drawn) of \(wanted) negative pairs drawn: no further pair was found in \(Self.attempts) tries"
      tally.count(.missingNegatives, wanted - drawn, example: Diagnostic(.data, message))
    }
    wanted = drawn
    return nil
  }
}
