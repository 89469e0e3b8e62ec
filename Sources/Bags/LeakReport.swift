import Bytes
import Features
import Records

/// The pairs of both parts of a split, and the sequences of their partners.
public struct SplitPairs: Sendable {
  /// The pairs that a model learns from.
  public var training: [GenePair]
  /// The pairs that it is judged by.
  public var test: [GenePair]

  /// Makes a split.
  public init(training: [GenePair], test: [GenePair]) { (self.training, self.test) = (training, test) }

  /// The ids of the partners of some pairs.
  static func identifiers(of pairs: [GenePair]) -> Set<String> {
    pairs.reduce(into: []) { ids, pair in
      ids.insert(pair.geneA)
      ids.insert(pair.geneB)
    }
  }
}

/// A report on what the test part of a split shares with its training part: ids, sequences, and pairs.
///
/// Two sequences are near where they share half of their 6-mers: |A ∩ B| / min(|A|, |B|) ≥ 0.5, of the sets of 6-mers
/// without an unknown residue. A partner of a test pair is known where its id, an identical sequence, or a near one
/// is in training. The leak is the share of the test pairs of which a partner is known.
public struct LeakReport: Sendable {
  /// Each figure by name, in the order of the report.
  public private(set) var figures: [(name: String, value: Double)] = []
  /// The share of the test pairs of which a partner is known; what one quotes.
  public private(set) var leak = 0.0
  /// The number of partners without a sequence.
  public private(set) var unknownSequences = 0
  static let limit = 0.5
  private static let bins = 10

  /// Compares both parts.
  /// - Parameter sequences: those of the partners of both parts; a partner may have several (its isoforms).
  /// - Throws: `BagsError` where a part is empty or no partner has a sequence.
  public init(_ split: SplitPairs, _ sequences: PartnerSequences) throws {
    if split.training.isEmpty || split.test.isEmpty {
      throw BagsError(.emptyPart(split.training.isEmpty ? "training" : "test"))
    }
    let (training, test) = (
      SplitPairs.identifiers(of: split.training), SplitPairs.identifiers(of: split.test)
    )
    unknownSequences = training.union(test).count { sequences.numbers(of: $0).isEmpty }
    if unknownSequences == training.union(test).count { throw BagsError(.noSequenceOfPartners) }
    let nearest = sequences.nearest(of: test.subtracting(training), among: training)
    let shared = test.intersection(training)
    let identical = Set(nearest.filter(\.value.isIdentical).keys)
    let near = Set(nearest.filter { !$0.value.isIdentical && $0.value.share >= Self.limit }.keys)
    let known = shared.union(identical).union(near)
    let leaked = split.test.count { known.contains($0.geneA) || known.contains($0.geneB) }
    leak = Double(leaked) / Double(split.test.count)

    func add(_ name: String, _ value: Int) { figures.append((name, Double(value))) }
    add("training_pairs", split.training.count)
    add("test_pairs", split.test.count)
    add("training_ids", training.count)
    add("test_ids", test.count)
    add("shared_ids", shared.count)
    add("identical_ids", identical.count)
    add("near_ids", near.count)
    add("ids_without_sequence", unknownSequences)
    addPairs(split)
    add("test_pairs_one_known", leaked - split.test.count { known.contains($0.geneA) && known.contains($0.geneB) })
    add("test_pairs_both_known", split.test.count { known.contains($0.geneA) && known.contains($0.geneB) })
    addDistribution(nearest.values.map(\.share))
    figures.append(("leak", leak))
  }

  /// Counts pairs that are in both parts, with equal or with other labels, and those that a part repeats.
  private mutating func addPairs(_ split: SplitPairs) {
    struct Key: Hashable {
      let first: String, second: String
      init(_ pair: GenePair) { (first, second) = (min(pair.geneA, pair.geneB), max(pair.geneA, pair.geneB)) }
    }
    var (repeated, contrary, shared, across) = (0, 0, 0, 0)
    /// The first pair of each key, in a part.
    func first(_ pairs: [GenePair]) -> [Key: GenePair] {
      pairs.reduce(into: [:]) { firsts, pair in
        guard let first = firsts[Key(pair)] else { return firsts[Key(pair)] = pair }
        repeated += 1
        contrary += first.label == pair.label ? 0 : 1
      }
    }
    let training = first(split.training)
    for (key, pair) in first(split.test) {
      guard let other = training[key] else { continue }
      shared += 1
      across += other.label == pair.label ? 0 : 1
    }
    figures += [
      ("shared_pairs", Double(shared)), ("shared_pairs_contrary", Double(across)), ("repeated_pairs", Double(repeated)),
      ("repeated_pairs_contrary", Double(contrary)),
    ]
  }

