/// DPC: count of each overlapping pair of residues over the number of valid pairs; columns AA AC … YY.
///
/// Equals iFeature; propy3 counts without overlap (AA in AAAA is 2, not 3) and rounds.
struct DipeptideComposition: WordEncoder {
  let alphabet = Alphabet.protein
  let counter = WordCounter(.protein, length: 2)
  let scale = WordScale.freq
  let names: [String]

  init(_ settings: EncoderSettings) {
    names = settings.names(counter.spell(Alphabet.protein.letters.map(String.init)))
  }

  static let entry = EncoderEntry(
    "dpc", "dipeptide composition, 400 numbers", .protein,
    description: """
      Count of each overlapping pair of residues over the number of valid pairs (N - 1 where all are valid).
      Columns: AA, AC ... YY.
      Peers: iFeature, equal to the last bit; propy3 counts without overlap (AA in AAAA is 2, not 3) and rounds.
      """
  ) { DipeptideComposition($0) }
}
