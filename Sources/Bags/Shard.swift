import Bytes

/// One of several shards of a list of pairs: `3/16` is the third of sixteen. The shards together cover every pair once.
public struct Shard: Sendable, Equatable {
  /// The number of the shard, from 1.
  public let number: Int
  /// The number of shards.
  public let count: Int

  /// Makes shard `number` of `count`; 1 ≤ number ≤ count.
  public init(_ number: Int, of count: Int) {
    precondition(number >= 1 && number <= count, "a shard of them")
    (self.number, self.count) = (number, count)
  }

  /// Parses `3/16`; throws `BagsError` (usage) for anything else.
  public init(parsing text: String) throws {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { part in
      part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(part) ?? 0 : 0
    }
    guard parts.count == 2, parts[0] >= 1, parts[0] <= parts[1], parts[1] <= 1_000_000 else {
      throw BagsError(.shardSyntax(text))
    }
    self.init(parts[0], of: parts[1])
  }

  /// The shard of a list of known length: consecutive elements, so that the shards in order are the list.
  public func range(of length: Int) -> Range<Int> {
    func bound(_ number: Int) -> Int {
      // length · number / count without overflow.
      length / count * number + length % count * number / count
    }
    return bound(number - 1)..<bound(number)
  }

  /// Whether element `index` (from 0) of a list of unknown length is in the shard: every `count`-th is.
  public func holds(_ index: Int) -> Bool { index % count == number - 1 }
}
