/// AAC, DPC and TPC: the count of each overlapping word of one, two or three residues over the number of valid words;
/// columns A C D … Y, AA AC … YY, AAA AAC … YYY (iFeature's order).
struct ResidueComposition: WordEncoder {
  let alphabet = Alphabet.protein
  let counter: WordCounter
  let scale = WordScale.freq
  let names: [String]

  init(_ settings: EncoderSettings, length: Int) {
    counter = WordCounter(.protein, length: length)
    names = settings.names(counter.spell(Alphabet.protein.letters.map(String.init)))
  }

  static let residues = EncoderEntry(
    "aac", "amino acid composition, 20 numbers", .protein,
    description: """
      Count of each residue over the number of valid residues.
      Columns: ACDEFGHIKLMNPQRSTVWY.
      Peers: iFeature and protlearn, equal to the last bit; propy3 gives percent, rounded to three digits.
      """
  ) { ResidueComposition($0, length: 1) }

  static let dipeptides = EncoderEntry(
    "dpc", "dipeptide composition, 400 numbers", .protein,
    description: """
      Count of each overlapping pair of residues over the number of valid pairs (N - 1 where all are valid).
      Columns: AA, AC ... YY.
      Peers: iFeature, equal to the last bit; propy3 counts without overlap (AA in AAAA is 2, not 3) and rounds.
      """
  ) { ResidueComposition($0, length: 2) }

  static let tripeptides = EncoderEntry(
    "tpc", "tripeptide composition, 8000 numbers", .protein,
    description: """
      Count of each overlapping triple of residues over the number of valid triples (N - 2 where all are valid).
      Columns: AAA, AAC ... YYY, the last residue fastest, in the order ACDEFGHIKLMNPQRSTVWY. Nearly all of the 8000 are
      0: --sparse leaves them out of NDJSON.
      Peers: a write-out of the definition, equal to the last bit; iFeature's TPC has the same formula and order, but
      joins what stands on both sides of an unknown letter.
      """
  ) { ResidueComposition($0, length: 3) }
}
