/// TPC: count of each overlapping triple of residues over the number of valid triples; columns AAA AAC … YYY.
struct TripeptideComposition: WordEncoder {
  let alphabet = Alphabet.protein
  let counter = WordCounter(.protein, length: 3)
  let scale = WordScale.freq
  let names: [String]

  init(_ settings: EncoderSettings) {
    names = settings.names(counter.spell(Alphabet.protein.letters.map(String.init)))
  }

  static let entry = EncoderEntry(
    "tpc", "tripeptide composition, 8000 numbers", .protein,
    description: """
      Count of each overlapping triple of residues over the number of valid triples (N - 2 where all are valid).
      Columns: AAA, AAC ... YYY.
      Peers: iFeature's TPC by definition.
      """
  ) { TripeptideComposition($0) }
}
