import Bytes

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The pairs a model was trained on, as 64-bit hashes in bounded memory: exact up to `exactLimit` pairs, beyond it, or
/// where that is asked for, a Bloom filter of at most 16 MiB (Bloom 1970, Communications of the ACM 13:422).
///
/// A pair is known by its two genes in either order, or by the id of a bag that names no genes. Scores of trained pairs
/// say how well a model remembers, not how well it predicts.
public struct TrainedPairs: Sendable, Equatable {
  /// The number of pairs up to which each hash is kept: 8 MiB.
  public static let exactLimit = 1 << 20
  /// The most 64-bit words of a filter, whose number is a power of two.
  private static let mostWords = 1 << 21
  /// The number of bits that a pair sets in the filter; 7 is best at 13 million pairs.
  private static let probes = 7

  /// The number of different pairs.
  public let count: Int
  /// The hashes, ascending; empty where the filter holds them.
  public let hashes: [UInt64]
  /// The words of the filter; empty where each hash is kept.
  public let filter: [UInt64]

  /// The pairs of these keys (`key(_:_:)`), which may repeat.
  public init(keys: some Sequence<UInt64> = []) { self.init(keys: keys, exactLimit: Self.exactLimit) }

  /// The same pairs in a filter with at least 16 bits for each, of which it takes 1 in 1,500 other pairs or fewer for
  /// one of them up to 8 million.
  public var filtered: TrainedPairs {
    filter.isEmpty && count > 0 ? TrainedPairs(keys: hashes, exactLimit: 0) : self
  }

  init(keys: some Sequence<UInt64>, exactLimit: Int) {
    var sorted: [UInt64] = []
    for key in keys.sorted() where key != sorted.last { sorted.append(key) }
    count = sorted.count
    if count <= exactLimit {
      (hashes, filter) = (sorted, [])
    } else {
      var size = 1
      while size < Self.mostWords, 4 * size < count { size *= 2 }
      if count > Self.exactLimit { size = Self.mostWords }
      var words = [UInt64](repeating: 0, count: size)
      for key in sorted {
        for bit in Self.bits(of: key, words: size) { words[bit >> 6] |= 1 << UInt64(bit & 63) }
      }
      (hashes, filter) = ([], words)
    }
  }

  /// The pairs of a file; nil where hashes, filter and count do not fit one another.
  public init?(count: Int, hashes: [UInt64], filter: [UInt64]) {
    let isExact = count >= 0 && count <= Self.exactLimit && hashes.count == count && filter.isEmpty
    let isPower = filter.count > 0 && filter.count & (filter.count - 1) == 0
    let isFiltered =
      hashes.isEmpty && isPower && filter.count <= Self.mostWords && filter.count >= min(Self.mostWords, count / 64)
      && count > 0
    guard isExact || isFiltered, zip(hashes, hashes.dropFirst()).allSatisfy({ $0 < $1 }) else { return nil }
    (self.count, self.hashes, self.filter) = (count, hashes, filter)
  }

  /// These pairs and others. Where one of them is a filter so is the result, whose count is that of the larger.
  public func union(_ other: TrainedPairs) -> TrainedPairs {
    if filter.isEmpty, other.filter.isEmpty { return TrainedPairs(keys: hashes + other.hashes) }
    // A larger filter folds onto a smaller one, as both sizes are powers of two.
    let size = [filter.count, other.filter.count].filter { $0 > 0 }.min() ?? Self.mostWords
    var words = [UInt64](repeating: 0, count: size)
    for pairs in [self, other] {
      for (word, bits) in pairs.filter.enumerated() { words[word % size] |= bits }
      for key in pairs.hashes {
        for bit in Self.bits(of: key, words: size) { words[bit >> 6] |= 1 << UInt64(bit & 63) }
      }
    }
    return TrainedPairs(count: max(count, other.count), filter: words)
  }

  private init(count: Int, filter: [UInt64]) { (self.count, self.filter, hashes) = (count, filter, []) }

  /// The key of a pair of genes: the same for both orders.
  public static func key(_ geneA: String, _ geneB: String) -> UInt64 {
    RandomStream.hash(geneA <= geneB ? "\(geneA)\t\(geneB)" : "\(geneB)\t\(geneA)")
  }

  /// The key of a bag that names no genes.
  public static func key(bag: String) -> UInt64 { RandomStream.hash(bag) }

  /// Whether a key is one of a trained pair; with a filter, others are taken for one with `falseShare`.
  public func contains(_ key: UInt64) -> Bool {
    if filter.isEmpty {
      var (low, high) = (0, hashes.count)
      while low < high {
        let middle = (low + high) / 2
        if hashes[middle] < key { low = middle + 1 } else { high = middle }
      }
      return low < hashes.count && hashes[low] == key
    }
    return Self.bits(of: key, words: filter.count).allSatisfy { filter[$0 >> 6] >> UInt64($0 & 63) & 1 == 1 }
  }

  /// The expected share of other pairs that the filter takes for trained ones, (1 − e^(−probes · count / bits))^probes;
  /// 0 where each hash is kept, as two of 64 bits hardly ever collide.
  public var falseShare: Double {
    filter.isEmpty
      ? 0 : pow(1 - exp(-Double(Self.probes * count) / Double(64 * filter.count)), Double(Self.probes))
  }

  /// The form in which the pairs are kept, for the card of a model.
  public var summary: String {
    filter.isEmpty
      ? "\(count), a 64-bit hash of each"
      : "\(count), in a filter that takes a share of \(NumberText.fixed(falseShare, digits: 6)) of other pairs for them"
  }

  /// The bits of a key: two halves of its hash, one stepping over the filter (Kirsch and Mitzenmacher 2008).
  private static func bits(of key: UInt64, words: Int) -> [Int] {
    var stream = RandomStream(seed: key, 0x7061_6972_73)
    let (first, step) = (stream.next(), stream.next() | 1)
    return (0..<UInt64(probes)).map { Int((first &+ $0 &* step) % UInt64(64 * words)) }
  }
}

// MARK: Text

extension TrainedPairs {
  /// An object with `count` and `hashes`, or `filter`: 16 hexadecimal digits for each number.
  public var members: [JSON.Member] {
    func digits(_ words: [UInt64]) -> JSON {
      .string(SHA256.hex(words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) } }))
    }
    let words = filter.isEmpty ? JSON.Member("hashes", digits(hashes)) : JSON.Member("filter", digits(filter))
    return [JSON.Member("count", .integer(count)), words]
  }

  /// The pairs of such an object; nil where it is none.
  public init?(_ object: JSON) {
    guard let count = object["count"]?.int else { return nil }
    func words(_ name: String) -> [UInt64]? {
      guard let text = object[name]?.string else { return [] }
      let digits = Array(text.utf8)
      guard digits.count.isMultiple(of: 16) else { return nil }
      var words = [UInt64](repeating: 0, count: digits.count / 16)
      for (place, digit) in digits.enumerated() {
        let value: UInt8
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
        default: return nil
        }
        words[place / 16] = words[place / 16] << 4 | UInt64(value)
      }
      return words
    }
    guard let hashes = words("hashes"), let filter = words("filter") else { return nil }
    self.init(count: count, hashes: hashes, filter: filter)
  }
}
