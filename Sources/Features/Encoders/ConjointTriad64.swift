/// CT-64: counts c of the overlapping base triplets AAA … TTT; W = Σ c over valid windows.
///
/// `freq` c / W (the default; equals iFeatureOmega's Kmer), `count` c, `shen` (c − min c) / max c,
/// `minmax` (c − min c) / (max c − min c). Columns: the triplet, in lexicographic order of ACGT; U reads as T.
struct ConjointTriad64: WordEncoder {
  let alphabet = Alphabet.nucleotide
  let counter = WordCounter(.nucleotide, length: 3)
  let scale: WordScale
  let names: [String]

  init(_ settings: EncoderSettings) {
    scale = settings.variant(WordScale.self)
    names = settings.names(counter.spell(["A", "C", "G", "T"]))
  }

  static let entry = EncoderEntry(
    "ct64", "conjoint triads of nucleotides, 64 numbers", .nucleotide, variants: WordScale.allCases.map(\.rawValue),
    description: """
      Counts c of the overlapping base triplets; W is the number of valid windows.
      freq: c / W (default).  count: c.  shen: (c - min c) / max c.  minmax: (c - min c) / (max c - min c).
      Columns: AAA, AAC ... TTT, lexicographic.
      Peers: freq is iFeatureOmega's Kmer, equal to the last bit.
      """
  ) { ConjointTriad64($0) }
}
