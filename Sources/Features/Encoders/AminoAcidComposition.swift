/// AAC: count of each residue over the number of valid residues; columns A C D … Y (iFeature's order).
///
/// Equals iFeature and protlearn; propy3 gives percent rounded to three digits.
struct AminoAcidComposition: WordEncoder {
  let alphabet = Alphabet.protein
  let counter = WordCounter(.protein, length: 1)
  let scale = WordScale.freq
  let names: [String]

  init(_ settings: EncoderSettings) {
    names = settings.names(Alphabet.protein.letters.map(String.init))
  }

  static let entry = EncoderEntry(
    "aac", "amino acid composition, 20 numbers", .protein,
    description: """
      Count of each residue over the number of valid residues.
      Columns: ACDEFGHIKLMNPQRSTVWY.
      Peers: iFeature and protlearn, equal to the last bit; propy3 gives percent, rounded to three digits.
      """
  ) { AminoAcidComposition($0) }
}
