/// CT-343: counts of the overlapping triads of seven residue classes (Shen et al. 2007, PNAS 104:4337).
///
/// Classes 1 {AGV} 2 {ILFP} 3 {YMTS} 4 {HNQW} 5 {RK} 6 {DE} 7 {C}; column 49 (c1 − 1) + 7 (c2 − 1) + (c3 − 1).
/// `freq` c / W (the default), `count` c, `shen` (c − min c) / max c (the paper; equals iFeature and iFeatureOmega),
/// `minmax`. protr has the same numbers with the first class fastest; PyBioMed counts without overlap and protlearn
/// permutes the columns.
struct ConjointTriad343: WordEncoder {
  let alphabet = Alphabet.protein
  let counter: WordCounter
  let scale: WordScale
  let names: [String]

  static let classes = ["AGV", "ILFP", "YMTS", "HNQW", "RK", "DE", "C"]

  init(_ settings: EncoderSettings) {
    var classOfCode = [Int](repeating: 0, count: Alphabet.protein.count)
    for (index, letters) in Self.classes.enumerated() {
      for code in Alphabet.protein.codes(letters) { classOfCode[code] = index }
    }
    counter = WordCounter(.protein, length: 3, classes: classOfCode)
    scale = settings.variant(WordScale.self)
    names = settings.names(counter.spell(["1", "2", "3", "4", "5", "6", "7"]))
  }

  static let entry = EncoderEntry(
    "ct343", "conjoint triads of seven residue classes, 343 numbers", .protein,
    variants: WordScale.allCases.map(\.rawValue),
    description: """
      Counts c of the overlapping triads of residue classes; W is the number of valid windows.
      Classes: 1 AGV, 2 ILFP, 3 YMTS, 4 HNQW, 5 RK, 6 DE, 7 C  (Shen et al. 2007).
      freq: c / W (default).  count: c.  shen: (c - min c) / max c, as in the paper.
      minmax: (c - min c) / (max c - min c).
      Columns: 111, 112 ... 777, the third class fastest.
      Peers: shen is CTriad of iFeature and iFeatureOmega, equal to the last bit. protr: the same numbers, the first
      class fastest. PyBioMed counts without overlap; protlearn puts the counts into random columns.
      """
  ) { ConjointTriad343($0) }
}
