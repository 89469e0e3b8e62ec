/// Reads all pairs first, and marks those that stand there with different labels, either way round.
public final class ContraryPairs: PairSource {
  private let pairs: PairSource
  private let members: Members
  private var read: PairList?

  /// Reads `pairs` once the first of them is asked for.
  public init(_ pairs: PairSource, members: Members) {
    self.pairs = pairs
    self.members = members
  }

  /// The next pair; nil at the end. Throws what the source does.
  public func next() throws -> GenePair? {
    let list = try read ?? readAhead()
    read = list
    return try list.next()
  }

  private func readAhead() throws -> PairList {
    var all: [GenePair] = []
    var labels = RepeatedPairs(ordered: true)
    var contrary: Set<UInt64> = []
    func key(_ pair: GenePair) -> UInt64? {
      guard let a = members.gene(pair.geneA), let b = members.gene(pair.geneB) else { return nil }
      return TestedInstances.key(Int32(a), Int32(b))
    }
    while let pair = try pairs.next() {
      all.append(pair)
      guard pair.standing == .wanted, let a = members.gene(pair.geneA), let b = members.gene(pair.geneB) else {
        continue
      }
      if case .contrary = labels.note(a, b, label: pair.label) {
        contrary.insert(TestedInstances.key(Int32(a), Int32(b)))
      }
    }
    if contrary.isEmpty { return PairList(all) }
    for number in all.indices where all[number].standing == .wanted {
      if let key = key(all[number]), contrary.contains(key) { all[number].standing = .contrary }
    }
    return PairList(all)
  }
}
