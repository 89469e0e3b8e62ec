import Bytes
import Records

/// A map from the ids of the pairs to those of the members, such as from proteins to genes.
public struct IdentifierMap: Sendable {
  /// The rule for a pair with an id that is not in the map.
  public enum Unmapped: String, Sendable, CaseIterable { case error, drop, keep }
  /// The rule for a pair with an id of several targets: `all` makes a pair of each.
  public enum Several: String, Sendable, CaseIterable { case error, drop, all }

  private var targets: [String: [String]] = [:]

  /// Reads a table with two columns, `from` and `to` by name; a row without a target (`NA`, or empty) is ignored.
  ///
  /// `cut` is for the ids of `from`, `geneCut` for those of `to`. Throws a `RecordError` for a missing column and for
  /// an unusable id.
  public init(
    reading table: TableReader, from: String = "from", to: String = "to", cut: IdentifierCut, geneCut: GeneCut
  ) throws {
    let source = try table.require(from)
    let target = try table.require(to)
    while let row = try table.next() {
      let text = row.field(target)
      if row.isMissing(source) || row.isMissing(target) || text.isEmpty || row.field(source).isEmpty { continue }
      let id = cut.apply(try row.id(source))
      let other = geneCut.apply(try row.id(target))
      if !targets[id, default: []].contains(other) { targets[id, default: []].append(other) }
    }
  }

  /// The targets of an id, in the order of the map.
  public subscript(_ id: String) -> [String] { targets[id] ?? [] }
}

/// Pairs whose ids are translated to those of the members by a map.
public final class MappedPairs: PairSource {
  private let pairs: PairSource
  private let map: IdentifierMap
  private let unmapped: IdentifierMap.Unmapped
  private let several: IdentifierMap.Several
  private let tally: NoticeCounter
  private let givesLeftOut: Bool
  private var waiting: [GenePair] = []

  /// Translates the ids of `pairs`; pairs that are left out are counted. With `givesLeftOut` pairs with several targets
  /// are given out with the role `leftOut`, so that they are known.
  public init(
    _ pairs: PairSource, _ map: IdentifierMap, unmapped: IdentifierMap.Unmapped, several: IdentifierMap.Several,
    tally: NoticeCounter, givesLeftOut: Bool = false
  ) {
    self.givesLeftOut = givesLeftOut
    self.pairs = pairs
    self.map = map
    self.unmapped = unmapped
    self.several = several
    self.tally = tally
  }

  /// The next pair; nil at the end. Throws `BagsError` for an id that the rules do not allow, and what the source
  /// throws.
  public func next() throws -> GenePair? {
    while waiting.isEmpty {
      guard let pair = try pairs.next() else { return nil }
      guard let a = try targets(pair.geneA, pair.place), let b = try targets(pair.geneB, pair.place) else { continue }
      for geneA in a {
        for geneB in b {
          var mapped = pair
          mapped.geneA = geneA
          mapped.geneB = geneB
          if several == .drop && max(a.count, b.count) > 1 { mapped.role = .leftOut }
          waiting.append(mapped)
        }
      }
      waiting.reverse()
    }
    return waiting.popLast()
  }

  private func targets(_ id: String, _ place: SourceLocation) throws -> [String]? {
    let found = map[id]
    if found.count == 1 { return found }
    if found.isEmpty {
      if unmapped == .keep {
        tally.count(.keptIdentifier)
        return [id]
      }
      let error = BagsError(.unmapped(id), at: place)
      if unmapped == .error { throw error }
      tally.count(.unmappedPair, example: error.warning)
      return nil
    }
    let error = BagsError(.severalTargets(id, found), at: place)
    if several == .error { throw error }
    tally.count(several == .all ? .multipliedPair : .ambiguousPair, example: several == .all ? nil : error.warning)
    return several == .all || givesLeftOut ? found : nil
  }
}
