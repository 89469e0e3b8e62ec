/// APAAC, type 2 pseudo amino acid composition (Chou 2005, Bioinformatics 21:10).
///
/// τ_{k,p} = mean over the valid pairs at distance k of z_p(R_i) z_p(R_{i+k}), p = H1 (hydrophobicity), H2
/// (hydrophilicity); D = 1 + w Σ τ. `freq` (Chou): f / D, w τ / D; `count` (iFeature, protr): counts over D.
/// Columns: ARNDC…V, lambda1.H1, lambda1.H2, lambda2.H1 … D can come near 0 or below: that is reported, not clipped.
struct AmphiphilicPseudoComposition: Encoder {
  let alphabet = Alphabet.protein
  let names: [String]
  private let lambda: Int
  private let weight: Double
  private let composition: Composition
  private let products: [PairTable]
  private let letters = ResidueColumns()

  enum Composition: String, CaseIterable { case freq, count }

  init(_ settings: EncoderSettings) {
    lambda = settings.integer("lambda")
    weight = settings.real("weight")
    composition = settings.variant(Composition.self)
    products = settings.properties.values.map { PairTable(products: $0) }
    names = settings.names(
      ResidueColumns.names
        + (1...lambda).flatMap { lag in settings.properties.names.map { "lambda\(lag).\($0)" } })
  }

  var minimumLength: Int { lambda + 1 }

  func tally(
    _ residues: UnsafeBufferPointer<UInt8>, weight: Double, into features: UnsafeMutableBufferPointer<Double>
  ) -> Bool {
    letters.add(residues, weight: weight, into: features)
    for (property, table) in products.enumerated() {
      let counted = table.sums(residues, lags: lambda) { lag, sum, pairs in
        features[20 + products.count * (lag - 1) + property] += weight * sum / Double(pairs)
      }
      if !counted { return false }
    }
    return true
  }

  func finish(_ features: UnsafeMutableBufferPointer<Double>) -> EncodingOutcome {
    ChouNormalization.apply(features, leading: 20, weight: weight, frequencies: composition == .freq)
  }

  func occurrences(in residues: UnsafeBufferPointer<UInt8>, _ visit: (Occurrence) -> Void) {
    letters.occurrences(in: residues, visit)
    for lag in 1...lambda {
      Occurrence.pairs(in: residues, alphabet: .protein, lag: lag) { first in
        for property in products.indices {
          visit(Occurrence(feature: 20 + products.count * (lag - 1) + property, first: first, step: lag, count: 2))
        }
      }
    }
  }

  static let entry = EncoderEntry(
    "apaac", "amphiphilic pseudo amino acid composition, type 2, 20 + 2 lambda numbers", .protein,
    variants: Composition.allCases.map(\.rawValue), parameters: PseudoAminoAcidComposition.parameters,
    properties: ResidueProperties.amphiphilic,
    description: """
      Composition and 2 lambda order terms (Chou 2005): tau is the mean over pairs at distance k of z(a) z(b), for
      hydrophobicity (H1) and hydrophilicity (H2), standardised with the population SD.
      freq: f / D and w tau / D with D = 1 + w sum tau (default).  count: counts over the same D.
      D can come near 0 or below; such records are counted on stderr.
      Columns: ARNDCQEGHILKMFPSTWYV, lambda1.H1, lambda1.H2, lambda2.H1 ...
      Peers: count is iFeature, iFeatureOmega and protlearn; propy3 has 100 times freq, rounded, with w = 0.5.
      """
  ) { AmphiphilicPseudoComposition($0) }
}
