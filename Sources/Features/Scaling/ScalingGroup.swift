import Bytes

/// Columns that are scaled in one way: those whose names a pattern matches, or all that no other group has.
public struct ScalingGroup: Sendable, Equatable {
  /// `*` stands for any characters, `?` for one; nil for the columns that are left.
  public let pattern: String?
  /// The methods that scale them.
  public let chain: ScalingChain

  /// A group by its pattern.
  public init(_ pattern: String?, _ chain: ScalingChain) {
    self.pattern = pattern
    self.chain = chain
  }

  /// Reads `PATTERN=METHOD[,METHOD…]`, where `*` alone is what no other group has; throws `ScalingError` with the
  /// reason.
  public init(parsing text: String) throws {
    guard let mark = text.lastIndex(of: "="), mark > text.startIndex else {
      throw ScalingError.badGroup(text, "it is written PATTERN=METHOD, such as 'rna.*=log1p,zscore'")
    }
    pattern = text[..<mark] == "*" ? nil : String(text[..<mark])
    chain = try ScalingChain(parsing: String(text[text.index(after: mark)...]))
    if chain.fitted == .quantile {
      throw ScalingError.badGroup(text, "quantile takes all columns as samples of one kind: --method quantile")
    }
  }

  /// Whether the pattern matches a name; false for the group of what is left.
  func matches(_ name: String) -> Bool {
    guard let pattern else { return false }
    return Self.matches(Array(pattern.unicodeScalars), Array(name.unicodeScalars))
  }

  /// Walks along both; where they part, the last `*` takes one more character.
  private static func matches(_ pattern: [Unicode.Scalar], _ name: [Unicode.Scalar]) -> Bool {
    var (p, n) = (0, 0)
    var back: (p: Int, n: Int)?
    while n < name.count {
      if p < pattern.count, pattern[p] == "*" {
        back = (p, n)
        p += 1
      } else if p < pattern.count, pattern[p] == "?" || pattern[p] == name[n] {
        p += 1
        n += 1
      } else if let star = back {
        back = (star.p, star.n + 1)
        (p, n) = (star.p + 1, star.n + 1)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == "*" }
  }

  /// The group of each column. Throws `ScalingError` for a column that falls in two groups or in none, and for a
  /// pattern that matches nothing.
  static func assign(_ names: [String], to groups: [ScalingGroup]) throws -> [Int] {
    let rest = groups.firstIndex { $0.pattern == nil }
    var used = [Bool](repeating: false, count: groups.count)
    let places = try names.map { name in
      let found = groups.indices.filter { groups[$0].matches(name) }
      if found.count > 1 {
        throw ScalingError.inTwoGroups(name, groups[found[0]].pattern ?? "", groups[found[1]].pattern ?? "")
      }
      guard let group = found.first ?? rest else { throw ScalingError.inNoGroup(name) }
      used[group] = true
      return group
    }
    if let empty = groups.indices.first(where: { !used[$0] && $0 != rest }) {
      throw ScalingError.emptyGroup(groups[empty].pattern ?? "", first: names.first)
    }
    return places
  }
}