  /// The nearest training sequence of each test id that training does not have: quartiles, and counts by tenths.
  private mutating func addDistribution(_ shares: [Double]) {
    let sorted = shares.sorted()
    for (name, quantile) in [("nearest_median", 0.5), ("nearest_q90", 0.9), ("nearest_max", 1.0)] where !sorted.isEmpty
    {
      figures.append((name, sorted[Int((Double(sorted.count - 1) * quantile).rounded())]))
    }
    var counts = [Int](repeating: 0, count: Self.bins)
    for share in shares { counts[min(Self.bins - 1, Int(share * Double(Self.bins)))] += 1 }
    for (bin, count) in counts.enumerated() { figures.append(("nearest_from_0.\(bin)", Double(count))) }
  }

  /// The report as a table of figures and values.
  public var text: String {
    figures.reduce("figure\tvalue\n") { $0 + "\($1.name)\t\(NumberText.text($1.value))\n" }
  }
}

/// The sequences of partners, by id.
public struct PartnerSequences: Sendable {
  private var sequences: [[UInt8]] = []
  private var byPartner: [String: [Int]] = [:]

  /// No sequence.
  public init() {}

  /// Adds a sequence of a partner: letters, case ignored.
  public mutating func append(_ letters: [UInt8], of partner: String) {
    byPartner[partner, default: []].append(sequences.count)
    sequences.append(letters.map { $0 & 0xDF })
  }

  /// Reads the sequences of a FASTA file; those of ids that `partner` does not know are left out.
  /// - Throws: what the reader throws.
  public static func read(_ source: BlockSource, partner: (String) -> String?) throws -> PartnerSequences {
    let reader = try FastaReader(source)
    var result = PartnerSequences()
    while try reader.next() {
      if let partner = partner(reader.record.id) { result.append(reader.record.sequence, of: partner) }
    }
    return result
  }

  func numbers(of partner: String) -> [Int] { byPartner[partner] ?? [] }

  /// The nearest sequence of other partners.
  struct Nearest: Sendable {
    /// The share of 6-mers in common with it; 1 where it is identical.
    var share = 0.0
    var isIdentical = false
  }

  /// For each of some partners with a sequence, the nearest sequence among those of others: each word of the first is
  /// looked up in the sorted words of the second.
  func nearest(of partners: Set<String>, among others: Set<String>) -> [String: Nearest] {
    let targets = others.flatMap(numbers).sorted()
    let whole = Set(targets.map { sequences[$0] })
    var sizes = [Int](repeating: 0, count: sequences.count)
    var index: [UInt64] = []
    for target in targets {
      let words = Self.words(sequences[target])
      sizes[target] = words.count
      index += words.map { UInt64($0) << 32 | UInt64(target) }
    }
    index.sort()
    var shared = [Int](repeating: 0, count: sequences.count)
    var result: [String: Nearest] = [:]
    for partner in partners {
      for own in numbers(of: partner) {
        var nearest = result[partner] ?? Nearest()
        if whole.contains(sequences[own]) { (nearest.share, nearest.isIdentical) = (1, true) }
        let words = Self.words(sequences[own])
        var touched: [Int] = []
        for word in words {
          var place = Self.lowerBound(of: UInt64(word) << 32, in: index)
          while place < index.count, index[place] >> 32 == UInt64(word) {
            let target = Int(index[place] & 0xFFFF_FFFF)
            if shared[target] == 0 { touched.append(target) }
            shared[target] += 1
            place += 1
          }
        }
        for target in touched {
          nearest.share = max(nearest.share, Double(shared[target]) / Double(min(words.count, sizes[target])))
          shared[target] = 0
        }
        result[partner] = nearest
      }
    }
    return result
  }

  private static func lowerBound(of value: UInt64, in sorted: [UInt64]) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The distinct 6-mers of residues, ascending, each as a number to the base 20.
  private static func words(_ letters: [UInt8]) -> [UInt32] {
    let (length, powers) = (6, UInt32(3_200_000))  // 20⁵
    var words: Set<UInt32> = []
    var (word, valid): (UInt32, Int) = (0, 0)
    for letter in letters {
      let code = codes[Int(letter)]
      guard code < 20 else {
        valid = 0
        continue
      }
      word = word % powers * 20 + UInt32(code)
      valid += 1
      if valid >= length { words.insert(word) }
    }
    return words.sorted()
  }

  private static let codes: [UInt8] = {
    var codes = [UInt8](repeating: 20, count: 256)
    for (code, letter) in Alphabet.protein.letters.utf8.enumerated() { codes[Int(letter)] = UInt8(code) }
    return codes
  }()
}
