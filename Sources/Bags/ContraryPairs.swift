/// Pairs of which those with contrary labels, in either order, are marked; all pairs are read before the first is
/// given.
public final class ContraryPairs: PairSource {
  private let pairs: PairSource
  private let members: Members
  private var read: PairList?

  /// A source that reads all of `pairs` at the first call of `next`.
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
    func numbers(_ pair: GenePair) -> (a: Int, b: Int)? {
      guard pair.role == .wanted, let a = members.gene(pair.geneA), let b = members.gene(pair.geneB) else {
        return nil
      }
      return (a, b)
    }
    func key(_ a: Int, _ b: Int) -> UInt64 { TestedInstances.key(Int32(a), Int32(b)) }
    while let pair = try pairs.next() {
      all.append(pair)
      guard let (a, b) = numbers(pair) else { continue }
      if case .contrary = labels.note(a, b, label: pair.label) { contrary.insert(key(a, b)) }
    }
    if contrary.isEmpty { return PairList(all) }
    for number in all.indices {
      if let (a, b) = numbers(all[number]), contrary.contains(key(a, b)) { all[number].role = .contrary }
    }
    return PairList(all)
  }
}
