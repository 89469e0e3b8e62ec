#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The number of positions where each of 44 short motifs begins: ln(1 + n), and n per 100 letters.
struct SequenceMotifs: Encoder {
  let alphabet = Alphabet.protein
  let minimumLength = 1
  let names: [String]
  private let motifs = Self.patterns.map { Motif($0.pattern) }
  private let scan: MotifScan

  private static let patterns: [(name: String, pattern: String)] = [
    ("cxxc", "C..C"), ("c2h2", "C.{2,4}C.{12}H.{3,5}H"), ("nglyc", "N[^P][ST]"), ("rgd", "RGD"), ("pxxp", "P..P"),
    ("nls", "K[KR].[KR]"), ("proline_directed", "[ST]P"), ("lxxll", "L..LL"), ("gxgxxg", "GXG|G.G..G"),
    ("hexxh", "HE..H"), ("rs", "RS|SR"), ("rgg", "RGG"), ("zipper", "L.{6}L.{6}L.{6}L"), ("gxxxg", "G...G"),
    ("wd", "WD"), ("dead", "D[EA][AH][DH]"), ("pka", "[RK][RK].[ST]"), ("ck2", "[ST]..[DE]"), ("atm", "[ST]Q"),
    ("yxxi", "Y..[LIVM]"), ("dxxi", "D..[LIVM]"), ("fxxf", "F..F"), ("acidic4", "[DE]{4}"), ("basic4", "[KR]{4}"),
    ("q3", "Q{3}"), ("s3", "S{3}"), ("p3", "P{3}"), ("a3", "A{3}"), ("g3", "G{3}"), ("e3", "E{3}"), ("l3", "L{3}"),
    ("h3", "H{3}"), ("w", "W"), ("finger_linker", "HTGE[KR]P"), ("c4", "C.{1,3}C.{5,25}C.{1,3}C"),
    ("glycine_loop", "G.G.[FY]G"), ("walker_a", "GK[ST]"), ("ef_hand", "D.[DN].[DNS]"),
    ("basic_alternation", "[LIVM].[KR].[LIVM]"), ("fg", "FG"), ("yg", "YG"), ("ppxy", "PPP.Y|PP.Y"),
    ("lpxxp", "LP..P"), ("alternation", "[LIVMF].[LIVMF].[LIVMF]"),
  ]

  init(_ settings: EncoderSettings) {
    names = settings.names(["log", "per100"].flatMap { form in Self.patterns.map { "\($0.name).\(form)" } })
    scan = MotifScan(motifs)
  }

  func tally(
    _ residues: UnsafeBufferPointer<UInt8>, weight: Double, into features: UnsafeMutableBufferPointer<Double>
  ) -> Bool {
    guard residues.holdsResidues else { return false }
    let length = Double(residues.count)
    scan.count(residues) { motif, count in
      features[motif] += weight * log1p(Double(count))
      features[motifs.count + motif] += weight * (Double(count) / length * 100)
    }
    return true
  }

  /// Both numbers of a motif lie on the residues of its classes.
  func occurrences(in residues: UnsafeBufferPointer<UInt8>, _ visit: (Occurrence) -> Void) {
    for (index, motif) in motifs.enumerated() {
      for start in residues.indices {
        for place in motif.match(residues, at: start) ?? [] where residues[place] < 20 {
          visit(Occurrence(feature: index, first: place, count: 1))
          visit(Occurrence(feature: motifs.count + index, first: place, count: 1))
        }
      }
    }
  }

  private static let guide = stride(from: 0, to: patterns.count, by: 4).map { first in
    patterns[first..<min(first + 4, patterns.count)].map { "\($0.name) \($0.pattern)" }.joined(separator: "; ")
  }.joined(separator: ";\n")

  static let entry = EncoderEntry(
    "motifs", "counts of 44 short motifs, 88 numbers", .protein,
    description: """
      n: the number of positions at which a motif begins, overlapping ones included; . is any letter, {2,4} two to four
      of them, X an unknown residue.
      Columns: cxxc.log (ln(1 + n)), c2h2.log ... alternation.log, cxxc.per100 (100 n / L), c2h2.per100 ...
      Peers: Python's re with (?=PATTERN), equal in n.
      Motifs:
      \(guide)
      """
  ) { SequenceMotifs($0) }
}
