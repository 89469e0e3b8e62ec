/// TPC, tripeptide composition: count of each overlapping triple of residues over the number of valid triples; columns
/// AAA AAC … YYY.
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
      Columns: AAA, AAC ... YYY, the last residue fastest, in the order ACDEFGHIKLMNPQRSTVWY. Nearly all of the 8000 are
      0: --sparse leaves them out of NDJSON.
      Peers: a write-out of the definition, equal to the last bit; iFeature's TPC has the same formula and order, but
      joins what stands on both sides of an unknown letter.
      """
  ) { TripeptideComposition($0) }
}
