import Bytes

/// k-mers of nucleotides, k = 1 … 8: counts c of the overlapping words, scaled as CT-64 (which is k = 3); columns in
/// lexicographic order of ACGT. `freq` equals iFeatureOmega's Kmer.
struct Kmer: WordEncoder {
  let alphabet = Alphabet.nucleotide
  let counter: WordCounter
  let scale: WordScale
  let names: [String]

  init(_ settings: EncoderSettings) {
    counter = WordCounter(.nucleotide, length: settings.integer("k"))
    scale = settings.variant(WordScale.self)
    names = settings.names(counter.spell(["A", "C", "G", "T"]))
  }

  static let parameter = Setting("k", .integer(1...8, default: 3), "letters of a word")

  static let entry = EncoderEntry(
    "kmer", "k-mers of nucleotides, 4^k numbers", .nucleotide, variants: WordScale.allCases.map(\.rawValue),
    parameters: [parameter],
    description: """
      Counts c of the overlapping words of k bases; W is the number of valid windows.
      freq: c / W (default).  count: c.  shen: (c - min c) / max c.  minmax: (c - min c) / (max c - min c).
      A window with another letter than ACGTU does not count: W is smaller, and no neighbours are joined.
      Columns: the words, in lexicographic order of ACGT; 4 for k = 1, 65536 for k = 8.
      Peers: freq is iFeatureOmega's Kmer, equal to the last bit for k = 3; other k by a write-out of the definition.
      """
  ) { Kmer($0) }
}
