/// k-mers folded with their reverse complement on the lesser of both, as the strand of a sequence may be unknown:
/// 32 for k = 3; columns in lexicographic order. A sequence and its reverse complement have the same features.
struct ReverseComplementKmer: Encoder {
  let alphabet = Alphabet.nucleotide
  let names: [String]
  private let counter: WordCounter
  private let scale: WordScale
  /// The column of each word.
  private let columns: [Int]

  init(_ settings: EncoderSettings) {
    let length = settings.integer("k")
    let counter = WordCounter(.nucleotide, length: length)
    let folded = (0..<counter.words).map { min($0, Self.reverseComplement($0, length: length)) }
    let kept = folded.indices.filter { folded[$0] == $0 }
    let column = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($0.element, $0.offset) })
    columns = folded.map { column[$0] ?? 0 }
    let words = counter.spell(["A", "C", "G", "T"])
    names = settings.names(kept.map { words[$0] })
    scale = settings.variant(WordScale.self)
    self.counter = counter
  }

  /// The word of the opposite strand; codes A 0, C 1, G 2, T 3 complement to 3 − code.
  static func reverseComplement(_ word: Int, length: Int) -> Int {
    var (rest, reversed) = (word, 0)
    for _ in 0..<length {
      reversed = reversed << 2 | (3 - rest & 3)
      rest >>= 2
    }
    return reversed
  }

  var minimumLength: Int { counter.length }

  func tally(
    _ residues: UnsafeBufferPointer<UInt8>, weight: Double, into features: UnsafeMutableBufferPointer<Double>
  ) -> Bool {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: counter.words) { counts in
      counts.initialize(repeating: 0)
      let windows = counter.count(residues, weight: weight, into: counts)
      for word in counts.indices { features[columns[word]] += counts[word] }
      return windows > 0
    }
  }

  func finish(_ features: UnsafeMutableBufferPointer<Double>) -> EncodingOutcome {
    scale.apply(features)
    return .complete
  }

  func occurrences(in residues: UnsafeBufferPointer<UInt8>, _ visit: (Occurrence) -> Void) {
    counter.visit(residues) { visit(Occurrence(feature: columns[$0], first: $1, count: counter.length)) }
  }

  static let entry = EncoderEntry(
    "rckmer", "k-mers folded with their reverse complement", .nucleotide, variants: WordScale.allCases.map(\.rawValue),
    parameters: [Kmer.parameter],
    description: """
      As kmer, each word counted as the lesser, in alphabetic order, of itself and its reverse complement, so that a
      sequence and its other strand have the same features. For odd k 4^k / 2 words are left (32 for k = 3), for even k
      (4^k + 2^k) / 2, as 2^(k/2) words are their own reverse complement.
      freq: c / W (default).  count: c.  shen: (c - min c) / max c.  minmax: (c - min c) / (max c - min c).
      Columns: the words that are left, in lexicographic order.
      Peers: a write-out of the definition, equal to the last bit; iFeatureOmega's RCKmer by its manual only.
      """
  ) { ReverseComplementKmer($0) }
}
